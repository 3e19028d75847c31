"""Names and indices: what a numeral, a name or an entry such as x_i stands for."""

from __future__ import annotations

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..kernels import Array
from ..scope import Definition, Variable
from .context import ONE, Context, Env, Value, unsupported


def numeral(meaning: Context, node: t.Number, env: Env) -> Value:
    return sp.Rational(node.value.numerator, node.value.denominator)


def infinity(meaning: Context, node: t.Infinity, env: Env) -> Value:
    return sp.oo


def name(meaning: Context, node: t.Name, env: Env) -> Value:
    found = env.look(node.text)
    if found is not None:
        return found
    variable = meaning.scope.variable(node.text)
    if variable is not None:
        return variable_value(meaning, variable)
    definition = meaning.scope.definition(node.text)
    if definition is not None:
        return _defined(meaning, definition, env)
    if node.text == "e":
        return sp.E
    if node.text == "\\pi":
        return sp.pi
    raise Refused("undeclared", f"{node.text} is not declared")


def variable_value(meaning: Context, variable: Variable) -> Value:
    """The symbol, or the array of symbols, that a declared name stands for."""
    if not variable.shape:
        if variable.kind == "natural":
            return sp.Symbol(variable.name, integer=True, positive=True)
        if variable.kind == "integer":
            return sp.Symbol(variable.name, integer=True)
        return sp.Symbol(variable.name, real=True)
    sizes = [meaning.number(size, Env()) for size in variable.shape]
    if any(size.is_Number and not (size.is_Integer and size > 0) for size in sizes):
        raise Refused("undefined", f"{variable.name} has no such shape")
    kinds = {"integer": True} if variable.kind != "real" else {"real": True}
    if variable.kind == "natural":
        kinds["positive"] = True
    base = sp.IndexedBase(variable.name, **kinds)
    if len(sizes) == 1:
        return Array(sizes[0], ONE, lambda i, _: base[i])
    if len(sizes) == 2:
        return Array(sizes[0], sizes[1], lambda i, j: base[i, j])
    raise unsupported(f"{variable.name} has more than two axes; define it by its indices")


def _defined(meaning: Context, definition: Definition, env: Env) -> Value:
    meaning.use(definition.name)
    inner = Env({}, env.opaque)
    if definition.kind == "value":
        return meaning.of(definition.body, inner)
    if definition.kind == "family" and len(definition.parameters) == 1:
        index = definition.parameters[0]
        size = range_of(meaning, index, definition.body, inner)
        if size is not None:
            return Array(
                size, ONE, lambda i, _: meaning.number(definition.body, inner.bind(index, i))
            )
    raise unsupported(f"{definition.name} is not a number or a vector by itself")


# --- entries


def subscript(meaning: Context, node: t.Subscript, env: Env) -> Value:
    indices = [meaning.number(index, env) for index in node.indices]
    family = _family(meaning, node.base, env)
    if family is not None:
        return _member(meaning, family, indices, node, env)
    base = meaning.of(node.base, env)
    if isinstance(base, tuple):
        return _item(meaning, base, indices, node)
    if not isinstance(base, Array):
        raise Refused("undeclared", f"{meaning.text(node)} is not declared")
    return _entry(meaning, base, indices, node)


def _family(meaning: Context, base: t.Node, env: Env) -> Definition | None:
    """The definition of a name that is defined by its indices, such as w_i = i^2."""
    if not isinstance(base, t.Name) or env.look(base.text) is not None:
        return None
    definition = meaning.scope.definition(base.text)
    return definition if definition is not None and definition.kind == "family" else None


def _member(
    meaning: Context, family: Definition, indices: list[sp.Expr], node: t.Node, env: Env
) -> Value:
    if len(indices) != len(family.parameters):
        raise Refused("undefined", f"{meaning.text(node)} has the wrong number of indices")
    meaning.use(family.name)
    local = dict(zip(family.parameters, indices, strict=True))
    return meaning.of(family.body, Env(local, env.opaque))


def _item(
    meaning: Context, base: tuple[sp.Expr, ...], indices: list[sp.Expr], node: t.Subscript
) -> Value:
    if len(indices) != 1 or not indices[0].is_Integer:
        raise unsupported(f"{meaning.text(node)} needs one numeral as its index")
    if not 1 <= indices[0] <= len(base):
        raise Refused("undefined", f"{meaning.text(node)} is outside: the size is {len(base)}")
    return base[int(indices[0]) - 1]


def _entry(meaning: Context, base: Array, indices: list[sp.Expr], node: t.Subscript) -> Value:
    if len(indices) == 1 and base.cols == 1:
        indices = [indices[0], ONE]
    elif len(indices) == 1 and base.rows == 1:
        indices = [ONE, indices[0]]
    indices = [sp.Integer(k) for k in _two_digits(node, base.shape)] or indices
    if len(indices) == 1 and isinstance(node.indices[0], t.Number | t.Multiply):
        raise Refused("unparsable", f"{meaning.text(node)} can be read in two ways; write a comma")
    if len(indices) != 2:
        raise Refused("undefined", f"{meaning.text(node)} has the wrong number of indices")
    for index, size in zip(indices, base.shape, strict=True):
        _within(meaning, index, size, node)
    return base.entry(*indices)


def _two_digits(node: t.Subscript, shape: tuple[sp.Expr, sp.Expr]) -> list[int]:
    """In a matrix with fewer than ten rows and columns, 12 are the indices 1 and 2."""
    only = node.indices[0]
    small = all(size.is_Integer and 1 < size < 10 for size in shape)
    if len(node.indices) != 1 or not isinstance(only, t.Number) or only.places or not small:
        return []
    return [int(digit) for digit in str(only.value)] if 11 <= only.value <= 99 else []


def _within(meaning: Context, index: sp.Expr, size: sp.Expr, node: t.Node) -> None:
    if index.is_Integer and size.is_Integer and not 1 <= index <= size:
        raise Refused("undefined", f"{meaning.text(node)} is outside: the size is {size}")
    meaning.need(index - 1, "≥", node)
    meaning.need(size - index, "≥", node)


# --- how far an index runs


def range_of(meaning: Context, index: str, body: t.Node, env: Env) -> sp.Expr | None:
    """How far an index runs, judged by the vectors it stands under; None if nothing tells."""
    sizes: list[sp.Expr] = []
    for node in body.walk():
        if not isinstance(node, t.Subscript) or not isinstance(node.base, t.Name | t.Multiply):
            continue
        for place, item in enumerate(node.indices):
            if isinstance(item, t.Name) and item.text == index:
                size = _size(meaning, node, place, env)
                if size is not None and size not in sizes:
                    sizes.append(size)
    if len(sizes) > 1:
        raise Refused("undefined", f"the index {index} runs over vectors of different sizes")
    return sizes[0] if sizes else None


def _size(meaning: Context, node: t.Subscript, place: int, env: Env) -> sp.Expr | None:
    family = _family(meaning, node.base, env)
    if family is not None:
        return range_of(meaning, family.parameters[place], family.body, Env({}, env.opaque))
    before = list(meaning.conditions)
    value = meaning.of(node.base, env)
    meaning.conditions = before
    if isinstance(value, tuple):
        return sp.Integer(len(value))
    if not isinstance(value, Array):
        return None
    if len(node.indices) == 1:
        return value.rows if value.cols == 1 else value.cols
    return value.shape[place] if place < 2 else None
