"""The array libraries that the same tests run over, each with what a test needs to know of it."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import array_api_strict
import dask
import dask.array
import jax
import numpy as np
import torch

# Without it JAX has no float64, and would make float32 of one.
jax.config.update("jax_enable_x64", True)

# Infinities and NaN are looked at; NumPy would warn of them when dask computes, outside of mlmath.
dask.config.set(scheduler="synchronous")


class Backend(NamedTuple):
    """How to make an array of NumPy's, and how to read one back; `dtypes` it has by these names."""

    xp: Any
    make: Callable[[np.ndarray], Any]
    read: Callable[[Any], np.ndarray]
    dtypes: tuple[str, ...]


FLOATS = ("float16", "float32", "float64")


def read_dask(array):
    with np.errstate(all="ignore"):
        return np.asarray(array.compute())


BACKENDS = {
    "numpy": Backend(np, np.asarray, np.asarray, FLOATS),
    "torch": Backend(torch, torch.asarray, torch.Tensor.numpy, (*FLOATS, "bfloat16")),
    "jax": Backend(jax.numpy, jax.numpy.asarray, np.asarray, (*FLOATS, "bfloat16")),
    "dask": Backend(dask.array, lambda x: dask.array.from_array(x, chunks=2), read_dask, FLOATS),
    # The standard has no float16.
    "array-api-strict": Backend(
        array_api_strict, array_api_strict.asarray, np.from_dlpack, ("float32", "float64")
    ),
}


# Tested where there is one; a test of test_backends.py says where there is none.
ON_A_GPU = ["torch on CUDA", "CuPy"]
if torch.cuda.is_available():
    BACKENDS["torch on CUDA"] = Backend(
        torch,
        lambda x: torch.asarray(x, device="cuda"),
        lambda tensor: tensor.cpu().numpy(),
        BACKENDS["torch"].dtypes,
    )
    if importlib.util.find_spec("cupy"):
        cupy = importlib.import_module("cupy")
        BACKENDS["CuPy"] = Backend(cupy, cupy.asarray, cupy.asnumpy, FLOATS)
