"""Two vectors multiply in two ways: to a number (inner) or to a matrix (outer).

Integers stay exact: those of an array are computed in the library's default integer type, and what
might not fit it is an ``OverflowError``, because a wrapped number would be a false one; those of a
list are computed with Python's own, which always fit. Fractions stay exact too. A ``TypeError``
refuses what is bool, complex or no number, fractions beside floats, and arrays of two libraries.
"""

import math

from mlmath._array import Array, ArrayLike, arithmetic, array_namespace

__all__ = ["inner", "outer"]


@arithmetic("a", "b", rational=True, integers="widen")
def inner(a: ArrayLike, b: ArrayLike, /) -> Array:
    r"""Compute the inner product of two vectors, also called their dot product.

    .. math::
        :define:

        \mathrm{inner}(a, b) = a^\top b = \sum_{i=1}^{n} a_i b_i

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Real vectors of the same length.

    Returns
    -------
    scalar
        A number in the dtype of the arguments; arrays of integers give the library's default
        integer type, fractions a ``Fraction``. The inner product of two empty vectors is zero.

    Raises
    ------
    ValueError
        If an argument has another number of axes than one, or the lengths differ.
    OverflowError
        If the arguments are arrays of integers, and :math:`n` times the largest magnitude in `a`
        times the largest in `b` does not fit the integer type. The sum itself might still fit.

    Notes
    -----
    The overflow check looks at the values of integers, so ``jax.jit`` cannot trace them.

    References
    ----------
    Gilbert Strang, *Introduction to Linear Algebra*, section "Lengths and Angles from Dot
    Products".

    Examples
    --------
    >>> from mlmath import inner
    >>> inner([1, 2, 3], [1, 2, 3])
    14
    """
    _check_vectors("inner", a, b)
    if a.shape != b.shape:
        raise ValueError(
            f"inner: a has length {a.shape[0]}, b has length {b.shape[0]}; lengths must match"
        )
    _check_fits("inner", a, b, terms=a.shape[0])
    return array_namespace(a, b).sum(a * b)


@arithmetic("a", "b", rational=True, integers="widen")
def outer(a: ArrayLike, b: ArrayLike, /) -> Array:
    r"""Compute the outer product of two vectors, a matrix of rank at most one.

    .. math::
        :define:

        P = a b^\top

    The entry in row :math:`i` and column :math:`j` is :math:`P_{ij} = a_i b_j`.

    Parameters
    ----------
    a : array_like, shape (m,)
        A real vector.
    b : array_like, shape (n,)
        A real vector.

    Returns
    -------
    array, shape (m, n)
        In the dtype of the arguments; integers give the library's default integer type, or
        ``int`` objects where lists of them make larger ones, fractions an object array of
        ``Fraction``.

    Raises
    ------
    ValueError
        If an argument has another number of axes than one. (NumPy's own ``outer`` flattens it.)
    OverflowError
        If the arguments are arrays of integers, and the largest magnitude in `a` times the
        largest in `b` does not fit the integer type.

    Notes
    -----
    The matrix :math:`v v^\top` is symmetric, :math:`(v v^\top)^\top = v v^\top`, and its trace is
    :math:`\sum_i (v v^\top)_{ii} = v^\top v`.

    References
    ----------
    Gene Golub and Charles Van Loan, *Matrix Computations*, section "Basic Algorithms and
    Notation".

    Examples
    --------
    >>> from mlmath import outer
    >>> outer([1, 2, 3], [1, 2, 3])
    array([[1, 2, 3],
           [2, 4, 6],
           [3, 6, 9]])
    """
    _check_vectors("outer", a, b)
    _check_fits("outer", a, b)
    return a[:, None] * b[None, :]


def _check_vectors(function: str, a: Array, b: Array) -> None:
    for name, vector in (("a", a), ("b", b)):
        if vector.ndim != 1:
            raise ValueError(
                f"{function}: {name} has shape {tuple(vector.shape)}; one axis is wanted"
            )


def _check_fits(function: str, a: Array, b: Array, *, terms: int = 1) -> None:
    """Refuse integers whose products, `terms` of them added up, might wrap."""
    xp = array_namespace(a, b)
    if math.prod(a.shape + b.shape) == 0 or not xp.isdtype(a.dtype, "integral"):
        return
    bound = terms * _magnitude(a) * _magnitude(b)
    if bound > xp.iinfo(a.dtype).max:
        raise OverflowError(
            f"{function}: the result might reach {bound}, too large for {a.dtype};"
            " convert to float, or to dtype object, which is exact"
        )


def _magnitude(vector: Array) -> int:
    """The largest absolute value, in Python's integers: -(-2**63) is no int64."""
    xp = array_namespace(vector)
    return max(int(xp.max(vector)), -int(xp.min(vector)))
