"""The errors of mlmath stay within what is promised; the measurement sees errors, and is quoted."""

import inspect
import itertools
import json
import re

import mpmath
import numpy as np
import pytest

import mlmath
from benchmarks import accuracy
from benchmarks.accuracy import PLAIN, Figures, Task, compare, disorder, measure
from benchmarks.families import families, hard_points, patterns
from benchmarks.libraries import SOFTMAX
from benchmarks.reference import TRUE, rounded, wanted, wanted_softmax

DATA = json.loads(accuracy.DATA.read_text())

# Odd, so that the last bits of the numbers that are taken take all values.
STRIDE = 65_537
NARROW = 0.5001
MISROUNDED = 100
# NumPy's own tanh of float64, and that of the C library.
TANH = 1.2 if accuracy.machine()["numpy_tanh"] in ("X86_V3", "X86_V4") else 2.3
FLOAT64 = {
    "sigmoid": 1.9,
    "sigmoid_derivative": 4,
    "log_sigmoid": 1.9,
    "tanh": TANH,
    "tanh_derivative": 4,
    "relu": 0,
    "softmax": 4.5,
    "log_softmax": 4.5,
}


def figures_of(tasks, stride):
    total = Figures()
    for task in tasks:
        for figures in measure(task, ("mlmath",), stride).values():
            total += figures
    return total


@pytest.mark.parametrize("function", TRUE)
@pytest.mark.parametrize(("dtype", "bits"), [("float16", 16), ("float32", 32)])
def test_narrow_numbers_are_rounded_correctly(function, dtype, bits):
    figures = figures_of([Task(function, dtype, 0, 2**bits, None, 0)], STRIDE)
    assert figures.inputs == (2**bits if dtype == "float16" else 2**bits // STRIDE + 1)
    assert figures.max_ulp <= NARROW
    assert figures.misrounded <= MISROUNDED
    assert figures.disorder == 0


@pytest.mark.parametrize("function", TRUE)
def test_hard_float64_points_are_within_their_bounds(function):
    n = hard_points(1009).size
    figures = figures_of([Task(function, "float64", 0, n, None, 0)], 1009)
    assert figures.inputs == n - 1 >= 990
    assert figures.max_ulp <= FLOAT64[function]


@pytest.mark.parametrize(("dtype", "bound"), [("float32", NARROW), ("float64", 4.5)])
def test_softmax_is_within_its_bounds_whatever_the_row(dtype, bound):
    figures = figures_of([Task("softmax", dtype, 0, 0, one, 0) for one in families(100)], 100)
    assert figures.inputs > 50_000
    assert figures.max_ulp <= bound


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_reference_is_rounded_correctly(dtype):
    # Near zero a sigmoid comes so close to the middle between two numbers that float64 lies on it.
    middles = ((2 * np.arange(40) + 1) * 2.0**-24).astype(dtype)
    x = np.concatenate([*patterns(dtype, 0, 2 ** np.finfo(dtype).bits, 2**20 - 1), middles])
    x = x[np.isfinite(x)]
    for function, formula in TRUE.items():
        nearest, _ = wanted(function, x)
        true = [rounded(formula(mpmath.mpf(float(point))), x.dtype) for point in x]
        np.testing.assert_array_equal(nearest, np.array(true, dtype=dtype), function)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rounding_is_to_the_nearest_number_subnormal_ones_too(dtype):
    tiny = mpmath.mpf(float(np.finfo(dtype).smallest_subnormal))
    assert rounded(tiny * 0.4, np.dtype(dtype)) == 0
    assert rounded(tiny * 2.6, np.dtype(dtype)) == dtype(float(3 * tiny))
    eps = mpmath.mpf(float(np.finfo(dtype).eps))
    assert rounded(1 + eps * 0.51, np.dtype(dtype)) == np.nextafter(dtype(1), dtype(2))
    assert rounded(-1 + eps * 0.24, np.dtype(dtype)) == -1
    assert rounded(mpmath.mpf("-inf"), np.dtype(dtype)) == -np.inf


def test_reference_of_softmax_is_that_of_an_exact_sum():
    row = np.array([[0.0, 1.0, 2.0]])
    true = wanted_softmax(row)
    e = [mpmath.exp(x) for x in row[0]]
    assert true["softmax"][0][0].tolist() == [float(one / sum(e)) for one in e]
    assert true["log_softmax"][0][0].tolist() == [float(mpmath.log(one / sum(e))) for one in e]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_planted_errors_are_found(dtype):
    x = np.linspace(-3, 3, 101).astype(dtype)
    nearest, rest = wanted("sigmoid", x)
    perfect = compare(x, nearest, nearest, rest)
    assert (perfect.misrounded, perfect.max_ulp <= 0.5) == (0, True)

    planted = nearest.copy()
    planted[40] = np.nextafter(planted[40], dtype(2))
    figures = compare(x, planted, nearest, rest)
    assert figures.misrounded == 1
    assert 0.5 <= figures.max_ulp <= 1.5
    assert float.fromhex(figures.at) == x[40]

    for wrong in (np.nan, np.inf):
        planted[7] = wrong
        assert compare(x, planted, nearest, rest).max_ulp == np.inf


def test_planted_disorder_is_found():
    x = np.linspace(-3, 3, 101)
    for function in ("sigmoid", "sigmoid_derivative"):
        result = getattr(mlmath, function)(x)
        assert disorder(function, x, result) == disorder(function, x[::-1], result[::-1]) == 0
        result[[20, 21]] = result[[21, 20]]
        assert disorder(function, x, result) == 1


def test_every_number_is_taken_once_and_meets_its_neighbour():
    for dtype, bits in [("float16", 16), ("float32", 20)]:
        blocks = list(patterns(dtype, 0, 2**bits, 1))
        unsigned = f"u{np.dtype(dtype).itemsize}"
        taken = np.concatenate([block[:-1].view(unsigned) for block in blocks])
        np.testing.assert_array_equal(taken, np.arange(2**bits))
    for before, after in itertools.pairwise(blocks):
        assert before[-1] == after[0]


def test_an_interrupted_run_goes_on_where_it_was(tmp_path):
    listed = [Task("relu", "float16", 0, last, None, 1) for last in (2**15,)]
    listed += [Task("tanh", "float16", 0, 2**15, None, 1)]
    first = accuracy.run(listed, ("mlmath",), 1, 1, tmp_path)
    kept, lost = (tmp_path / task.file for task in listed)
    kept.write_text(kept.read_text().replace('"inputs": 32768', '"inputs": 1'))
    lost.unlink()
    second = accuracy.run(listed, ("mlmath",), 1, 1, tmp_path)
    assert [figures.inputs for figures in first.values()] == [32768, 32768]
    assert [figures.inputs for figures in second.values()] == [1, 32768]


def rows_of(function, dtype, library="mlmath"):
    key = {"function": function, "dtype": dtype, "library": library}
    return [row for row in DATA["rows"] if key.items() <= row.items()]


def measured(function, dtype, library="mlmath"):
    return max(row["max_ulp"] for row in rows_of(function, dtype, library))


def test_committed_figures_are_of_the_whole_and_within_their_bounds():
    assert DATA["stride"] == 1
    for function in TRUE:
        for dtype, inputs in (("float16", 2**16), ("float32", 2**32)):
            (row,) = rows_of(function, dtype)
            assert row["inputs"] == inputs
            assert row["max_ulp"] <= NARROW
            assert row["misrounded"] <= MISROUNDED
            assert row["monotone"]
        assert rows_of(function, "float64")[0]["inputs"] >= 999_000
        assert measured(function, "float64") <= FLOAT64[function]
    for function in SOFTMAX:
        assert measured(function, "float32") <= NARROW
        assert measured(function, "float64") <= FLOAT64[function]


@pytest.mark.parametrize("function", sorted({*TRUE, *SOFTMAX} - {"relu"}))
def test_docstring_quotes_its_row(function):
    narrow = [dtype for dtype in ("float16", "float32") if rows_of(function, dtype)]
    error = max(measured(function, dtype) for dtype in narrow)
    sentence = (
        f"Measured: :exempt:`at most {error} ulp in {' and '.join(narrow)},"
        f" {measured(function, 'float64')} ulp in float64, and"
        f" {measured(function, 'float64', PLAIN)} ulp in float64 by the C library <measured>`."
    )
    assert sentence in re.sub(r"\s+", " ", inspect.getdoc(getattr(mlmath, function)))


def test_relu_is_exact():
    assert {measured("relu", dtype) for dtype in ("float16", "float32", "float64")} == {0}
