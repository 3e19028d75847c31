"""A loss is one number that says how wrong a prediction is; its gradient says where to go.

Prediction and target must have the same shape, of one element or more; anything else is a
``ValueError``. A ``TypeError`` refuses what is bool, complex or no number, fractions beside floats,
and arrays of two libraries. Beside floats, an array of integers counts as the library's default
float: float32 and int64 give NumPy's float64, torch's float32.

References
----------
Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, section "Example: Linear
Regression".
"""

import math

from mlmath._array import Array, ArrayLike, arithmetic, check_same_shape, mean_in_blocks

__all__ = ["mse", "mse_gradient"]


@arithmetic("prediction", "target", rational=True, widen=False)
def mse(prediction: ArrayLike, target: ArrayLike, /) -> Array:
    r"""Compute the mean squared error of a prediction.

    .. math::
        :define:

        L = \frac1n \sum_{i=1}^{n} (\hat y_i - y_i)^2

    Parameters
    ----------
    prediction : array_like
        The prediction :math:`\hat y`, of :math:`n \ge 1` elements.
    target : array_like
        What it should have been, :math:`y`, of the same shape.

    Returns
    -------
    scalar
        In the floating-point dtype of the arguments; integers give the library's default,
        fractions a ``Fraction``.

    Notes
    -----
    Nothing is broadcast: a prediction of shape ``(n, 1)`` beside a target of shape ``(n,)`` would
    give the mean over the differences of all pairs, a wrong loss that trains without complaint.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from mlmath import mse
    >>> mse([1, 2, 3], [1, 2, 5])
    1.3333333333333333
    >>> mse([Fraction(1), Fraction(2), Fraction(3)], [1, 2, 5])
    Fraction(4, 3)
    """
    _check("mse", prediction, target)
    return mean_square(prediction, target)


@arithmetic("prediction", "target", rational=True)
def mse_gradient(*, prediction: ArrayLike, target: ArrayLike) -> Array:
    r"""Compute the gradient of the mean squared error :math:`L` with respect to the prediction.

    .. math::

        \nabla_{\hat y} L = \frac2n\,(\hat y - y)

    Parameters
    ----------
    prediction : array_like
        The prediction :math:`\hat y`, of :math:`n \ge 1` elements.
    target : array_like
        What it should have been, :math:`y`, of the same shape.

    Returns
    -------
    array, shape of `prediction`
        In the floating-point dtype of the arguments; integers give the library's default,
        fractions stay exact.

    Notes
    -----
    The loss is symmetric in its arguments,
    :math:`L = \frac1n \sum_{i=1}^{n} (y_i - \hat y_i)^2`, the gradient changes its sign when they
    are swapped; that is why they are given by name. :math:`n` counts all the elements, as in
    :func:`mse`.

    Examples
    --------
    >>> from mlmath import mse_gradient
    >>> mse_gradient(prediction=[1, 2, 3, 4], target=[1, 2, 5, 4])
    array([ 0.,  0., -1.,  0.])
    """
    _check("mse_gradient", prediction, target)
    return mean_square_gradient(prediction, target)


def mean_square(prediction: Array, target: Array) -> Array:
    """The formula of :func:`mse`, for a caller who has checked the arguments already."""
    return mean_in_blocks(lambda p, t: (p - t) ** 2, prediction, target)


def mean_square_gradient(prediction: Array, target: Array) -> Array:
    """The formula of :func:`mse_gradient`, in the same way."""
    return 2 * (prediction - target) / math.prod(prediction.shape)


def _check(function: str, prediction: Array, target: Array) -> None:
    """Refuse two arrays that do not belong together, or are empty."""
    check_same_shape(function, prediction=prediction, target=target)
    if 0 in prediction.shape:
        raise ValueError(
            f"{function}: prediction has shape {tuple(prediction.shape)};"
            " one element or more is wanted"
        )
