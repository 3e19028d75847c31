"""Derivatives of ordinary Python functions: exact ones from the graph, approximate by quotient.

Where a single Python number, or a list of coordinates, is given, integers and fractions stay
exact. An array gives the same kind of array, integers the library's default float. A ``TypeError``
refuses what is bool, complex or no number, and an `f` that is no function or returns no number.

References
----------
Andreas Griewank and Andrea Walther, *Evaluating Derivatives: Principles and Techniques of
Algorithmic Differentiation*. Gilbert Strang, *Calculus*, chapters "Derivatives" and "Partial
Derivatives".
"""

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlmath._array import (
    ArrayLike,
    described,
    is_array,
    is_real,
    prepare,
    quiet,
    read_index,
    read_number,
)
from mlmath.graph import Value, divide

__all__ = ["derivative", "difference_quotient", "gradient", "partial_derivative"]


def derivative(f: Callable[[Any], Any], x: ArrayLike, /) -> Any:
    r"""Compute the derivative of a function of one variable.

    .. math::

        f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}

    Parameters
    ----------
    f : callable
        Takes a :class:`Value` and returns one. For an array `x` it is to work element by
        element.
    x : number or array_like
        Where to take the derivative.

    Returns
    -------
    number or array
        The derivative at `x`, or at each of its elements.

    Raises
    ------
    TypeError
        If `f` returns neither a :class:`Value` nor a number.
    ValueError
        If `f` returns another shape than that of `x`.

    Notes
    -----
    This is no approximation: the derivatives of the operators in `f` are multiplied by the chain
    rule, and no step :math:`h` is chosen. For an array the derivatives of all elements are taken
    at once, from their sum; an `f` that mixes elements gives the derivative of that sum.

    Examples
    --------
    >>> from mlmath import derivative
    >>> derivative(lambda x: 3 * x**2 + 15, 3)
    18
    >>> derivative(lambda x: 3 * x**2 + 15, [2.0, 3.0])
    array([12., 18.])
    """
    _check_function("derivative", f)
    if is_real(x) and not is_array(x):
        value = Value(x)
        _backward("derivative", f(value), ())
        return value.grad
    prepared = prepare("derivative", {"x": x}, rational=True)
    value = Value(prepared.to_numpy())
    shape = np.shape(value.data)
    _backward("derivative", f(value), shape)
    return prepared.from_numpy(np.broadcast_to(value.grad, shape))


def gradient(f: Callable[[Any], Any], point: ArrayLike, /) -> Any:
    r"""Compute the gradient of a function of several variables.

    .. math::
        :unchecked: for every function of several variables; the notes prove an example

        \nabla f(x) = \left(\frac{\partial f}{\partial x_1}, \dots,
                            \frac{\partial f}{\partial x_n}\right)

    Parameters
    ----------
    f : callable
        Takes one point, a sequence of :class:`Value`, and returns a :class:`Value`. The sequence
        is a NumPy array of objects: ``x[0]``, ``x, y = p``, ``len(p)``, ``(x + 2) ** 2``,
        ``x.mean()`` and ``np.exp(x).sum()`` all work.
    point : list, tuple or array, of length n
        Where to take the gradient.

    Returns
    -------
    list or array, of length n
        A list of Python numbers for a list or tuple, otherwise an array. A coordinate that `f`
        does not use has the derivative zero.

    Raises
    ------
    TypeError
        If `f` returns neither a :class:`Value` nor a number.
    ValueError
        If the point is empty or has another number of axes than one, or `f` returns more than
        one number.

    Notes
    -----
    One call of `f` and one pass back give all the partial derivatives; see :class:`Value`. For
    :define:`y = \frac1n \sum_i \left((x_i + 2)^2 + 3\right) <y>`, as in the examples, they are
    :math:`\frac{\partial y}{\partial x_i} = \frac2n\,(x_i + 2)`.

    References
    ----------
    The example is from the University of Amsterdam's course Deep Learning,
    :exempt:`tutorial 2 <a name>`, "Introduction to PyTorch".

    Examples
    --------
    >>> from mlmath import gradient
    >>> y = lambda x: ((x + 2) ** 2 + 3).mean()
    >>> gradient(y, [0, 1, 2])
    [Fraction(4, 3), Fraction(2, 1), Fraction(8, 3)]
    >>> gradient(lambda x: sum((xi + 2) ** 2 + 3 for xi in x) / len(x), [0, 1, 2])
    [Fraction(4, 3), Fraction(2, 1), Fraction(8, 3)]
    """
    _check_function("gradient", f)
    coordinates, finish = _read_point("gradient", point)
    return finish(_gradient("gradient", f, coordinates))


def partial_derivative(f: Callable[[Any], Any], point: ArrayLike, index: int, /) -> Any:
    r"""Compute the derivative of a function with respect to one of its variables.

    .. math::
        :unchecked: for every function of several variables; the notes prove an example

        \frac{\partial f}{\partial x_i}(x)
        = \lim_{h \to 0} \frac{f(x_1, \dots, x_i + h, \dots, x_n) - f(x)}{h}

    Parameters
    ----------
    f : callable
        Takes one point, as in :func:`gradient`.
    point : list, tuple or array, of length n
        Where to take the derivative.
    index : int
        Which variable, from ``0`` on; negative numbers count from the end.

    Returns
    -------
    number
        A Python number for a list or tuple, a single element of the same kind for an array.

    Raises
    ------
    IndexError
        If the point has no such index.
    TypeError
        If `index` is no int, or as for :func:`gradient`.
    ValueError
        As for :func:`gradient`.

    Notes
    -----
    All the other variables are held fast, so their derivatives drop out: with a second
    variable :declare:`y` and :define:`z = 5x^3 + 7y^2`, as in the examples,
    :math:`\frac{\partial z}{\partial x} = 15x^2` and :math:`\frac{\partial z}{\partial y} = 14y`.

    Examples
    --------
    >>> from mlmath import partial_derivative
    >>> partial_derivative(lambda p: 5 * p[0] ** 3 + 7 * p[1] ** 2, [3, 2], 0)
    135
    >>> partial_derivative(lambda p: 5 * p[0] ** 3 + 7 * p[1] ** 2, [3, 2], 1)
    28
    """
    _check_function("partial_derivative", f)
    coordinates, finish = _read_point("partial_derivative", point)
    n = len(coordinates)
    i = read_index(
        lambda: f"partial_derivative: index is {described(index)}, point has length {n}",
        index,
        n,
        wanted="an int",
        error=IndexError,
    )
    return finish(_gradient("partial_derivative", f, coordinates))[i]


def difference_quotient(f: Callable[[Any], Any], x: ArrayLike, h: Any, /) -> Any:
    r"""Compute the slope of the line through two points of a graph.

    .. math::

        \frac{f(x + h) - f(x)}{h}

    Parameters
    ----------
    f : callable
        A function of one variable. For an array `x` it is to work element by element.
    x : number or array_like
        Where the line begins.
    h : real number
        How far away it ends; not zero, finite.

    Returns
    -------
    number or array
        For a single Python number what `f` and the division give.

    Raises
    ------
    TypeError
        If `h` is no real number, if an array of fractions meets a float, or if `f` returns no
        number or array.
    ValueError
        If `h` is zero, infinite or NaN.

    Notes
    -----
    The derivative is the limit, :math:`f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}`. In
    floating point a small `h` does not come close to it: where :math:`x + h` rounds to :math:`x`,
    the quotient is zero. :func:`derivative` needs no `h`.

    Examples
    --------
    >>> from mlmath import difference_quotient
    >>> difference_quotient(lambda x: 3 * x**2 + 15, 3, 1)
    Fraction(21, 1)
    >>> difference_quotient(lambda x: 3 * x**2 + 15, 3.0, 0.5)
    19.5
    """
    _check_function("difference_quotient", f)
    step = read_number(
        "difference_quotient", "h", h, "a finite number other than 0", lambda h: h != 0
    )

    def rise(x: Any, end: Any) -> Any:
        for y in (values := (f(end), f(x))):
            if isinstance(y, bool) or not (isinstance(y, numbers.Number | Value) or is_array(y)):
                came = f"difference_quotient: f returned {described(y)}"
                raise TypeError(f"{came}; a number or an array is wanted")
        return values[0] - values[1]

    if is_real(x) and not is_array(x):
        return divide(rise(x, x + step), step)
    prepared = prepare("difference_quotient", {"x": x, "h": step}, rational=True)
    wide, wide_step = prepared.arrays
    with quiet():
        risen = rise(wide, wide + wide_step)
        if is_real(risen) and not is_array(risen):
            risen = prepared.xp.full_like(wide, risen)
        if tuple(risen.shape) != tuple(wide.shape):
            raise ValueError(
                f"difference_quotient: f returned shape {tuple(risen.shape)}, x has shape"
                f" {tuple(wide.shape)}; shapes must match"
            )
        return prepared.finish(risen / wide_step)


def _check_function(function: str, f: object) -> None:
    if not callable(f):
        raise TypeError(f"{function}: f is {described(f)}; a function is wanted")


def _gradient(function: str, f: Callable[[Any], Any], coordinates: list[Value]) -> list[Any]:
    x = np.empty(len(coordinates), dtype=object)
    x[:] = coordinates
    with quiet():
        y = f(x)
    _backward(function, y, ())
    return [coordinate.grad for coordinate in coordinates]


def _backward(function: str, y: Any, shape: tuple[int, ...]) -> None:
    """Go back from what f returned, which is to have `shape`."""
    if is_real(y):
        # A constant: no derivative leaves 0.
        return
    if not isinstance(y, Value):
        raise TypeError(f"{function}: f returned {described(y)}; a Value or a number is wanted")
    if np.shape(y.data) != shape:
        raise ValueError(
            f"{function}: f returned shape {np.shape(y.data)}; shape {shape} is wanted"
        )
    (y.sum() if shape else y).backward()


def _read_point(function: str, point: ArrayLike) -> tuple[list[Value], Callable[[list[Any]], Any]]:
    """The coordinates of `point`, and what turns a list of as many numbers into its kind."""
    if is_array(point):
        prepared = prepare(function, {"point": point}, rational=True)
        (array,) = prepared.arrays
        _check_point(function, tuple(array.shape))
        coordinates = [Value(number) for number in prepared.to_numpy().tolist()]
        return coordinates, lambda grads: prepared.from_numpy(np.array(grads, dtype=object))
    if not isinstance(point, Sequence) or isinstance(point, str | bytes):
        raise TypeError(
            f"{function}: point is {described(point)}; a list of numbers or an array is wanted"
        )
    _check_point(function, (len(point),))
    for i, number in enumerate(point):
        if isinstance(number, Sequence) and not isinstance(number, str | bytes):
            raise ValueError(f"{function}: point[{i}] is {described(number)}; one axis is wanted")
        if not is_real(number):
            raise TypeError(
                f"{function}: point[{i}] is {described(number)}; real numbers are wanted"
            )
    return [Value(number) for number in point], list


def _check_point(function: str, shape: tuple[int, ...]) -> None:
    if len(shape) != 1 or shape == (0,):
        raise ValueError(
            f"{function}: point has shape {shape}; one axis with a coordinate or more is wanted"
        )
