"""NumPy's arrays are computed in blocks: that saves memory, and changes no result."""

import tracemalloc

import mpmath
import numpy as np
import pytest

import mlmath
from mlmath._array import BLOCK, SHORT_ROW

ELEMENTWISE = [
    mlmath.sigmoid,
    mlmath.sigmoid_derivative,
    mlmath.log_sigmoid,
    mlmath.tanh,
    mlmath.tanh_derivative,
]
ALONG_AXES = [mlmath.softmax, mlmath.log_softmax]
MIB = 2**20


def normal(shape, *, scale=10, seed=0, dtype=np.float64):
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(dtype)


def strided(x):
    """The same numbers, every second of twice as many."""
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    return wide[..., 0]


LAYOUTS = {
    "contiguous": lambda x: x,
    "strided": strided,
    "backwards": lambda x: x[::-1].copy()[::-1],
    "Fortran": np.asfortranarray,
    "another byte order": lambda x: x.astype(x.dtype.newbyteorder()),
}


def bytes_beside(call):
    """The most memory that `call` holds at any time, without what it returns."""
    tracemalloc.start()
    try:
        result = call()
        return tracemalloc.get_traced_memory()[1] - result.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("layout", ["contiguous", "strided", "Fortran"])
@pytest.mark.parametrize("function", ELEMENTWISE)
def test_ten_million_elements_need_their_result_and_16_mib(function, layout):
    x = LAYOUTS[layout](np.full((1000, 10_000), 0.5, dtype=np.float32))
    assert bytes_beside(lambda: function(x)) <= 16 * MIB


def test_a_hundred_million_elements_need_no_more():
    x = np.zeros(10**8, dtype=np.float32)
    assert bytes_beside(lambda: mlmath.sigmoid(x)) <= 16 * MIB


@pytest.mark.parametrize(("shape", "axis"), [((10_000, 1000), -1), ((3_000_000, 3), -1)])
@pytest.mark.parametrize("function", ALONG_AXES)
def test_a_softmax_of_rows_needs_its_result_and_16_mib(function, shape, axis):
    x = np.ones(shape, dtype=np.float32)
    assert bytes_beside(lambda: function(x, axis=axis)) <= 16 * MIB


SIZES = [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_no_element_depends_on_where_it_stands(function, size, dtype):
    x = normal(size, dtype=dtype)
    # Pieces that are smaller than a block are computed as a whole.
    pieces = np.concatenate([function(piece) for piece in np.array_split(x, 7)])
    for layout in LAYOUTS.values():
        come = layout(x)
        result = function(come)
        assert result.dtype == come.dtype
        np.testing.assert_array_equal(result, pieces)
    np.testing.assert_array_equal(function(x[5:]), pieces[5:])


@pytest.mark.parametrize("columns", [SHORT_ROW, 100, BLOCK // 2 + 1, BLOCK, BLOCK + 1])
@pytest.mark.parametrize("function", ALONG_AXES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_row_depends_on_the_others(function, columns, dtype):
    x = normal((2 * BLOCK // columns + 3, columns), dtype=dtype)
    result = function(x)
    assert result.dtype == dtype
    for i in (0, 1, len(x) // 2, -2, -1):
        np.testing.assert_array_equal(result[i], function(x[i]))
        np.testing.assert_array_equal(result[i], function(x[i : i + 1 or None])[0])


@pytest.mark.parametrize("columns", [1, 2, 3, SHORT_ROW - 1])
@pytest.mark.parametrize("function", ALONG_AXES)
def test_no_short_row_depends_on_where_it_stands(function, columns):
    x = normal((2 * BLOCK // columns + 3, columns))
    result = function(x)
    np.testing.assert_array_equal(function(x[::-1])[::-1], result)
    # In a small array NumPy adds up the terms of a row in another order.
    alone = np.stack([function(x[i]) for i in (0, len(x) // 2, -1)])
    np.testing.assert_allclose(result[[0, len(x) // 2, -1]], alone, rtol=1e-15)


def plain_softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


SHAPES = [((40, 50, 60), axis) for axis in (0, 1, 2, -1, (0, 2), (2, 1), (-1, 0, 1), None)] + [
    ((3, BLOCK), -1),
    ((BLOCK, 3), -1),
    ((BLOCK, 3), 0),
    ((2 * BLOCK + 1,), -1),
    ((1, 70_000), 0),
]


@pytest.mark.parametrize(("shape", "axis"), SHAPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_softmax_along_any_axes_is_the_plain_formula(shape, axis, layout):
    x = normal(shape, dtype=np.float32)
    wanted = plain_softmax(x.astype(np.float64), axis)
    come = LAYOUTS[layout](x)
    before = come.copy()
    # What the logarithm of the plain softmax, near 1, has lost itself.
    for function, truth, lost in (
        (mlmath.softmax, wanted, 2.0**-150),
        (mlmath.log_softmax, np.log(wanted), 2e-15),
    ):
        result = function(come, axis=axis)
        assert result.shape == shape
        assert result.dtype == come.dtype
        # Half an ulp of float32; 2^-150 is half an ulp of a subnormal number.
        np.testing.assert_allclose(result, truth, rtol=1.001 * 2**-24, atol=lost)
    np.testing.assert_array_equal(come, before)


@pytest.mark.parametrize(
    ("axis", "place"), [(0, np.s_[:, 1]), (1, np.s_[3]), ((0, 1), np.s_[:]), (None, np.s_[:])]
)
def test_a_softmax_of_several_blocks_agrees_with_mpmath(axis, place):
    x = normal((33, BLOCK // 32))
    scores = x[place].ravel().tolist()
    with mpmath.workdps(50):
        powers = [mpmath.exp(score) for score in scores]
        total = mpmath.fsum(powers)
        wanted = [float(power / total) for power in powers]
        logarithms = [float(mpmath.log(power / total)) for power in powers]
    softmax, log_softmax = (f(x, axis=axis)[place].ravel() for f in ALONG_AXES)
    np.testing.assert_allclose(softmax, wanted, rtol=1e-15)
    np.testing.assert_allclose(log_softmax, logarithms, rtol=1e-15)
