"""Inputs that find bugs: the places where the kernels of sigmoids and softmaxes go wrong.

Random numbers hardly ever land there, so each family says what lies in it and why it is tried.
All inputs are numbers of their dtype, and the same each time.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlmath.testing.reference import ELEMENTWISE, FORMATS, Format

__all__ = ["Family", "families"]

# Where well-known implementations change their formula, or ought to.
BRANCHES = (0.25, 0.5, 0.55, 0.625, math.log(2), 1, 2, 9, 10, 15, 16, 18, 19.1, 20, 22, 33, 37, 50)
SEED = 20


@dataclass(frozen=True)
class Family:
    """Inputs of one sort: each of `rows` is one array, and so one call, of numbers of `dtype`."""

    label: str
    why: str
    dtype: str
    rows: tuple[tuple[float, ...], ...]


def families(name: str, dtype: str) -> Iterator[Family]:
    """The families for the function `name`, with numbers of `dtype`, then with integers."""
    form = FORMATS[dtype]
    for label, why, rows in _of_numbers(form) if name in ELEMENTWISE else _of_rows(form):
        kept = []
        for row in rows:
            numbers = tuple(map(form.nearest, row))
            fitting = tuple(n for n, x in zip(numbers, row, strict=True) if _fits(n, x))
            # Of elements the fitting ones remain; a row without its largest would be another row.
            if fitting == numbers or name in ELEMENTWISE:
                kept.append(fitting)
        yield Family(label, why, dtype, tuple(kept))
    promoted = "an integer becomes a float before the arithmetic, not after it"
    yield Family("uint8", promoted, "uint8", ((1, 2, 255), (0, 1, 2, 127, 128, 254, 255)))
    yield Family("int8", promoted, "int8", ((-128, 0, 127), (-128, -127, -2, -1, 0, 1, 2, 127)))
    yield Family("int32", promoted, "int32", ((0, 1, 2), (-1000, -20, -1, 0, 1, 20, 1000)))


Rows = Sequence[Sequence[float]]


def _of_numbers(form: Format) -> Iterator[tuple[str, str, Rows]]:
    smallest, normal = math.ldexp(1, form.lowest), form.smallest_normal
    small = [normal, normal - smallest, normal / 2, smallest, 2 * smallest, 3 * smallest]
    powers = [math.ldexp(1, -k) for k in range(1, form.digits + 4)]
    yield (
        "zero and its neighbours",
        "near zero, the result is a constant plus or minus a little, and a difference cancels",
        [_both_signs([0.0, *small, *powers])],
    )
    rng = random.Random(SEED)
    middle = [rng.uniform(-8, 8) for _ in range(400)] + [rng.uniform(-1, 1) for _ in range(200)]
    yield "the middle", "here most inputs lie, and all parts of the formula count", [middle]
    yield (
        "the tails",
        "far from zero a result is tiny or close to its limit; 1 - p has no digits of it",
        [_both_signs([rng.uniform(8, 60) for _ in range(100)] + [100, 300, 700, 1000, 1e4])],
    )
    yield (
        "where the result saturates or turns subnormal",
        "here a result reaches its limit, loses its last digits or rounds to zero",
        [_both_signs(_around(_walls(form), form))],
    )
    yield (
        "walls between branches",
        "on one side of a wall the one formula holds, on the other side the other",
        [_both_signs(_around(BRANCHES, form))],
    )
    yield (
        "random bit patterns",
        "every exponent is as likely as every other",
        [_patterns(400, form)],
    )
    yield (
        "the largest numbers",
        "an exponential, a square or twice the number overflows",
        [_both_signs([form.largest, form.largest / 2, form.largest / 4, math.sqrt(form.largest)])],
    )
    yield "infinities", "the limits of the function are its values there", [[math.inf, -math.inf]]
    yield "NaN", "a NaN that gets lost hides the mistake that made it", [[math.nan, 1.0]]


def _of_rows(form: Format) -> Iterator[tuple[str, str, Rows]]:
    rng = random.Random(SEED)
    inf, nan, big = math.inf, math.nan, form.largest
    yield (
        "large scores",
        "only differences of scores count; the exponential of a large score overflows",
        [[m + i for i in (0, 1, 2)] for m in (20, 100, 1000, 10000, -100, -1000, -10000)],
    )
    yield (
        "the largest numbers",
        "the difference of two scores overflows too",
        [[big, 0], [big, -big], [-big, -big], [big, big, big]],
    )
    yield (
        "ties",
        "equal scores share equally, the largest ones too",
        [[0], [0, 0], [3.5] * 3, [-2.25] * 7, [0.1] * 1000, [5, 5, 0], [1, 7, 7, 7]],
    )
    yield (
        "one dominant score",
        "the dominant result is close to one, its logarithm close to zero, the others tiny",
        [[t, *others] for t in (1, 5, 10, 17, 20, 37, 40, 80, 100) for others in ([0], [0, -1, 1])],
    )
    yield (
        "where results turn subnormal",
        "an exponential that rounds to zero takes the result with it",
        [[0, -wall] for wall in _around(_walls(form), form)],
    )
    reach = -math.log(math.ldexp(1, form.lowest))
    yield (
        "a wide spread of scores",
        "rounding x - max to a number costs digits in proportion to x - max",
        [[rng.uniform(-reach, 0.3 * reach) for _ in range(50)] for _ in range(4)],
    )
    yield (
        "wide rows",
        "a long sum drifts in few digits, and so does what lies far below the largest score",
        [[rng.gauss(0, scale) for _ in range(2000)] for scale in (0.1, 1, 10)] + [[0.0] * 3000],
    )
    patterns = _patterns(200, form)
    yield (
        "random bit patterns",
        "every exponent is as likely as every other",
        [patterns[first : first + 8] for first in range(0, 200, 8)],
    )
    yield "minus infinity", "a masked score has the weight zero", [[0, -inf], [-inf, 1, 2, -inf]]
    yield (
        "rows without a value",
        "infinity by infinity is no number, and nor is what stands beside it",
        [[inf, 0], [inf, -inf], [-inf, -inf], [nan, 0], [0, nan, inf]],
    )


def _walls(form: Format) -> list[float]:
    """Where e^-x, alone or squared, is the last digit of one, the first subnormal, or zero."""
    ones = [(form.digits + k) * math.log(2) for k in (-1, 0, 1)]
    zeros = [-exponent * math.log(2) for exponent in (1 - form.largest_exponent, form.lowest - 1)]
    overflow = [(form.largest_exponent + 1) * math.log(2)]
    return [wall / k for wall in (*ones, *zeros, *overflow) for k in (1, 2)]


def _around(points: Sequence[float], form: Format) -> list[float]:
    """Each of the `points`, the next numbers on both sides of it, and some a little farther."""
    steps = (-64, -8, -1, 0, 1, 8, 64)
    return [x * (1 + math.ldexp(step, 1 - form.digits)) for x in points for step in steps]


def _both_signs(points: Sequence[float]) -> list[float]:
    return [*points, *(-x for x in points)]


def _patterns(count: int, form: Format) -> list[float]:
    rng = random.Random(SEED)
    exponents = range(form.lowest, form.largest_exponent + 1)
    return [
        rng.choice((-1, 1)) * math.ldexp(1 + rng.random(), rng.choice(exponents))
        for _ in range(count)
    ]


def _fits(number: float, x: float) -> bool:
    """Whether `number`, to which `x` was rounded, is not an infinity that `x` is not."""
    return math.isinf(x) or not math.isinf(number)
