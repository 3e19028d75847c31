"""mlmath keeps its own contract on every backend, and the contract finds the mistakes of others."""

import warnings
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch

import mlmath
from mlmath.testing.contract import (
    BACKENDS,
    ELEMENTWISE,
    FUNCTIONS,
    KINDS,
    NOT_ASKED,
    ORDINARY,
    Case,
    Given,
    Refused,
    Wanted,
    cases,
    judge,
)

NO_ARRAYS = {
    "derivative",
    "difference_quotient",
    "gradient",
    "partial_derivative",
    "Value",
    "Network",
    "TrainingStep",
    "network",
    "sgd_step",
    "training_step",
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_mlmath_keeps_the_contract(name, backend):
    function = getattr(mlmath, name)
    assert [message for case in cases(name) if (message := judge(case, function, backend))] == []


def test_every_function_of_arrays_is_in_the_table():
    assert set(FUNCTIONS) == set(mlmath.__all__) - NO_ARRAYS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_kind_is_asked_of_every_function_or_there_is_a_reason(name, kind):
    asked = any(case.kind == kind for case in cases(name))
    assert asked != (name in NOT_ASKED.get(kind, {}))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_case_says_what_is_called_and_why(name):
    for case in cases(name):
        assert case.function == name
        assert case.kind in KINDS
        assert case.why.endswith(".")
        assert "\n" not in case.call
    calls = [(case.call, case.kind, str(case.wanted)) for case in cases(name)]
    assert len(set(calls)) == len(calls)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_case_holds_of_nothing_or_of_an_error_of_no_meaning(name):
    def nothing(*args, **kwargs):
        return None

    def broken(*args, **kwargs):
        raise RuntimeError("two\nlines")

    for case in cases(name):
        if not BACKENDS["numpy"].lacks(case):
            for function in (nothing, broken):
                message = judge(case, function)
                assert message.startswith(f"{name}: {case.kind}: ")
                assert message.endswith("is wanted")
                assert "\n" not in message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_refusals_are_one_line_in_the_house_form(name):
    numpy = BACKENDS["numpy"]

    def make(value):
        if isinstance(value, list):
            return [make(element) for element in value]
        return numpy.make(value) if isinstance(value, Given) else value

    for case in cases(name):
        if isinstance(case.wanted, Refused) and not numpy.lacks(case):
            keywords = {key: make(value) for key, value in case.keywords.items()}
            with pytest.raises(case.wanted.error) as caught:
                getattr(mlmath, name)(*map(make, case.arguments), **keywords)
            assert str(caught.value).startswith(f"{name}: ")
            assert "\n" not in str(caught.value)


def sigma(x):
    return 1 / (1 + mpmath.exp(-x))


EXACT = {
    "sigmoid": sigma,
    "sigmoid_derivative": lambda x: sigma(x) * sigma(-x),
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "tanh_derivative": lambda x: mpmath.sech(x) ** 2,
}


@pytest.mark.parametrize("name", EXACT)
def test_wanted_values_are_those_of_mpmath(name):
    assert set(EXACT) == set(ELEMENTWISE) - {"relu", "relu_derivative"}
    chosen = [case for case in cases(name) if case.kind in ("floating-point dtypes", "tails")]
    assert len(chosen) == 5
    for case in chosen:
        x = np.ravel(case.arguments[0].values).tolist()
        with mpmath.workdps(800):
            wanted = [float(EXACT[name](mpmath.mpf(number))) for number in x]
        assert np.ravel(case.wanted.values).tolist() == wanted


def test_the_wanted_softmax_is_that_of_mpmath():
    for name in ("softmax", "log_softmax"):
        for case in cases(name):
            if not isinstance(case.wanted, Wanted) or case.kind not in ("axis", "tails"):
                continue
            scores = np.array(case.arguments[0].values)
            axis = case.keywords.get("axis", -1)
            with mpmath.workdps(800):
                powers = np.vectorize(lambda x: mpmath.exp(mpmath.mpf(float(x))), otypes="O")(
                    scores
                )
                shares = powers / powers.sum(axis=axis, keepdims=True)
                if name == "log_softmax":
                    shares = np.vectorize(mpmath.log, otypes="O")(shares)
                wanted = shares.astype(float)
            np.testing.assert_array_equal(np.array(case.wanted.values, dtype=float), wanted)


def spoiled(name, wrong):
    """mlmath's own refusals, and then a mistake."""

    def function(*args, **kwargs):
        right = getattr(mlmath, name)(*args, **kwargs)
        return wrong(right, *args, **kwargs)

    return function


def unshifted(right, x, *, axis=-1):
    with np.errstate(all="ignore"):
        e = np.exp(np.asarray(x, dtype=np.float64))
        return (e / e.sum(axis=axis, keepdims=True)).astype(right.dtype)


def failed_kinds(name, function):
    return {case.kind for case in cases(name) if judge(case, function)}


def test_a_softmax_without_the_shift_is_caught_by_huge_scores():
    failed = failed_kinds("softmax", spoiled("softmax", unshifted))
    # And by infinity, beside which a score of 0 would get the share 0.
    assert failed == {"huge values", "infinity"}


def test_a_relu_that_loses_nan_is_caught_by_nan():
    def wrong(right, x):
        floats = isinstance(x, np.ndarray) and x.dtype.kind == "f"
        return np.where(x > 0, x, 0).astype(x.dtype) if floats else right

    failed = failed_kinds("relu", spoiled("relu", wrong))
    assert failed == {"NaN"}


def test_a_wrapping_uint8_is_caught_by_integers():
    def wrong(right, p, t):
        small = isinstance(p, np.ndarray) and p.dtype == np.uint8
        return np.float64(np.mean((p - t) ** 2)) if small else right

    assert failed_kinds("mse", spoiled("mse", wrong)) == {"integer dtypes"}


def test_a_loss_that_broadcasts_is_caught_by_mismatched_shapes():
    def broadcasting(p, t):
        try:
            return mlmath.mse(p, t)
        except ValueError:
            return mlmath.mse(*np.broadcast_arrays(p, t))

    assert "mismatched shapes" in failed_kinds("mse", broadcasting)
    column = next(case for case in cases("mse") if case.kind == "mismatched shapes")
    assert judge(column, broadcasting) == (
        "mse: mismatched shapes: mse(float64 array [[1], [2], [3]],"
        " float64 array [1, 2, 3]) on numpy"
        " gave 1.3333333333333333; ValueError that says (3, 1), (3,) is wanted"
    )


def test_an_outer_product_that_flattens_is_caught_by_matrices():
    failed = failed_kinds("outer", np.outer)
    assert "mismatched shapes" in failed
    assert "floating-point dtypes" not in failed


def test_a_slope_that_loses_its_tail_is_caught_there():
    def wrong(right, x, k=1):
        s = mlmath.sigmoid(x, k)
        return (k * s * (1 - s)).astype(x.dtype) if getattr(x, "dtype", None) == "f8" else right

    assert "tails" in failed_kinds("sigmoid_derivative", spoiled("sigmoid_derivative", wrong))


def test_torch_itself_is_judged_on_its_own_tensors():
    def softmax(x, *, axis=-1):
        return torch.softmax(x, dim=axis)

    failed = {case.kind for case in cases("softmax") if judge(case, softmax, "torch")}
    assert {"integer dtypes", "axis", "lists"} <= failed
    assert not {"NaN", "infinity", "huge values"} & failed


DOUBLED = Case("twice", "zeros", (Given((1, 2)),), Wanted((2, 4), "float64"), "Twice is twice.")


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda x: 2 * x, ""),
        (lambda x: x + x + 1, "gave 3.0 at index (0,), 2.252e+15 ulp away; 2.0 is wanted"),
        (lambda x: np.float32(2) * x.astype("f4"), "gave [2.0, 4.0] in float32; float64 is wanted"),
        (lambda x: (2 * x)[None], "gave the shape (1, 2); (2,) is wanted"),
        (lambda x: torch.asarray(2 * x), "gave a Tensor; an array of the same library is wanted"),
        (lambda x: [2.0, 4.0], "gave [2.0, 4.0] in list; float64 is wanted"),
        (
            lambda x: np.multiply(x, 2, out=x),
            "changed its argument; an argument left alone is wanted",
        ),
        (
            lambda x: 1 // 0,
            "raised ZeroDivisionError: 'integer division or modulo by zero'; [2, 4] in float64",
        ),
        (lambda x: (warnings.warn("oh", stacklevel=1), 2 * x)[1], "warned 'UserWarning: oh'; no"),
    ],
)
def test_the_judgement(function, complaint):
    judged = judge(DOUBLED, function)
    assert judged.startswith(
        f"twice: zeros: twice(float64 array [1, 2]) on numpy {complaint}" * bool(complaint)
    )
    assert bool(judged) == bool(complaint)


@pytest.mark.parametrize(("dtype", "bits"), [("float16", 10), ("float32", 23), ("float64", 52)])
def test_an_ulp_is_that_of_the_dtype(dtype, bits):
    case = Case("f", "zeros", (Given(1, dtype),), Wanted(1, dtype, ulps=1, narrow_ulps=1), "Why.")
    one = np.ones((), dtype)
    for ulps in (0, 1, 2):
        off = (one + ulps * 2.0**-bits).astype(dtype)
        assert bool(judge(case, lambda x, off=off: off)) == (ulps == 2)


def test_the_ulp_of_a_subnormal_is_the_smallest_number():
    tiny = Case("f", "zeros", (Given(0),), Wanted(0, "float64", ulps=1), "Why.")
    assert judge(tiny, lambda x: np.float64(5e-324)) == ""
    assert judge(tiny, lambda x: np.float64(1e-323)).endswith("2 ulp away; 0.0 is wanted")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_says_what_it_cannot_make(backend):
    dtypes = ("float64", "float16", "bfloat16", "uint16", "object")
    lacking = [
        dtype
        for dtype in dtypes
        if BACKENDS[backend].lacks(Case("f", "zeros", (Given(1, dtype),), Refused(TypeError), ""))
    ]
    assert (
        lacking
        == {
            "numpy": ["bfloat16"],
            "torch": ["object"],
            "jax": ["object"],
            "dask": ["bfloat16", "object"],
            "array_api_strict": ["float16", "bfloat16", "object"],
        }[backend]
    )


def test_layouts_are_what_they_are_called():
    make = BACKENDS["numpy"].make
    values = ORDINARY["relu"][1]
    strided, columns, read_only = (
        make(Given(values, "float64", layout))
        for layout in ("strided", "columns first", "read-only")
    )
    assert not strided.flags.c_contiguous
    assert not strided.flags.f_contiguous
    assert columns.flags.f_contiguous
    assert not columns.flags.c_contiguous
    assert not read_only.flags.writeable
    for array in (strided, columns, read_only):
        np.testing.assert_array_equal(array, values)


def test_an_unknown_function_has_no_cases():
    with pytest.raises(ValueError, match=r"^cases: function_name is 'softmin'; one of \(.*wanted$"):
        cases("softmin")


def test_fractions_are_compared_exactly():
    case = Case(
        "f", "fractions", (Given((1,), "object"),), Wanted((Fraction(1, 3),), "Fraction"), ""
    )
    assert judge(case, lambda x: np.array([Fraction(1, 3)], dtype=object)) == ""
    assert judge(case, lambda x: np.array([Fraction(1 / 3)], dtype=object)) != ""
