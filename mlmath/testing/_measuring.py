"""How far the results of a kernel are from the exact ones, over a family of inputs."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mlmath._array import quiet
from mlmath.testing._report import Failure
from mlmath.testing.contract import BACKENDS
from mlmath.testing.families import Family
from mlmath.testing.reference import FORMATS, ROWWISE, correctly_rounded, exact, ulps

__all__ = ["Kernel", "name_of"]

# Longer lists are not written out.
SHORT = 60


class Outcome(NamedTuple):
    """One result of a call, or what became of a call that gave no such results."""

    ulps: float
    row: tuple[float, ...]
    place: int
    got: float = math.nan
    dtype: str = ""
    complaint: str = ""


@dataclass(frozen=True)
class Kernel:
    """A function to be tried, and what it is to be like."""

    function: Callable[..., Any]
    like: str
    backend: str

    def measure(self, family: Family, budget: float) -> tuple[Failure | None, float]:
        """The failure of the family, if any, and the largest error within the budget."""
        outcomes = [outcome for row in family.rows for outcome in self._outcomes(row, family)]
        wrong = [outcome for outcome in outcomes if not outcome.ulps <= budget]
        right = max((outcome.ulps for outcome in outcomes if outcome.ulps <= budget), default=0)
        if not wrong:
            return None, right
        worst = max(wrong, key=lambda outcome: outcome.ulps)
        complaint = worst.complaint or self._compared(worst)
        call = self._call(worst, family.dtype)
        return Failure(family.label, call, complaint, family.why, worst.ulps, len(wrong)), right

    def _outcomes(self, row: tuple[float, ...], family: Family) -> Iterator[Outcome]:
        if self._flushes:
            row = tuple(x for x in row if not _is_subnormal(x, family.dtype))
        try:
            got, dtype = self._results(row, family.dtype)
        except Exception as error:  # noqa: BLE001 a foreign kernel may raise anything
            said = f"raised {type(error).__name__}: {error}; {len(row)} results are wanted"
            yield Outcome(math.inf, row, 0, complaint=said)
            return
        if len(got) != len(row):
            said = f"gave {len(got)} results; {len(row)} are wanted"
            yield Outcome(math.inf, row, 0, complaint=said)
            return
        for index, (result, wanted) in enumerate(zip(got, exact(self.like, row), strict=True)):
            flushed = self._flushes and result == 0 and _is_subnormal(wanted, dtype)
            away = 0.0 if flushed else ulps(result, wanted, dtype)
            yield Outcome(away, row, index, result, dtype)

    def _results(self, row: tuple[float, ...], dtype: str) -> tuple[list[float], str]:
        """The results of one call, and the dtype in whose last places their errors count."""
        library = BACKENDS[self.backend]
        elements = np.array(row, dtype="float64" if dtype in FORMATS else dtype)
        with quiet(), library.ready():
            array = library.convert(elements, dtype)
            result = self.function(array)
            read = library.read if _library_of(result) == _library_of(array) else np.asarray
            results = np.asarray(read(result), dtype=np.float64).ravel().tolist()
        given = str(getattr(result, "dtype", "")).rpartition(".")[2]
        if dtype not in FORMATS:
            dtype = given if given in FORMATS else "float64"
        return results, dtype

    @property
    def _flushes(self) -> bool:
        """Whether the library, not the kernel, takes subnormal numbers for zero."""
        return self.backend == "jax"

    def _compared(self, outcome: Outcome) -> str:
        wanted = correctly_rounded(self.like, outcome.row, outcome.dtype)[outcome.place]
        came, due = (_shown(x, outcome.dtype) for x in (outcome.got, wanted))
        off = f", {outcome.ulps:.4g} ulp away" if math.isfinite(outcome.ulps) else ""
        return f"gave {came}{off}; {due} is wanted"

    def _call(self, outcome: Outcome, dtype: str) -> str:
        name, row = name_of(self.function), outcome.row
        x = _shown(row[outcome.place], dtype)
        if self.like not in ROWWISE and not outcome.complaint:
            return f"{name}({x})"
        numbers = ", ".join(_shown(x, dtype) for x in row)
        if len(numbers) > SHORT:
            numbers = f"{_shown(row[0], dtype)}, … {len(row)} in all"
        call = f"{name}([{numbers}])"
        return call if outcome.complaint else f"{call}[{outcome.place}], where x is {x}"


def name_of(function: Callable[..., Any]) -> str:
    """How a message calls `function`."""
    return str(getattr(function, "__name__", type(function).__name__))


def _is_subnormal(x: Any, dtype: str) -> bool:
    return dtype in FORMATS and 0 < abs(x) < FORMATS[dtype].smallest_normal


def _library_of(value: object) -> str:
    return type(value).__module__.partition(".")[0]


def _shown(x: float, dtype: str) -> str:
    """`x` with the digits that tell it from the other numbers of the dtype."""
    if dtype not in FORMATS:
        return str(int(x))
    if dtype == "float64":
        return repr(float(x))
    return str(np.float32(x)) if dtype == "float32" else f"{x:.5g}"
