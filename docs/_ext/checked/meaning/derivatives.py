"""Derivatives, gradients, and values at a point: what a name may be differentiated by."""

from __future__ import annotations

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..kernels import UNDEFINED, Array, Choose
from .context import ONE, Condition, Context, Env, Value, unsupported
from .names import variable_value

Values = list[tuple[sp.Expr, sp.Expr]]  # symbols, and what is put in their places


def derivative(meaning: Context, node: t.Derivative, env: Env) -> Value:
    if node.body in node.variables:
        raise Refused("vacuous", f"{meaning.text(node)}: the slope of a name along itself is 1")
    back: Values = []
    symbols = []
    for variable in node.variables:
        env, symbol, actual = _symbol_for(meaning, variable, env, node)
        symbols.append(symbol)
        if actual is not None:
            back.append((symbol, actual))
    _check_one_way_to_read(meaning, node)
    held = _held(meaning, node)
    for name in held or []:
        actual = meaning.number(t.Name(name), env)
        symbol = sp.Symbol(name + "°", real=True)
        env = env.hide(name, symbol)
        back.append((symbol, actual))
    before = len(meaning.conditions)
    value = meaning.number(node.body, env)
    for variable, symbol in zip(node.variables, symbols, strict=True):
        if held is None:
            _check_only_through(meaning, value, variable, node)
        value = differentiate(meaning, value, symbol, node)
    _move(meaning.conditions, before, back)
    return meaning.reveal(value.subs(back) if back else value)


def differentiate(meaning: Context, value: sp.Expr, symbol: sp.Expr, node: t.Node) -> sp.Expr:
    """The derivative of a value by a symbol, which must exist wherever the value does."""
    if isinstance(symbol, sp.Symbol) and symbol.is_integer:
        raise Refused("undefined", f"{meaning.text(node)}: {symbol} is a whole number")
    for choice in value.atoms(Choose):
        wall = choice.args[0]
        if wall.has(symbol):
            meaning.need(wall, "≠", node)
    for power in value.atoms(sp.Pow):
        if power.exp.is_Rational and not power.exp.is_Integer and power.base.has(symbol):
            meaning.need(power.base, "≠", node)
    if value.has(UNDEFINED):
        raise Refused(
            "undefined", f"{meaning.text(node)} differentiates what is not defined everywhere"
        )
    if value.has(sp.factorial, sp.binomial):
        raise unsupported(f"{meaning.text(node)}: the derivative of a factorial")
    return value.diff(symbol)


def _move(conditions: list[Condition], first: int, values: Values) -> None:
    """Let the conditions from the first on say what they say where symbols have these values."""
    for symbol, value in values:
        conditions[first:] = [condition.at(symbol, value) for condition in conditions[first:]]


# --- the symbol that stands for a name


def _symbol_for(
    meaning: Context, variable: t.Node, env: Env, node: t.Node
) -> tuple[Env, sp.Expr, sp.Expr | None]:
    """The symbol to differentiate by, and the value to put back where it stood for one."""
    found = None
    if isinstance(variable, t.Name):
        found = _symbol_for_name(meaning, variable, env)
    elif isinstance(variable, t.Subscript) and isinstance(variable.base, t.Name):
        found = _symbol_for_entry(meaning, variable, variable.base, env)
    if found is None:
        raise unsupported(
            f"nothing can be differentiated by {meaning.text(variable)} in {meaning.text(node)}"
        )
    return found


def _symbol_for_name(
    meaning: Context, variable: t.Name, env: Env
) -> tuple[Env, sp.Expr, sp.Expr | None] | None:
    found = env.look(variable.text)
    if isinstance(found, sp.Symbol | sp.Indexed):
        return env, found, None
    value = meaning.number(variable, env)
    if found is None and meaning.scope.definition(variable.text) is not None:
        symbol = sp.Symbol(variable.text + "°", real=True)
        return env.hide(variable.text, symbol), symbol, value
    if isinstance(value, sp.Symbol):
        return env, value, None
    if isinstance(found, sp.Expr):
        symbol = meaning.fresh("x")
        return env.bind_everywhere(variable.text, symbol), symbol, found
    return None


def _symbol_for_entry(
    meaning: Context, variable: t.Subscript, base: t.Name, env: Env
) -> tuple[Env, sp.Expr, sp.Expr | None] | None:
    value = meaning.number(variable, env)
    if meaning.scope.variable(base.text) is not None or env.look(base.text) is not None:
        return (env, value, None) if isinstance(value, sp.Indexed | sp.Symbol) else None
    whole = meaning.of(base, env)
    if not isinstance(whole, Array) or whole.cols != 1:
        return None
    entries = sp.IndexedBase(base.text + "°", real=True)
    env = env.hide(base.text, Array(whole.rows, ONE, lambda i, _: entries[i]))
    symbol = meaning.number(variable, env)
    meaning.hidden[entries] = whole
    return env, symbol, value


# --- what a derivative of a name by a name may mean


def _held(meaning: Context, node: t.Derivative) -> list[str] | None:
    """For ∂y/∂u where y is written with u and v: v, which is held; None for all else."""
    definition = None
    if node.partial and isinstance(node.body, t.Name):
        definition = meaning.scope.definition(node.body.text)
    if definition is None or definition.kind != "value":
        return None
    inside = _names_in(definition.body)
    names = {v.text for v in node.variables if isinstance(v, t.Name)}
    defined = {n for n in inside if (d := meaning.scope.definition(n)) and d.kind == "value"}
    if len(names) != len(set(node.variables)) or not names <= defined:
        return None
    return sorted(defined - names)


def _check_one_way_to_read(meaning: Context, node: t.Derivative) -> None:
    """Refuse ∂z/∂x where z names x and also names something made of x."""
    if not node.partial or not isinstance(node.body, t.Name):
        return
    definition = meaning.scope.definition(node.body.text)
    if definition is None:
        return
    inside = _names_in(definition.body)
    for variable in node.variables:
        name = _base_name(variable)
        others = {n for n in inside - {name} if name in meaning.scope.depends_on(n)}
        if name in inside and others:
            raise unsupported(
                f"{meaning.text(node)} can be read in two ways: {min(others)} depends on {name} too"
            )


def _check_only_through(
    meaning: Context, value: sp.Expr, variable: t.Node, node: t.Derivative
) -> None:
    """Refuse dy/du where y depends on what u is made of, but not through u alone."""
    name = _base_name(variable)
    if meaning.scope.definition(name) is None:
        return
    free = {str(s) for s in value.free_symbols if not s.is_integer}
    if free & (meaning.scope.depends_on(name) - {name}):
        raise unsupported(
            f"{meaning.text(node)}: write {meaning.text(node.body)} in terms of {name} first"
        )


def _names_in(body: t.Node) -> set[str]:
    return {part.text for part in body.walk() if isinstance(part, t.Name)}


def _base_name(node: t.Node) -> str:
    if isinstance(node, t.Subscript):
        node = node.base
    return node.text if isinstance(node, t.Name) else ""


# --- gradients


def gradient(meaning: Context, node: t.Gradient, env: Env) -> Value:
    body = meaning.number(node.body, env)

    def slope(symbol: sp.Expr) -> sp.Expr:
        return differentiate(meaning, body, symbol, node)

    if node.variable is None:
        by = _variables_of(meaning, body)
        return by.map(slope) if isinstance(by, Array) else Array.of([[slope(s)] for s in by])
    vector = meaning.of(node.variable, env)
    if not isinstance(vector, Array):
        raise unsupported(f"{meaning.text(node)}: the gradient is taken by a vector")
    return vector.map(slope)


def _variables_of(meaning: Context, body: sp.Expr) -> Array | list[sp.Symbol]:
    """What a gradient is taken by: one vector, or the numbers in the order of declaration."""
    vectors = {str(entry.base.label) for entry in body.atoms(sp.Indexed)}
    labels = {s for entry in body.atoms(sp.Indexed) for s in entry.base.free_symbols}
    names = {str(s) for s in body.free_symbols if isinstance(s, sp.Symbol) and s not in labels}
    variables = meaning.scope.variables
    numbers = [v for v in variables.values() if v.name in names and v.kind == "real"]
    if len(vectors) == 1 and not numbers:
        (name,) = vectors
        value = variable_value(meaning, variables[name]) if name in variables else None
        if isinstance(value, Array) and value.cols == 1:
            return value
    if vectors or not numbers:
        raise unsupported("a gradient by more than one vector; write \\nabla_x")
    return [sp.Symbol(v.name, real=True) for v in numbers]


# --- values at a point


def bar(meaning: Context, node: t.Bar, env: Env) -> Value:
    places: Values = []
    for name, value in node.bindings:
        env, symbol, _ = _symbol_for(meaning, name, env, node)
        at = meaning.number(value, env)
        if symbol.is_integer and not at.is_integer:
            raise Refused("undefined", f"{meaning.text(name)} must be a whole number")
        places.append((symbol, at))
    before = len(meaning.conditions)
    body = meaning.of(node.body, env)
    _move(meaning.conditions, before, places)

    def put(entry: sp.Expr) -> sp.Expr:
        value = entry.xreplace(dict(places))
        if value.has(sp.nan, sp.zoo, UNDEFINED):
            raise Refused("undefined", f"{meaning.text(node)} is not defined")
        return value

    if isinstance(body, Array):
        return body.map(put)
    return tuple(put(item) for item in body) if isinstance(body, tuple) else put(body)
