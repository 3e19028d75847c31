"""A loss is one number that says how wrong a prediction is; its gradient says where to go."""

import math

from mlmath._array import Array, ArrayLike, arithmetic, array_namespace, check_same_shape

__all__ = ["mse", "mse_gradient"]


@arithmetic("prediction", "target", rational=True)
def mse(prediction: ArrayLike, target: ArrayLike, /) -> Array:
    r"""Compute the mean squared error of a prediction.

    .. math::

        \mathrm{MSE}(\hat y, y) = \frac1n \sum_{i=1}^{n} (\hat y_i - y_i)^2

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

    Raises
    ------
    ValueError
        If the shapes differ, or are empty.
    TypeError
        If an argument is bool, complex or no number; if fractions meet floats; if the arguments
        come from different array libraries.

    Notes
    -----
    Nothing is broadcast: a prediction of shape (n, 1) beside a target of shape (n,) would give
    the mean over :math:`n^2` differences, a wrong loss that trains without complaint.

    References
    ----------
    Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, section "Example: Linear
    Regression".

    Examples
    --------
    >>> from fractions import Fraction
    >>> from mlmath import mse
    >>> mse([1, 2, 3], [1, 2, 5])
    1.3333333333333333
    >>> mse([Fraction(1), Fraction(2), Fraction(3)], [1, 2, 5])
    Fraction(4, 3)
    """
    n = _count("mse", prediction, target)
    error = prediction - target
    return array_namespace(prediction).sum(error * error) / n


@arithmetic("prediction", "target", rational=True)
def mse_gradient(*, prediction: ArrayLike, target: ArrayLike) -> Array:
    r"""Compute the gradient of the mean squared error with respect to the prediction.

    .. math::

        \frac{\partial\,\mathrm{MSE}}{\partial \hat y} = \frac2n\,(\hat y - y)

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

    Raises
    ------
    ValueError
        If the shapes differ, or are empty.
    TypeError
        If an argument is bool, complex or no number; if fractions meet floats; if the arguments
        come from different array libraries.

    Notes
    -----
    The loss is symmetric in its arguments, the gradient changes its sign when they are swapped;
    that is why they are given by name. :math:`n` counts all the elements, as in :func:`mse`.

    References
    ----------
    Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, section "Example: Linear
    Regression".

    Examples
    --------
    >>> from mlmath import mse_gradient
    >>> mse_gradient(prediction=[1, 2, 3, 4], target=[1, 2, 5, 4])
    array([ 0.,  0., -1.,  0.])
    """
    n = _count("mse_gradient", prediction, target)
    return 2 * (prediction - target) / n


def _count(function: str, prediction: Array, target: Array) -> int:
    """The number of elements of two arrays that belong together."""
    check_same_shape(function, prediction=prediction, target=target)
    n: int = math.prod(prediction.shape)
    if n == 0:
        raise ValueError(
            f"{function}: prediction has shape {tuple(prediction.shape)};"
            " one element or more is wanted"
        )
    return n
