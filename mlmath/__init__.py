"""The mathematics of deep learning as functions that a reader can check and an engineer can trust.

Every function takes lists, NumPy arrays and the arrays of any library that follows the Array API
standard, gives back the same kind, and says in its docstring what happens at the edges.

What is exact: over fractions (lists, or NumPy's object arrays, of ``Fraction`` and ``int``), every
function whose formula is rational, which are all but the sigmoids, the hyperbolic tangents and the
softmaxes. Over integers, the image functions, :func:`relu`, :func:`inner` and :func:`outer`, the
last two of which raise an ``OverflowError`` where arrays of integers might not hold the result; and
a :class:`Value` or a derivative at a single integer or a list of coordinates. All other functions
make floating-point numbers of integers, unless a fraction stands beside them.
"""

from mlmath.activations import (
    log_sigmoid,
    log_softmax,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softmax,
    tanh,
    tanh_derivative,
)
from mlmath.calculus import derivative, difference_quotient, gradient, partial_derivative
from mlmath.graph import Value
from mlmath.images import batch, chw_to_hwc, hwc_to_chw, permute
from mlmath.losses import mse, mse_gradient
from mlmath.products import inner, outer
from mlmath.training import Network, TrainingStep, network, sgd_step, training_step

__all__ = [
    "Network",
    "TrainingStep",
    "Value",
    "batch",
    "chw_to_hwc",
    "derivative",
    "difference_quotient",
    "gradient",
    "hwc_to_chw",
    "inner",
    "log_sigmoid",
    "log_softmax",
    "mse",
    "mse_gradient",
    "network",
    "outer",
    "partial_derivative",
    "permute",
    "relu",
    "relu_derivative",
    "sgd_step",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "tanh",
    "tanh_derivative",
    "training_step",
]
