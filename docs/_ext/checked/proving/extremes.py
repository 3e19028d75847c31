"""Largest and smallest values: a bound that holds everywhere and is attained somewhere."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from .. import tree as t
from ..domain import Domain
from ..errors import Refused
from ..kernels import Choose
from ..meaning import Env, Meaning
from ..normal import normal_form
from ..signs import sign
from .deciding import compare, readable
from .definedness import check_defined
from .regions import regions
from .steps import Step


def prove_extreme(step: Step, side: t.Extreme, meaning: Meaning, env: Env) -> str:
    """The method by which a step with a maximum on one side is proved."""
    other = step.right if side is step.left else step.left
    if step.relation != "=":
        raise Refused("unsupported", "a maximum can only be said to equal something")
    symbol = meaning.fresh("x")
    meaning.domain = _domain_of(side, symbol, meaning, env)
    value = meaning.number(other, env)
    body = meaning.number(side.body, env.bind_everywhere(side.variable.text, symbol))
    check_defined(meaning)
    if side.kind.startswith("arg"):
        return _check_place(side, body, symbol, value, meaning.domain)
    turn = 1 if side.kind == "max" else -1
    for region, (gap,) in regions([turn * (value - body)], meaning.domain):
        if sign(gap, region) not in (">", "≥", "="):
            raise Refused("unsupported", f"could not prove that {meaning.text(other)} is a bound")
    if not _is_attained(value, body, symbol, meaning.domain):
        raise Refused(
            "false", f"{meaning.text(other)} is a bound, but it was not found to be attained"
        )
    return "a bound that is attained"


def _domain_of(side: t.Extreme, symbol: sp.Symbol, meaning: Meaning, env: Env) -> Domain:
    """The domain where the symbol lies in the set that is written under the sign."""
    domain, inside = meaning.domain, side.domain
    if isinstance(inside, t.Interval):
        for end, turn, is_open in (
            (inside.lower, 1, inside.lower_open),
            (inside.upper, -1, inside.upper_open),
        ):
            value = meaning.of(end, env)
            if value not in (sp.oo, -sp.oo):
                domain = domain.assume(turn * (symbol - value), ">" if is_open else "≥")
        return domain
    if isinstance(inside, t.Blackboard) and inside.letter == "R" and not inside.shape:
        return domain
    raise Refused(
        "unsupported", "a maximum over a set that is no interval; write x \\in \\mathbb{R}"
    )


def _check_place(
    side: t.Extreme, body: sp.Expr, symbol: sp.Symbol, place: sp.Expr, domain: Domain
) -> str:
    """The value at the place is larger than everywhere else in the domain."""
    turn = 1 if side.kind == "argmax" else -1
    if not _inside(place, symbol, domain):
        raise Refused("false", f"{readable(place)} is outside the domain")
    best = body.subs(symbol, place)
    for relation in "<>":
        beside = domain.assume(symbol - place, relation)
        if beside.impossible:
            continue
        for region, (gap,) in regions([turn * (best - body)], beside):
            if sign(gap, region) != ">":
                raise Refused("unsupported", "could not prove that this is the only such place")
    return "larger than everywhere else"


def _inside(place: sp.Expr, symbol: sp.Symbol, domain: Domain) -> bool:
    bounds = domain.of(symbol)
    if (place == bounds.lower and bounds.lower_open) or (
        place == bounds.upper and bounds.upper_open
    ):
        return False
    return bool(bounds.lower <= place <= bounds.upper)


def _is_attained(value: sp.Expr, body: sp.Expr, symbol: sp.Symbol, domain: Domain) -> bool:
    for place in _candidates(body, value, symbol, domain):
        try:
            compare(body.subs(symbol, place), "=", value, domain)
        except Refused:
            continue
        return True
    return False


def _candidates(
    body: sp.Expr, value: sp.Expr, symbol: sp.Symbol, domain: Domain
) -> Iterator[sp.Expr]:
    """Places where the extreme may be attained: simple ones, ends, roots of the difference."""
    bounds = domain.of(symbol)
    tried = [sp.Integer(0), sp.Integer(1), sp.Integer(-1), sp.Rational(1, 2), sp.Integer(2)]
    tried += [end for end in (bounds.lower, bounds.upper) if end.is_finite]
    for choice in body.atoms(Choose):
        tried += _roots(choice.args[0], symbol)
    if not body.has(Choose):
        tried += _roots(value - body, symbol)
    yield from (place for place in tried if _inside(place, symbol, domain))


def _roots(e: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    """Simple roots, of a polynomial in the symbol or in e to it."""
    try:
        form = normal_form(e, Domain())
    except Refused:
        return []
    used = [g for g, meant in form.meaning.items() if meant.has(symbol)]
    if max(form.numerator.degrees(), default=0) > 4:
        return []
    if len(used) != 1 or len(form.numerator.ring.symbols) != 1:
        return []
    roots = [r for r in sp.roots(form.numerator.as_expr(), used[0]) if r.is_real]
    meant = form.meaning[used[0]]
    if meant == symbol:
        return roots
    if isinstance(meant, sp.exp) and (meant.args[0] / symbol).is_Rational:
        return [sp.log(r) * symbol / meant.args[0] for r in roots if r.is_positive]
    return []
