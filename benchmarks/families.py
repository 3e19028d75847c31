"""The inputs on which accuracy is measured: where functions are hard, not where they are used."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

# The inputs of a block: small enough for the cache, large enough for the overhead of a call.
BLOCK = 65536

POINTS = 1_000_000

# The worst of twenty million points in earlier searches, so that no later one misses them.
KNOWN = [
    -1.1331667054379349,
    -0.005768747506454064,
    -4.152913261384711,
    4.8486513584723205,
    -5.541571018886472,
    4.157460350637185,
    1.288074664788505,
    0.5000926804238315,
    -0.2329500005300995,
    3.117417135226102,
    2.7723202875253516,
]

LENGTHS = (2, 3, 10, 31, 32, 100, 1000, 4096, 10_000, 100_000)
SPREADS = (1, 20, 100, 700, 10_000)
# The numbers of a family, unless two rows have more.
ELEMENTS = 2000


class Family(NamedTuple):
    """Rows of scores of one kind: `spread` is how far they lie from zero at most, or apart."""

    kind: str
    length: int
    spread: int

    def rows(self, dtype: str, stride: int = 1) -> np.ndarray:
        seed = [ord(self.kind[0]), self.length, self.spread]
        generator = np.random.default_rng(seed)
        shape = (max(2, ELEMENTS // stride // self.length), self.length)
        scores = generator.uniform(-self.spread, self.spread, shape)
        if self.kind == "ties":
            scores = np.round(scores / self.spread * 3) * (self.spread / 3)
        if self.kind == "dominant":
            scores = generator.normal(0, 1, shape)
            scores[:, generator.integers(self.length)] += self.spread
        return scores.astype(dtype)


def families(stride: int = 1) -> list[Family]:
    """Every kind, spread and length; with a stride, only lengths that are that much shorter."""
    return [
        Family(kind, length, spread)
        for kind in ("uniform", "ties", "dominant")
        for spread in SPREADS
        for length in LENGTHS
        if length * stride <= LENGTHS[-1] or length <= 33
    ]


def patterns(dtype: str, first: int, last: int, stride: int) -> Iterator[np.ndarray]:
    """All numbers whose bits, read as an integer, lie from `first` to `last`, block by block.

    Each block ends with the number that begins the next, for comparing neighbours.
    """
    unsigned = np.dtype(f"u{np.dtype(dtype).itemsize}")
    for start in range(first, last, BLOCK * stride):
        stop = min(start + (BLOCK + 1) * stride, last + stride)
        # The last number of all has no neighbour: its bits wrap to those of zero, which is not
        # compared with it, because it is a NaN.
        yield np.arange(start, stop, stride, dtype=np.uint64).astype(unsigned).view(dtype)


def hard_points(stride: int = 1) -> np.ndarray:
    """Float64 points, ascending: tails, near zero, random bits, and near walls of rounding."""
    generator = np.random.default_rng(4)
    n = POINTS // stride // 10
    signs = generator.choice([-1.0, 1.0], n)
    # Where a sigmoid or tanh crosses the middle between two numbers near 1, and those around it.
    wall = -np.log((np.arange(n) % 20_000 + 0.5) * 2.0**-53) + generator.integers(-4, 5, n) * 2e-15
    bits = generator.integers(0, 2**63, 2 * n, dtype=np.uint64).view(np.float64)
    points = [
        KNOWN,
        generator.uniform(-1, 1, n),
        generator.uniform(-8, 8, 2 * n),
        generator.uniform(-45, 45, n),
        signs * generator.uniform(0, 760, n),
        # A result of e^-x is subnormal from 708.4 to 745.2, one of e^-2x from 354.2 to 372.6.
        signs * generator.uniform(708, 746, n) / generator.integers(1, 3, n),
        signs * 2.0 ** generator.uniform(-1074, 0, n),
        signs * (2 * generator.integers(0, 2**20, n) + 1) * 2.0**-53,
        signs * wall / generator.integers(1, 3, n),
        np.where(np.isfinite(bits), bits, 0)[:n] * signs,
    ]
    return np.sort(np.concatenate(points))
