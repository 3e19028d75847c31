"""The graph is compared with exact arithmetic, with torch, and with finite differences."""

import gc
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from mlmath import Value

NUMBERS = st.fractions(-9, 9, max_denominator=9)


def grads(f, *numbers):
    leaves = [Value(number) for number in numbers]
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


@given(NUMBERS, NUMBERS)
def test_each_operator_has_its_derivative_exactly(a, b):
    assert grads(lambda x, y: x + y, a, b) == [1, 1]
    assert grads(lambda x, y: x - y, a, b) == [1, -1]
    assert grads(lambda x, y: x * y, a, b) == [b, a]
    assert grads(lambda x: -x, a) == [-1]
    assert grads(lambda x: 3 - x, a) == [-1]
    assert grads(lambda x: x**3, a) == [3 * a**2]
    assert grads(lambda x: x**0, a) == [0]
    assert grads(lambda x: x.relu(), a) == [int(a > 0)]
    assume(b != 0)
    assert grads(lambda x, y: x / y, a, b) == [1 / b, -a / b**2]
    assert grads(lambda x: 2 / x, b) == [-2 / b**2]
    assert grads(lambda x: x**-2, b) == [-2 * b**-3]


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_random_expression_agrees_with_its_own_difference_quotients(a, b, c):
    def f(x, y, z):
        return (x * y + z) * (x - 2 * y) / (y**2 + 1) + x * x * z

    # (f(x + h) - f(x - h)) / 2h is exact up to h^2 times a third derivative
    h = Fraction(1, 10**12)
    for i, grad in enumerate(grads(f, a, b, c)):
        up, down = [[a, b, c] for _ in range(2)]
        up[i] += h
        down[i] -= h
        assert abs((f(*up) - f(*down)) / (2 * h) - grad) < Fraction(1, 10**18)


def test_the_chain_of_the_lecture():
    x = Value([Fraction(0), Fraction(1), Fraction(2)])
    a = x + 2
    b = a**2
    c = b + 3
    y = c.mean()
    assert [n.data.tolist() for n in (a, b, c)] == [[2, 3, 4], [4, 9, 16], [7, 12, 19]]
    assert y.data == Fraction(38, 3)
    y.backward()
    assert c.grad.tolist() == [Fraction(1, 3)] * 3
    assert x.grad.tolist() == [Fraction(4, 3), Fraction(2), Fraction(8, 3)]


@pytest.mark.parametrize("x", [-700.5, -2.5, -0.25, 0.5, 3.0, 40.0, 705.0])
def test_transcendental_functions_agree_with_torch(x):
    for name in ("exp", "tanh") + (("log",) if x > 0 else ()):
        tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        result = getattr(tensor, name)()
        result.backward()
        value = Value(x)
        ours = getattr(value, name)()
        ours.backward()
        assert ours.data == pytest.approx(float(result.detach()), rel=1e-15)
        slope = 1 / math.cosh(x) ** 2 if name == "tanh" and abs(x) < 300 else float(tensor.grad)
        assert value.grad == pytest.approx(slope, rel=1e-14, abs=0)


def test_arrays_agree_with_torch():
    rng = np.random.default_rng(0)
    a, b, c = rng.uniform(0.5, 2, (4, 3)), rng.uniform(0.5, 2, (1, 3)), rng.uniform(0.5, 2, 3)

    def f(x, y, z):
        return (((x * y - z) / (y + 2)) ** 2 + (x.log() * z).tanh() + (-y).exp() + x.relu()).mean()

    leaves, tensors = [Value(v) for v in (a, b, c)], [torch.tensor(v) for v in (a, b, c)]
    for tensor in tensors:
        tensor.requires_grad_()
    f(*leaves).backward()
    f(*tensors).backward()
    for leaf, tensor in zip(leaves, tensors, strict=True):
        assert leaf.grad.shape == leaf.data.shape
        np.testing.assert_allclose(leaf.grad, tensor.grad.numpy(), rtol=1e-13)


def test_what_was_broadcast_is_summed_back():
    shapes = [((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((1, 1), (3,)), ((1,), (0,))]
    for small, large in shapes:
        x, y = Value(np.full(small, 2.0)), Value(np.full(large, 3.0))
        (x * y).sum().backward()
        size = np.broadcast_shapes(small, large)
        repeats = math.prod(size) / math.prod(small)
        assert np.shape(x.grad) == small
        np.testing.assert_array_equal(x.grad, np.full(small, 3.0 * repeats))
        assert np.shape(y.grad) == large
    with pytest.raises(ValueError, match=r"^Value: shapes \(2,\) and \(3,\) do not broadcast$"):
        Value([1, 2]) + Value([1, 2, 3])


def test_integers_and_fractions_stay_exact():
    assert (Value(1) / 3).data == Fraction(1, 3)
    assert type((Value(1) / 3).data) is Fraction
    assert (Value(2) ** -3).data == Fraction(1, 8)
    assert (1 - Value(10**30)).data == 1 - 10**30
    assert (Value(7) ** Fraction(4, 2)).data == 49
    assert Value([1, Fraction(1, 3)]).mean().data == Fraction(2, 3)
    assert (Value(2**70).relu()).data == 2**70
    assert (Value(2**63).relu()).data == 2**63
    assert (Value(-(2**63)).relu()).data == 0
    x = Value(3)
    (3 * x**2 + 15).backward()
    assert x.grad == 18
    assert type(x.grad) is int


def test_fractions_become_floats_where_they_meet_one():
    for a, b in ((Fraction(1, 4), np.array([0.5])), (0.5, np.array([Fraction(1, 4)]))):
        x, y = Value(a), Value(b)
        for result in (x * y, x + y, x / y, x - y, y / x):
            assert result.data.dtype == np.float64
        ((x * y).sum() / 3).backward()
        assert isinstance(x.grad, float)
        assert np.asarray(y.grad).dtype == np.float64
    assert Value(10**400).exp().data == math.inf
    assert (Value(-(10**400)) * 1.0).data == -math.inf


def test_the_gradient_of_a_float_is_a_float():
    (grad,) = grads(lambda x: x / 3, 0.5)
    assert grad == 1 / 3
    assert type(grad) is float


def test_a_float_array_keeps_its_dtype():
    x = Value(np.array([1.0, 2.0], dtype=np.float32))
    y = ((x + 1) ** 2 / 3 - x * 0.5).relu()
    assert y.data.dtype == np.float32
    y.mean().backward()
    assert x.grad.dtype == np.float32


def test_a_node_used_twice_gets_the_sum_of_both_paths():
    assert grads(lambda x: x * x + x, 3) == [7]
    assert grads(lambda x: (x + x) * (x + x), 3) == [24]
    x = Value(2)
    y = x * 3
    z = y * y + y
    z.backward()
    assert (x.grad, y.grad, z.grad) == (39, 13, 1)


def test_leaves_accumulate_and_inner_nodes_do_not():
    x = Value(2)
    y = x * 3
    z = y * y
    for passes in (1, 2, 3):
        z.backward()
        assert (x.grad, y.grad, z.grad) == (36 * passes, 12, 1)
    leaf = Value(5)
    leaf.backward()
    leaf.backward()
    assert leaf.grad == 2


def test_a_long_chain_needs_no_recursion():
    x = Value(0)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    assert (y.data, x.grad) == (100_000, 1)
    del y
    gc.collect()
    deep = Value(1.0)
    for _ in range(100_000):
        deep = deep * deep
    del deep


def test_backward_wants_one_number():
    with pytest.raises(ValueError, match=r"^Value: backward from shape \(2,\); .*\.sum\(\)"):
        (Value([1, 2]) * 2).backward()


@pytest.mark.parametrize(
    ("exponent", "wanted"), [(0, 1), (2, 9), (Fraction(2), 9), (-1, Fraction(1, 3))]
)
def test_a_power_of_an_int_is_exact_and_an_int_where_it_can_be(exponent, wanted):
    data = (Value(3) ** exponent).data
    assert (type(data), data) == (type(wanted), wanted)


def test_a_whole_fraction_as_exponent_leaves_an_array_its_dtype():
    assert (Value(np.array([0.5, 3.0])) ** Fraction(2)).data.dtype == np.float64


def test_powers():
    assert grads(lambda x: x**0, 0) == [0]
    assert grads(lambda x: x**0.0, 0.0) == [0]
    assert grads(lambda x: x**1, 0) == [1]
    assert grads(lambda x: x**0.5, 0) == [math.inf]
    assert (Value(-2.0) ** 2.0).data == 4.0
    assert (Value(4) ** Fraction(1, 2)).data == 2.0
    assert (Value(-1e200) ** 3).data == -math.inf
    assert (Value(np.array([0.0, 2.0])) ** -1).data.tolist() == [math.inf, 0.5]
    for base in (-8, -8.0, Fraction(-8), [-8.0, 1]):
        for exponent in (0.5, Fraction(1, 3)):
            with pytest.raises(ValueError, match=r"^Value: .* is not real"):
                Value(base) ** exponent
    for base in (0, 0.0, Fraction(0), [Fraction(0)]):
        with pytest.raises(ZeroDivisionError, match=r"^Value: 0 \*\* -1 divides by zero"):
            Value(base) ** -1
    for exponent in (Value(2), "2", True, None, 1j, np.ones(2)):
        with pytest.raises(TypeError, match=r"^Value: the exponent of \*\* is .* is wanted$"):
            Value(2) ** exponent
    for base in (2, np.ones(2)):
        with pytest.raises(TypeError, match=r"^Value: the exponent of \*\* is a Value"):
            base ** Value(2)


@pytest.mark.parametrize("zero", [0, 0.0, Fraction(0)])
def test_division_by_zero(zero):
    for numerator in (1, 1.5, Fraction(1, 2), [Fraction(1, 2)], [1.0]):
        with pytest.raises(
            ZeroDivisionError, match=r"^Value: .* a divisor other than 0 is wanted$"
        ):
            Value(numerator) / zero
    assert (Value([1.0]) / np.array([0.0])).data.tolist() == [math.inf]


def test_edges_of_the_functions():
    assert Value(1000).exp().data == math.inf
    for wrong in (0, -1, -0.5, [1.0, 0.0]):
        with pytest.raises(ValueError, match=r"^Value: log of .*; positive numbers are wanted$"):
            Value(wrong).log()
    assert math.isnan(Value(math.nan).relu().data)
    assert math.isnan(grads(lambda x: x.relu(), math.nan)[0])
    for zero in (0, 0.0, -0.0):
        assert grads(lambda x: x.relu(), zero) == [0]
    with pytest.raises(ValueError, match=r"^Value: mean of shape \(0,\)"):
        Value([]).mean()


@pytest.mark.parametrize(
    "wrong", [True, 1j, "1", None, [True], ["a"], [[1], [2, 3]], {}, [1, 0.5j]]
)
def test_data_is_a_number(wrong):
    with pytest.raises(TypeError, match=r"^Value: data is .*; real numbers are wanted$"):
        Value(wrong)
    with pytest.raises(TypeError, match=r"^Value: data is .*; real numbers are wanted$"):
        Value(1) + wrong
    with pytest.raises(TypeError, match=r"^Value: data is .*; real numbers are wanted$"):
        wrong * Value(1)


def test_numpy_leaves_the_operators_to_value():
    x = Value(2.0)
    for result in (np.float64(3) * x, np.ones(2) + x, np.ones(2) / x, np.ones(2) - x):
        assert isinstance(result, Value)
    assert (np.array([1.0, 3.0]) - x).data.tolist() == [-1.0, 1.0]
    values = np.array([Value(1), Value(2)], dtype=object)
    for result, wanted in (
        (values * x, [2, 4]), (x * values, [2, 4]), (values - x, [-1, 0]), (x - values, [1, 0]),
        (values / x, [0.5, 1]), (x / values, [2, 1]), (values**2, [1, 4]),
    ):  # fmt: skip
        assert [value.data for value in result] == wanted


@pytest.mark.parametrize(
    "number", [2, 2.0, Fraction(2), True, 2j, np.float64(2), np.ones(2), torch.ones(2)]
)
def test_a_value_is_not_compared_with_a_number(number):
    x = Value(2)
    message = r"^Value: == and != compare a Value with a number; compare its \.data instead$"
    for call in (
        lambda: x == number, lambda: x != number, lambda: number == x, lambda: number != x
    ):  # fmt: skip
        with pytest.raises(TypeError, match=message):
            call()


def test_two_values_are_equal_where_they_are_one():
    x, y = Value(2), Value(2)
    assert x == x
    assert x != y
    assert {x, y, x} == {x, y}
    assert x in {x: 1}
    assert x in (y, x)
    assert y not in {x}
    assert (np.array([x, y]) == np.array([x, x])).tolist() == [True, False]
    assert x != None  # noqa: E711
    assert x != "2"


def test_what_a_value_cannot_do_is_said():
    x = Value(2.0)
    for call in (lambda: x @ x, lambda: x @ np.ones(2), lambda: np.ones(2) @ x):
        with pytest.raises(TypeError, match=r"^Value: @ is .*; \(a \* b\)\.sum\(\) is wanted$"):
            call()
    for call in (
        lambda: np.sin(x),
        lambda: np.square(x),
        lambda: np.maximum(x, 0),
        lambda: np.add.reduce(x),
        lambda: np.exp(x, out=np.ones(())),
    ):
        with pytest.raises(TypeError, match=r"^Value: numpy\..* is wanted$"):
            call()


def test_numpy_scalars_are_python_numbers():
    assert type(Value(np.int64(3)).data) is int
    assert type(Value(np.float32(0.5)).data) is float
    assert type(Value(np.asarray(0.5)).data) is float
    assert Value([1, 2]).data.dtype == np.float64


def test_data_is_copied():
    array = np.ones(2)
    x = Value(array)
    array[0] = 9
    assert x.data.tolist() == [1.0, 1.0]


def test_micrograd_can_draw_it():
    x = Value(1.5)
    y = x * x + 1
    y.backward()
    # What micrograd's draw_dot reads.
    assert y._op == "+"
    assert set(y._prev) >= set(y._prev[:1])
    assert f"{y.data:.4f} {y.grad:.4f}" == "3.2500 1.0000"
    assert repr(Value(3)) == "Value(data=3, grad=0)"
    assert len({x, y}) == 2
    assert x != Value(1.5)


def test_micrograd_sanity_check():
    # The check of micrograd's own test suite, against torch.
    def f(x, relu):
        z = 2 * x + 2 + x
        q = relu(z) + z * x
        h = relu(z * z)
        return h + q + q * x

    x, tensor = Value(-4.0), torch.tensor(-4.0, dtype=torch.float64, requires_grad=True)
    y, wanted = f(x, Value.relu), f(tensor, torch.relu)
    y.backward()
    wanted.backward()
    assert (y.data, x.grad) == (wanted.item(), tensor.grad.item())
