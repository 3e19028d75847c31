"""A graph that remembers how a number was computed, so that its derivatives can be read off.

Each operator makes a node from its operands and, beside the result, writes down its local
derivatives. The chain rule does the rest, in :meth:`Value.backward`: it multiplies the local
derivatives along each path, and adds up the paths.
"""

import functools
import math
import numbers
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from mlmath._array import (
    Number,
    as_float,
    described,
    fractions_of,
    holds_objects,
    is_array,
    is_rational,
    is_real,
    python_number,
    quiet,
)
from mlmath.activations import rectified, step, tanh_derivative

__all__ = ["Value"]

# int, float, Fraction, a NumPy array of floats, or an object array of Fractions
Data: TypeAlias = Any


# What NumPy calls an operation, and what a value does, left or right of an array.
_UFUNCS = {
    "exp": ("exp", ""),
    "log": ("log", ""),
    "tanh": ("tanh", ""),
    "add": ("__add__", "__radd__"),
    "subtract": ("__sub__", "__rsub__"),
    "multiply": ("__mul__", "__rmul__"),
    "divide": ("__truediv__", "__rtruediv__"),
    "power": ("__pow__", "__rpow__"),
    "matmul": ("__matmul__", "__rmatmul__"),
    "equal": ("__eq__", "__eq__"),
    "not_equal": ("__ne__", "__ne__"),
}


def _binary(operation: Callable[["Value", "Value"], Any]) -> Callable[["Value", Any], Any]:
    """Make a value of the other operand; where that is an array *of* values, of each element."""

    @functools.wraps(operation)
    def method(self: "Value", other: Any) -> Any:
        if holds_objects(other) and any(isinstance(element, Value) for element in other.flat):
            with quiet():
                return np.frompyfunc(functools.partial(method, self), 1, 1)(other)
        return operation(self, other if isinstance(other, Value) else Value(other))

    return method


class Value:
    r"""A number or an array that knows what it was computed from.

    .. math::
        :unchecked: for every computational graph; the notes prove an example

        \frac{\partial y}{\partial x}
        = \sum_{u\,:\,x \to u} \frac{\partial y}{\partial u}\,\frac{\partial u}{\partial x}

    where the sum is over the nodes :math:`u` that were computed from :math:`x` directly.

    Parameters
    ----------
    data : int, float, Fraction, array of floats or of Fractions, or nested list
        A bool is no number. Arrays of integers become float64, NumPy's scalars Python's numbers.
    _children, _op, _local
        For the operators: the operands, the operator's sign, and the derivatives of the result
        with respect to each operand.

    Attributes
    ----------
    data : int, float, Fraction or numpy.ndarray
        The result.
    grad : int, float, Fraction or numpy.ndarray
        The derivative of the value that :meth:`backward` was called on; zero at first.

    Raises
    ------
    TypeError
        If `data` is bool, complex or no number, the exponent of ``**`` is no real number, or a
        value is compared with a number.
    ValueError
        For the logarithm of a number that is not positive, a power that is not real, the mean of
        nothing, or shapes that do not broadcast.
    ZeroDivisionError
        For a division by zero, or zero to a negative power; only a zero inside an array of floats
        gives an infinity instead.

    Notes
    -----
    Where two paths lead from :math:`x` to :math:`y`, as with :define:`u = f(x)`,
    :define:`v = g(x)` and :define:`y = u v`, the shares of both are added up:

    .. math::

        \frac{\partial y}{\partial x}
        = \frac{\partial y}{\partial u}\,\frac{\partial u}{\partial x}
        + \frac{\partial y}{\partial v}\,\frac{\partial v}{\partial x}
        = f'(x)\,g(x) + f(x)\,g'(x)

    The interface is that of micrograd; NumPy's exp, log and tanh work too. Two values are equal
    where they are the same node; beside a number, ``==`` is an error.

    Numbers that are integers or fractions stay exact through ``+ - * / **``, relu, sum and mean:
    a third is a ``Fraction``. They become floats where they meet one, and by exp, log and tanh;
    what is too large for a float becomes infinite.

    Leaves add up their gradient over calls of :meth:`backward`, as in torch; all other nodes hold
    that of the last call. At zero, the derivative of relu is zero, and so is that of ``x**0``;
    that of ``x**0.5`` is infinite.

    References
    ----------
    Andrej Karpathy, *micrograd*, https://github.com/karpathy/micrograd.

    Examples
    --------
    >>> from mlmath import Value
    >>> x = Value([0, 1, 2])
    >>> y = ((x + 2)**2 + 3).mean()
    >>> y.backward()
    >>> x.grad
    array([1.33333333, 2.        , 2.66666667])
    """

    # For the message of a function that takes arrays and is given a value.
    _instead = "write it with Value's own operators: x.exp(), x.tanh(), x.relu()"

    __hash__ = object.__hash__

    def __init__(
        self,
        data: Data,
        _children: tuple["Value", ...] = (),
        _op: str = "",
        _local: tuple[Data, ...] = (),
    ) -> None:
        self.data = _read(data)
        self.grad: Data = 0
        self._prev = tuple(_children)
        self._op = _op
        self._local = tuple(_read(derivative) for derivative in _local)

    @_binary
    def __add__(self, other: "Value") -> "Value":
        return Value(_apply(operator.add, self.data, other.data), (self, other), "+", (1, 1))

    @_binary
    def __mul__(self, other: "Value") -> "Value":
        a, b = self.data, other.data
        return Value(_apply(operator.mul, a, b), (self, other), "*", (b, a))

    @_binary
    def __sub__(self, other: "Value") -> "Value":
        return Value(_apply(operator.sub, self.data, other.data), (self, other), "-", (1, -1))

    @_binary
    def __truediv__(self, other: "Value") -> "Value":
        quotient = _apply(divide, self.data, other.data)
        by_self = _apply(divide, 1, other.data)
        by_other = -_apply(divide, quotient, other.data)
        return Value(quotient, (self, other), "/", (by_self, by_other))

    def __pow__(self, exponent: Any) -> "Value":
        n, a = _read_exponent(exponent), self.data
        _check_power(a, n)
        slope = _apply(operator.mul, n, _apply(_power, a, n - 1)) if n != 0 else 0
        return Value(_apply(_power, a, n), (self,), f"**{n}", (slope,))

    def __neg__(self) -> "Value":
        return Value(-self.data, (self,), "-", (-1,))

    @_binary
    def __radd__(self, other: "Value") -> Any:
        return other + self

    @_binary
    def __rmul__(self, other: "Value") -> Any:
        return other * self

    @_binary
    def __rsub__(self, other: "Value") -> Any:
        return other - self

    @_binary
    def __rtruediv__(self, other: "Value") -> Any:
        return other / self

    def __rpow__(self, base: Any) -> "Value":
        raise TypeError("Value: the exponent of ** is a Value; a real number is wanted")

    def __matmul__(self, other: Any) -> "Value":
        raise TypeError("Value: @ is not defined; (a * b).sum() is wanted")

    __rmatmul__ = __matmul__

    def __eq__(self, other: object) -> bool:
        """Two values are equal where they are the same node, as sets and dicts need it."""
        if isinstance(other, numbers.Number) or is_array(other):
            raise TypeError(
                "Value: == and != compare a Value with a number; compare its .data instead"
            )
        return self is other

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Let np.exp, np.log and np.tanh take a value, and array + value be the value's own +."""
        if method != "__call__" or kwargs or ufunc.__name__ not in _UFUNCS:
            raise TypeError(
                f"Value: numpy.{ufunc.__name__} is not defined;"
                " one of + - * / **, exp, log, tanh, relu, sum and mean is wanted"
            )
        direct, reflected = _UFUNCS[ufunc.__name__]
        first, *rest = inputs
        if isinstance(first, Value):
            return getattr(first, direct)(*rest)
        return getattr(rest[0], reflected)(first)

    def relu(self) -> "Value":
        """Compute ``max(0, x)``; the derivative at zero is zero."""
        a = np.asarray(self.data)
        return Value(rectified(a), (self,), "relu", (step(a),))

    def exp(self) -> "Value":
        """Compute e to the x."""
        result = _apply(np.exp, _inexact(self.data))
        return Value(result, (self,), "exp", (result,))

    def log(self) -> "Value":
        """Compute the natural logarithm of positive numbers."""
        if np.any(self.data <= 0):
            raise ValueError(f"Value: log of {described(self.data)}; positive numbers are wanted")
        a = _inexact(self.data)
        return Value(_apply(np.log, a), (self,), "log", (_apply(divide, 1, a),))

    def tanh(self) -> "Value":
        """Compute the hyperbolic tangent."""
        a = _inexact(self.data)
        return Value(_apply(np.tanh, a), (self,), "tanh", (tanh_derivative(a),))

    def sum(self) -> "Value":
        """Compute the sum of all elements."""
        return Value(_apply(_sum, self.data), (self,), "sum", (1,))

    def mean(self) -> "Value":
        """Compute the mean of all elements."""
        n = np.size(self.data)
        if n == 0:
            raise ValueError(f"Value: mean of shape {np.shape(self.data)}; an element is wanted")
        mean = _apply(divide, _read(_apply(_sum, self.data)), n)
        return Value(mean, (self,), "mean", (Fraction(1, n),))

    def backward(self) -> None:
        """Set the gradient of every node that this one, a single number, was computed from."""
        if np.ndim(self.data) > 0:
            raise ValueError(
                f"Value: backward from shape {np.shape(self.data)}; one number is wanted,"
                " take the .sum() or the .mean() first"
            )
        nodes = self._ancestors()
        for node in nodes:
            if node._prev:
                node.grad = 0
        self.grad = _apply(operator.add, self.grad, 1)
        for node in reversed(nodes):
            for operand, local in zip(node._prev, node._local, strict=True):
                share = _fit(_apply(operator.mul, node.grad, local), operand.data)
                operand.grad = _apply(operator.add, operand.grad, share)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def _ancestors(self) -> list["Value"]:
        """All nodes, each after its operands. A recursion would end at a thousand of them."""
        ordered: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]
        while stack:
            node, operands_done = stack.pop()
            if operands_done:
                ordered.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((operand, False) for operand in node._prev)
        return ordered


def _read(data: Any) -> Data:
    """`data` as a Python number, or as an array of floats or of Fractions."""
    if type(data) in (int, float, Fraction):
        return data
    if is_real(data):
        return python_number(data)
    if isinstance(data, list | tuple | np.ndarray):
        try:
            array = np.array(data)
        except (TypeError, ValueError, RuntimeError):
            array = np.array(None)
        if array.dtype.kind == "O" and all(map(is_rational, array.flat)):
            return fractions_of(array) if array.ndim else python_number(array[()])
        if array.dtype.kind in "iuf":
            if array.ndim == 0:
                return python_number(array[()])
            return array if array.dtype.kind == "f" else array.astype(np.float64)
    raise TypeError(f"Value: data is {described(data)}; real numbers are wanted")


def _is_exact(data: Data) -> bool:
    return type(data) in (int, Fraction) or holds_objects(data)


def _inexact(data: Data) -> Data:
    """`data` in floating point; what is too large for it is infinite."""
    if not isinstance(data, np.ndarray):
        return as_float(data)
    return np.vectorize(as_float, otypes=[float])(data) if holds_objects(data) else data


def _apply(operation: Callable[..., Data], *operands: Data) -> Data:
    """The result of `operation`: exact where all `operands` are, floating point otherwise."""
    if not all(map(_is_exact, operands)):
        operands = tuple(map(_inexact, operands))
    with quiet():
        try:
            return operation(*operands)
        except ValueError:
            shapes = " and ".join(str(np.shape(operand)) for operand in operands)
            raise ValueError(f"Value: shapes {shapes} do not broadcast") from None


def divide(a: Data, b: Data) -> Data:
    if np.any(b == 0) and (np.ndim(b) == 0 or _is_exact(b)):
        raise ZeroDivisionError(
            f"Value: {described(a)} / {described(b)}; a divisor other than 0 is wanted"
        )
    # Two ints would make a float.
    return Fraction(a) / b if isinstance(a, int) else a / b


def _sum(a: Data) -> Data:
    if _is_exact(a):
        return np.sum(a)
    return np.sum(a, dtype=np.result_type(a, np.float64))


def _fit(grad: Data, data: Data) -> Data:
    """`grad` in the kind and shape of `data`: what had been broadcast is summed, and back."""
    if not _is_exact(data):
        grad = _inexact(grad)
    shape = np.shape(data)
    extra = np.ndim(grad) - len(shape)
    if extra > 0:
        grad = np.sum(grad, axis=tuple(range(extra)))
    stretched = tuple(
        axis for axis, size in enumerate(np.shape(grad)) if size != 1 and shape[axis] == 1
    )
    if stretched:
        grad = np.sum(grad, axis=stretched, keepdims=True)
    if not shape:
        return _read(grad)
    dtype = float if _is_exact(data) and not _is_exact(grad) else data.dtype
    return _read(np.broadcast_to(grad, shape).astype(dtype))


def _read_exponent(exponent: Any) -> Number:
    if not is_real(exponent):
        raise TypeError(
            f"Value: the exponent of ** is {described(exponent)}; a real number is wanted"
        )
    n = python_number(exponent)
    return int(n) if isinstance(n, Fraction) and n.denominator == 1 else n


def _check_power(a: Data, n: Number) -> None:
    if np.any(a < 0) and math.isfinite(n) and n != math.floor(n):
        raise ValueError(f"Value: {described(a)} ** {n} is not real; a base from 0 on is wanted")
    if n < 0 and np.any(a == 0) and (np.ndim(a) == 0 or _is_exact(a)):
        raise ZeroDivisionError(f"Value: 0 ** {n} divides by zero; another base is wanted")


def _power(a: Data, n: Data) -> Data:
    if _is_exact(a) and isinstance(n, int):
        # An int to a negative power would make a float.
        return Fraction(a) ** n if n < 0 and isinstance(a, int) else a**n
    # Unlike Python's, NumPy's power overflows to infinity.
    return np.power(_inexact(a), _inexact(n))
