"""Data of the page, such as x = 3: put into expressions, and into points for the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..kernels import Array
from ..meaning import Env, Meaning, Value, variable_value
from ..sampling import needed
from ..scope import Scope
from ..witness import Witness, column

Data = dict[str, t.Node]
Put = Callable[[sp.Expr], sp.Expr]


def data_for(scope: Scope, *sides: t.Node) -> Data:
    """The data of all names that some terms are made of."""
    names = needed(scope, list(sides))
    return {name: value for name, value in scope.givens.items() if name in names}


def unchanged(expression: sp.Expr) -> sp.Expr:
    return expression


def substitution(meaning: Meaning, data: Data) -> Put:
    """What puts the data into an expression."""
    if not data:
        return unchanged
    pairs: dict[sp.Expr, sp.Expr] = {}
    for name, node in data.items():
        symbol = variable_value(meaning, meaning.scope.variables[name])
        pairs.update(matching(symbol, meaning.of(node, Env()), name))
    return lambda expression: expression.xreplace(pairs)


def matching(symbol: Value, value: Value, name: str) -> dict[sp.Expr, sp.Expr]:
    """Each symbol that a name stands for with its value; Refused if the shapes do not fit."""
    if not isinstance(symbol, Array):
        if isinstance(value, Array | tuple):
            raise Refused("undefined", f"the value given for {name} is no number")
        return {symbol: value}
    if isinstance(value, tuple):
        value = Array.of([[item] for item in value])
    if not isinstance(value, Array) or not value.is_concrete:
        raise Refused("undefined", f"the value given for {name} has the wrong shape")
    if not symbol.is_concrete:
        raise Refused("unsupported", f"{name} has no fixed size, so it cannot be given a value")
    if symbol.shape != value.shape:
        raise Refused("undefined", f"the value given for {name} has the wrong shape")
    return {symbol.entry(i, j): value.entry(i, j) for i, j in value.places()}


def with_data(scope: Scope, point: dict[str, Any], data: Data) -> dict[str, Any]:
    """A point with the data in the places of what was drawn."""
    point = dict(point)
    for name, value in data.items():
        found = Witness(scope, point).value(value)
        variable = scope.variable(name)
        if isinstance(found, tuple) and variable is not None and variable.shape:
            found = column(list(found))
        point[name] = found
    return point
