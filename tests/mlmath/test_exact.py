"""Where the mathematics is rational, so are the results: compared with ==, their types too."""

from fractions import Fraction

import numpy as np

import mlmath
from mlmath import Value

# One feature beside a constant one, so that the weights are slope and offset of a line.
X = [[Fraction(0), 1], [Fraction(1, 2), 1], [Fraction(3), 1]]
TARGET = [Fraction(1), Fraction(1, 3), Fraction(-2)]
WEIGHTS = [Fraction(1, 2), Fraction(-1, 7)]
RATE = Fraction(1, 5)


def elements(result):
    """What a result holds: a number itself, or those of an array or list."""
    return list(np.asarray(result, dtype=object).flat)


def assert_exact(result, wanted):
    assert elements(result) == elements(wanted)
    assert {type(element) for element in elements(result)} == {Fraction}


def test_every_node_of_the_graph_of_the_lecture():
    x = Value([Fraction(0), Fraction(1), Fraction(2)])
    a = x + 2
    b = a**2
    c = b + 3
    y = c.mean()
    y.backward()
    for node, data, grad in (
        (x, [0, 1, 2], [Fraction(4, 3), 2, Fraction(8, 3)]),
        (a, [2, 3, 4], [Fraction(4, 3), 2, Fraction(8, 3)]),
        (b, [4, 9, 16], [Fraction(1, 3)] * 3),
        (c, [7, 12, 19], [Fraction(1, 3)] * 3),
        (y, Fraction(38, 3), 1),
    ):
        assert_exact(node.data, data)
        # The gradient of a number with respect to itself is the int 1.
        assert elements(node.grad) == elements(grad)
        assert {type(element) for element in elements(node.grad)} <= {Fraction, int}


def test_the_mean_squared_error_and_its_gradient():
    prediction, target = [Fraction(1, 3), 2], [Fraction(1), Fraction(1, 2)]
    assert_exact(mlmath.mse(prediction, target), (Fraction(4, 9) + Fraction(9, 4)) / 2)
    assert_exact(
        mlmath.mse_gradient(prediction=prediction, target=target), [Fraction(-2, 3), Fraction(3, 2)]
    )


def test_the_products():
    assert_exact(mlmath.inner(WEIGHTS, X[1]), Fraction(3, 28))
    assert_exact(
        mlmath.outer(WEIGHTS, [2, 3]), [[1, Fraction(3, 2)], [Fraction(-2, 7), Fraction(-3, 7)]]
    )


def test_a_training_step_of_a_linear_model():
    # By hand: p_i = w x_i + b, dL/dw = 2/n sum (p_i - y_i) x_i, dL/db = 2/n sum (p_i - y_i).
    w, b = WEIGHTS
    errors = [w * x + b * one - y for (x, one), y in zip(X, TARGET, strict=True)]
    loss = sum(error**2 for error in errors) / 3
    slopes = [sum(2 * e * row[j] for e, row in zip(errors, X, strict=True)) / 3 for j in (0, 1)]
    assert (loss, slopes) == (Fraction(89101, 21168), [Fraction(239, 36), Fraction(167, 126)])

    # With the functions of the package.
    prediction = [mlmath.inner(WEIGHTS, row) for row in X]
    assert_exact(mlmath.mse(prediction, TARGET), loss)
    back = mlmath.mse_gradient(prediction=prediction, target=TARGET)
    gradients = [mlmath.inner(back, [row[j] for row in X]) for j in (0, 1)]
    assert_exact(gradients, slopes)
    new = mlmath.sgd_step(WEIGHTS, gradients, learning_rate=RATE)
    assert_exact(new, [w - RATE * slopes[0], b - RATE * slopes[1]])

    # On the graph.
    weight, offset = Value(w), Value(b)
    predicted = weight * np.array([row[0] for row in X], dtype=object) + offset
    error = ((predicted - np.array(TARGET, dtype=object)) ** 2).mean()
    error.backward()
    assert_exact(error.data, loss)
    assert_exact([weight.grad, offset.grad], slopes)

    # By the gradient of the loss as a function of the weights.
    columns = np.array(X, dtype=object).T
    of_weights = mlmath.gradient(
        lambda p: ((p[0] * columns[0] + p[1] * columns[1] - np.array(TARGET)) ** 2).mean(), WEIGHTS
    )
    assert_exact(of_weights, slopes)


def test_exact_steps_go_down_and_stay_exact():
    weights, losses = WEIGHTS, []
    for _ in range(5):
        prediction = [mlmath.inner(weights, row) for row in X]
        losses.append(mlmath.mse(prediction, TARGET))
        back = mlmath.mse_gradient(prediction=prediction, target=TARGET)
        gradients = [mlmath.inner(back, [row[j] for row in X]) for j in (0, 1)]
        weights = mlmath.sgd_step(weights, gradients, learning_rate=Fraction(1, 10))
    assert losses == sorted(set(losses), reverse=True)
    assert_exact(losses, losses)


def test_ints_stay_ints_where_the_result_is_whole():
    x = Value(3)
    y = 3 * x**2 + 15
    y.backward()
    assert (y.data, x.grad) == (42, 18)
    assert {type(y.data), type(x.grad)} == {int}
    assert type(mlmath.inner([1, 2], [3, 4])) is int
    assert type(mlmath.relu(-3)) is int
    assert_exact(mlmath.relu([Fraction(-1, 2), Fraction(1, 2)]), [0, Fraction(1, 2)])
    assert_exact(mlmath.relu_derivative([Fraction(-1, 2), Fraction(1, 2)]), [0, 1])
