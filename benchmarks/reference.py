"""What the results ought to be: computed without mlmath, and decided to the last bit.

Float16 and float32 results come from torch's functions of float64, by formulas other than mlmath's
where there are any, to a relative error far below `BOUND`. Where a result lies so close to the
middle between two numbers that this error could turn the rounding, mpmath decides. Float64 results
come from mpmath throughout.
"""

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import torch

mpmath.mp.dps = 40

# Each torch function is within 2 ulp and each formula has at most six steps: 2^-49 and less.
BOUND = 2.0**-48


def _clipped(x: Any) -> Any:
    """Beyond 2000 no result of an exponential changes any more, except in time."""
    return max(-2000, min(x, 2000))


TRUE: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-_clipped(x))),
    "sigmoid_derivative": lambda x: mpmath.sech(_clipped(x) / 2) ** 2 / 4,
    "log_sigmoid": lambda x: min(x, 0) - mpmath.log1p(mpmath.exp(-abs(_clipped(x)))),
    "tanh": lambda x: mpmath.tanh(_clipped(x)),
    "tanh_derivative": lambda x: mpmath.sech(_clipped(x)) ** 2,
    "relu": lambda x: max(x, 0),
}


def _tanh(x: torch.Tensor) -> torch.Tensor:
    less = torch.expm1(-2 * torch.abs(x))
    return torch.copysign(less / (2 + less), x)


CLOSE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sigmoid": lambda x: 1 / (1 + torch.exp(-x)),
    "sigmoid_derivative": lambda x: 0.25 / torch.cosh(x / 2) ** 2,
    "log_sigmoid": lambda x: torch.clamp(x, max=0) - torch.log1p(torch.exp(-torch.abs(x))),
    "tanh": _tanh,
    "tanh_derivative": lambda x: 1 / torch.cosh(x) ** 2,
    "relu": lambda x: torch.clamp(x, min=0),
}

# Largest at zero and falling on both sides; the others rise throughout.
BUMPS = ("sigmoid_derivative", "tanh_derivative")


def wanted(function: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The correctly rounded results in the dtype of `x`, and what rounding took away, in ulps."""
    if x.dtype == np.float64:
        return _rounded_all([TRUE[function](mpmath.mpf(point)) for point in x.tolist()], x.dtype)
    close = CLOSE[function](torch.from_numpy(x.astype(np.float64))).numpy()
    nearest = (close * (1 - BOUND)).astype(x.dtype)
    other = (close * (1 + BOUND)).astype(x.dtype)
    for i in np.flatnonzero((nearest != other) & ~np.isnan(x)):
        nearest[i] = rounded(TRUE[function](mpmath.mpf(float(x[i]))), x.dtype)
    return nearest, (close - nearest.astype(np.float64)) / ulp(nearest)


def wanted_softmax(rows: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Like :func:`wanted`, of softmax and log_softmax along the last axis."""
    true: dict[str, list[Any]] = {"softmax": [], "log_softmax": []}
    for row in rows:
        largest = int(row.argmax())
        below = [mpmath.mpf(float(x)) - mpmath.mpf(float(row[largest])) for x in row]
        e = [mpmath.exp(difference) for difference in below]
        others = mpmath.fsum(e[:largest]) + mpmath.fsum(e[largest + 1 :])
        logarithm, total = mpmath.log1p(others), 1 + others
        true["softmax"] += [one / total for one in e]
        true["log_softmax"] += [difference - logarithm for difference in below]
    results = {name: _rounded_all(values, rows.dtype) for name, values in true.items()}
    return {
        name: (nearest.reshape(rows.shape), rest.reshape(rows.shape))
        for name, (nearest, rest) in results.items()
    }


def rounded(true: Any, dtype: np.dtype) -> Any:
    """The number of `dtype` that is nearest to `true`, subnormal numbers included."""
    if true == 0 or mpmath.isinf(true):
        return dtype.type(float(true))
    limits = np.finfo(dtype)
    last_place = max(mpmath.mag(true) - 1, int(limits.minexp)) - limits.nmant
    return dtype.type(float(mpmath.ldexp(mpmath.nint(mpmath.ldexp(true, -last_place)), last_place)))


def ulp(nearest: np.ndarray) -> np.ndarray:
    """The distance from each number to the next one farther from zero."""
    return np.spacing(np.abs(nearest)).astype(np.float64)


def _rounded_all(true: Sequence[Any], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    nearest = np.array([rounded(one, dtype) for one in true], dtype=dtype)
    rest = [
        float((one - float(near)) / unit)
        for one, near, unit in zip(true, nearest, ulp(nearest).tolist(), strict=True)
    ]
    return nearest, np.array(rest)
