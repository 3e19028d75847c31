"""Signs with a body and a name of their own: sums, products, limits and integrals."""

from __future__ import annotations

import sympy as sp

from .. import limits
from .. import tree as t
from ..errors import Refused
from .arithmetic import plus
from .context import ONE, Context, Env, Value, unsupported
from .names import range_of

LARGEST_SUM = 200


def big(meaning: Context, node: t.Big, env: Env) -> Value:
    index = node.index.text
    if meaning.scope.is_name(index):
        raise Refused("redefinition", f"the index {index} already has a meaning here")
    if index in env.local:
        raise Refused("redefinition", f"the index {index} is used twice")
    lower, upper = _bounds(meaning, node, env)
    if not (lower.is_integer and upper.is_integer):
        raise Refused("undefined", f"the bounds of {meaning.text(node)} must be whole numbers")
    if lower.is_Integer and upper.is_Integer:
        return _written_out(meaning, node, int(lower), int(upper), env)
    if node.kind == "product":
        raise unsupported("a product of unknown length")
    meaning.need(upper - lower + 1, "≥", node)
    symbol = meaning.index(lower, upper)
    body = meaning.number(node.body, env.bind(index, symbol))
    return sp.Sum(body, (symbol, lower, upper))


def _bounds(meaning: Context, node: t.Big, env: Env) -> tuple[sp.Expr, sp.Expr]:
    """The ends of a sum: as written, or from 1 to the size of what the index stands under."""
    if node.lower is not None and node.upper is not None:
        _check_finite(meaning, node, node.lower, node.upper)
        return meaning.number(node.lower, env), meaning.number(node.upper, env)
    size = range_of(meaning, node.index.text, node.body, env)
    if size is None:
        raise Refused(
            "undeclared", f"nothing tells how far {node.index.text} runs; write its bounds"
        )
    return ONE, size


def _check_finite(meaning: Context, node: t.Node, *ends: t.Node) -> None:
    for end in ends:
        if any(isinstance(part, t.Infinity) for part in end.walk()):
            raise unsupported(f"{meaning.text(node)} has no end; write it as a limit")


def _written_out(meaning: Context, node: t.Big, lower: int, upper: int, env: Env) -> Value:
    if upper < lower:
        raise Refused("undefined", f"{meaning.text(node)} has no terms")
    if upper - lower >= LARGEST_SUM:
        raise unsupported(f"a sum of more than {LARGEST_SUM} terms")
    values = [
        meaning.of(node.body, env.bind(node.index.text, sp.Integer(k)))
        for k in range(lower, upper + 1)
    ]
    total = values[0]
    for value in values[1:]:
        if node.kind == "product":
            if not isinstance(total, sp.Expr) or not isinstance(value, sp.Expr):
                raise unsupported("a product of vectors")
            total = total * value
        else:
            total = plus(meaning, total, value, node)
    return total


def limit(meaning: Context, node: t.Limit, env: Env) -> Value:
    bodies, small = limit_bodies(meaning, node, env)
    result = limits.limit(bodies[0], small, meaning.domain)
    if len(bodies) > 1 and limits.limit(bodies[1], small, meaning.domain) != result:
        raise Refused("undefined", f"the limits from both sides differ in {meaning.text(node)}")
    return result


def limit_bodies(meaning: Context, node: t.Limit, env: Env) -> tuple[list[sp.Expr], sp.Symbol]:
    """The body where the variable goes to its target as a symbol goes to 0, from each side."""
    target = meaning.of(node.target, env)
    if not isinstance(target, sp.Expr):
        raise unsupported(f"the limit {meaning.text(node)}")
    small = meaning.fresh("h", positive=True)
    if target in (sp.oo, -sp.oo):
        ways = [1 / small if target == sp.oo else -1 / small]
    else:
        ways = [target + side * small for side in ((node.side,) if node.side else (-1, 1))]
    saved, meaning.near = meaning.near, small
    name = node.variable.text
    bodies = [meaning.number(node.body, env.bind_everywhere(name, way)) for way in ways]
    meaning.near = saved
    return bodies, small


def integral(meaning: Context, node: t.Integral, env: Env) -> Value:
    if node.lower is None or node.upper is None:
        raise unsupported("an integral without bounds")
    _check_finite(meaning, node, node.lower, node.upper)
    lower, upper = meaning.number(node.lower, env), meaning.number(node.upper, env)
    symbol = meaning.fresh("t")
    if not (lower.is_number and upper.is_number and lower <= upper):
        raise unsupported("an integral whose bounds are not numbers in order")
    meaning.domain = meaning.domain.assume(symbol - lower, "≥").assume(upper - symbol, "≥")
    body = meaning.number(node.body, env.bind_everywhere(node.variable.text, symbol))
    return limits.integral(body, symbol, lower, upper)
