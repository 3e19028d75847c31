"""What a check found, worst first, in the form that a person reads: a screen, and no more."""

from dataclasses import dataclass
from textwrap import wrap

__all__ = ["WIDTH", "Failure", "Report"]

WIDTH = 100
SHOWN = 5


@dataclass(frozen=True)
class Failure:
    """One thing that a kernel does wrong.

    Attributes
    ----------
    label : str
        The family of inputs, or the kind of case of the contract.
    call : str
        The call that came out wrong, with the index of the worst result where it has several.
    complaint : str
        What came, and what is wanted.
    why : str
        Why it matters.
    ulps : float or None
        How far the worst result is from the exact one, in units in the last place; infinite
        where it is no finite number and ought to be, or where the call raised; None for a case of
        the contract.
    count : int
        How many results of the family, or cases of that kind, are wrong.
    """

    label: str
    call: str
    complaint: str
    why: str
    ulps: float | None = None
    count: int = 1

    def __str__(self) -> str:
        more = f", wrong {self.count} times" if self.count > 1 else ""
        complaint = wrap(self.complaint, WIDTH, max_lines=2, placeholder="…")
        return "\n   ".join((self.label + more, _cut(self.call), *complaint, _cut(self.why)))


@dataclass(frozen=True, repr=False)
class Report:
    """What :func:`check` found: true if nothing is wrong, and readable when printed.

    Attributes
    ----------
    function, like : str
        The name of the kernel, and that of the function of mlmath that it is to be like.
    backend, dtype : str
        The array library and the dtype that it was tried with.
    budget : float
        How many units in the last place a result was allowed to be wrong.
    failures : tuple of Failure
        The worst first: results of which no digit is right, then broken rules of the contract,
        then results that have lost some digits.
    checked : int
        How many families of inputs and kinds of cases of the contract were tried.
    worst : float
        The largest error within the budget, in units in the last place.
    """

    function: str
    like: str
    backend: str
    dtype: str
    budget: float
    failures: tuple[Failure, ...]
    checked: int
    worst: float

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.failures

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        # pytest cuts a longer one in the middle.
        return f"<Report: {self._verdict}>"

    def __str__(self) -> str:
        tried = f"{self.backend}, {self.dtype}, budget {self.budget:g} ulp"
        if self.passed:
            return f"{self._verdict} ({tried}; worst result {self.worst:.3g} ulp)"
        lines = [f"{self._verdict} ({tried})"]
        lines += [f"{n}. {failure}" for n, failure in enumerate(self.failures[:SHOWN], 1)]
        hidden = self.failures[SHOWN:]
        if hidden:
            labels = "; ".join(dict.fromkeys(failure.label for failure in hidden))
            lines.append(_cut(f"and {len(hidden)} more: {labels}"))
        return "\n".join(lines)

    @property
    def _verdict(self) -> str:
        if self.passed:
            return f"{self.function} is like mlmath.{self.like}: {self.checked} checks passed"
        return (
            f"{self.function} is not like mlmath.{self.like}:"
            f" {len(self.failures)} of {self.checked} checks failed"
        )


def _cut(line: str) -> str:
    """`line` on one line, and no wider than a terminal."""
    line = " ".join(line.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
