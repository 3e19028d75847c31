"""Decides how two numbers compare on a domain: by normal form, by sign, and last by SymPy."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ..domain import Domain
from ..errors import Refused
from ..kernels import UNDEFINED, Choose
from ..normal import normal_form
from ..signs import is_nonzero, sign
from ..worker import heavy
from .regions import regions

METHODS = ("identical", "no case", "normal form", "sign", "limit", "interval", "simplify")


def compare(
    left: sp.Expr,
    relation: str,
    right: sp.Expr,
    domain: Domain,
    names: tuple[str, str] = ("left", "right"),
    quick: bool = False,
) -> str:
    """The method that proves `left relation right`; Refused if none does.

    `names` is what the message calls the two; `quick` leaves out what may take long.
    """
    if left.has(sp.oo, -sp.oo) or right.has(sp.oo, -sp.oo):
        raise Refused("undefined", "∞ is not a number; only a limit may be ∞")
    if left == right and relation in "=≤≥" and not left.has(Choose, UNDEFINED):
        return "identical"
    methods = {
        _compare_in(region, a, relation, b, names, quick)
        for region, (a, b) in regions([left, right], domain)
    }
    return last_of(methods) or "no case"


def last_of(methods: Iterable[str]) -> str:
    """The method that had to go furthest."""
    return max(methods, key=_rank, default="")


def _rank(method: str) -> int:
    return METHODS.index(method) if method in METHODS else len(METHODS)


def _compare_in(
    domain: Domain,
    left: sp.Expr,
    relation: str,
    right: sp.Expr,
    names: tuple[str, str],
    quick: bool,
) -> str:
    if left.has(UNDEFINED) or right.has(UNDEFINED):
        raise Refused("undefined", "some value of the domain falls into no case, or on a corner")
    difference = left - right
    if relation == "=":
        return _zero(difference, domain, names, quick)
    wanted = {"<": "<", ">": ">", "≤": "<≤=", "≥": ">≥=", "≠": "<>"}[relation]
    found = sign(difference, domain, enough=wanted)
    if found and found in wanted:
        return "sign"
    if relation == "≠" and is_nonzero(difference, domain):
        return "sign"
    raise Refused("unsupported", f"could not prove {names[0]} {relation} {names[1]}")


def _zero(difference: sp.Expr, domain: Domain, names: tuple[str, str], quick: bool) -> str:
    difference = domain.at(difference)
    if difference == 0:
        return "identical"
    form = normal_form(difference, domain)
    if form.is_zero:
        return "normal form"
    rest = f"left − right = {readable(form.expression())}"
    if not form.expression().free_symbols and sign(difference, domain) in ("<", ">"):
        raise Refused("false", f"{names[0]} is not {names[1]}: {rest}")
    if not quick and _simplifies(form.expression()):
        return "simplify"
    raise Refused("unsupported", f"could not prove {names[0]} = {names[1]}; {rest}")


def _simplifies(difference: sp.Expr) -> bool:
    if difference.has(sp.Sum) or _is_polynomial(difference):
        return False  # the normal form has decided
    return bool(heavy("simplify", difference) == 0)


def _is_polynomial(e: sp.Expr) -> bool:
    symbols = e.free_symbols
    return bool(symbols) and e.is_rational_function(*symbols) and not e.has(sp.Function)


def readable(e: sp.Expr) -> str:
    """An expression in a message, cut short if need be."""
    text = str(e).replace("**", "^").replace("°", "")
    return text if len(text) < 120 else text[:117] + "..."
