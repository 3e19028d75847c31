"""What every function does at every edge, as a table: run against any array library and any code.

Wanted values are written down, or were computed with mpmath to hundreds of digits; none comes from
the functions that the table is to judge. Where a kind of case makes no sense for a function,
:data:`NOT_ASKED` gives the reason.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import inf, nan
from typing import Any

from mlmath.testing._case import Case, Given, Refused, Wanted, as_lists
from mlmath.testing._judging import BACKENDS, Backend, judge

__all__ = [
    "BACKENDS",
    "FUNCTIONS",
    "KINDS",
    "NOT_ASKED",
    "Backend",
    "Case",
    "Given",
    "Refused",
    "Wanted",
    "cases",
    "judge",
]

SIGMOIDS = ("sigmoid", "sigmoid_derivative")
RELUS = ("relu", "relu_derivative")
ELEMENTWISE = (*SIGMOIDS, "log_sigmoid", *RELUS, "tanh", "tanh_derivative")
ROWS = ("softmax", "log_softmax")
LOSSES = ("mse", "mse_gradient")
PAIRS = ("inner", "outer", *LOSSES)
MOVING = ("permute", "hwc_to_chw", "chw_to_hwc", "batch")
COMPUTING = (*ELEMENTWISE, *ROWS, *PAIRS)
FUNCTIONS = (*COMPUTING, *MOVING)

# Each kind of case, and the rule that it tests.
KINDS = {
    "floating-point dtypes": "Numbers narrower than float64 are computed in float64, rounded once"
    " and given back in their own dtype.",
    "integer dtypes": "Integers become floats before the arithmetic, or stay exact; none wraps.",
    "bool": "A truth value is no number; what only moves elements moves it.",
    "complex": "Complex numbers have no order; what only moves elements moves them.",
    "fractions": "Fractions stay exact where the formula is rational, and are refused elsewhere.",
    "NaN": "What is not a number stays so.",
    "infinity": "Infinity gives the limit of the formula; without a limit, NaN.",
    "minus infinity": "Minus infinity gives the limit of the formula; without a limit, NaN.",
    "zeros": "Zero and minus zero are the same number.",
    "subnormals": "The smallest numbers above zero are numbers too.",
    "huge values": "The largest numbers give the nearest number to the result, or infinity.",
    "tails": "Far from zero a result is small, but not zero.",
    "empty": "Nothing gives nothing, or the sum of nothing; nothing has no mean.",
    "0-d": "An array without axes is one number.",
    "axis": "An axis is an int, a tuple of them or None, each in range and none twice.",
    "steepness": "The steepness of a sigmoid is one finite real number.",
    "non-contiguous": "Elements may stand apart in memory.",
    "columns first": "Memory may hold column after column.",
    "read-only": "An argument is never written to.",
    "many elements": "Arrays larger than the processor's cache are computed in blocks, alike.",
    "mixed dtypes": "Two floats give the wider dtype; integers count as the default float.",
    "mismatched shapes": "Nothing is broadcast, flattened or guessed.",
    "strings": "Text is no number.",
    "None": "None is no number.",
    "lists": "Lists are read as NumPy reads them, and give NumPy's arrays or Python's numbers.",
    "ragged lists": "Lists of unequal length are no array.",
    "tuples": "Tuples are read as lists are.",
    "Python scalars": "A Python number gives a Python number, where one number is enough.",
}

# Why a function has no case of a kind.
NOT_ASKED = {
    "tails": dict.fromkeys((*RELUS, *PAIRS), "The formula is rational; it has no tail.")
    | dict.fromkeys(MOVING, "Nothing is computed."),
    "axis": dict.fromkeys(ELEMENTWISE, "Each element is computed for itself.")
    | dict.fromkeys((*PAIRS, "hwc_to_chw", "chw_to_hwc", "batch"), "There is no axis to choose."),
    "steepness": dict.fromkeys(set(FUNCTIONS) - set(SIGMOIDS), "There is no steepness to choose."),
    "columns first": dict.fromkeys(("inner", "outer"), "A vector has one axis, in one order."),
    "many elements": dict.fromkeys(MOVING, "Nothing is computed, so nothing in blocks."),
    "mixed dtypes": dict.fromkeys(
        (*ELEMENTWISE, *ROWS, "permute", "hwc_to_chw", "chw_to_hwc"), "There is one array only."
    ),
    "mismatched shapes": dict.fromkeys(
        (*ELEMENTWISE, *ROWS), "One array of any shape is taken; see 0-d."
    ),
}

FLOATS = ("float64", "float32", "float16", "bfloat16")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
# The smallest number above zero, and the largest that is finite.
TINY = {
    "float64": 2.0**-1074,
    "float32": 2.0**-149,
    "float16": 2.0**-24,
    "bfloat16": 2.0**-133,
}
HUGE = {
    "float64": (2 - 2.0**-52) * 2.0**1023,
    "float32": (2 - 2.0**-23) * 2.0**127,
    "float16": (2 - 2.0**-10) * 2.0**15,
    "bfloat16": (2 - 2.0**-7) * 2.0**127,
}

# How many units in the last place a float64 may be off, the error of the library's exp included.
ULPS = {
    "sigmoid": 3,
    "sigmoid_derivative": 4,
    "log_sigmoid": 3,
    "tanh": 3,
    "tanh_derivative": 4,
    "softmax": 5,
    "log_softmax": 5,
    "mse": 1,
    "mse_gradient": 1,
}

F = float.fromhex


def hwc(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> tuple[Any, ...]:
    """An image of one row, two columns and three channels; a square one would hide a swap."""
    return (((a, b, c), (d, e, f)),)


def chw(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> tuple[Any, ...]:
    """The same image, channels first."""
    return (((a, d),), ((b, e),), ((c, f),))


def _moved(*elements: Any) -> dict[str, tuple[tuple[Any, ...], Any]]:
    """What each function that only moves elements is given, and what it makes of them."""
    first, last = chw(*elements), hwc(*elements)
    return {
        "permute": ((last,), first),
        "hwc_to_chw": ((last,), first),
        "chw_to_hwc": ((first,), last),
        "batch": ((first, first), (first, first)),
    }


# Whole numbers that every dtype holds, what comes of them; other kinds of case dress them up.
X = ((0, 1, 2), (3, 20, 40))
SCORES = ((0, 1, 2), (3, 1, 1))
PREDICTION, TARGET = ((1, 2, 3), (4, 5, 6)), ((1, 2, 5), (4, 5, 4))
ORDINARY: dict[str, tuple[tuple[Any, ...], Any]] = {
    "sigmoid": (
        (X,),
        (
            (0.5, F("0x1.764d4f5d5a2bdp-1"), F("0x1.c2f7d5a8a79cap-1")),
            (F("0x1.e7b7cbc36fabcp-1"), F("0x1.ffffffee4b79bp-1"), 1),
        ),
    ),
    "sigmoid_derivative": (
        (X,),
        (
            (0.25, F("0x1.92a946fa34394p-3"), F("0x1.ae0dc0f990c45p-4")),
            (F("0x1.72165282c6f72p-5"), F("0x1.1b48654b9f942p-29"), F("0x1.39792499b1a24p-58")),
        ),
    ),
    "log_sigmoid": (
        (X,),
        (
            (F("-0x1.62e42fefa39efp-1"), F("-0x1.40c7abfbec124p-2"), F("-0x1.03f2d54301d49p-3")),
            (F("-0x1.8e070fc045701p-5"), F("-0x1.1b48655a5141ep-29"), F("-0x1.39792499b1a24p-58")),
        ),
    ),
    "relu": ((X,), X),
    "relu_derivative": ((X,), ((0, 1, 1), (1, 1, 1))),
    "tanh": (
        (X,),
        (
            (0, F("0x1.85efab514f394p-1"), F("0x1.ed9505e1bc3d4p-1")),
            (F("0x1.fd77d111a0b00p-1"), 1, 1),
        ),
    ),
    "tanh_derivative": (
        (X,),
        (
            (1, F("0x1.ae0dc0f990c45p-2"), F("0x1.2162c262e051bp-4")),
            (F("0x1.434a517bbc5f4p-7"), F("0x1.39792499b1a24p-56"), F("0x1.7fd974d372e45p-114")),
        ),
    ),
    "softmax": (
        (SCORES,),
        (
            (F("0x1.70c3e5f682bdap-4"), F("0x1.f534335ca4bcfp-3"), F("0x1.549a766a06791p-1")),
            (F("0x1.92efd5a2fc2e9p-1"), F("0x1.b440a9740f45cp-4"), F("0x1.b440a9740f45cp-4")),
        ),
    ),
    "log_softmax": (
        (SCORES,),
        (
            (F("-0x1.342c6ea778b93p+1"), F("-0x1.6858dd4ef1727p+0"), F("-0x1.a163753bc5c9bp-2")),
            (F("-0x1.ea967246cec3dp-3"), F("-0x1.1ea967246cec4p+1"), F("-0x1.1ea967246cec4p+1")),
        ),
    ),
    "inner": (((1, 2, 3), (4, 5, 6)), 32),
    "outer": (((1, 2, 3), (4, 5)), ((4, 5), (8, 10), (12, 15))),
    "mse": ((PREDICTION, TARGET), Fraction(4, 3)),
    "mse_gradient": (
        (PREDICTION, TARGET),
        ((0, 0, Fraction(-2, 3)), (0, 0, Fraction(2, 3))),
    ),
    **_moved(1, 2, 3, 4, 5, 6),
}

# At 1, for the neighbours of what is special.
AT_ONE = {name: ORDINARY[name][1][0][1] for name in ELEMENTWISE}
LN_2 = F("0x1.62e42fefa39efp-1")


def cases(function_name: str) -> tuple[Case, ...]:
    """All the cases of a public function of arrays, in the order of :data:`KINDS`."""
    if function_name not in FUNCTIONS:
        raise ValueError(f"cases: function_name is {function_name!r}; one of {FUNCTIONS} is wanted")
    return _cases(function_name)


@cache
def _cases(name: str) -> tuple[Case, ...]:
    # Filled by the functions below, each of which knows some of the kinds.
    found = [case for rule in RULES for case in rule(name)]
    return tuple(sorted(found, key=lambda case: list(KINDS).index(case.kind)))


def _case(
    kind: str,
    function: str,
    arrays: Any,
    wanted: Wanted | Refused,
    why: str = "",
    **keywords: Any,
) -> Case:
    """One case, its arrays put where `function` takes them."""
    arguments: tuple[Any, ...] = tuple(arrays)
    if function == "mse_gradient":
        arguments, keywords = (), dict(zip(("prediction", "target"), arrays, strict=True))
    elif function == "permute" and len(arguments) == 1:
        arguments = (*arguments, (2, 0, 1))
    elif function == "batch":
        arguments = (list(arrays),)
    return Case(function, kind, arguments, wanted, why or KINDS[kind], keywords)


def _dtype_from_integers(function: str, dtype: str) -> str:
    if function == "relu" or function in MOVING:
        return dtype
    return "default integer" if function in ("inner", "outer") else "default float"


def dtypes(function: str) -> Iterator[Case]:
    """Every dtype, with numbers that all of them hold."""
    arrays, values = ORDINARY[function]
    ulps = ULPS.get(function, 0)

    def of(dtype: str) -> tuple[Given, ...]:
        return tuple(Given(array, dtype) for array in arrays)

    for dtype in FLOATS:
        yield _case("floating-point dtypes", function, of(dtype), Wanted(values, dtype, ulps))
    for dtype in INTEGERS:
        wanted = Wanted(values, _dtype_from_integers(function, dtype), ulps)
        yield _case("integer dtypes", function, of(dtype), wanted)
    if function in MOVING:
        yield _case("complex", function, of("complex128"), Wanted(values, "complex128"))
        moved, where_to = _moved(True, False, True, True, False, False)[function]
        truths = [Given(array, "bool") for array in moved]
        yield _case("bool", function, truths, Wanted(where_to, "bool"))
    else:
        for kind, dtype in (("bool", "bool"), ("complex", "complex64"), ("complex", "complex128")):
            yield _case(kind, function, of(dtype), Refused(TypeError, (dtype,)))


def fractions(function: str) -> Iterator[Case]:
    """Objects, which only NumPy's arrays hold."""
    third = Fraction(1, 3)
    exact: dict[str, tuple[Any, Any]] = {
        "relu": (((third, -third, 2),), (third, 0, 2)),
        "relu_derivative": (((third, -third, 0),), (1, 0, 0)),
        "inner": (((third, 1), (third, 2)), Fraction(19, 9)),
        "outer": (((third, 1), (third, 2)), ((Fraction(1, 9), Fraction(2, 3)), (third, 2))),
        "mse": (((third, 1), (0, 2)), Fraction(5, 9)),
        "mse_gradient": (((third, 1), (0, 2)), (third, -1)),
        **_moved(*[third] * 6),
    }
    if function not in exact:
        yield _case(
            "fractions", function, [Given((third,), "object")], Refused(TypeError, ("Fraction",))
        )
        return
    arrays, values = exact[function]
    objects = [Given(array, "object") for array in arrays]
    yield _case("fractions", function, objects, Wanted(values, "Fraction"))
    if function in PAIRS:
        yield _case(
            "fractions",
            function,
            (Given((third, 1), "object"), Given((0, 2), "float64")),
            Refused(TypeError, ("float64",)),
            "One float would make the result inexact without a word.",
        )


def points(function: str) -> Iterator[Case]:
    """Functions of one number at the special ones, beside a 1 that must not notice."""
    for dtype in FLOATS:
        tiny, huge = TINY[dtype], HUGE[dtype]
        columns: tuple[tuple[str, float], ...] = (
            ("NaN", nan),
            ("infinity", inf),
            ("minus infinity", -inf),
            ("zeros", 0.0),
            ("zeros", -0.0),
            ("subnormals", tiny),
            ("subnormals", -tiny),
            ("huge values", huge),
            ("huge values", -huge),
        )
        table = {
            "sigmoid": (nan, 1, 0, 0.5, 0.5, 0.5, 0.5, 1, 0),
            "sigmoid_derivative": (nan, 0, 0, 0.25, 0.25, 0.25, 0.25, 0, 0),
            "log_sigmoid": (nan, 0, -inf, -LN_2, -LN_2, -LN_2, -LN_2, 0, -huge),
            "relu": (nan, inf, 0, 0, 0, tiny, 0, huge, 0),
            "relu_derivative": (nan, 1, 0, 0, 0, 1, 0, 1, 0),
            "tanh": (nan, 1, -1, 0, 0, tiny, -tiny, 1, -1),
            "tanh_derivative": (nan, 0, 0, 1, 1, 1, 1, 0, 0),
        }
        if function in table:
            for (kind, x), value in zip(columns, table[function], strict=True):
                wanted = Wanted((value, AT_ONE[function]), dtype, ULPS.get(function, 0))
                why = POINT_WHY.get((function, kind), "")
                yield _case(kind, function, [Given((x, 1), dtype)], wanted, why)


POINT_WHY = {
    ("relu", "NaN"): "The formula max(0, x) written as where(x > 0, x, 0) loses NaN.",
    ("relu", "zeros"): "The zero of the result may have either sign.",
    ("relu_derivative", "zeros"): "There is no slope at zero; by convention it is 0 there.",
    ("sigmoid", "huge values"): "The exponential of the magnitude would overflow.",
    ("sigmoid_derivative", "huge values"): "An infinite exponential would make infinity over it.",
    ("log_sigmoid", "huge values"): "The logarithm of a sigmoid that is 0 would be infinite.",
    ("tanh_derivative", "huge values"): "The hyperbolic cosine would overflow.",
}


def rows(function: str) -> Iterator[Case]:
    """The softmax and its logarithm of two scores."""
    if function not in ROWS:
        return
    for dtype in FLOATS:
        tiny, huge = TINY[dtype], HUGE[dtype]
        half, ln = (0.5, 0.5), (-LN_2, -LN_2)
        lost = (nan, nan)
        large = (60000, 60000)
        table = (
            ("NaN", (0, nan), lost, lost, "The sum is not a number, so no share of it is."),
            ("infinity", (0, inf), lost, lost, "Infinity over infinity is not defined."),
            ("minus infinity", (0, -inf), (1, 0), (0, -inf), "The exponential is zero."),
            ("minus infinity", (-inf, -inf), lost, lost, "Zero over zero is not defined."),
            ("zeros", (0.0, -0.0), half, ln, ""),
            ("subnormals", (tiny, -tiny), half, ln, ""),
            ("huge values", large, half, ln, "The exponential of a score as such overflows."),
            ("huge values", (huge, -huge), (1, 0), (0, -inf), "So does their difference."),
            ("huge values", (-huge, -huge), half, ln, "Without a shift all the shares are 0/0."),
        )
        for kind, scores, share, logarithm, why in table:
            values = share if function == "softmax" else logarithm
            wanted = Wanted(values, dtype, ULPS[function])
            yield _case(kind, function, [Given(scores, dtype)], wanted, why)


def pairs(function: str) -> Iterator[Case]:
    """Functions of two arrays at the special numbers."""
    for dtype in FLOATS:
        tiny, huge = TINY[dtype], HUGE[dtype]
        apart = (inf, 0)
        # x, beside: what comes of (x, 1) and (beside, beside), in the order of PAIRS
        table: tuple[tuple[str, Any, Any, tuple[Any, ...]], ...] = (
            ("NaN", (nan, 1), (0, 2), (nan, ((nan, nan), (0, 2)), nan, (nan, -1))),
            ("infinity", (inf, 1), (1, 2), (inf, ((inf, inf), (1, 2)), inf, (inf, -1))),
            ("infinity", (inf, 1), (inf, 0), (inf, ((inf, nan), (inf, 0)), nan, (nan, 1))),
            ("minus infinity", (-inf, 1), (1, 2), (-inf, ((-inf, -inf), (1, 2)), inf, (-inf, -1))),
            ("zeros", (-0.0, 1), (0.0, 1), (1, ((0, 0), (0, 1)), 0, (0, 0))),
            ("subnormals", (tiny, 1), (1, 1), (None, ((tiny, tiny), (1, 1)), None, None)),
            ("subnormals", (tiny, 0), (0, 0), (0, ((0, 0), (0, 0)), 0, (tiny, 0))),
            ("subnormals", (tiny, 0), (1, 0), (tiny, ((tiny, 0), (0, 0)), None, None)),
            ("huge values", (huge, 1), (2, 1), (inf, ((inf, huge), (2, 1)), inf, None)),
            ("huge values", (huge, 1), (-huge, 1), (-inf, ((-inf, huge), (-huge, 1)), inf, apart)),
            ("huge values", (huge, huge), (1, -1), (0, ((huge, -huge),) * 2, inf, None)),
        )
        for kind, x, beside, results in table:
            value = dict(zip(PAIRS, results, strict=True)).get(function)
            if value is not None:
                given = (Given(x, dtype), Given(beside, dtype))
                yield _case(kind, function, given, Wanted(value, dtype, ULPS.get(function, 0)))


def moved_points(function: str) -> Iterator[Case]:
    """The special numbers among elements that only move."""
    if function not in MOVING:
        return
    for dtype in FLOATS:
        for kind, x in (
            ("NaN", nan),
            ("infinity", inf),
            ("minus infinity", -inf),
            ("zeros", -0.0),
            ("subnormals", TINY[dtype]),
            ("huge values", HUGE[dtype]),
        ):
            arrays, value = _moved(1, x, 3, 4, 5, 6)[function]
            given = [Given(array, dtype) for array in arrays]
            yield _case(kind, function, given, Wanted(value, dtype))


def tails(function: str) -> Iterator[Case]:
    """Numbers far from zero, in float64."""
    far = (-1, -20, -40, -300, 300, -1000)
    table: dict[str, tuple[tuple[float, ...], tuple[float, ...], str]] = {
        "sigmoid": (
            far,
            (
                F("0x1.136561454ba86p-2"),
                F("0x1.1b4865556b5d5p-29"),
                F("0x1.39792499b1a24p-58"),
                F("0x1.245639c3a49f7p-433"),
                1,
                0,
            ),
            "A small result keeps its digits until it is smaller than any number.",
        ),
        "sigmoid_derivative": (
            far,
            (
                F("0x1.92a946fa34394p-3"),
                F("0x1.1b48654b9f942p-29"),
                F("0x1.39792499b1a24p-58"),
                F("0x1.245639c3a49f7p-433"),
                F("0x1.245639c3a49f7p-433"),
                0,
            ),
            "The formula s (1 - s) loses its digits, and is 0 from 37 on.",
        ),
        "log_sigmoid": (
            far,
            (
                F("-0x1.5031eafefb049p+0"),
                F("-0x1.400000008da43p+4"),
                -40,
                -300,
                F("-0x1.245639c3a49f7p-433"),
                -1000,
            ),
            "The logarithm of a sigmoid that has rounded to 1 would be 0.",
        ),
        "tanh": (
            far,
            (F("-0x1.85efab514f394p-1"), -1, -1, -1, 1, -1),
            "The exponentials of the formula would overflow.",
        ),
        "tanh_derivative": (
            far,
            (
                F("0x1.ae0dc0f990c45p-2"),
                F("0x1.39792499b1a24p-56"),
                F("0x1.7fd974d372e45p-114"),
                F("0x1.4dd4d0d12c071p-864"),
                F("0x1.4dd4d0d12c071p-864"),
                0,
            ),
            "The formula 1 - tanh² loses its digits, and is 0 from 19.1 on.",
        ),
        "softmax": (
            (0, 255),
            (F("0x1.14cff7170ec0dp-368"), 1),
            "A small share keeps its digits.",
        ),
        "log_softmax": (
            (40, 0),
            (F("-0x1.39792499b1a24p-58"), -40),
            "The logarithm of a share that has rounded to 1 would be 0.",
        ),
    }
    if function in table:
        x, value, why = table[function]
        given = [Given(x, "float64")]
        yield _case("tails", function, given, Wanted(value, "float64", ULPS[function]), why)


def uint8_wraps(function: str) -> Iterator[Case]:
    """Pixels, whose arithmetic wraps where it is done in eight bits."""
    share = (F("0x1.783a1d4c0faa7p-367"), F("0x1.ff58741c3a08dp-366"), 1)
    logarithm = (-254, -253, F("-0x1.5dbac16120ef0p-365"))
    table: dict[str, tuple[tuple[Any, ...], Any]] = {
        "relu": (((0, 200),), (0, 200)),
        "softmax": (((1, 2, 255),), share),
        "log_softmax": (((1, 2, 255),), logarithm),
        "inner": (((200, 200), (200, 200)), 80000),
        "outer": (((200,), (200,)), ((40000,),)),
        "mse": (((0,), (255,)), 65025),
        "mse_gradient": (((0,), (255,)), (-510,)),
    }
    if function in table:
        arrays, value = table[function]
        given = [Given(array, "uint8") for array in arrays]
        wanted = Wanted(value, _dtype_from_integers(function, "uint8"), ULPS.get(function, 0))
        yield _case("integer dtypes", function, given, wanted, "In eight bits this would wrap.")
    if function in ("relu", "relu_derivative"):
        wanted = Wanted((0, 0, 1), _dtype_from_integers(function, "int8"))
        yield _case("integer dtypes", function, [Given((-128, -1, 1), "int8")], wanted)
    if function in ("inner", "outer"):
        given = [Given((2**62,), "int64"), Given((2,), "int64")]
        why = "A wrapped number would be a false one."
        yield _case("integer dtypes", function, given, Refused(OverflowError, (str(2**63),)), why)


def empties(function: str) -> Iterator[Case]:
    """Arrays with an axis of length zero."""
    if function in (*ELEMENTWISE, *ROWS):
        for shape in ((0,), (2, 0), (0, 2)):
            wanted = Wanted((), "float32", shape=shape)
            yield _case("empty", function, [Given((), "float32", shape=shape)], wanted)
    nothing = Given((), "float32", shape=(0,))
    if function == "inner":
        why = "The sum of no products is zero."
        yield _case("empty", function, [nothing, nothing], Wanted(0, "float32"), why)
    if function == "outer":
        two = Given((1, 2), "float32")
        wanted = Wanted((), "float32", shape=(0, 2))
        yield _case("empty", function, [nothing, two], wanted)
    if function in LOSSES:
        why = "A mean over no elements is zero over zero."
        yield _case("empty", function, [nothing, nothing], Refused(ValueError, ("(0,)",)), why)
    channels_last, channels_first = (0, 2, 3), (3, 0, 2)
    shapes = {
        "permute": (channels_last, channels_first),
        "hwc_to_chw": (channels_last, channels_first),
        "chw_to_hwc": (channels_first, channels_last),
        "batch": (channels_first, (1, *channels_first)),
    }
    if function in shapes:
        before, after = shapes[function]
        given = [Given((), "float32", shape=before)]
        yield _case("empty", function, given, Wanted((), "float32", shape=after))
    if function == "batch":
        why = "Of no image the shape is unknown."
        yield _case("empty", function, [], Refused(ValueError, ("empty",)), why)


def without_axes(function: str) -> Iterator[Case]:
    """Arrays of no axes."""
    one, zero = Given(1), Given(0)
    if function in ELEMENTWISE:
        wanted = Wanted(AT_ONE[function], "float64", ULPS.get(function, 0))
        yield _case("0-d", function, [one], wanted)
    elif function in LOSSES:
        yield _case("0-d", function, [one, zero], Wanted({"mse": 1}.get(function, 2), "float64"))
    elif function == "permute":
        yield _case("0-d", function, [one, ()], Wanted(1, "float64"), "No axes have one order.")
    else:
        why = {"softmax": "There is no axis.", "log_softmax": "There is no axis."}
        given = [one, one] if function in PAIRS else [one]
        refused = Refused(ValueError, ("()",))
        yield _case("0-d", function, given, refused, why.get(function, "One number is none."))


def axes(function: str) -> Iterator[Case]:
    """Which axis, of two; in which order, of three."""
    if function in ROWS:
        yield from softmax_axes(function)
    if function == "permute":
        yield from permute_axes(function)


def softmax_axes(function: str) -> Iterator[Case]:
    """Along what the shares sum to one."""
    x, rowwise = Given(SCORES), ORDINARY[function][1]
    columns, whole = AXIS[function]
    for axis, value in (
        (1, rowwise),
        (-1, rowwise),
        (0, columns),
        (-2, columns),
        ((0,), columns),
        (None, whole),
        ((0, 1), whole),
        ((-1, 0), whole),
    ):
        yield _case("axis", function, [x], Wanted(value, "float64", ULPS[function]), axis=axis)
    refusals: tuple[tuple[Any, type[Exception], str], ...] = (
        (2, ValueError, "Two axes are 0 and 1."),
        (-3, ValueError, "Counted from the end, two axes are -1 and -2."),
        ((0, 2), ValueError, "Two axes are 0 and 1."),
        ((0, 0), ValueError, "An axis twice would be summed twice."),
        ((0, -2), ValueError, "The same axis, by two names."),
        ((), ValueError, "A sum along no axis is no sum."),
        (True, TypeError, "A truth value is no axis."),
        (1.0, TypeError, "A float is no axis."),
        ("0", TypeError, "Text is no axis."),
        ([0], TypeError, "A list is no tuple."),
        ((0, False), TypeError, "A truth value is no axis."),
    )
    for axis, error, why in refusals:
        yield _case("axis", function, [x], Refused(error, (repr(axis),)), why, axis=axis)


def permute_axes(function: str) -> Iterator[Case]:
    """The order that three axes come in."""
    image, wanted = Given(hwc(1, 2, 3, 4, 5, 6)), chw(1, 2, 3, 4, 5, 6)
    orders: tuple[Any, ...] = ((2, 0, 1), (-1, 0, -2), [2, 0, 1])
    for order in orders:
        yield _case("axis", function, [image, order], Wanted(wanted, "float64"))
    refusals: tuple[tuple[Any, type[Exception], str], ...] = (
        ((2, 0, 3), ValueError, "Three axes are 0, 1 and 2."),
        ((2, 0, -4), ValueError, "Counted from the end, three axes are -1, -2 and -3."),
        ((2, 0, 0), ValueError, "An axis twice leaves out another."),
        ((2, 0, -1), ValueError, "The same axis, by two names."),
        ((2, 0), ValueError, "One axis is left out."),
        ((2, 0, 1, 3), ValueError, "There is no fourth axis."),
        (None, TypeError, "No order is named."),
        (2, TypeError, "One axis is no order."),
        ("201", TypeError, "Text is no row of axes."),
        ((2.0, 0, 1), TypeError, "A float is no axis."),
        ((True, 0, 2), TypeError, "A truth value is no axis."),
    )
    for order, error, why in refusals:
        yield _case("axis", function, [image, order], Refused(error, (repr(order),)), why)


# Of SCORES: along the first axis, and over all six.
AXIS = {
    "softmax": (
        (
            (F("0x1.848343c905445p-5"), 0.5, F("0x1.764d4f5d5a2bdp-1")),
            (F("0x1.e7b7cbc36fabcp-1"), 0.5, F("0x1.136561454ba86p-2")),
        ),
        (
            (F("0x1.bf4a5e7333b2ep-6"), F("0x1.2ff7253e9e6c8p-4"), F("0x1.9d21bf7b783dep-3")),
            (F("0x1.18c08f360cea4p-1"), F("0x1.2ff7253e9e6c8p-4"), F("0x1.2ff7253e9e6c8p-4")),
        ),
    ),
    "log_softmax": (
        (
            (F("-0x1.86381c3f0115cp+1"), -LN_2, F("-0x1.40c7abfbec124p-2")),
            (F("-0x1.8e070fc045701p-5"), -LN_2, F("-0x1.5031eafefb049p+0")),
        ),
        (
            (F("-0x1.cce8b9f94196dp+1"), F("-0x1.4ce8b9f94196dp+1"), F("-0x1.99d173f2832dbp+0")),
            (F("-0x1.33a2e7e5065b5p-1"), F("-0x1.4ce8b9f94196dp+1"), F("-0x1.4ce8b9f94196dp+1")),
        ),
    ),
}


def steepness(function: str) -> Iterator[Case]:
    """The `k` of a sigmoid."""
    table = {
        "sigmoid": {
            5: (F("0x1.b69f67d638f8ep-8"), 0.5, F("0x1.fc92c130538e1p-1")),
            -3: (F("0x1.e7b7cbc36fabcp-1"), 0.5, F("0x1.848343c905445p-5")),
            0: (0.5, 0.5, 0.5),
        },
        "sigmoid_derivative": {
            5: (F("0x1.104ded3d479cdp-5"), 1.25, F("0x1.104ded3d479cdp-5")),
            -3: (F("-0x1.1590bde215396p-3"), -0.75, F("-0x1.1590bde215396p-3")),
            0: (0, 0, 0),
        },
    }
    if function not in table:
        return
    x = Given((-1, 0, 1))
    for k, value in table[function].items():
        wanted = Wanted(value, "float64", ULPS[function])
        yield _case("steepness", function, [x], wanted, "The argument is kx.", k=k)
    given, why = Given((inf,)), "Zero times infinity is not defined."
    yield _case("steepness", function, [given], Wanted((nan,), "float64"), why, k=0)
    for wrong, error in ((inf, ValueError), (nan, ValueError), ("5", TypeError), (None, TypeError)):
        yield _case("steepness", function, [x], Refused(error, (repr(wrong),)), k=wrong)


def layouts(function: str) -> Iterator[Case]:
    """The ordinary numbers, laid out otherwise in memory."""
    arrays, values = ORDINARY[function]
    for kind, layout in (
        ("non-contiguous", "strided"),
        ("columns first", "columns first"),
        ("read-only", "read-only"),
    ):
        if function not in NOT_ASKED.get(kind, {}):
            given = [Given(array, "float64", layout) for array in arrays]
            wanted = Wanted(values, "float64", ULPS.get(function, 0))
            yield _case(kind, function, given, wanted)


def many(function: str) -> Iterator[Case]:
    """The ordinary numbers over and over, until a block cannot hold them."""
    times = 20_000
    for dtype in ("float64", "float32"):
        if function in (*ELEMENTWISE, *ROWS):
            (array,), values = ORDINARY[function]
            wanted = Wanted(values, dtype, ULPS.get(function, 0), times=times)
            yield _case("many elements", function, [Given(array, dtype, times=times)], wanted)
        if function in ROWS:
            ones = Given((1,), dtype, times=2**16)
            value = {"softmax": 2.0**-16, "log_softmax": -16 * LN_2}[function]
            wanted = Wanted((value,), dtype, ULPS[function], times=2**16)
            why = "A sum of so many terms in a narrow dtype stops growing."
            yield _case("many elements", function, [ones], wanted, why)
        if function in PAIRS:
            arrays, _ = ORDINARY[function]
            long = [Given(array, dtype, times=times) for array in arrays]
            if function == "outer":
                long[1] = Given(arrays[1], dtype)
            results = {
                "inner": Wanted(32 * times, dtype),
                "outer": Wanted(ORDINARY["outer"][1], dtype, times=times),
                "mse": Wanted(Fraction(4, 3), dtype, 1),
                "mse_gradient": Wanted(
                    ((0, 0, Fraction(-2, 3 * times)), (0, 0, Fraction(2, 3 * times))),
                    dtype,
                    1,
                    times=times,
                ),
            }
            yield _case("many elements", function, long, results[function])


def mixtures(function: str) -> Iterator[Case]:
    """Two arrays of two dtypes, or an array and a list."""
    if function == "batch":
        image = chw(1, 2, 3, 4, 5, 6)
        given = [Given(image, "float32"), Given(image, "float64")]
        why = "Nothing is cast to make an image fit."
        yield _case(
            "mixed dtypes", function, given, Refused(TypeError, ("float32", "float64")), why
        )
    if function in PAIRS:
        (a, b), values = ORDINARY[function]
        ulps = ULPS.get(function, 0)
        given = [Given(a, "float32"), Given(b, "float64")]
        yield _case("mixed dtypes", function, given, Wanted(values, "float64", ulps))
        given = [Given(a, "float32"), Given(b, "int64")]
        yield _case("mixed dtypes", function, given, Wanted(values, "default float", ulps))
        why = "What is no array has no say in the dtype."
        listed = [Given(a, "float32"), b]
        yield _case("mixed dtypes", function, listed, Wanted(values, "float32", ulps), why)


def shapes(function: str) -> Iterator[Case]:
    """Arrays that do not fit one another, or the function."""
    column, three, two = Given(((1,), (2,), (3,))), Given((1, 2, 3)), Given((1, 2))
    refusals: dict[str, tuple[tuple[tuple[Given, ...], tuple[str, ...], str], ...]] = {
        "inner": (
            ((three, two), ("3", "2"), "Vectors of different length have no inner product."),
            ((column, column), ("(3, 1)",), "A matrix product is another function."),
            ((three, Given((1,))), ("3", "1"), "Broadcasting would give the sum of a vector."),
        ),
        "outer": (
            ((column, three), ("(3, 1)",), "Flattening, as NumPy's does, hides the mistake."),
            ((three, column), ("(3, 1)",), "Flattening, as NumPy's does, hides the mistake."),
        ),
    }
    broadcast = "Broadcasting would compare all pairs: a wrong loss that trains without complaint."
    for name in LOSSES:
        refusals[name] = (
            ((column, three), ("(3, 1)", "(3,)"), broadcast),
            ((three, Given(1)), ("(3,)", "()"), broadcast),
            ((three, two), ("(3,)", "(2,)"), "Each prediction has one target."),
        )
    flat = (((Given(PREDICTION),), ("(2, 3)",), "Which axis is missing is not guessed."),)
    image, wider = Given(chw(1, 2, 3, 4, 5, 6)), Given((((1, 2, 3),),) * 3)
    refusals |= {
        "permute": (((Given(PREDICTION),), ("(2, 3)",), "Three axes are named, two are there."),),
        "hwc_to_chw": flat,
        "chw_to_hwc": flat,
        "batch": (
            ((image, wider), ("(3, 1, 2)", "(3, 1, 3)"), "Nothing is resized to make it fit."),
            *flat,
        ),
    }
    for arrays, words, why in refusals.get(function, ()):
        yield _case("mismatched shapes", function, arrays, Refused(ValueError, words), why)


def python_data(function: str) -> Iterator[Case]:
    """What is no array: lists, tuples and numbers, and things that are no numbers."""
    arrays, values = ORDINARY[function]
    ulps = ULPS.get(function, 0)
    kept = function in ("relu", "inner", "outer", *MOVING)
    dtype = "default integer" if kept else "float64"
    dtype = {"inner": "int", "mse": "float"}.get(function, dtype)
    yield _case("tuples", function, arrays, Wanted(values, dtype, ulps))
    lists = [as_lists(array) for array in arrays]
    if function == "batch":
        # Of a list of lists of Python's there is no telling images from axes.
        lists = list(arrays)
    yield _case("lists", function, lists, Wanted(values, dtype, ulps))
    if function in MOVING:
        text, where_to = _moved(*"abcdef")[function]
        why = "What only moves elements moves text as well."
        yield _case("strings", function, text, Wanted(where_to, "str"), why)
    several = len(arrays) if function != "batch" else 1
    for kind, wrong in (("strings", "abc"), ("None", None), ("ragged lists", [[1, 2], [3]])):
        by_shape = kind == "ragged lists" or function in MOVING
        refused = Refused(ValueError if by_shape else TypeError)
        yield _case(kind, function, [wrong] * several, refused)
    if function not in MOVING:
        for kind, element in (("strings", "a"), ("None", None)):
            yield _case(kind, function, [[element]] * several, Refused(TypeError))
    yield from python_scalars(function)


def python_scalars(function: str) -> Iterator[Case]:
    """One number of Python's."""
    if function in ELEMENTWISE:
        value, dtype = AT_ONE[function], "int" if function == "relu" else "float"
        for number in (1, 1.0):
            kind_kept = dtype if isinstance(number, int) else "float"
            wanted = Wanted(value, kind_kept, ULPS.get(function, 0))
            yield _case("Python scalars", function, [number], wanted)
        yield _case(
            "Python scalars", function, [True], Refused(TypeError, ("True",)), KINDS["bool"]
        )
        yield _case("Python scalars", function, [1j], Refused(TypeError, ("1j",)), KINDS["complex"])
    elif function in LOSSES:
        yield _case("Python scalars", function, [3, 1], Wanted(4, "float"))
    elif function == "permute":
        yield _case("Python scalars", function, [3, ()], Wanted(3, "int"))
    else:
        given = [3, 3] if function in PAIRS else [3]
        yield _case("Python scalars", function, given, Refused(ValueError, ("()",)))


RULES = (
    dtypes,
    uint8_wraps,
    fractions,
    points,
    rows,
    pairs,
    moved_points,
    tails,
    empties,
    without_axes,
    axes,
    steepness,
    layouts,
    many,
    mixtures,
    shapes,
    python_data,
)
