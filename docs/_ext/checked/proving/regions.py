"""The domain that a scope supposes, and its parts on which no case is open."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from .. import tree as t
from ..domain import Domain
from ..errors import Refused
from ..kernels import Choose
from ..meaning import Env, Meaning
from ..scope import Scope
from ..signs import sign

MOST_REGIONS = 80


def base_domain(scope: Scope) -> Domain:
    """The domain of the declared names, from what is supposed of them."""
    found: Domain | None = scope.cache.get(("domain",))
    if found is None:
        found = scope.cache[("domain",)] = _base_domain(scope)
    return found


def _base_domain(scope: Scope) -> Domain:
    domain = Domain()
    for hypothesis in scope.hypotheses:
        meaning = Meaning(scope, "", domain)
        if not isinstance(hypothesis, t.Chain):
            raise Refused("unsupported", "only relations can be supposed")
        sides = [meaning.number(side, Env()) for side in hypothesis.sides]
        for left, relation, right in zip(sides, hypothesis.relations, sides[1:], strict=False):
            if relation == "≈":
                raise Refused("unsupported", f"{relation} cannot be supposed")
            if (left - right).has(Choose):
                raise Refused("unsupported", "cases cannot be supposed")
            domain = domain.assume(left - right, relation)
    return domain


def regions(expressions: list[sp.Expr], domain: Domain) -> Iterator[tuple[Domain, list[sp.Expr]]]:
    """The parts of a domain on which no case is open, with the expressions as they are there."""
    budget = [MOST_REGIONS]
    yield from _regions([sp.sympify(e) for e in expressions], domain, budget)


def _regions(
    expressions: list[sp.Expr], domain: Domain, budget: list[int]
) -> Iterator[tuple[Domain, list[sp.Expr]]]:
    expressions = [_split_absolute(domain.at(e)) for e in expressions]
    choices = {c for e in expressions for c in e.atoms(Choose) if not c.args[0].has(Choose)}
    if not choices:
        yield domain, expressions
        return
    wall = min((c.args[0] for c in choices), key=lambda w: (sp.count_ops(w), str(w)))
    found = sign(wall, domain)
    for place, relation in enumerate("<=>"):
        if found in ("<", "=", ">") and found != relation:
            continue
        if (found == "≥" and relation == "<") or (found == "≤" and relation == ">"):
            continue
        budget[0] -= 1
        if budget[0] < 0:
            raise Refused("unsupported", "too many cases")
        inner = domain if found == relation else domain.assume(wall, relation)
        if inner.impossible:
            continue
        replaced = {c: c.args[place + 1] for c in choices if c.args[0] == wall}
        yield from _regions([e.xreplace(replaced) for e in expressions], inner, budget)


def _split_absolute(e: sp.Expr) -> sp.Expr:
    return e.replace(sp.Abs, lambda x: Choose(x, -x, sp.Integer(0), x)) if e.has(sp.Abs) else e
