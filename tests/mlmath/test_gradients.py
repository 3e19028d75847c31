"""The automatic derivatives of torch and JAX are compared with mpmath's, by relative error."""

import functools
import math

import jax
import mpmath
import numpy as np
import pytest
import torch
from jax import numpy as jnp

import mlmath
from tests.mlmath import backends  # noqa: F401  gives JAX its float64

INF, NAN = math.inf, math.nan
POINTS = [0.0, -0.0, 0.3, -1.7, 5, -5, 20, -20, 40, -40, 700, -700, 1000, -1000, 1e4, -1e4]


def sigma(x):
    return 1 / (1 + mpmath.exp(-x))


# Only what each function computes: its derivatives are left to mpmath.
TRUTHS = {
    "sigmoid": sigma,
    "sigmoid_derivative": lambda x: sigma(x) * sigma(-x),
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "tanh": mpmath.tanh,
    "tanh_derivative": lambda x: mpmath.sech(x) ** 2,
}
# First and second derivatives at -inf and inf.
LIMITS = {name: [[0, 0], [0, 0]] for name in TRUTHS} | {"log_sigmoid": [[1, 0], [0, 0]]}
# e^-1000 needs as many digits to be seen beside 1.
DIGITS = 450


def torch_slopes(function, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(function(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    return first.detach().numpy(), second.numpy()


def jax_slopes(function, x):
    x = jnp.asarray(x, dtype=jnp.float64)
    slope = jax.grad(function)
    return np.asarray(jax.vmap(slope)(x)), np.asarray(jax.jit(jax.vmap(jax.grad(slope)))(x))


@pytest.mark.parametrize("slopes", [torch_slopes, jax_slopes])
@pytest.mark.parametrize("name", TRUTHS)
def test_first_and_second_derivatives_keep_their_digits_from_tail_to_tail(name, slopes):
    with mpmath.workdps(DIGITS):
        wanted = [
            [float(mpmath.diff(TRUTHS[name], mpmath.mpf(x), n)) for x in POINTS] for n in (1, 2)
        ]
    found = slopes(getattr(mlmath, name), [*POINTS, -INF, INF, NAN])
    for ours, theirs, limits in zip(found, wanted, LIMITS[name], strict=True):
        np.testing.assert_allclose(ours, [*theirs, *limits, NAN], rtol=3e-15, atol=1e-307)


def test_the_sigmoid_has_a_slope_at_40():
    for slopes in (torch_slopes, jax_slopes):
        first, second = slopes(mlmath.sigmoid, [40.0, -40.0])
        np.testing.assert_allclose(first, 4.248354255291589e-18, rtol=1e-15)
        np.testing.assert_allclose(second, [-4.248354255291589e-18, 4.248354255291589e-18])


@pytest.mark.parametrize("k", [5.0, -3.0, 0.5])
@pytest.mark.parametrize("slopes", [torch_slopes, jax_slopes])
def test_the_steepness_multiplies_each_derivative_once_more(k, slopes):
    at_kx = slopes(mlmath.sigmoid, [k * x for x in (0.0, 0.3, -8.0, 8.0)])
    found = slopes(lambda x: mlmath.sigmoid(x, k), [0.0, 0.3, -8.0, 8.0])
    for n, (ours, plain) in enumerate(zip(found, at_kx, strict=True), start=1):
        np.testing.assert_allclose(ours, k**n * plain, rtol=3e-15)


def test_the_slope_of_relu_is_0_up_to_0_and_1_above():
    points = [*POINTS, -INF, INF]
    for library in (torch, jnp):
        if library is torch:
            x = torch.tensor([*points, NAN], dtype=torch.float64, requires_grad=True)
            mlmath.relu(x).sum().backward()
            first = x.grad.numpy()
        else:
            first, second = jax_slopes(mlmath.relu, [*points, NAN])
            np.testing.assert_array_equal(second, np.zeros(len(points) + 1))
        np.testing.assert_array_equal(first[:-1], [float(x > 0) for x in points])
        # That of NaN is the slope of the branch that hands it on, as the docstring says.
        assert first[-1] == 1


ROWS = [
    [0.0, 0, 0],
    [0.3, -1.7, 2],
    [0.0, 20, -20],
    [40.0, 0],
    [20.0, 0, 0, 1],
    [1000.0, 0, -1000],
    [1e4, -1e4, 0],
    [0.0, -INF, 1],
    [3.0],
]


def softmax_truths(row):
    """The Jacobians and the Hessians of every output, of softmax and of log_softmax."""
    n, d = len(row), np.eye(len(row), dtype=int)
    with mpmath.workdps(2 * DIGITS):
        powers = [mpmath.exp(mpmath.mpf(x)) for x in row]
        p = np.array([power / mpmath.fsum(powers) for power in powers], dtype=object)
        # The rows of a, k and i, are p_k (d_ki - p_i); p does not see which k the logarithm has.
        a = np.array([[p[k] * (d[k, i] - p[i]) for i in range(n)] for k in range(n)])
        logs = [[d[k, i] - p[i] for i in range(n)] for k in range(n)]
        second = [
            [[a[k, i] * (d[k, j] - p[j]) - p[k] * a[i, j] for j in range(n)] for i in range(n)]
            for k in range(n)
        ]
        to_floats = np.vectorize(float, otypes=[float])
        return {
            "softmax": (to_floats(a), to_floats(second)),
            "log_softmax": (to_floats(logs), to_floats([-a] * n)),
        }


def torch_jacobians(function, row):
    x = torch.tensor(row, dtype=torch.float64)
    jacobian = torch.func.jacrev(function)
    return jacobian(x).numpy(), torch.func.jacrev(jacobian)(x).numpy()


@functools.cache
def compiled_jacobians(function):
    return [jax.jit(jax.jacrev(f)) for f in (function, jax.jacrev(function))]


def jax_jacobians(function, row):
    x = jnp.asarray(row, dtype=jnp.float64)
    return [np.asarray(jacobian(x)) for jacobian in compiled_jacobians(function)]


@pytest.mark.parametrize("jacobians", [torch_jacobians, jax_jacobians])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_softmax_has_its_derivatives_at_ties_and_in_the_tails(row, name, jacobians):
    found = jacobians(getattr(mlmath, name), row)
    for ours, theirs in zip(found, softmax_truths(row)[name], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=3e-15, atol=1e-307)


@pytest.mark.parametrize("jacobians", [torch_jacobians, jax_jacobians])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_tie_far_above_the_rest(name, jacobians):
    row = [40.0, 40, 0, -40]
    first, second = jacobians(getattr(mlmath, name), row)
    wanted_first, wanted_second = softmax_truths(row)[name]
    np.testing.assert_allclose(first, wanted_first, rtol=3e-15)
    # p(1 - p)(1 - 2p) passes through 0 at 1/2, where no float is near enough to the p of the two.
    np.testing.assert_allclose(second, wanted_second, rtol=3e-15, atol=1e-18)


@pytest.mark.parametrize("jacobians", [torch_jacobians, jax_jacobians])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_where_softmax_is_nan_so_are_its_derivatives(name, jacobians):
    for row in ([0.0, NAN], [0.0, INF], [-INF, -INF]):
        for derivative in jacobians(getattr(mlmath, name), row):
            assert np.all(np.isnan(derivative))


@pytest.mark.parametrize("point", [0.3, 20.0, 40.0, 1000.0, 1e4])
def test_the_derivatives_of_the_mean_squared_error_are_exact(point):
    prediction, target = [point, -point, 0.0, 2.0], [0.0, 1.0, 0.0, 3.0]
    wanted = [(p - t) / 2 for p, t in zip(prediction, target, strict=True)]
    for library, grad, jacobian in (
        (torch, torch.func.grad, torch.func.jacrev),
        (jnp, jax.grad, jax.jacrev),
    ):
        p, t = (library.asarray(x, dtype=library.float64) for x in (prediction, target))
        np.testing.assert_array_equal(grad(mlmath.mse)(p, t), wanted)
        np.testing.assert_array_equal(jacobian(grad(mlmath.mse))(p, t), np.eye(4) / 2)
