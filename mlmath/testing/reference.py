"""What a kernel is measured against: results computed with many digits and rounded once.

mpmath evaluates the textbook's formulas, with more digits until the rounding is beyond doubt. It
is imported when it is used; ``mlmath-book[testing]`` installs it.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

__all__ = ["ELEMENTWISE", "FORMATS", "ROWWISE", "Format", "correctly_rounded", "exact", "ulps"]

# Binary digits to compute with; the last is twice what x**3 beside x needs in float64.
PRECISIONS = (120, 480, 1920)


class Format(NamedTuple):
    """A binary floating-point format: its digits, and the exponent of its largest numbers."""

    digits: int
    largest_exponent: int

    @property
    def lowest(self) -> int:
        """The exponent of the smallest number above zero, which all others are multiples of."""
        return 2 - self.largest_exponent - self.digits

    @property
    def smallest_normal(self) -> float:
        """The smallest number that has all the digits."""
        return math.ldexp(1, 1 - self.largest_exponent)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return math.ldexp(2 - math.ldexp(2, -self.digits), self.largest_exponent)

    def unit(self, value: Any) -> int:
        """The exponent of the last place of `value`, an mpmath number."""
        magnitude = _mpmath().mag(value)
        return max(int(magnitude) - self.digits, self.lowest) if value else self.lowest

    def rounded(self, value: Any) -> float:
        """The nearest number of the format to `value`, an mpmath number; ties go to the even."""
        mp = _mpmath()
        if not mp.isfinite(value):
            return float(value)
        unit = self.unit(value)
        units = int(mp.nint(mp.ldexp(value, -unit)))
        if abs(units) >> max(self.largest_exponent + 1 - unit, 0):
            return math.copysign(math.inf, units)
        return math.ldexp(units, unit)

    def nearest(self, x: float) -> float:
        """The nearest number of the format to `x`."""
        return self.rounded(_mpmath().mpf(x))


FORMATS = {
    "float16": Format(11, 15),
    "bfloat16": Format(8, 127),
    "float32": Format(24, 127),
    "float64": Format(53, 1023),
}


def _sigma(mp: Any, x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


# Each formula takes mpmath and a number of its own.
ELEMENTWISE: dict[str, Callable[[Any, Any], Any]] = {
    "sigmoid": _sigma,
    "sigmoid_derivative": lambda mp, x: _sigma(mp, x) * _sigma(mp, -x),
    "log_sigmoid": lambda mp, x: -mp.log1p(mp.exp(-x)),
    "tanh": lambda mp, x: mp.tanh(x),
    "tanh_derivative": lambda mp, x: 4 * _sigma(mp, 2 * x) * _sigma(mp, -2 * x),
    "relu": lambda mp, x: max(x, mp.mpf(0)),
    "relu_derivative": lambda mp, x: mp.mpf(1 if x > 0 else 0),
}


def _softmax(mp: Any, x: list[Any]) -> list[Any]:
    largest = max(x)
    e = [mp.exp(score - largest) for score in x]
    total = mp.fsum(e)
    return [term / total for term in e]


def _log_softmax(mp: Any, x: list[Any]) -> list[Any]:
    largest = max(x)
    others = list(x)
    others.remove(largest)
    # The largest score's own term is one, so that no digit of a sum near one is lost.
    log_of_sum = mp.log1p(mp.fsum(mp.exp(score - largest) for score in others))
    return [score - largest - log_of_sum for score in x]


# Each formula takes mpmath and the scores of one row.
ROWWISE: dict[str, Callable[[Any, list[Any]], list[Any]]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}


def exact(name: str, inputs: Sequence[float], precision: int = PRECISIONS[0]) -> list[Any]:
    """The function's values at `inputs`, or along them as one row, with `precision` digits."""
    mp = _mpmath()
    with mp.workprec(precision):
        x = [mp.mpf(number) for number in inputs]
        if name in ELEMENTWISE:
            formula = ELEMENTWISE[name]
            return [mp.nan if mp.isnan(number) else formula(mp, number) for number in x]
        if any(mp.isnan(number) or number == mp.inf for number in x) or max(x) == -mp.inf:
            # The formula has no value: infinity by infinity.
            return [mp.nan] * len(x)
        return ROWWISE[name](mp, x)


def correctly_rounded(name: str, inputs: Sequence[float], dtype: str) -> list[float]:
    """The number of `dtype` nearest to each value of the function `name`.

    `inputs` are the elements for a function of one number, and one row for a softmax.
    """
    mp, form = _mpmath(), FORMATS[dtype]
    for precision in PRECISIONS:
        values = exact(name, inputs, precision)
        with mp.workprec(precision + 64):
            # The formulas lose a few digits; where the lost ones decide nothing, the result stands.
            slack = mp.ldexp(1, 20 - precision)
            inward = [form.rounded(value * (1 - slack)) for value in values]
            outward = [form.rounded(value * (1 + slack)) for value in values]
        if all(a == b or math.isnan(a) for a, b in zip(inward, outward, strict=True)):
            break
    # Beyond all these digits lies only a log-softmax, which is a little farther out than x - max.
    return outward


def ulps(got: float, wanted: Any, dtype: str) -> float:
    """How many units in the last place of `wanted` lie between it and `got`.

    Parameters
    ----------
    got : float
        What a kernel returned.
    wanted : float or mpmath number
        The exact result, or the correctly rounded one.
    dtype : str
        The format whose places count: float16, bfloat16, float32 or float64.

    Returns
    -------
    float
        Zero where both are NaN, or both the same infinity, or where `wanted` overflows the format
        to the infinity that was got; infinity where only one of them is a finite number.

    Examples
    --------
    >>> from mlmath.testing import ulps
    >>> ulps(1.0000000000000002, 1.0, "float64")
    1.0
    """
    mp, form = _mpmath(), FORMATS[dtype]
    nearest = form.rounded(mp.convert(wanted))
    if math.isnan(got) or math.isnan(nearest):
        return 0.0 if math.isnan(got) and math.isnan(nearest) else math.inf
    if math.isinf(got) or math.isinf(nearest):
        return 0.0 if got == nearest else math.inf
    with mp.workprec(PRECISIONS[-1]):
        wanted = mp.mpf(wanted)
        return float(mp.ldexp(abs(mp.mpf(got) - wanted), -form.unit(wanted)))


def _mpmath() -> Any:
    try:
        import mpmath
    except ImportError:
        raise ImportError(
            "mlmath.testing: mpmath is not installed; pip install 'mlmath-book[testing]' is wanted"
        ) from None
    return mpmath
