"""Tries a step at points, with numbers alone: one counter-example refutes it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import mp

from .. import tree as t
from ..domain import Domain
from ..errors import Refused
from ..sampling import free_names, needed, points
from ..scope import Scope
from ..witness import DIGITS, Grid, NoValue, Witness, compare, unwrapped
from .data import Data, with_data
from .indices import Indices, indices_at, names_of_sizes
from .steps import Step

POINTS = 6


class Trials:
    """The points of a domain, and the values that terms have there."""

    def __init__(self, scope: Scope, domain: Domain) -> None:
        self.scope = scope
        self.domain = domain
        self._values: dict[tuple[int, str, str], tuple[t.Node, Any]] = {}

    def refute(
        self, step: Step, data: Data, indices: Indices, first: int = 0, last: int = POINTS
    ) -> int:
        """How many points confirm the step; Refused("false") at a point where it fails."""
        names, sizes = needed(self.scope, [step.left, step.right]), names_of_sizes(indices)
        drawn = points(self.scope, names | sizes, self.domain, POINTS)
        if not drawn:
            raise Refused("vacuous", "no point of the domain could be found to try the claim at")
        if names <= data.keys() and not sizes:
            drawn = drawn[:1]  # they are all the same
        confirmed = 0
        for point in drawn[first:last]:
            point = with_data(self.scope, point, data)
            for place in indices_at(indices, point):
                confirmed += self._is_confirmed(step, point, place)
        return confirmed

    def _is_confirmed(self, step: Step, point: dict[str, Any], place: dict[str, Fraction]) -> bool:
        try:
            left, right = (self._value(side, point, place) for side in (step.left, step.right))
        except NoValue as none:
            if none.undefined:
                where = self._where(step, point, place)
                raise Refused("undefined", f"not defined{where}: {none.reason}") from None
            return False
        result, values = _compared(left, step.relation, right)
        if result == "false":
            raise Refused("false", f"{values}{self._where(step, point, place)}")
        return result == "true"

    def _value(self, side: t.Node, point: dict[str, Any], place: dict[str, Fraction]) -> Any:
        """The number that a side is; the middle of a chain is computed once."""
        key = (id(side), str(point), str(place))
        if key not in self._values:
            witness = Witness(self.scope, {**point, **place})
            self._values[key] = side, witness.value(side)  # the side keeps its id
        return self._values[key][1]

    def _where(self, step: Step, point: dict[str, Any], place: dict[str, Fraction]) -> str:
        names = free_names(self.scope, step.left) | free_names(self.scope, step.right)
        here = {**place, **point}
        return where({name: here[name] for name in here if name in names or name in place})


def _compared(left: Any, relation: str, right: Any) -> tuple[str, str]:
    """Whether all entries satisfy a relation: true, false or undecided; and what is false."""
    pairs = paired(left, right)
    if pairs is None:
        return "false", f"the shapes differ: {_shown(left)} and {_shown(right)}"
    results = []
    for a, b in pairs:
        with mp.workdps(DIGITS):
            results.append(compare(a, relation, b))
        if results[-1] == "false":
            return "false", f"left {_shown(a)}, right {_shown(b)}"
    return ("undecided" if "undecided" in results else "true"), ""


def where(point: dict[str, Any]) -> str:
    """A point in words."""
    shown = [f"{name} = {_shown(value)}" for name, value in point.items() if not callable(value)]
    return " at " + ", ".join(shown) if shown else ""


def paired(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    """The numbers of two values beside each other; None if their shapes differ."""
    left, right = unwrapped(left), unwrapped(right)
    if isinstance(left, Grid) and isinstance(right, Grid):
        if left.shape != right.shape:
            return None
        return [
            pair
            for r, s in zip(left.rows, right.rows, strict=True)
            for pair in zip(r, s, strict=True)
        ]
    if isinstance(left, tuple) and isinstance(right, tuple):
        return list(zip(left, right, strict=True)) if len(left) == len(right) else None
    if isinstance(left, Grid | tuple) or isinstance(right, Grid | tuple):
        return None
    return [(left, right)]


def _shown(value: Any) -> str:
    if isinstance(value, Grid):
        return "(" + "; ".join(", ".join(_shown(item) for item in row) for row in value.rows) + ")"
    if isinstance(value, tuple):
        return "(" + ", ".join(_shown(item) for item in value) + ")"
    if isinstance(value, Fraction):
        return str(value)
    with mp.workdps(25):
        text = str(mp.nstr(value, 12))
    return text.removesuffix(".0")
