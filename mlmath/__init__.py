"""The mathematics of deep learning as functions that a reader can check and an engineer can trust.

Every function takes lists, NumPy arrays and the arrays of any library that follows the Array API
standard, and gives back the same kind; is exact over integers and fractions where the formula is
rational; and says in its docstring what happens at the edges.
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
