"""Sums, products, quotients and powers of numbers, vectors and matrices whose shapes fit."""

from __future__ import annotations

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..kernels import Array
from .context import ONE, Context, Env, Value, unsupported

LARGEST_BITS = 20_000
LARGEST_POWER = 8


def matrix(meaning: Context, node: t.Matrix, env: Env) -> Value:
    return Array.of([[meaning.number(item, env) for item in row] for row in node.rows])


def numbers(meaning: Context, node: t.Tuple, env: Env) -> Value:
    return tuple(meaning.number(item, env) for item in node.items)


def add(meaning: Context, node: t.Add, env: Env) -> Value:
    total = meaning.of(node.terms[0], env)
    for term in node.terms[1:]:
        total = plus(meaning, total, meaning.of(term, env), node)
    return total


def plus(meaning: Context, left: Value, right: Value, node: t.Node) -> Value:
    """The sum of two values of one shape; `node` is where they are added."""
    if isinstance(left, Array) and isinstance(right, Array):
        if left.shape != right.shape:
            raise Refused("undefined", f"the shapes in {meaning.text(node)} differ")
        return Array(*left.shape, lambda i, j: left.entry(i, j) + right.entry(i, j))
    if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
        return tuple(a + b for a, b in zip(left, right, strict=True))
    if isinstance(left, sp.Expr) and isinstance(right, sp.Expr):
        meaning.need_finite(node, left, right)
        return left + right
    raise Refused("undefined", f"a number and a vector cannot be added in {meaning.text(node)}")


def negate(meaning: Context, node: t.Negate, env: Env) -> Value:
    if isinstance(node.body, t.Infinity):
        return -sp.oo
    return _scale(meaning, sp.Integer(-1), meaning.of(node.body, env), node)


def _scale(meaning: Context, factor: sp.Expr, value: Value, node: t.Node) -> Value:
    if isinstance(value, Array):
        return value.map(lambda entry: factor * entry)
    if isinstance(value, tuple):
        return tuple(factor * item for item in value)
    meaning.need_finite(node, factor, value)
    return factor * value


def multiply(meaning: Context, node: t.Multiply, env: Env) -> Value:
    left, right = meaning.of(node.left, env), meaning.of(node.right, env)
    if isinstance(left, sp.Expr):
        return _scale(meaning, left, right, node)
    if isinstance(right, sp.Expr):
        return _scale(meaning, right, left, node)
    if not isinstance(left, Array) or not isinstance(right, Array):
        raise unsupported(f"{meaning.text(node)} is a product of tuples; write vectors")
    if node.sign == "\\times":
        raise unsupported("a cross product of vectors")
    if node.sign == "\\cdot":
        return _dot(meaning, left, right, node)
    return _matrix_product(meaning, left, right, node)


def _dot(meaning: Context, left: Array, right: Array, node: t.Node) -> Value:
    if left.cols == 1 == right.cols and left.rows == right.rows:
        return meaning.sum_over(lambda j: left.entry(j, ONE) * right.entry(j, ONE), left.rows)
    raise Refused(
        "undefined", f"{meaning.text(node)}: a dot stands between two columns of one size"
    )


def _matrix_product(meaning: Context, left: Array, right: Array, node: t.Node) -> Value:
    if left.cols != right.rows:
        shapes = f"{left.rows} × {left.cols} and {right.rows} × {right.cols}"
        raise Refused("undefined", f"the shapes in {meaning.text(node)} do not fit: {shapes}")

    def entry(i: sp.Expr, k: sp.Expr) -> sp.Expr:
        return meaning.sum_over(lambda j: left.entry(i, j) * right.entry(j, k), left.cols)

    product = Array(left.rows, right.cols, entry)
    return entry(ONE, ONE) if product.shape == (1, 1) else product


def divide(meaning: Context, node: t.Divide, env: Env) -> Value:
    below = meaning.number(node.below, env)
    meaning.need_nonzero(below, node)
    above = meaning.of(node.above, env)
    if isinstance(above, sp.Expr):
        meaning.need_finite(node, above)
        return above / below
    return _scale(meaning, 1 / below, above, node)


def power(meaning: Context, node: t.Power, env: Env) -> Value:
    base = meaning.of(node.base, env)
    if isinstance(base, Array | tuple):
        return _array_power(meaning, base, node, env)
    exponent = meaning.number(node.exponent, env)
    meaning.need_finite(node, base)
    if exponent.is_Integer:
        if exponent <= 0:
            meaning.need_nonzero(base, node)
        if base.is_Rational and abs(exponent) * (abs(base.p) * base.q).bit_length() > LARGEST_BITS:
            raise unsupported(f"{meaning.text(node)} is too large to write out")
    elif exponent.is_integer:
        if not exponent.is_nonnegative and base != sp.E and not base.is_positive:
            meaning.need(exponent, "≥", node)
    elif base != sp.E:
        meaning.need(base, "≥" if exponent.is_positive else ">", node)
    return base**exponent


def _array_power(
    meaning: Context, base: Array | tuple[sp.Expr, ...], node: t.Power, env: Env
) -> Value:
    exponent = node.exponent
    if isinstance(exponent, t.Name) and exponent.text == "T" and not meaning.scope.is_name("T"):
        return _transposed(base)
    number = meaning.number(exponent, env)
    if isinstance(base, tuple) or not base.is_concrete or base.rows != base.cols:
        raise unsupported(f"{meaning.text(node)}: only a square matrix of given size has powers")
    if number == -1:
        square = base.matrix()
        determinant = square.det()
        meaning.need_nonzero(determinant, node)
        return Array.of((square.adjugate() / determinant).tolist())
    if number.is_Integer and 1 <= number <= LARGEST_POWER:
        return Array.of((base.matrix() ** int(number)).tolist())
    raise unsupported(f"the power {meaning.text(node)}")


def transpose(meaning: Context, node: t.Transpose, env: Env) -> Value:
    return _transposed(meaning.of(node.body, env))


def _transposed(value: Value) -> Value:
    if isinstance(value, tuple):  # (1, 2)^T is a column
        return Array.of([[item] for item in value])
    if isinstance(value, Array):
        return Array(value.cols, value.rows, lambda i, j: value.entry(j, i))
    raise unsupported("a number cannot be transposed")
