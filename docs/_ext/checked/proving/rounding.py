"""Roundings: a printed decimal is the other side, rounded to the digits that are shown."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from mpmath import mp

from .. import tree as t
from ..domain import Domain
from ..errors import Refused
from ..meaning import Env, Meaning
from ..scope import Scope
from ..signs import enclose, sign
from ..witness import DIGITS, NoValue, Witness
from .data import Data, substitution, with_data
from .definedness import check_defined
from .regions import regions
from .relating import entries
from .steps import Proof, Step
from .trying import paired


def prove_rounding(step: Step, meaning: Meaning, data: Data) -> Proof:
    """The proof that one side, made of numerals, rounds the other; Refused if it does not."""
    numeral, exact = step.right, step.left
    if None in _places(numeral):
        numeral, exact = exact, numeral
    shown, value = meaning.of(numeral, Env()), meaning.of(exact, Env())
    put = substitution(meaning, data)
    places = [digits for digits in _places(numeral) if digits is not None]
    pairs = list(entries(value, "≈", shown, meaning))
    if None in _places(numeral) or len(places) != len(pairs):
        raise Refused("unsupported", "after ≈ write numerals only")
    check_defined(meaning, put)
    for (a, b), digits in zip(pairs, places, strict=True):
        _check_rounds(put(meaning.reveal(a)), b, digits, meaning.domain)
    _confirm(meaning.scope, exact, numeral, places, data)
    return Proof("to the digits shown", "interval", tuple(meaning.used))


def _places(node: t.Node) -> Iterator[int | None]:
    """The number of decimals of each numeral of a number, column or tuple; None for all else."""
    if isinstance(node, t.Number):
        yield node.places or 0
    elif isinstance(node, t.Negate | t.Transpose):
        yield from _places(node.body)
    elif isinstance(node, t.Matrix | t.Tuple):
        for item in node.parts():
            yield from _places(item)
    else:
        yield None


def _check_rounds(value: sp.Expr, shown: sp.Expr, digits: int, domain: Domain) -> None:
    half = sp.Rational(1, 2 * 10**digits)
    found = [domain.at(part) for _, (part,) in regions([value], domain)]
    for part in found:
        if part.free_symbols:
            raise Refused("unsupported", "only a number can be rounded")
        off = part - shown
        if enclose(off) is None:
            raise Refused("unsupported", "a value that cannot be enclosed")
        if any(sign(room, domain) not in (">", "≥", "=") for room in (half - off, half + off)):
            raise Refused(
                "false",
                f"the value is {sp.N(part, 20)}, which does not round to {float(shown):.{digits}f}",
            )


def _confirm(scope: Scope, exact: t.Node, numeral: t.Node, places: list[int], data: Data) -> None:
    """The same with numbers alone."""
    try:
        witness = Witness(scope, with_data(scope, {}, data))
        pairs = paired(witness.value(exact), witness.value(numeral))
    except NoValue as none:
        raise Refused("witness", f"no number confirms the rounding: {none.reason}") from None
    with mp.workdps(DIGITS):
        for (a, b), digits in zip(pairs or [], places, strict=True):
            if abs(a - b) > mp.mpf(10) ** -digits / 2 * (1 + mp.mpf(10) ** -20):
                raise Refused("witness", "proof and numbers disagree on a rounding")
