"""Definedness: whatever a term needs, such as x ≠ 0 for 1/x, must hold on the whole domain."""

from __future__ import annotations

import sympy as sp

from ..domain import Domain
from ..errors import Refused
from ..limits import near_is_defined
from ..meaning import Condition, Meaning
from ..signs import is_nonzero, sign
from .data import Put, unchanged
from .deciding import readable
from .regions import regions

NEEDS = {"≠": "not 0", ">": "positive", "≥": "not negative", "=": "0"}


def check_defined(meaning: Meaning, put: Put = unchanged) -> None:
    """Every condition that the meaning has gathered must hold on its whole domain."""
    for condition in dict.fromkeys(meaning.conditions):
        domain = meaning.domain
        for wall, relation in condition.guard:
            domain = domain.assume(put(wall), relation)
        if domain.impossible:
            continue
        if not _holds(condition, put(meaning.reveal(condition.expression)), domain):
            raise Refused(
                "undefined",
                f"{meaning.text(condition.node)} may be undefined:"
                f" {readable(condition.expression)} must be {NEEDS[condition.need]}",
            )


def _holds(condition: Condition, expression: sp.Expr, domain: Domain) -> bool:
    if condition.near is not None and expression.has(condition.near):
        return near_is_defined(expression, condition.need, condition.near, domain)
    return all(
        _holds_in(region, condition.need, part) for region, (part,) in regions([expression], domain)
    )


def _holds_in(domain: Domain, need: str, expression: sp.Expr) -> bool:
    found = sign(expression, domain)
    if need == "≠":
        return found in ("<", ">") or is_nonzero(expression, domain)
    return bool(found) and found in {">": ">", "≥": ">≥=", "=": "="}[need]
