"""Any array in, the same kind out: one list of calls, run over every array library."""

import array_api_compat
import jax
import numpy as np
import pytest
import torch

import mlmath
from mlmath import Network
from tests.mlmath.backends import BACKENDS, ON_A_GPU

INF, NAN = np.inf, np.nan
X = np.array([[0.5, -1.25, 2.0, 0.0], [-0.0, 20, -20, 40], [-40, 700, -700, 1e-3]])
EDGES = np.array([NAN, INF, -INF, 1000, -1000, 1e4, -1e4, 1e-30, -0.0])

ELEMENTWISE = [
    "sigmoid",
    "sigmoid_derivative",
    "log_sigmoid",
    "relu",
    "relu_derivative",
    "tanh",
    "tanh_derivative",
]


def train(x):
    net = Network(x[:, :3], x[:, 3], x[:2, :3], x[:2, 1])
    step = mlmath.training_step(net, x[:, :3], x[:, :2] / 8, learning_rate=2**-10)
    return (step.loss, *step.gradients, *step.parameters)


# Every function that takes arrays, as a function of one array of shape (3, 4), to a tuple.
CALLS = {
    **{name: lambda x, name=name: (getattr(mlmath, name)(x),) for name in ELEMENTWISE},
    "sigmoid, steeper": lambda x: (mlmath.sigmoid(x, 3), mlmath.sigmoid_derivative(x, k=3)),
    **{
        f"{f.__name__}, axis {axis}": lambda x, f=f, axis=axis: (f(x, axis=axis),)
        for f in (mlmath.softmax, mlmath.log_softmax)
        for axis in (0, -1, (1, 0), None)
    },
    "mse": lambda x: (mlmath.mse(x, x / 2),),
    "mse_gradient": lambda x: (mlmath.mse_gradient(prediction=x, target=x / 2),),
    "inner": lambda x: (mlmath.inner(x[0, :], x[1, :]),),
    "outer": lambda x: (mlmath.outer(x[0, :], x[1, :3]),),
    "permute": lambda x: (mlmath.permute(x, (1, 0)),),
    "hwc_to_chw": lambda x: (mlmath.hwc_to_chw(x[:, :, None]),),
    "chw_to_hwc": lambda x: (mlmath.chw_to_hwc(x[:, :, None]),),
    "batch": lambda x: (mlmath.batch([x[:, :, None]] * 2),),
    "sgd_step": lambda x: (mlmath.sgd_step(x, x, learning_rate=0.5),),
    "sgd_step of a list": lambda x: mlmath.sgd_step((x, x[0, :]), (x, x[0, :]), learning_rate=2),
    "network": lambda x: (
        mlmath.network(x[:, :3], Network(x[:, :3], x[:, 3], x[:2, :3], x[:2, 1])),
    ),
    "training_step": train,
}

# In float64 the libraries' exp, log1p and tanh differ by an ulp or two, and JAX, on a processor,
# takes subnormal numbers for zero. float32 is rounded from float64, where two ulp do not show.
TOLERANCES = {
    "float64": {"rtol": 1e-14, "atol": float(np.finfo(np.float64).tiny)},
    "float32": {"rtol": 0, "atol": float(np.finfo(np.float32).tiny)},
}


def assert_same_kind(result, x):
    if isinstance(x, np.ndarray):
        # NumPy's own functions give numbers where a result has no axis.
        assert isinstance(result, np.ndarray if result.ndim else np.generic)
    else:
        assert type(result) is type(x)
        assert array_api_compat.device(result) == array_api_compat.device(x)


@pytest.fixture(params=BACKENDS)
def backend(request):
    return BACKENDS[request.param]


@pytest.mark.parametrize("name", ON_A_GPU)
def test_arrays_on_a_gpu_are_tested_too(name):
    if name not in BACKENDS:
        pytest.skip(f"{name}: this machine has no CUDA device, or not the library")
    assert array_api_compat.device(BACKENDS[name].make(X)) != "cpu"


@pytest.mark.parametrize("name", CALLS)
def test_the_result_is_of_the_kind_and_dtype_that_came_and_has_the_values_of_numpy(backend, name):
    for dtype in ("float32", "float64"):
        x = backend.make(X.astype(dtype))
        for result, wanted in zip(CALLS[name](x), CALLS[name](X.astype(dtype)), strict=True):
            assert_same_kind(result, x)
            assert result.dtype == x.dtype
            found = backend.read(result)
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, **TOLERANCES[dtype])


@pytest.mark.parametrize("name", CALLS)
def test_half_precision_is_rounded_once(backend, name):
    for narrow in {"float16", "bfloat16"} & set(backend.dtypes):
        x = backend.make((X / 64).astype(np.float16))
        xp = array_api_compat.array_namespace(x)
        if narrow == "bfloat16":
            # NumPy has none.
            x = xp.astype(x, backend.xp.bfloat16)
        results, references = CALLS[name](x), CALLS[name](xp.astype(x, xp.float64))
        for result, reference in zip(results, references, strict=True):
            assert_same_kind(result, x)
            assert result.dtype == x.dtype
            with np.errstate(all="ignore"):
                rounded = xp.astype(xp.asarray(reference), x.dtype)
            np.testing.assert_array_equal(
                *(backend.read(xp.astype(xp.asarray(a), xp.float64)) for a in (result, rounded))
            )


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64"])
def test_integers_become_the_default_float_of_the_library(backend, name, dtype):
    numbers = np.array([[0, 1, 2], [3, 100, 7]], dtype=dtype)
    result = getattr(mlmath, name)(backend.make(numbers))
    defaults = array_api_compat.array_namespace(result).__array_namespace_info__().default_dtypes()
    kept = getattr(backend.xp, dtype)
    assert result.dtype == (kept if name == "relu" else defaults["real floating"])
    wanted = getattr(mlmath, name)(numbers)
    found = backend.read(result)
    wanted = wanted.astype(found.dtype)
    np.testing.assert_allclose(found, wanted, **TOLERANCES["float64"])


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_edges_are_those_of_numpy(backend, name, dtype):
    edges = EDGES.astype(dtype)
    result = backend.read(getattr(mlmath, name)(backend.make(edges)))
    wanted = getattr(mlmath, name)(edges)
    np.testing.assert_allclose(result, wanted, **TOLERANCES[dtype])
    assert np.isnan(result[0])


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("row", [[0, INF], [-INF, -INF], [0, NAN], [0, -INF], [1e308, -1e308], [3]])
def test_the_edges_of_a_row_are_those_of_numpy(backend, name, row):
    row = np.array(row, dtype=np.float64)
    result = backend.read(getattr(mlmath, name)(backend.make(row)))
    np.testing.assert_array_equal(result, getattr(mlmath, name)(row))


@pytest.mark.parametrize("name", CALLS)
def test_jax_traces_through_jit_and_vmap(name):
    call, x = CALLS[name], jax.numpy.asarray(X)
    stack = jax.numpy.stack([x, x[::-1]])
    for result, wanted in (
        (jax.jit(call)(x), call(x)),
        (jax.vmap(call)(stack), jax.tree.map(lambda *p: jax.numpy.stack(p), *map(call, stack))),
    ):
        for ours, theirs in zip(result, wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", CALLS)
def test_torch_maps_over_a_batch(name):
    call, x = CALLS[name], torch.asarray(X)
    stack = torch.stack([x, x.flip(0)])
    wanted = [torch.stack(parts) for parts in zip(*map(call, stack), strict=True)]
    for ours, theirs in zip(torch.func.vmap(call)(stack), wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", CALLS)
def test_dask_computes_nothing_before_it_is_asked(name):
    def fail(block):
        raise AssertionError("computed")

    x = BACKENDS["dask"].make(X).map_blocks(fail, dtype=X.dtype, meta=X[:0, :0])
    for result in CALLS[name](x):
        with pytest.raises(AssertionError, match=r"^computed$"):
            result.compute()
