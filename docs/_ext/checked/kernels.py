"""The few kinds of SymPy expression that SymPy lacks, and arrays whose sizes may be letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

UNDEFINED = sp.Symbol("undefined")


class Choose(sp.Function):
    """Choose(w, n, z, p) is n where w < 0, z where w = 0 and p where w > 0."""

    nargs = 4

    @classmethod
    def eval(cls, wall: sp.Expr, below: sp.Expr, at: sp.Expr, above: sp.Expr) -> sp.Expr | None:
        if wall.is_positive:
            return above
        if wall.is_negative:
            return below
        if wall.is_zero:
            return at
        return below if below == at == above else None

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_derivative(self, s: sp.Expr) -> sp.Expr:
        wall, below, _, above = self.args
        at = UNDEFINED if wall.has(s) else self.args[2].diff(s)
        return Choose(wall, below.diff(s), at, above.diff(s))


class Unknown(sp.Function):
    """Unknown(name, order, x): the derivative of that order of a declared function at x."""

    nargs = 3

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_derivative(self, s: sp.Expr) -> sp.Expr:
        name, order, argument = self.args
        return Unknown(name, order + 1, argument) * argument.diff(s)


@dataclass(frozen=True)
class Array:
    """A matrix by its entries, counted from 1; a column has `cols` 1. Sizes may be symbols."""

    rows: sp.Expr
    cols: sp.Expr
    entry: Callable[[sp.Expr, sp.Expr], sp.Expr]

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        return self.rows, self.cols

    @property
    def is_concrete(self) -> bool:
        return bool(self.rows.is_Integer and self.cols.is_Integer)

    def places(self) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        for i in range(1, int(self.rows) + 1):
            for j in range(1, int(self.cols) + 1):
                yield sp.Integer(i), sp.Integer(j)

    def map(self, change: Callable[[sp.Expr], sp.Expr]) -> Array:
        return Array(self.rows, self.cols, lambda i, j: change(self.entry(i, j)))

    @staticmethod
    def of(rows: list[list[sp.Expr]]) -> Array:
        return Array(
            sp.Integer(len(rows)),
            sp.Integer(len(rows[0])),
            lambda i, j: rows[int(i) - 1][int(j) - 1],
        )

    def matrix(self) -> sp.Matrix:
        return sp.Matrix(int(self.rows), int(self.cols), lambda i, j: self.entry(i + 1, j + 1))
