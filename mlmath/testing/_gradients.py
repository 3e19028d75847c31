"""Gradients compared with differences of the function itself, which know no rule of calculus.

The differences are taken over ever smaller steps and extrapolated to a step of none; how far the
extrapolations agree tells how much of them can be believed.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import array_api_compat
import numpy as np

from mlmath._array import Array, ArrayLike, described, is_array, quiet
from mlmath.testing._report import WIDTH
from mlmath.testing.contract import BACKENDS, Backend
from mlmath.testing.reference import FORMATS

__all__ = ["GradientReport", "check_gradient"]

# The first step is an eighth of x (of one, where x is smaller); each next one is half as long.
FIRST, STEPS = 3, 18
ORDERS = 5
EPS = sys.float_info.epsilon
# In units of f over x: the error of a difference quotient that does not settle.
UNSETTLED = 1e-6


@dataclass(frozen=True)
class Entry:
    """One partial derivative: what a gradient says, and what the differences say."""

    index: tuple[int, ...]
    x: float
    gradient: float
    lowest: float
    highest: float
    uncertainty: float
    settled: bool
    kink: bool
    allowed: float

    @property
    def relative_error(self) -> float:
        """How far the gradient is from what is believed of the slope, beside the larger of both."""
        if not (self.settled and math.isfinite(self.gradient)):
            return math.inf
        outside = max(self.lowest - self.gradient, self.gradient - self.highest)
        size = max(abs(self.gradient), abs(self.lowest), abs(self.highest))
        return max(0.0, outside - self.uncertainty) / size if size else 0.0

    @property
    def wrong(self) -> bool:
        """Whether more is off than rounding explains."""
        return self.relative_error > self.allowed

    @property
    def slope(self) -> str:
        """What is wanted, in words."""
        if not self.settled:
            return "a function whose difference quotients settle"
        if self.kink:
            return f"a slope from {self.lowest:.6g} to {self.highest:.6g}"
        return f"{self.lowest:.10g} ± {self.uncertainty:.1g}"


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What :func:`check_gradient` found: true if nothing is wrong, and readable when printed.

    Attributes
    ----------
    entries : tuple of Entry
        The partial derivatives, each with `index`, `gradient`, `relative_error`, `kink` and more.
    """

    entries: tuple[Entry, ...]

    @property
    def passed(self) -> bool:
        """Whether no entry is wrong."""
        return not any(entry.wrong for entry in self.entries)

    @property
    def worst(self) -> Entry:
        """The entry with the largest relative error."""
        return max(self.entries, key=lambda entry: entry.relative_error)

    @property
    def kinks(self) -> tuple[tuple[int, ...], ...]:
        """The indices at which the slopes on both sides differ."""
        return tuple(entry.index for entry in self.entries if entry.kink)

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"<GradientReport: {self._lines()[0]}>"

    def __str__(self) -> str:
        return "\n".join(fill(line, WIDTH) for line in self._lines())

    def _lines(self) -> list[str]:
        worst, count = self.worst, len(self.entries)
        if self.passed:
            lines = [f"all {count} entries right, worst relative error {worst.relative_error:.1g}"]
        else:
            wrong = sum(entry.wrong for entry in self.entries)
            lines = [
                f"{wrong} of {count} entries wrong, the worst at index {_shown(worst.index)},"
                f" where x is {worst.x!r}: gradient {worst.gradient!r}; {worst.slope} is wanted"
            ]
        lines += [
            f"kink at index {_shown(entry.index)}: {entry.slope} is accepted"
            for entry in self.entries
            if entry.kink
        ]
        hidden = [e for e in self.entries if not e.kink and e.uncertainty > abs(e.lowest) > 0]
        if hidden:
            lines.append(
                f"too small beside f to be told from zero: {len(hidden)} of {count} slopes,"
                f" the first at index {_shown(hidden[0].index)}"
            )
        return lines


def check_gradient(
    f: Callable[[Any], Any],
    x: ArrayLike,
    /,
    gradient: ArrayLike | Callable[[Any], Any] | None = None,
    *,
    rtol: float | None = None,
) -> GradientReport:
    """Compare a gradient with difference quotients of the function.

    Parameters
    ----------
    f : callable
        Takes an array like `x`, of float64, and returns one number, or an array, of whose sum the
        gradient is taken.
    x : array_like
        Where; finite numbers.
    gradient : array_like or callable, optional
        Your gradient at `x`, of its shape, or the function that computes it. Without it, torch
        or JAX is asked for its automatic one.
    rtol : float, optional
        How large a relative error may be: half the digits of the gradient, if not given.

    Returns
    -------
    GradientReport
        True if no entry is wrong.

    Raises
    ------
    TypeError
        If there is no gradient, and `x` is no array of torch or JAX.
    ValueError
        If `x` is empty or holds infinities or NaN, or the gradient has another shape.

    Notes
    -----
    The quotients of ever smaller steps are extrapolated (Richardson), with an estimate of the
    error that remains. An entry is wrong if it is away from the slope by more than `rtol` and
    the estimate. Where the slopes on both sides differ, there is a kink, and any number between
    them is right. A slope that is tiny beside the function's values, as in the upper tail of a
    sigmoid, is beyond what differences can tell: the report says so.

    References
    ----------
    C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", *Advances in Engineering
    Software*.

    Examples
    --------
    >>> from mlmath import relu, relu_derivative
    >>> from mlmath.testing import check_gradient
    >>> print(check_gradient(relu, [-1.0, 0.0, 2.0], relu_derivative))
    all 3 entries right, worst relative error 0
    kink at index 1: a slope from 0 to 1 is accepted
    """
    if not is_array(x):
        x = np.asarray(x, dtype=np.float64)
    library = _backend_of(x)
    with quiet(), library.ready():
        came = _gradient_of(f, x, gradient)
        allowed = math.sqrt(_precision(came, x)) if rtol is None else rtol
        point = np.asarray(library.read(x), dtype=np.float64)
        _check_point(point, np.shape(came))

        def values(at: Array) -> Array:
            result = f(library.convert(at, "float64"))
            return np.array(library.read(result) if is_array(result) else result, np.float64)

        slopes = np.asarray(library.read(came) if is_array(came) else came, dtype=np.float64)
        return GradientReport(tuple(_entries(values, point, slopes, allowed)))


def _entries(
    values: Callable[[Array], Array], point: Array, slopes: Array, allowed: float
) -> Iterator[Entry]:
    here = values(point)
    elementwise = _is_elementwise(values, point, here)
    for index in np.ndindex(point.shape):
        # The rounding of all the other results would hide the small slope of a small one.
        counted = index if elementwise else ...
        x, scale = float(point[index]), _size(point[index])
        steps = [math.ldexp(scale, -FIRST - k) for k in range(STEPS)]
        above, below = (
            [values(_moved(point, index, sign * step))[counted] for step in steps]
            for sign in (1, -1)
        )
        sizes = [
            max(float(np.abs(v).max(initial=0)) for v in (here[counted], *sides))
            for sides in zip(above, below, strict=True)
        ]
        noise = [4 * EPS * size / step for size, step in zip(sizes, steps, strict=True)]
        up = [_total(a - here[counted]) / step for a, step in zip(above, steps, strict=True)]
        down = [_total(here[counted] - b) / step for b, step in zip(below, steps, strict=True)]
        across = [(u + d) / 2 for u, d in zip(up, down, strict=True)]
        slope, uncertainty = _extrapolated(across, noise, 4)
        right, left = _extrapolated(up, noise, 2), _extrapolated(down, noise, 2)
        lowest, highest = slope, slope
        kink = abs(right[0] - left[0]) > 4 * (right[1] + left[1])
        if kink:
            lowest, highest = sorted((left[0], right[0]))
            uncertainty = right[1] + left[1]
        # A long step may overflow; a short one must not.
        largest = max(filter(math.isfinite, sizes), default=math.nan)
        tolerable = max(UNSETTLED * largest / scale, allowed * abs(slope))
        settled = uncertainty <= tolerable < math.inf
        gradient = float(slopes[index])
        yield Entry(index, x, gradient, lowest, highest, uncertainty, settled, kink, allowed)


def _is_elementwise(values: Callable[[Array], Array], point: Array, here: Array) -> bool:
    """Whether each result depends on the number at its own index, and on no other."""
    if here.shape != point.shape:
        return False
    for index in np.ndindex(point.shape):
        for sign in (1, -1):
            there = values(_moved(point, index, sign * math.ldexp(_size(point[index]), -FIRST)))
            there[index] = here[index]
            if not np.array_equal(there, here, equal_nan=True):
                return False
    return True


def _moved(point: Array, index: tuple[int, ...], step: float) -> Array:
    moved = point.copy()
    moved[index] += step
    return moved


def _size(x: float) -> float:
    """The power of two in `x`, at least one: a step of such a part of it is exact."""
    return max(1.0, math.ldexp(1, math.frexp(x)[1] - 1))


def _extrapolated(
    quotients: Sequence[float], noise: Sequence[float], ratio: int
) -> tuple[float, float]:
    """The limit of the quotients at halved steps, and an estimate of the error that it has.

    Halving the step divides the first term of the error by `ratio`, the next by its square.
    """
    best, error = quotients[-1], math.inf
    before: list[float] = []
    for quotient, rounding in zip(quotients, noise, strict=True):
        row = [quotient]
        for k, coarse in enumerate(before[: ORDERS - 1], 1):
            row.append(row[-1] + (row[-1] - coarse) / (ratio**k - 1))
            estimate = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse)) + rounding
            if estimate < error:
                best, error = row[-1], estimate
        before = row
    return best, error


def _total(differences: Array) -> float:
    return math.fsum(np.ravel(differences)) if np.isfinite(differences).all() else math.nan


def _gradient_of(f: Callable[[Any], Any], x: Array, gradient: Any) -> Any:
    if callable(gradient):
        return gradient(x)
    if gradient is not None:
        return gradient
    if array_api_compat.is_torch_array(x):
        leaf = x.detach().clone().requires_grad_(True)
        f(leaf).sum().backward()
        return leaf.grad
    if array_api_compat.is_jax_array(x):
        from jax import grad

        return grad(lambda x: f(x).sum())(x)
    raise TypeError(
        f"check_gradient: gradient is None, x is {described(x)}; a gradient, or an array of"
        " torch or JAX, is wanted"
    )


def _check_point(point: Array, shape: tuple[int, ...]) -> None:
    if not point.size or not np.isfinite(point).all():
        came = "empty" if not point.size else "not finite"
        raise ValueError(f"check_gradient: x is {came}; one finite number or more is wanted")
    if tuple(shape) != point.shape:
        raise ValueError(
            f"check_gradient: gradient has shape {tuple(shape)}, x has shape {point.shape};"
            " shapes must match"
        )


def _backend_of(x: Array) -> Backend:
    torch, jax = array_api_compat.is_torch_array(x), array_api_compat.is_jax_array(x)
    return BACKENDS["torch" if torch else "jax" if jax else "numpy"]


def _precision(*arrays: Any) -> float:
    """The distance from one to the next number, in the coarsest dtype among the `arrays`."""
    names = [str(getattr(array, "dtype", "float64")).rpartition(".")[2] for array in arrays]
    digits = min(FORMATS[name].digits for name in names if name in FORMATS)
    return math.ldexp(1, 1 - digits)


def _shown(index: tuple[int, ...]) -> str:
    return str(index[0]) if len(index) == 1 else str(index)
