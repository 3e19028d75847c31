"""Proves one step by algebra: both sides in symbols, entry by entry, by the cheapest method."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..kernels import Array
from ..limits import settle
from ..meaning import Env, Meaning, Value, limit_bodies
from ..normal import normal_form
from .data import Data, substitution
from .deciding import compare, last_of
from .definedness import check_defined
from .extremes import prove_extreme
from .steps import Step


def relate(step: Step, meaning: Meaning, env: Env, data: Data, quick: bool = False) -> str:
    """The method by which the step is proved; Refused if it is not."""
    for side in (step.left, step.right):
        if isinstance(side, t.Extreme):
            return prove_extreme(step, side, meaning, env)
    if _is_infinity(step.left) or _is_infinity(step.right):
        return _prove_infinite(step, meaning, env)
    left, right = meaning.of(step.left, env), meaning.of(step.right, env)
    put = substitution(meaning, data)
    pairs = [
        (put(meaning.reveal(a)), put(meaning.reveal(b)))
        for a, b in entries(left, step.relation, right, meaning)
    ]
    if not data:
        _check_same_bodies(step, meaning, env)
    check_defined(meaning, put)
    names = meaning.text(step.left), meaning.text(step.right)
    methods = {compare(a, step.relation, b, meaning.domain, names, quick) for a, b in pairs}
    return last_of(methods) or "nothing to prove"


def _prove_infinite(step: Step, meaning: Meaning, env: Env) -> str:
    """A limit that is infinite; ∞ is equal to nothing else."""
    for side, other in ((step.left, step.right), (step.right, step.left)):
        if _is_infinity(other) and isinstance(side, t.Limit) and step.relation == "=":
            if meaning.of(side, env) == meaning.of(other, env):
                check_defined(meaning)
                return "limit"
            raise Refused("false", f"the limit is not {meaning.text(other)}")
    raise Refused("undefined", "∞ is not a number; only a limit may be ∞")


def _is_infinity(node: t.Node) -> bool:
    if isinstance(node, t.Negate):
        node = node.body
    return isinstance(node, t.Infinity)


def entries(
    left: Value, relation: str, right: Value, meaning: Meaning
) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """The numbers of two values beside each other, one for all where a size is a letter."""
    if isinstance(left, sp.Expr) and isinstance(right, sp.Expr):
        yield left, right
        return
    if relation not in ("=", "≈"):
        raise Refused("unsupported", f"{relation} between vectors")
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            raise Refused("false", f"{len(left)} numbers on the left, {len(right)} on the right")
        yield from zip(left, right, strict=True)
        return
    if not isinstance(left, Array) or not isinstance(right, Array):
        raise Refused("false", "a number, a column and a tuple are different things")
    if any(sp.expand(a - b) != 0 for a, b in zip(left.shape, right.shape, strict=True)):
        shapes = " and ".join(f"{a.rows} × {a.cols}" for a in (left, right))
        raise Refused("false", f"the shapes differ: {shapes}")
    if left.is_concrete and right.is_concrete:
        for i, j in left.places():
            yield left.entry(i, j), right.entry(i, j)
        return
    one = sp.Integer(1)
    i, j = (one if size == 1 else meaning.index(one, size) for size in left.shape)
    yield left.entry(i, j), right.entry(i, j)


# --- what is differentiated, or goes to a limit, on both sides


def _check_same_bodies(step: Step, meaning: Meaning, env: Env) -> None:
    """Derivatives, limits and values of the same kind: what they are taken of must agree."""
    left, right = _as_derivative(step.left), _as_derivative(step.right)
    if isinstance(left, t.Derivative) and isinstance(right, t.Derivative):
        if left.variables == right.variables:
            _check_same(left.body, right.body, meaning, env)
    elif isinstance(left, t.Bar) and isinstance(right, t.Bar):
        if left.bindings == right.bindings:
            _check_same(left.body, right.body, meaning, env)
    elif isinstance(left, t.Limit) and isinstance(right, t.Limit):
        _check_same_limits(left, right, meaning, env)


def _as_derivative(node: t.Node) -> t.Node:
    """f'(x) is the derivative of f(x) by x."""
    if isinstance(node, t.Call) and isinstance(node.function, t.Prime) and len(node.arguments) == 1:
        argument = node.arguments[0]
        if isinstance(argument, t.Name):
            body = t.Call(node.function.function, node.arguments, span=node.span)
            return t.Derivative(body, (argument,) * node.function.order, False, span=node.span)
    return node


def _check_same(left: t.Node, right: t.Node, meaning: Meaning, env: Env) -> None:
    inner = Meaning(meaning.scope, meaning.source, meaning.domain)
    for a, b in entries(inner.of(left, env), "=", inner.of(right, env), inner):
        try:
            compare(inner.reveal(a), "=", inner.reveal(b), inner.domain)
        except Refused:
            raise _coincidence(left, right, meaning) from None


def _check_same_limits(left: t.Limit, right: t.Limit, meaning: Meaning, env: Env) -> None:
    if left.target != right.target or left.side != right.side:
        raise Refused("coincidence", "two limits at different places that happen to agree")
    if left.variable != right.variable:
        raise Refused("unsupported", "limits with different variables")
    inner = Meaning(meaning.scope, meaning.source, meaning.domain)
    (first, small), (second, other) = (limit_bodies(inner, side, env) for side in (left, right))
    for a, b in zip(first, second, strict=True):
        a = settle(a, small, inner.domain)
        b = settle(b.subs(other, small), small, inner.domain)
        if not normal_form(a - b, inner.domain).is_zero:
            raise _coincidence(left.body, right.body, meaning)


def _coincidence(left: t.Node, right: t.Node, meaning: Meaning) -> Refused:
    message = f"{meaning.text(left)} and {meaning.text(right)} are not the same"
    return Refused("coincidence", message)
