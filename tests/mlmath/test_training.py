"""Each gradient of the hand-written backward pass is compared with torch's autograd."""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
import torch

from mlmath import Network, TrainingStep, Value, mse, network, sgd_step, training_step

SIZES = [(3, 1, 1), (2, 32, 1), (3, 32, 2), (4, 5, 3)]


def example(inputs, hidden, outputs, *, n=7, dtype=torch.float64):
    generator = torch.Generator().manual_seed(inputs + hidden + outputs)
    shapes = [(hidden, inputs), (hidden,), (outputs, hidden), (outputs,), (n, inputs), (n, outputs)]
    *parameters, x, target = (
        torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes
    )
    return Network(*parameters), x, target


@pytest.mark.parametrize("sizes", SIZES)
def test_one_step_agrees_with_torch(sizes):
    parameters, x, target = example(*sizes)
    inputs, hidden, outputs = sizes
    net = torch.nn.Sequential(
        torch.nn.Linear(inputs, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, outputs)
    ).double()
    for theirs, ours in zip(net.parameters(), parameters, strict=True):
        theirs.data = ours.clone()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    loss = torch.nn.functional.mse_loss(net(x), target)
    loss.backward()
    optimizer.step()

    step = training_step(parameters, x, target, learning_rate=0.1)
    numpy_step = training_step(
        Network(*(p.numpy() for p in parameters)), x.numpy(), target.numpy(), learning_rate=0.1
    )
    near = {"rtol": 1e-12, "atol": 1e-15}
    torch.testing.assert_close(step.loss, loss.detach(), **near)
    for result in (step, numpy_step):
        for theirs, gradient, new in zip(
            net.parameters(), result.gradients, result.parameters, strict=True
        ):
            torch.testing.assert_close(torch.as_tensor(gradient), theirs.grad, **near)
            torch.testing.assert_close(torch.as_tensor(new), theirs.detach(), **near)


def test_autograd_of_the_forward_pass_agrees_with_the_backward_pass():
    parameters, x, target = example(2, 32, 1)
    leaves = Network(*(p.clone().requires_grad_() for p in parameters))
    mse(network(x, leaves), target).backward()
    step = training_step(parameters, x, target, learning_rate=1)
    for leaf, gradient in zip(leaves, step.gradients, strict=True):
        torch.testing.assert_close(gradient, leaf.grad, rtol=1e-12, atol=1e-15)


def test_a_step_over_the_rationals_is_exact():
    half = Fraction(1, 2)
    parameters = Network(
        [[half, -1], [2, half], [-1, -1]], [0, half, 1], [[1, -half, 3]], [Fraction(1, 3)]
    )
    x, target = [[1, 2], [half, -3]], [[1], [half]]
    step = training_step(parameters, x, target, learning_rate=Fraction(1, 7))

    # The same network, number by number, on the graph.
    leaves = [np.vectorize(Value, otypes=[object])(np.array(p, dtype=object)) for p in parameters]
    w1, b1, w2, b2 = leaves
    errors = []
    for row, wanted in zip(x, target, strict=True):
        hidden = [
            (sum(w * v for w, v in zip(ws, row, strict=True)) + b).relu()
            for ws, b in zip(w1, b1, strict=True)
        ]
        for ws, b, y in zip(w2, b2, wanted, strict=True):
            errors.append((sum(w * h for w, h in zip(ws, hidden, strict=True)) + b - y) ** 2)
    loss = sum(errors) / len(errors)
    loss.backward()

    assert step.loss == loss.data
    for values, gradient, old, new in zip(
        leaves, step.gradients, parameters, step.parameters, strict=True
    ):
        wanted = np.vectorize(lambda value: value.grad, otypes=[object])(values)
        assert gradient.tolist() == wanted.tolist()
        assert new.tolist() == (np.array(old, dtype=object) - Fraction(1, 7) * wanted).tolist()
        assert all(type(number) is Fraction for number in gradient.flat)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_narrow_step_is_the_wide_step_rounded_once(dtype):
    parameters, x, target = example(3, 32, 2, dtype=dtype)
    narrow = training_step(parameters, x, target, learning_rate=0.1)
    wide = training_step(
        Network(*(p.double() for p in parameters)), x.double(), target.double(), learning_rate=0.1
    )
    assert torch.equal(narrow.loss, wide.loss.to(dtype))
    for field in ("gradients", "parameters"):
        for ours, reference in zip(getattr(narrow, field), getattr(wide, field), strict=True):
            assert torch.equal(ours, reference.to(dtype))


def test_many_steps_learn_the_exclusive_or():
    rng = np.random.default_rng(0)
    parameters = Network(
        rng.normal(size=(32, 2)), np.zeros(32), rng.normal(size=(1, 32)) / 8, np.zeros(1)
    )
    x, target = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    first = training_step(parameters, x, target, learning_rate=0.1)
    for _ in range(300):
        step = training_step(parameters, x, target, learning_rate=0.1)
        parameters = step.parameters
    assert isinstance(step, TrainingStep)
    assert isinstance(parameters, Network)
    assert step.loss < 1e-3 < first.loss
    np.testing.assert_array_equal(np.round(network(x, parameters)), target)


def test_old_parameters_are_left_alone():
    parameters, x, target = example(2, 4, 1)
    before = [p.clone() for p in parameters]
    training_step(parameters, x, target, learning_rate=1)
    assert all(map(torch.equal, parameters, before))


def test_shapes_that_do_not_fit_are_named():
    parameters, x, target = example(2, 4, 1)
    for call in (
        lambda p, x=x: training_step(p, x, target, learning_rate=1),
        lambda p, x=x: network(x, p),
    ):
        with pytest.raises(
            ValueError,
            match=r"hidden_weight has shape \(4, 2\), hidden_bias has "
            r"shape \(3,\); they must agree in hidden$",
        ):
            call(parameters._replace(hidden_bias=np.zeros(3).tolist()))
        with pytest.raises(ValueError, match=r"x has shape \(2,\); \(n, inputs\) is wanted$"):
            call(parameters, x[0])
        with pytest.raises(TypeError, match=r"a Network of hidden_weight, .* is wanted$"):
            call(parameters[:3])
    for wrong in (target[:1], target.T, target[:, 0]):
        with pytest.raises(ValueError, match=r"^training_step: .*target has shape"):
            training_step(parameters, x, wrong, learning_rate=1)
    with pytest.raises(
        ValueError, match=r"^training_step: x has shape .*; one example or more is wanted$"
    ):
        training_step(parameters, x[:0], target[:0], learning_rate=1)
    none = parameters._replace(output_weight=torch.ones((0, 4)), output_bias=torch.ones(0))
    with pytest.raises(
        ValueError,
        match=r"^training_step: target has shape \(7, 0\); one output or more is wanted$",
    ):
        training_step(none, x, target[:, :0], learning_rate=1)


class Line(NamedTuple):
    slope: object
    offset: object


def test_sgd_step_keeps_the_structure():
    assert sgd_step([1.0, 2.0], [4.0, 4.0], learning_rate=0.25) == [0.0, 1.0]
    assert sgd_step((1, 2), (4, 4), learning_rate=Fraction(1, 3)) == (
        Fraction(-1, 3),
        Fraction(2, 3),
    )
    assert sgd_step(Line(1.0, 2.0), (4, 4), learning_rate=0.25) == Line(0.0, 1.0)
    step = sgd_step([np.ones(2, np.float32), [[1]]], [[1, 2], [[3.0]]], learning_rate=0.5)
    assert step[0].dtype == np.float32
    assert step[1].tolist() == [[-0.5]]
    assert sgd_step(3.0, 1, learning_rate=1) == 2.0


def test_a_parameter_keeps_its_dtype_beside_a_wider_gradient():
    wide = np.full(1, 1 / 3)
    step = sgd_step(np.ones(1, np.float32), wide, learning_rate=0.1)
    assert step.dtype == np.float32
    assert step == np.float32(1 - 0.1 * wide)


def test_sgd_step_on_the_lecture_is_exact():
    gradients = [Fraction(4, 3), Fraction(2), Fraction(8, 3)]
    assert sgd_step([0, 1, 2], gradients, learning_rate=1) == [
        Fraction(-4, 3), Fraction(-1), Fraction(-2, 3)
    ]  # fmt: skip


def test_a_list_of_numbers_is_exact_or_not_as_a_whole():
    step = sgd_step([Fraction(1), 2], [1, 1], learning_rate=1)
    assert step == [0, 1]
    assert [type(number) for number in step] == [Fraction, Fraction]
    assert [type(number) for number in sgd_step((1.5, 2), [1, 1], learning_rate=1)] == [
        float,
        float,
    ]
    with pytest.raises(TypeError, match=r"^sgd_step: parameters .*only int and Fraction are exact"):
        sgd_step([Fraction(1), 2.5], [1, 1], learning_rate=1)
    assert sgd_step([], [], learning_rate=1) == []


def test_what_is_no_array_takes_the_kind_of_its_gradient():
    assert type(sgd_step(1, np.float32(1), learning_rate=0.5)) is np.float32
    (new,) = sgd_step([[1.0, 2.0]], [torch.ones(2)], learning_rate=0.5)
    assert new.dtype == torch.float32


def test_sgd_step_agrees_with_torch():
    parameter = torch.randn(5, dtype=torch.float64, requires_grad=True)
    (parameter**3).sum().backward()
    wanted = parameter.detach() - 0.1 * parameter.grad
    assert torch.equal(sgd_step(parameter.detach(), parameter.grad, learning_rate=0.1), wanted)
    torch.optim.SGD([parameter], lr=0.1).step()
    torch.testing.assert_close(parameter.detach(), wanted, rtol=1e-15, atol=1e-16)


def test_sgd_step_refuses_what_does_not_fit():
    def step(parameters, gradients, rate=1):
        return sgd_step(parameters, gradients, learning_rate=rate)

    with pytest.raises(
        ValueError, match=r"^sgd_step: parameters has length 1, gradients has length 2"
    ):
        step([1], [1, 2])
    with pytest.raises(ValueError, match=r"^sgd_step: parameters\[1\] has shape \(2,\), gradients"):
        step([0, np.ones(2)], [0, np.ones((2, 1))])
    with pytest.raises(TypeError, match=r"the same structure is wanted$"):
        step([1, 2], np.ones(2))
    with pytest.raises(TypeError, match=r"pass learning_rate as fractions too"):
        step([Fraction(1)], [1], 0.1)
    for wrong in ("1", None, True, 1j, np.ones(1)):
        with pytest.raises(TypeError, match=r"^sgd_step: learning_rate is .* is wanted$"):
            step([1], [1], wrong)
    for wrong in (0, -1, -0.5, math.inf, math.nan, Fraction(-1, 2)):
        with pytest.raises(ValueError, match=r"^sgd_step: learning_rate is .* is wanted$"):
            step([1], [1], wrong)


def test_the_learning_rate_has_no_say_in_the_dtype():
    for rate in (np.float64(0.5), np.float32(0.5), np.int64(1)):
        assert sgd_step(np.ones(1, np.float32), [1], learning_rate=rate).dtype == np.float32
        assert type(sgd_step(1.0, 1.0, learning_rate=rate)) is float
