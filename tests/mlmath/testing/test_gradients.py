"""Right gradients pass, wrong ones are found at their index, and kinks are seen."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import mlmath
from mlmath.testing import check_gradient

X = np.array([-1000.0, -40.0, -5.0, -1e-3, 0.0, 0.3, 5.0, 20.0, 1000.0])


@pytest.mark.parametrize(
    ("f", "gradient"),
    [
        (np.sin, np.cos),
        (np.exp2, lambda x: np.exp2(x) * math.log(2)),
        (mlmath.sigmoid, mlmath.sigmoid_derivative),
        (mlmath.tanh, mlmath.tanh_derivative),
        (mlmath.relu, mlmath.relu_derivative),
        (mlmath.log_sigmoid, lambda x: mlmath.sigmoid(-x)),
        (lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2),
    ],
)
def test_right_gradients_pass_and_a_factor_is_found(f, gradient):
    report = check_gradient(f, X, gradient)
    assert report.passed, str(report)
    assert len(report.entries) == len(X)
    wrong = check_gradient(f, X, lambda x: 1.0001 * gradient(x))
    assert not wrong
    assert "is wanted" in str(wrong)


def test_the_slope_is_known_to_half_its_digits_and_more():
    for entry in check_gradient(np.sin, X[2:-2], np.cos).entries:
        assert entry.lowest == pytest.approx(math.cos(entry.x), rel=1e-12)
        assert abs(entry.lowest - math.cos(entry.x)) <= entry.uncertainty <= 1e-11


def test_the_index_of_the_worst_entry_is_reported():
    point = np.arange(6.0).reshape(2, 3)
    gradient = 2 * point
    gradient[1, 0] += 1
    gradient[0, 1] += 0.001
    report = check_gradient(lambda x: (x * x).sum(), point, gradient)
    assert report.worst.index == (1, 0)
    assert report.worst.relative_error == pytest.approx(1 / 7)
    assert str(report).startswith("2 of 6 entries wrong, the worst at index (1, 0), where x is 3.0")


def test_between_the_slopes_of_a_kink_everything_is_right():
    point = np.array([-1.0, 0.0, 1.0])
    for slope in (0.0, 0.5, 1.0):
        report = check_gradient(mlmath.relu, point, [0.0, slope, 1.0])
        assert report.passed
        assert report.kinks == ((1,),)
        assert "kink at index 1: a slope from 0 to 1 is accepted" in str(report)
    for slope in (-0.001, 1.001, math.nan):
        report = check_gradient(mlmath.relu, point, [0.0, slope, 1.0])
        assert report.worst.index == (1,)
        assert not report


def test_a_smooth_function_has_no_kinks():
    assert check_gradient(mlmath.tanh, X, mlmath.tanh_derivative).kinks == ()
    assert check_gradient(lambda x: x**2, X, lambda x: 2 * x).kinks == ()


def test_a_jump_has_no_slope():
    report = check_gradient(np.sign, [1.0, 0.0], [0.0, 0.0])
    assert report.worst.index == (1,)
    assert "difference quotients settle" in str(report)
    assert not check_gradient(lambda x: np.where(x > 0, np.nan, x), [0.0], [1.0])


def test_the_nan_of_a_naive_sigmoid_is_found():
    def naive(x):
        e = torch.exp(x)
        return torch.where(x >= 0, 1 / (1 + torch.exp(-x)), e / (1 + e))

    x = torch.tensor([-1000.0, 0.5, 1000.0], dtype=torch.float64)
    report = check_gradient(naive, x)
    assert [math.isnan(entry.gradient) for entry in report.entries] == [True, False, True]
    assert str(report).startswith("2 of 3 entries wrong, the worst at index 0")
    assert check_gradient(mlmath.sigmoid, x)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_narrow_gradient_needs_half_of_its_own_digits(dtype):
    x = torch.tensor([-3.0, 0.5, 2.0], dtype=dtype)
    assert check_gradient(mlmath.log_sigmoid, x)
    assert not check_gradient(mlmath.log_sigmoid, x, 0.8 * mlmath.sigmoid(-x))


def test_the_automatic_gradient_of_jax_is_compared():
    x = jnp.asarray([0.5, -1.0, 2.0])
    assert check_gradient(lambda x: jax.nn.softmax(x)[0], x)

    @jax.custom_vjp
    def cube(x):
        return x**3

    cube.defvjp(lambda x: (x**3, x), lambda x, g: (2 * x**2 * g,))
    assert check_gradient(cube, x).worst.relative_error == pytest.approx(1 / 3, rel=1e-3)


def test_a_gradient_of_a_sum_over_all_results_is_meant():
    assert check_gradient(mlmath.softmax, [0.0, 1.0, 2.0], [0.0, 0.0, 0.0])
    assert not check_gradient(mlmath.softmax, [0.0, 1.0, 2.0], [0.0, 1e-6, 0.0])


def test_a_slope_hidden_by_rounding_is_named():
    report = check_gradient(mlmath.sigmoid, [40.0], [0.0])
    assert report
    assert "too small beside f to be told from zero: 1 of 1" in str(report)


def test_a_tolerance_can_be_given():
    assert not check_gradient(np.sin, X, lambda x: np.cos(x) * (1 + 1e-6))
    assert check_gradient(np.sin, X, lambda x: np.cos(x) * (1 + 1e-6), rtol=1e-5)


@pytest.mark.parametrize(
    ("x", "gradient", "error", "line"),
    [
        ([1.0], None, TypeError, "check_gradient: gradient is None, x is an array of float64"),
        ([], [], ValueError, "check_gradient: x is empty; "),
        ([math.inf], [1.0], ValueError, "check_gradient: x is not finite; "),
        (
            [1.0, 2.0],
            [1.0],
            ValueError,
            "check_gradient: gradient has shape (1,), x has shape (2,)",
        ),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(x, gradient, error, line):
    with pytest.raises(error) as refused:
        check_gradient(np.sin, x, gradient)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
