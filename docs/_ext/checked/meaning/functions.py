"""Functions: defined, declared, well-known, and those with a sign of their own, as |x| or n!."""

from __future__ import annotations

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..kernels import Array, Choose, Unknown
from ..scope import Definition
from .context import ONE, Context, Env, Value, unsupported
from .derivatives import differentiate

LARGEST_FACTORIAL = 1000
LARGEST_BINOMIAL = 8  # written out as a product of so many factors
SIMPLE = {"\\exp": sp.exp, "\\sin": sp.sin, "\\cos": sp.cos, "\\tan": sp.tan,
          "\\sinh": sp.sinh, "\\cosh": sp.cosh, "\\tanh": sp.tanh,
          "\\ln": sp.log, "\\log": sp.log}  # fmt: skip


def call(meaning: Context, node: t.Call, env: Env) -> Value:
    function = node.function
    if isinstance(function, t.Prime):
        return _primed(meaning, function, node, env)
    if not isinstance(function, t.Name):
        return _logarithm(meaning, function, node, env)
    definition = meaning.scope.definition(function.text)
    if definition is not None:
        return _apply(meaning, definition, node, [meaning.of(a, env) for a in node.arguments], env)
    if meaning.scope.is_declared_function(function.text):
        return Unknown(sp.Symbol(function.text), 0, _argument(meaning, node, env))
    return _built_in(meaning, function.text, node, env)


def _argument(meaning: Context, node: t.Call, env: Env) -> sp.Expr:
    """The number that a function of one number is called with."""
    if len(node.arguments) != 1:
        raise Refused("undefined", f"{meaning.text(node)} has the wrong number of arguments")
    return meaning.number(node.arguments[0], env)


def _logarithm(meaning: Context, function: t.Node, node: t.Call, env: Env) -> Value:
    """A logarithm with its base written below it, the one function that may have an index."""
    if not isinstance(function, t.Subscript) or function.base != t.Name("\\log"):
        raise unsupported(f"{meaning.text(node)}: a family of functions")
    argument = _argument(meaning, node, env)
    base = meaning.number(function.indices[0], env)
    meaning.need(argument, ">", node)
    meaning.need(base, ">", node)
    meaning.need_nonzero(sp.log(base), node)
    return sp.log(argument) / sp.log(base)


def _apply(
    meaning: Context, definition: Definition, node: t.Call, values: list[Value], env: Env
) -> Value:
    if len(values) != len(definition.parameters):
        raise Refused("undefined", f"{meaning.text(node)} has the wrong number of arguments")
    meaning.use(definition.name)
    if definition.kind == "length":
        if not isinstance(node.arguments[0], t.Name):
            raise unsupported(f"{meaning.text(node)}: the length is taken of a name")
        return _length(meaning, values[0], node)
    local = dict(zip(definition.parameters, values, strict=True))
    return meaning.of(definition.body, Env(local, env.opaque))


def _length(meaning: Context, value: Value, node: t.Node) -> sp.Expr:
    if isinstance(value, tuple):
        return sp.Integer(len(value))
    if isinstance(value, Array) and 1 in value.shape:
        return value.rows if value.cols == 1 else value.cols
    raise Refused("undefined", f"{meaning.text(node)} needs a vector")


def _primed(meaning: Context, prime: t.Prime, node: t.Call, env: Env) -> Value:
    argument = _argument(meaning, node, env)
    if not isinstance(prime.function, t.Name):
        raise unsupported(f"the derivative {meaning.text(prime)}")
    name = prime.function.text
    if meaning.scope.is_declared_function(name):
        return Unknown(sp.Symbol(name), prime.order, argument)
    symbol = meaning.fresh("x")
    definition = meaning.scope.definition(name)
    before = len(meaning.conditions)
    if definition is not None:
        body = _apply(meaning, definition, node, [symbol], env)
    else:
        inner = t.Call(prime.function, (t.Name("°x"),), span=node.span)
        body = meaning.of(inner, env.bind("°x", symbol))
    if not isinstance(body, sp.Expr):
        raise unsupported(f"the derivative {meaning.text(prime)}")
    for _ in range(prime.order):
        body = differentiate(meaning, body, symbol, node)
    new = meaning.conditions[before:]
    meaning.conditions[before:] = [condition.at(symbol, argument) for condition in new]
    return body.subs(symbol, argument)


# --- well-known functions


def _built_in(meaning: Context, name: str, node: t.Call, env: Env) -> Value:
    if name in ("\\max", "\\min"):
        return _largest(meaning, node, env, largest=name == "\\max")
    if name in ("\\det", "tr", "rank"):
        return _of_matrix(meaning, name, node, env)
    if name not in SIMPLE:
        raise Refused("undeclared", f"{name} is not declared")
    argument = _argument(meaning, node, env)
    if name in ("\\ln", "\\log"):
        if argument.is_nonpositive:
            raise Refused("undefined", f"{meaning.text(node)} is not defined")
        meaning.need(argument, ">", node)
    if name == "\\tan":
        meaning.need_nonzero(sp.cos(argument), node)
    if name in ("\\sinh", "\\cosh", "\\tanh"):
        return SIMPLE[name](argument).rewrite(sp.exp)
    return SIMPLE[name](argument)


def _largest(meaning: Context, node: t.Call, env: Env, largest: bool) -> Value:
    values = [meaning.of(argument, env) for argument in node.arguments]
    if any(isinstance(value, tuple) for value in values):
        raise unsupported(f"{meaning.text(node)} of tuples")
    arrays = [value for value in values if isinstance(value, Array)]
    if arrays:
        shape = arrays[0].shape
        if any(a.shape != shape for a in arrays) or len(values) < 2:
            raise unsupported(f"{meaning.text(node)} of arrays")

        def entry(i: sp.Expr, j: sp.Expr) -> sp.Expr:
            return _most([v.entry(i, j) if isinstance(v, Array) else v for v in values], largest)

        return Array(*shape, entry)
    meaning.need_finite(node, *values)
    return _most(values, largest)


def _most(values: list[sp.Expr], largest: bool) -> sp.Expr:
    best = values[0]
    for value in values[1:]:
        wall = best - value
        best = Choose(wall, value, value, best) if largest else Choose(wall, best, value, value)
    return best


def _of_matrix(meaning: Context, name: str, node: t.Call, env: Env) -> Value:
    (value,) = (meaning.of(argument, env) for argument in node.arguments)
    if not isinstance(value, Array):
        raise unsupported(f"{meaning.text(node)} needs a matrix")
    if name != "rank" and value.rows != value.cols:
        raise Refused("undefined", f"{meaning.text(node)} needs a square matrix")
    if name == "tr":
        return meaning.sum_over(lambda i: value.entry(i, i), value.rows)
    if not value.is_concrete:
        raise unsupported(f"{meaning.text(node)} needs a matrix of given size")
    matrix = value.matrix()
    if name == "\\det":
        return sp.expand(matrix.det(method="berkowitz"))
    if any(not entry.is_Rational for entry in matrix):
        raise unsupported(f"{meaning.text(node)} needs a matrix of numbers")
    return sp.Integer(matrix.rank())


# --- functions with a sign of their own


def absolute(meaning: Context, node: t.Absolute, env: Env) -> Value:
    value = meaning.of(node.body, env)
    if isinstance(value, sp.Expr):
        meaning.need_finite(node, value)
        return Choose(value, -value, sp.Integer(0), value)
    raise unsupported(f"write \\lVert \\rVert or \\det for {meaning.text(node)}")


def norm(meaning: Context, node: t.Norm, env: Env) -> Value:
    value = meaning.of(node.body, env)
    if isinstance(value, Array) and value.cols == 1:
        return sp.sqrt(meaning.sum_over(lambda i: value.entry(i, ONE) ** 2, value.rows))
    if isinstance(value, tuple):
        return sp.sqrt(sp.Add(*(item**2 for item in value)))
    raise unsupported(f"the norm of {meaning.text(node.body)}")


def factorial(meaning: Context, node: t.Factorial, env: Env) -> Value:
    value = meaning.number(node.body, env)
    if value.is_Integer and value > LARGEST_FACTORIAL:
        raise unsupported(f"{meaning.text(node)} is too large to write out")
    if value.is_Integer and value >= 0:
        return sp.factorial(value)
    if not value.is_integer:
        raise Refused("undefined", f"{meaning.text(node)} needs a whole number")
    meaning.need(value, "≥", node)
    return sp.factorial(value)


def binomial(meaning: Context, node: t.Binomial, env: Env) -> Value:
    above, below = meaning.number(node.above, env), meaning.number(node.below, env)
    if not (above.is_integer and below.is_integer):
        raise Refused("undefined", f"{meaning.text(node)} needs whole numbers")
    if above.is_Integer and above > LARGEST_FACTORIAL:
        raise unsupported(f"{meaning.text(node)} is too large to write out")
    if below.is_Integer and 0 <= below <= LARGEST_BINOMIAL and not above.is_Integer:
        meaning.need(above, "≥", node)  # where above is smaller than below, a factor is 0
        factors = [above - k for k in range(int(below))]
        return sp.Mul(*factors) / sp.factorial(below)
    for expression in (below, above - below):
        if not (expression.is_Integer and expression >= 0):
            meaning.need(expression, "≥", node)
    return sp.binomial(above, below)


def root(meaning: Context, node: t.Root, env: Env) -> Value:
    value = meaning.number(node.body, env)
    if node.degree < 2:
        raise Refused("undefined", f"{meaning.text(node)} has no such degree")
    if value.is_negative:
        raise Refused("undefined", f"{meaning.text(node)} is not real")
    meaning.need(value, "≥", node)
    return value ** sp.Rational(1, node.degree)
