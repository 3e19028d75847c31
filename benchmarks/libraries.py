"""The functions that are compared: of mlmath and of its peers, NumPy arrays in and out."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

import mlmath

LIBRARIES = ("mlmath", "numpy", "scipy", "torch", "jax")

Measured = Callable[..., np.ndarray]

SOFTMAX = ("softmax", "log_softmax")


@functools.cache
def implementation(library: str, function: str) -> Measured | None:
    """The `function` of `library`, or None where it has none."""
    if library == "mlmath":
        found: Measured = getattr(mlmath, function)
        return found
    return PEERS[library](function)


def _numpy(function: str) -> Measured | None:
    return {"tanh": np.tanh}.get(function)


def _scipy(function: str) -> Measured | None:
    from scipy import special

    return {
        "sigmoid": special.expit,
        "log_sigmoid": special.log_expit,
        "softmax": special.softmax,
        "log_softmax": special.log_softmax,
    }.get(function)


def _torch(function: str) -> Measured | None:
    import torch

    torch.set_num_threads(1)

    def slope(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def derivative(x: Any) -> Any:
            (gradient,) = torch.autograd.grad(of(x.requires_grad_()).sum(), x)
            return gradient

        return derivative

    found: dict[str, Callable[..., Any]] = {
        "sigmoid": torch.sigmoid,
        "sigmoid_derivative": slope(torch.sigmoid),
        "log_sigmoid": torch.nn.functional.logsigmoid,
        "tanh": torch.tanh,
        "tanh_derivative": slope(torch.tanh),
        "relu": torch.relu,
        "softmax": lambda x, axis: torch.softmax(x, dim=axis),
        "log_softmax": lambda x, axis: torch.log_softmax(x, dim=axis),
    }
    if function not in found:
        return None
    return lambda x, **axis: found[function](torch.from_numpy(x), **axis).numpy()


def _jax(function: str) -> Measured | None:
    import jax

    jax.config.update("jax_enable_x64", True)

    def slope(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return jax.vmap(jax.grad(of))

    found: dict[str, Callable[..., Any]] = {
        "sigmoid": jax.nn.sigmoid,
        "sigmoid_derivative": slope(jax.nn.sigmoid),
        "log_sigmoid": jax.nn.log_sigmoid,
        "tanh": jax.numpy.tanh,
        "tanh_derivative": slope(jax.numpy.tanh),
        "relu": jax.nn.relu,
        "softmax": jax.nn.softmax,
        "log_softmax": jax.nn.log_softmax,
    }
    if function not in found:
        return None
    compiled = jax.jit(found[function], static_argnames="axis" if function in SOFTMAX else None)
    return lambda x, **axis: np.asarray(compiled(x, **axis))


PEERS = {"numpy": _numpy, "scipy": _scipy, "torch": _torch, "jax": _jax}
