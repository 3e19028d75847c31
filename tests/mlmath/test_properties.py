"""What holds for every input: hypothesis looks for one for which it does not."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import mlmath

EPS = 2.0**-52
NUMBERS = st.floats(-1e4, 1e4)
ROWS = arrays(np.float64, st.integers(1, 40), elements=NUMBERS)
NARROW = arrays(np.float32, st.integers(1, 40), elements=st.floats(-1e4, 1e4, width=32))
FRACTIONS = st.lists(st.fractions(-9, 9, max_denominator=9), min_size=1, max_size=5)

RISING = [mlmath.sigmoid, mlmath.tanh, mlmath.log_sigmoid, mlmath.relu, mlmath.relu_derivative]


@given(ROWS)
def test_a_softmax_is_positive_and_sums_to_one(x):
    p = mlmath.softmax(x)
    assert np.all((p >= 0) & (p <= 1))
    # Each of the terms is rounded twice, their sum no more often than there are terms.
    assert abs(math.fsum(p) - 1) <= (x.size + 4) * EPS / 2


@given(NARROW)
def test_a_float32_softmax_sums_to_one(x):
    # Half an ulp of each share is at most its 2^-24th part; of a subnormal one, nothing to see.
    assert abs(math.fsum(mlmath.softmax(x)) - 1) <= 2**-24 + 1e-12


@given(ROWS)
def test_a_softmax_keeps_the_order(x):
    order = np.argsort(x, kind="stable")
    for result in (mlmath.softmax(x), mlmath.log_softmax(x)):
        assert np.all(np.diff(result[order]) >= 0)


@given(ROWS, st.randoms(use_true_random=False))
def test_a_softmax_does_not_see_the_order(x, random):
    order = list(range(x.size))
    random.shuffle(order)
    # Only the sum of the terms is added up in another order.
    tolerance = x.size * EPS
    np.testing.assert_allclose(mlmath.softmax(x[order]), mlmath.softmax(x)[order], rtol=tolerance)


@given(ROWS, NUMBERS)
def test_a_shift_moves_a_softmax_no_further_than_it_rounds_the_scores(x, shift):
    moved = x + shift
    rounding = np.max(np.abs(moved - shift - x)) + np.max(np.abs(moved)) * EPS
    tolerance = 2 * rounding + (x.size + 8) * EPS
    np.testing.assert_allclose(
        mlmath.softmax(moved), mlmath.softmax(x), rtol=tolerance, atol=1e-300
    )


@given(ROWS)
def test_the_log_softmax_is_the_logarithm_of_the_softmax(x):
    p = mlmath.softmax(x)
    normal = p > 1e-300
    # A share is right to (n + 4) eps; so is, absolutely, its logarithm.
    logarithm = mlmath.log_softmax(x)
    np.testing.assert_allclose(
        logarithm[normal], np.log(p[normal]), rtol=2 * EPS, atol=(x.size + 8) * EPS
    )
    assert np.all(logarithm <= 0)


@given(NUMBERS)
def test_both_sides_of_a_sigmoid_sum_to_one(x):
    assert abs(math.fsum([mlmath.sigmoid(x), mlmath.sigmoid(-x)]) - 1) <= EPS


@given(NUMBERS)
def test_even_and_odd_functions(x):
    assert mlmath.tanh(-x) == -mlmath.tanh(x)
    assert mlmath.sigmoid_derivative(-x) == mlmath.sigmoid_derivative(x)
    assert mlmath.tanh_derivative(-x) == mlmath.tanh_derivative(x)


@given(st.lists(st.floats(allow_nan=False), min_size=2, max_size=30, unique=True))
def test_functions_that_rise_do_not_fall_by_more_than_their_error(points):
    x = np.sort(np.array(points))
    for function in RISING:
        y = function(x)
        with np.errstate(invalid="ignore"):
            fall = np.maximum.accumulate(y) - y
        # 2.3 ulp, the least accurate of them, on either side; the difference of -inf is none.
        assert not np.any(fall > 4.6 * EPS * np.abs(y))


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=2, max_size=30))
def test_in_float32_they_do_not_fall_at_all(points):
    x = np.sort(np.array(points, dtype=np.float32))
    for function in RISING:
        y = function(x)
        assert np.all(y[1:] >= y[:-1])


@given(st.floats())
def test_the_range_of_each_function(x):
    for function, low, high in (
        (mlmath.sigmoid, 0, 1),
        (mlmath.sigmoid_derivative, 0, 0.25),
        (mlmath.tanh, -1, 1),
        (mlmath.tanh_derivative, 0, 1),
        (mlmath.log_sigmoid, -math.inf, 0),
        (mlmath.relu, 0, math.inf),
        (mlmath.relu_derivative, 0, 1),
    ):
        y = function(x)
        assert low <= y <= high or (math.isnan(x) and math.isnan(y))


@given(
    arrays(np.int64, array_shapes(max_dims=5, max_side=4)).flatmap(
        lambda x: st.tuples(st.just(x), st.permutations(range(x.ndim)))
    )
)
def test_a_permutation_is_undone_by_its_inverse(case):
    x, axes = case
    inverse = np.argsort(axes)
    np.testing.assert_array_equal(mlmath.permute(mlmath.permute(x, axes), inverse), x)
    for place in np.ndindex(x.shape):
        assert mlmath.permute(x, axes)[tuple(place[axis] for axis in axes)] == x[place]


@given(FRACTIONS)
def test_the_gradient_of_a_sum_is_the_sum_of_the_gradients(x):
    def f(v):
        return (v**3).sum()

    def g(v):
        return (v * v + 1).mean()

    both = mlmath.gradient(lambda v: f(v) + g(v), x)
    parts = zip(mlmath.gradient(f, x), mlmath.gradient(g, x), strict=True)
    assert both == [a + b for a, b in parts]
    assert mlmath.gradient(lambda v: v.sum(), x) == [1] * len(x)


@given(FRACTIONS, st.fractions(-9, 9, max_denominator=9))
def test_the_gradient_is_linear_and_obeys_the_product_rule(x, factor):
    def f(v):
        return (v**3).sum()

    assert mlmath.gradient(lambda v: factor * f(v), x) == [
        factor * slope for slope in mlmath.gradient(f, x)
    ]
    value = sum(number**3 for number in x)
    squared = mlmath.gradient(lambda v: f(v) * f(v), x)
    assert squared == [2 * value * slope for slope in mlmath.gradient(f, x)]


@given(FRACTIONS, FRACTIONS)
def test_the_products_of_two_vectors_are_bilinear(a, b):
    n = min(len(a), len(b))
    a, b = np.array(a[:n], dtype=object), np.array(b[:n], dtype=object)
    assert mlmath.inner(a, b) == mlmath.inner(b, a) == np.trace(mlmath.outer(a, b))
    assert mlmath.inner(3 * a + b, b) == 3 * mlmath.inner(a, b) + mlmath.inner(b, b)
    assert mlmath.outer(a, b).T.tolist() == mlmath.outer(b, a).tolist()


@given(FRACTIONS)
def test_the_mean_squared_error_falls_along_its_gradient(x):
    target = [Fraction(number) for number in range(len(x))]
    before = mlmath.mse(x, target)
    slope = mlmath.mse_gradient(prediction=x, target=target)
    # A step of n / 2 goes from the prediction to the target itself.
    after = mlmath.sgd_step(np.array(x), slope, learning_rate=Fraction(len(x), 2))
    assert after.tolist() == target
    half = mlmath.sgd_step(np.array(x), slope, learning_rate=Fraction(len(x), 4))
    assert mlmath.mse(half, target) == before / 4
