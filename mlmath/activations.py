r"""The functions that bend a network's straight lines, and their slopes, right in the tails too.

Each formula divides or chooses on the *arguments* of an exponential that cannot overflow, so
that a tail keeps its digits and an automatic derivative meets no infinity times zero.

All of them take real numbers of any shape, and give floating-point numbers their own dtype and
integers the library's default float, except :func:`relu`, which keeps integers. NaN gives NaN. A
``TypeError`` refuses what is bool, complex or no number, and, except by :func:`relu` and
:func:`relu_derivative`, which are exact over them, objects such as fractions.

Numbers narrower than float64 are computed in float64. Accuracy was measured with NumPy, over all
float16 and float32 numbers and a million hard float64 ones, as the book's page on accuracy tells;
each function quotes its largest error. That of other libraries depends on their ``exp``.

References
----------
Ian Goodfellow, Yoshua Bengio and Aaron Courville, *Deep Learning*, sections "Useful Properties of
Common Functions", "Hidden Units" and "Softmax Units for Multinoulli Output Distributions".
"""

import math
from numbers import Real

import numpy as np

from mlmath._array import (
    Array,
    ArrayLike,
    arithmetic,
    array_namespace,
    described,
    in_blocks,
    minus_abs,
    read_axes,
    read_number,
    up_to_zero,
)

__all__ = [
    "log_sigmoid",
    "log_softmax",
    "relu",
    "relu_derivative",
    "sigmoid",
    "sigmoid_derivative",
    "softmax",
    "tanh",
    "tanh_derivative",
]


@arithmetic("x", widen=False)
def sigmoid(x: ArrayLike, /, k: Real | float = 1) -> Array:
    r"""Compute the logistic sigmoid of :math:`kx`.

    .. math::
        :define:

        \mathrm{sigmoid}(x, k) = \sigma(kx) = \frac{1}{1 + e^{-kx}}

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.
    k : real number, optional
        The steepness: the slope at zero is :math:`\frac{k}{4}`.

    Returns
    -------
    array, shape of `x`
        For positive `k`, minus infinity gives zero and infinity gives one; for a `k` of zero both
        give NaN, because zero times infinity is not defined.

    Raises
    ------
    TypeError, ValueError
        If `k` is no real number, or infinite or NaN.

    Notes
    -----
    torch's autograd gives the derivative :math:`k\,\sigma(kx)\,\sigma(-kx)` to a relative
    ``2e-15``, in both tails too, and :math:`\frac{k}{4}` at zero.

    Measured: :exempt:`at most 0.5001 ulp in float16 and float32, 1.6426 ulp in float64, and 1.605
    ulp in float64 by the C library <measured>`. Where :math:`k` is no power of two, rounding
    :math:`kx` adds a relative error of up to ``abs(k * x) * 2**-53`` in the lower tail.

    Examples
    --------
    >>> from mlmath import sigmoid
    >>> sigmoid(0)
    0.5
    >>> sigmoid([-1, 0, 1], k=5)
    array([0.00669285, 0.5       , 0.99330715])
    """
    k = float(read_number("sigmoid", "k", k))

    def formula(x: Array) -> Array:
        z = k * x
        xp = array_namespace(x)
        e, above = xp.exp(minus_abs(z)), xp.exp(up_to_zero(z))
        # above / (1 + e) is the same, but 2.3 ulp.
        return above - above * (e / (1 + e))

    return in_blocks(formula, x, narrow=lambda x: 1 / (1 + np.exp(-k * x)))


@arithmetic("x", widen=False)
def sigmoid_derivative(x: ArrayLike, /, k: Real | float = 1) -> Array:
    r"""Compute the derivative of :math:`\sigma(kx)` with respect to :math:`x`.

    .. math::
        :define:

        s(x, k) = k\,\sigma(kx)\,\sigma(-kx) = k\,\sigma(kx)\,\bigl(1 - \sigma(kx)\bigr)
                = \frac{d}{dx}\,\sigma(kx)

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.
    k : real number, optional
        The steepness.

    Returns
    -------
    array, shape of `x`
        Largest in magnitude at zero, because
        :math:`s(x, k) = \frac{k}{4} - k \bigl(\sigma(kx) - \frac{1}{2}\bigr)^2`. An infinite `x`
        gives zero, but NaN for a `k` of zero.

    Raises
    ------
    TypeError, ValueError
        If `k` is no real number, or infinite or NaN.

    Notes
    -----
    The two forms are equal, but the second loses all its digits in floating point where
    :math:`kx` reaches ``37``; from ``37.5`` on, :math:`\sigma(kx)` rounds to one. Computed here is
    the first.

    Measured: :exempt:`at most 0.5 ulp in float16 and float32, 2.4815 ulp in float64, and 2.3902 ulp
    in float64 by the C library <measured>`. For `k` other than one see :func:`sigmoid`.

    Examples
    --------
    >>> from mlmath import sigmoid_derivative
    >>> sigmoid_derivative(0)
    0.25
    >>> sigmoid_derivative(0, k=5)
    1.25
    >>> sigmoid_derivative(40) > 0
    True
    """
    k = float(read_number("sigmoid_derivative", "k", k))
    return in_blocks(lambda x: k * _bump(k * x), x)


@arithmetic("x", widen=False)
def log_sigmoid(x: ArrayLike, /) -> Array:
    r"""Compute the natural logarithm of the logistic sigmoid.

    .. math::
        :define:

        y = \ln(\sigma(x)) = -\ln\left(1 + e^{-x}\right)

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    array, shape of `x`
        Finite for every finite `x`, where the logarithm of a sigmoid that has rounded to zero is
        not. Minus infinity gives minus infinity, and infinity gives zero.

    Notes
    -----
    The derivative that autograd sees is :math:`\frac{dy}{dx} = \sigma(-x)`, to full precision in
    both tails.

    Measured: :exempt:`at most 0.5001 ulp in float16 and float32, 1.6812 ulp in float64, and 1.4954
    ulp in float64 by the C library <measured>`.

    References
    ----------
    PyTorch documentation, ``torch.nn.LogSigmoid``.

    Examples
    --------
    >>> from mlmath import log_sigmoid
    >>> log_sigmoid(0)
    -0.6931471805599453
    >>> log_sigmoid(-1000)
    -1000.0
    """

    def formula(x: Array) -> Array:
        xp = array_namespace(x)
        return up_to_zero(x) - xp.log1p(xp.exp(minus_abs(x)))

    return in_blocks(formula, x)


@arithmetic("x", rational=True, integers="keep", widen=False)
def relu(x: ArrayLike, /) -> Array:
    r"""Compute the rectified linear unit.

    .. math::
        :define:

        \mathrm{relu}(x) = \max(0, x) = \begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    array, shape of `x`
        Exact, in the dtype of `x`: integers stay integers, and fractions fractions.

    Notes
    -----
    Not differentiable at zero, where autograd gives zero; see :func:`relu_derivative`. At NaN,
    autograd gives one.

    Examples
    --------
    >>> from mlmath import relu
    >>> relu([-2, -1, 0, 1, 2])
    array([0, 0, 0, 1, 2])
    """
    return rectified(x)


@arithmetic("x", rational=True, widen=False)
def relu_derivative(x: ArrayLike, /) -> Array:
    r"""Compute the derivative of the rectified linear unit, taken to be zero at zero.

    .. math::
        :define:

        r(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}

    Wherever :declare:`x \ne 0`, this is the slope: :math:`r(x) = \mathrm{relu}'(x)`.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    array, shape of `x`
        Exact, and of fractions for fractions.

    Notes
    -----
    At zero there is no derivative. Every number from zero to one is the slope of a line that
    touches the graph there from below; the zero that torch, JAX and TensorFlow take is taken here
    too.

    Examples
    --------
    >>> from mlmath import relu_derivative
    >>> relu_derivative([-2, -1, 0, 1, 2])
    array([0., 0., 0., 1., 1.])
    """
    return step(x)


@arithmetic("x", widen=False)
def tanh(x: ArrayLike, /) -> Array:
    r"""Compute the hyperbolic tangent.

    .. math::
        :define:

        \tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}} = 2\,\sigma(2x) - 1

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    array, shape of `x`
        Infinity gives :num:`1 = \lim_{x \to \infty} \tanh(x)`, minus infinity gives
        :num:`-1 = \lim_{x \to -\infty} \tanh(x)`.

    Notes
    -----
    The array library's own ``tanh`` is used. Where a library differentiates automatically, it is
    used near zero only: its derivative, :math:`1 - \tanh^2(x)`, rounds to zero in the tails.

    Measured: :exempt:`at most 0.5 ulp in float16 and float32, 1.1928 ulp in float64, and 2.1484 ulp
    in float64 by the C library <measured>`. NumPy has a function of its own for x86 processors with
    AVX2, and elsewhere calls the C library's.

    Examples
    --------
    >>> from mlmath import tanh
    >>> tanh(0)
    0.0
    >>> tanh([-1, 1])
    array([-0.76159416,  0.76159416])
    """

    def formula(x: Array) -> Array:
        xp = array_namespace(x)
        if xp is np:
            return np.tanh(x)
        # Its automatic derivative, 1 - tanh^2, would round to zero in the tails.
        e = xp.exp(minus_abs(2 * x))
        far = 1 - 2 * e / (1 + e)
        return xp.where((x > -1) & (x < 1), xp.tanh(x), xp.where(x >= 0, far, -far))

    return in_blocks(formula, x)


@arithmetic("x", widen=False)
def tanh_derivative(x: ArrayLike, /) -> Array:
    r"""Compute the derivative of the hyperbolic tangent.

    .. math::
        :define:

        t(x) = 4\,\sigma(2x)\,\sigma(-2x) = \frac{1}{\cosh^2(x)} = 1 - \tanh^2(x) = \tanh'(x)

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    array, shape of `x`
        The largest value is at zero, :math:`t(x) \le t(0) = 1`; plus or minus infinity gives
        zero.

    Notes
    -----
    Computed is the first form: in the second, the hyperbolic cosine overflows, and the third
    loses all its digits in floating point where :math:`x` reaches ``19.1``.

    Measured: :exempt:`at most 0.5 ulp in float16 and float32, 2.3879 ulp in float64, and 2.3807 ulp
    in float64 by the C library <measured>`.

    Examples
    --------
    >>> from mlmath import tanh_derivative
    >>> tanh_derivative(0)
    1.0
    >>> tanh_derivative(20) > 0
    True
    """
    return in_blocks(lambda x: 4 * _bump(2 * x), x)


@arithmetic("x", widen=False)
def softmax(x: ArrayLike, /, *, axis: int | tuple[int, ...] | None = -1) -> Array:
    r"""Turn scores into positive numbers that sum to one, each in proportion to :math:`e^{x_i}`.

    .. math::
        :define:

        p_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    Parameters
    ----------
    x : array_like
        Scores, of one axis or more.
    axis : int, tuple of int or None, optional
        The axis, or the axes together, along which the results sum to one; None for all.

    Returns
    -------
    array, shape of `x`
        An empty axis gives an empty result. A score of minus infinity beside a finite one gives
        zero. Where a score is infinity or NaN, or all are minus infinity, the formula has no
        value, and all the results along `axis` are NaN.

    Raises
    ------
    TypeError
        If `axis` is no int, tuple of int or None.
    ValueError
        If `x` has no axis, or `axis` is out of range, empty, or names an axis twice.

    Notes
    -----
    Subtracting any :math:`m`, and so the largest score, changes nothing,
    :math:`p_i = \frac{e^{x_i - m}}{\sum_j e^{x_j - m}}`, and the largest keeps :math:`e^{x_i}` from
    overflowing. What rounding takes from the difference :math:`x_i - m` is folded back in; the
    exponential would turn it into a relative error of up to ``2**-53`` times that difference.

    Measured: :exempt:`at most 0.5 ulp in float32, 2.9838 ulp in float64, and 2.9988 ulp in float64
    by the C library <measured>`. Neither the length of a row nor the spread of its scores makes
    that larger.

    Examples
    --------
    >>> from mlmath import softmax
    >>> softmax([0, 1, 2]).round(7)
    array([0.0900306, 0.2447285, 0.665241 ])
    """
    return in_blocks(_softmax, x, _read_axis("softmax", axis, x.shape), narrow=_narrow_softmax)


@arithmetic("x", widen=False)
def log_softmax(x: ArrayLike, /, *, axis: int | tuple[int, ...] | None = -1) -> Array:
    r"""Compute the natural logarithm of the softmax.

    .. math::
        :define:

        \ell_i = -\ln\Bigl(\sum_j e^{x_j - x_i}\Bigr) = x_i - \ln\Bigl(\sum_j e^{x_j}\Bigr)
               = \ln\left(\frac{e^{x_i}}{\sum_j e^{x_j}}\right)

    Parameters
    ----------
    x : array_like
        Scores, of one axis or more.
    axis : int, tuple of int or None, optional
        The axis, or the axes together, along which the softmax sums to one; None for all.

    Returns
    -------
    array, shape of `x`
        As :func:`softmax`, but a score of minus infinity beside a finite one gives minus
        infinity.

    Raises
    ------
    TypeError, ValueError
        As :func:`softmax`.

    Notes
    -----
    Computed is :math:`\ell_i = (x_i - m) - \ln\Bigl(\sum_j e^{x_j - m}\Bigr)`, which holds for
    every :math:`m`, with the largest score as :math:`m`. If only one score is the largest, its
    own term in the sum, which is one, is left to ``log1p``, so that its result, near zero if it
    outweighs all the others, keeps its digits. Where scores tie, autograd's first and second
    derivatives are right too.

    What rounding takes from the differences :math:`x_i - m` is folded back in, as in
    :func:`softmax`.

    Measured: :exempt:`at most 0.5001 ulp in float32, 1.7762 ulp in float64, and 1.7762 ulp in
    float64 by the C library <measured>`. Neither the length of a row nor the spread of its scores
    makes that larger.

    References
    ----------
    Pierre Blanchard, Desmond Higham and Nicholas Higham, "Accurately computing the log-sum-exp
    and softmax functions", *IMA Journal of Numerical Analysis*.

    Examples
    --------
    >>> from mlmath import log_softmax
    >>> log_softmax([0, 0])
    array([-0.69314718, -0.69314718])
    >>> bool(log_softmax([40, 0])[0] < 0)
    True
    """
    return in_blocks(_log_softmax, x, _read_axis("log_softmax", axis, x.shape))


def _softmax(x: Array, axes: tuple[int, ...]) -> Array:
    shifted, lost = _below_largest(x, axes)
    e = array_namespace(x).exp(shifted)
    e = e + e * lost
    return e / _exact_sum(e, axes)


def _narrow_softmax(x: Array, axes: tuple[int, ...]) -> Array:
    """Float64 holds nearly every difference of narrower numbers as it is."""
    e = np.exp(x - _largest(x, axes))
    return e / np.sum(e, axis=axes, keepdims=True)


def _log_softmax(x: Array, axes: tuple[int, ...]) -> Array:
    xp = array_namespace(x)
    shifted, lost = _below_largest(x, axes)
    e = xp.exp(shifted)
    e = e + e * lost
    largest = shifted == 0
    alone = xp.sum(xp.astype(largest, x.dtype), axis=axes, keepdims=True) == 1
    rest = _exact_sum(xp.where(largest, 0, e), axes)
    log_sum = xp.where(alone, xp.log1p(rest), xp.log(_exact_sum(e, axes)))
    # Not shifted, which is 0, but whose automatic derivative 1 - 1 would swallow that of the rest.
    return xp.where(largest & alone, 0 - log_sum, shifted + (lost - log_sum))


def _exact_sum(terms: Array, axes: tuple[int, ...]) -> Array:
    """The sum of numbers above 0, as good over a million as over two, in whatever order."""
    xp = array_namespace(terms)
    # What is a multiple of the last place of this bound adds up exactly, the little rest nearly so.
    count = math.prod(terms.shape[axis] for axis in axes)
    bound = 2.0 ** count.bit_length() * _largest(terms, axes)
    high = (terms + bound) - bound
    low = terms - high
    return xp.sum(high, axis=axes, keepdims=True) + xp.sum(low, axis=axes, keepdims=True)


def _bump(x: Array) -> Array:
    """σ(x) σ(-x)."""
    e = array_namespace(x).exp(minus_abs(x))
    # The square of 1 + e; as a power it would be 4.2 ulp.
    return e / (1 + e * (2 + e))


def rectified(x: Array) -> Array:
    """The formula of :func:`relu`, for a caller who has prepared `x` already."""
    xp = array_namespace(x)
    if xp is np and x.dtype.kind == "f":
        # As fast as a copy, and NaN stays NaN. Elsewhere, its automatic derivative at 0 is not 0.
        return np.clip(x, 0, np.inf)
    if xp.isdtype(x.dtype, "unsigned integer"):
        # None is below 0; and torch has uint16, but compares none.
        return xp.asarray(x, copy=True)
    # The other way round, where(x > 0, x, 0), would turn NaN into 0.
    return xp.where(x <= 0, 0, x)


def step(x: Array) -> Array:
    """1 above 0, otherwise 0; what is neither above 0 nor up to 0 is NaN, and stays so."""
    xp = array_namespace(x)
    if xp is np and x.dtype.kind == "f":
        # The same, twenty times as fast where the signs are random.
        return np.clip(np.sign(x), 0, 1)
    return xp.where(x > 0, 1, xp.where(x <= 0, 0, x))


def _below_largest(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """How far each element is from the largest on `axes`, and what rounding took from that."""
    xp, largest = array_namespace(x), _largest(x, axes)
    shifted = x - largest
    # Exactly x - largest - shifted (Knuth), which e^shifted would turn into a relative error.
    less = x - shifted
    lost = (x - (shifted + less)) + (less - largest)
    # The differences of infinities are no numbers.
    return shifted, xp.where(xp.isfinite(lost), lost, 0)


def _largest(x: Array, axes: tuple[int, ...]) -> Array:
    xp = array_namespace(x)
    # There is no largest of nothing, and no element to be compared with it.
    return xp.max(x, axis=axes, keepdims=True) if 0 not in x.shape else x


def _read_axis(function: str, axis: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    """`axis` (an int, a tuple of them, or None for all) as a tuple of distinct axes from 0 on."""
    if not shape:
        raise ValueError(f"{function}: x has shape (); at least one axis is wanted")
    if axis is None:
        return tuple(range(len(shape)))

    def came() -> str:
        return f"{function}: axis is {described(axis)}, x has shape {tuple(shape)}"

    if isinstance(axis, tuple) and not axis:
        raise ValueError(f"{came()}; one axis or more is wanted")
    axes = axis if isinstance(axis, tuple) else (axis,)
    return read_axes(came, axes, len(shape), wanted="an int, a tuple of ints or None")
