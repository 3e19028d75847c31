"""Derivatives of polynomials are compared with the rules for them, exactly."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlmath import (
    Value,
    derivative,
    difference_quotient,
    gradient,
    partial_derivative,
    sigmoid_derivative,
)


def parabola(x):
    return 3 * x**2 + 15


def cubic(p):
    return 5 * p[0] ** 3 + 7 * p[1] ** 2


def test_the_lecture():
    assert derivative(parabola, 3) == 18
    assert derivative(parabola, 2) == 12
    assert type(derivative(parabola, 3)) is int
    assert partial_derivative(cubic, [3, 2], 0) == 135
    assert partial_derivative(cubic, [3, 2], 1) == 28
    assert gradient(cubic, [3, 2]) == [135, 28]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sum((xi + 2) ** 2 + 3 for xi in x) / len(x),
        lambda x: ((x + 2) ** 2 + 3).mean(),
        lambda x: np.mean((2 + x) * (x + 2) + 3),
    ],
)
def test_the_lecture_s_gradient(f):
    wanted = [Fraction(4, 3), Fraction(2), Fraction(8, 3)]
    for point in ([0, 1, 2], (0, 1, 2), range(3), [Fraction(0), 1, Fraction(2)]):
        result = gradient(f, point)
        assert result == wanted
        assert type(result) is list


@given(st.lists(st.fractions(), min_size=1, max_size=6), st.fractions())
def test_the_derivative_of_a_polynomial_is_exact(coefficients, x):
    def polynomial(x):
        return sum(c * x**i for i, c in enumerate(coefficients))

    wanted = sum(i * c * x ** (i - 1) for i, c in enumerate(coefficients) if i > 0)
    assert derivative(polynomial, x) == wanted
    both = derivative(polynomial, np.array([x, x], dtype=object))
    assert both.tolist() == [wanted, wanted]


@given(st.fractions(), st.fractions().filter(bool))
def test_the_difference_quotient_of_the_parabola(x, h):
    assert difference_quotient(parabola, x, h) == 6 * x + 3 * h


def test_the_difference_quotient_is_exact_for_integers():
    assert difference_quotient(parabola, 3, 1) == 21
    assert difference_quotient(lambda x: x**2, 0, 3) == Fraction(3)
    assert type(difference_quotient(lambda x: x**2, 1, 2)) is Fraction
    assert difference_quotient(lambda x: x**3, Fraction(1, 3), -1) == Fraction(1, 3)


@pytest.mark.parametrize("make", [np.asarray, torch.asarray])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_an_array_gives_the_derivative_at_each_element(make, dtype):
    x = make([[1.0, 2.0], [3.0, -4.0]])
    x = x.to(getattr(torch, dtype)) if make is torch.asarray else x.astype(dtype)
    for result in (derivative(parabola, x), difference_quotient(parabola, x, 2) - 6):
        assert type(result) is type(x)
        assert result.dtype == x.dtype
        assert result.tolist() == [[6.0, 12.0], [18.0, -24.0]]
    assert gradient(lambda p: (p * p).sum(), x[0]).tolist() == [2.0, 4.0]
    assert type(partial_derivative(cubic, x[0], 1)) in (np.dtype(dtype).type, torch.Tensor)


def test_lists_and_integer_arrays():
    assert derivative(parabola, [1, 2]).tolist() == [6.0, 12.0]
    assert derivative(parabola, torch.tensor([1, 2])).dtype == torch.float32
    assert gradient(cubic, np.array([3, 2])).tolist() == [135.0, 28.0]
    assert gradient(cubic, np.array([3, Fraction(2)], dtype=object)).tolist() == [135, 28]
    assert type(derivative(parabola, np.float32(3))) is np.float32
    assert difference_quotient(parabola, [1, 2], 1).tolist() == [9.0, 15.0]


@pytest.mark.parametrize("x", [0, 2.0, -3.5, 20.0, Fraction(1, 2)])
def test_the_derivative_of_the_sigmoid(x):
    result = derivative(lambda x: 1 / (1 + (-x).exp()), x)
    assert result == pytest.approx(sigmoid_derivative(float(x)), rel=1e-15, abs=0)


def test_gradients_through_numpy_s_functions():
    def f(x):
        return np.exp(x).sum() + (x * x[0]).sum() - np.tanh(x - x[1]).sum() + x @ x

    point = [0.5, -1.0, 2.0]
    tensor = torch.tensor(point, dtype=torch.float64, requires_grad=True)
    wanted = tensor.exp().sum() + (tensor * tensor[0]).sum() - (tensor - tensor[1]).tanh().sum()
    (wanted + tensor @ tensor).backward()
    assert gradient(f, point) == pytest.approx(tensor.grad.tolist(), rel=1e-14)


def test_gradient_forms_of_access():
    def unpacked(p):
        x, y = p
        return x * y + len(p)

    assert gradient(unpacked, [3, 4]) == [4, 3]
    assert gradient(lambda p: p[0] * p[-1], [3, 4]) == [4, 3]
    # What f does not use, and what does not depend on the point, has the derivative 0.
    assert gradient(lambda p: p[0] ** 2, [3, 4]) == [6, 0]
    assert gradient(lambda p: 5, [3, 4]) == [0, 0]
    assert gradient(lambda p: np.float64(5), np.ones(2)).tolist() == [0.0, 0.0]
    assert derivative(lambda x: 5, 3) == 0
    assert derivative(lambda x: 5, [1.0, 2.0]).tolist() == [0.0, 0.0]
    assert derivative(lambda x: x, 3) == 1
    assert gradient(lambda p: p[0] * 1.5 + p[1], [1, Fraction(1, 2)]) == [1.5, 1]
    # A point of fractions may have a gradient that is none.
    assert gradient(lambda p: p[0].exp(), np.array([Fraction(0)])).tolist() == [1.0]


def test_a_tensor_under_autograd_is_read_without_a_warning():
    point = torch.tensor([3.0, 2.0], requires_grad=True)
    assert gradient(cubic, point).tolist() == [135.0, 28.0]
    assert derivative(parabola, point).tolist() == [18.0, 12.0]


@pytest.mark.parametrize("function", [gradient, lambda f, p: partial_derivative(f, p, 0)])
def test_a_point_is_a_sequence_of_numbers(function):
    for wrong in ([], np.ones((0,)), np.ones((2, 2)), np.float64(1), [[1, 2]], torch.ones(())):
        with pytest.raises(ValueError, match=r"^(gradient|partial_derivative): point.* is wanted$"):
            function(cubic, wrong)
    for wrong in ("ab", None, 3, [True], ["a"], [None], [1j], {1: 2}, [Value(1)]):
        with pytest.raises(TypeError, match=r"^(gradient|partial_derivative): point.* wanted$"):
            function(cubic, wrong)


@pytest.mark.parametrize("wrong", [None, "a", True, [1], np.ones(2), 1j])
def test_f_returns_a_value(wrong):
    for call in (lambda: gradient(lambda p: wrong, [1]), lambda: derivative(lambda x: wrong, 1)):
        with pytest.raises(TypeError, match=r"f returned .*; a Value or a number is wanted$"):
            call()


@pytest.mark.parametrize("call", [derivative, gradient, lambda f, x: difference_quotient(f, x, 1),
                                  lambda f, x: partial_derivative(f, x, 0)])  # fmt: skip
def test_f_is_a_function(call):
    with pytest.raises(TypeError, match=r"^[a-z_]+: f is 3; a function is wanted$"):
        call(3, [1])


@pytest.mark.parametrize("x", [1, 1.0, Fraction(1), [1.0], np.ones(2)])
@pytest.mark.parametrize("wrong", [None, "a", True, {}])
def test_the_difference_quotient_wants_numbers_from_f(x, wrong):
    with pytest.raises(TypeError, match=r"^difference_quotient: f returned .*number.* is wanted$"):
        difference_quotient(lambda x: wrong, x, 1)


def test_numpy_s_exp_log_and_tanh_work_on_one_value():
    assert derivative(np.exp, 1.0) == math.e
    assert derivative(np.log, 4.0) == 0.25
    assert derivative(np.tanh, 0.0) == 1.0
    assert gradient(lambda p: np.exp(p[0]), [0, 1]) == [1.0, 0]
    assert derivative(np.exp, [0.0, 1.0]).tolist() == [1.0, math.e]


def test_f_returns_the_right_shape():
    with pytest.raises(
        ValueError, match=r"^gradient: f returned shape \(2,\); shape \(\) is wanted"
    ):
        gradient(lambda p: p[0] * [1.0, 2.0], [1, 2])
    with pytest.raises(ValueError, match=r"^derivative: f returned shape \(\); shape \(2,\)"):
        derivative(lambda x: x.sum(), [1.0, 2.0])
    with pytest.raises(
        ValueError, match=r"^difference_quotient: f returned shape \(\), x has shape"
    ):
        difference_quotient(lambda x: x.sum(), np.ones(2), 1)
    with pytest.raises(TypeError, match=r"^gradient: f returned an array of object"):
        gradient(lambda p: p, [1, 2])


def test_an_index_counts_as_in_a_sequence():
    assert partial_derivative(cubic, [3, 2], -1) == 28
    assert partial_derivative(cubic, (3, 2), np.int64(0)) == 135
    for wrong in (2, -3):
        with pytest.raises(
            IndexError,
            match=r"^partial_derivative: index is .*, point has length 2; -2 to 1 is wanted$",
        ):
            partial_derivative(cubic, [3, 2], wrong)
    for wrong in (1.0, True, "0", None):
        with pytest.raises(TypeError, match=r"^partial_derivative: index is .*; an int is wanted$"):
            partial_derivative(cubic, [3, 2], wrong)


def test_a_step_is_a_finite_number_not_zero():
    for wrong in (0, 0.0, math.inf, math.nan):
        with pytest.raises(ValueError, match=r"^difference_quotient: h is .* is wanted$"):
            difference_quotient(parabola, 3, wrong)
    for wrong in ("1", None, True, np.ones(1)):
        with pytest.raises(TypeError, match=r"^difference_quotient: h is .* is wanted$"):
            difference_quotient(parabola, 3, wrong)
    with pytest.raises(TypeError, match=r"^difference_quotient: x holds fractions"):
        difference_quotient(parabola, [Fraction(1, 2)], 0.5)
    assert difference_quotient(lambda x: 5, np.ones(2), 1).tolist() == [0.0, 0.0]
    assert difference_quotient(parabola, 1.0, 2.0) == 12.0
