"""What a tree means: SymPy expressions, with every condition under which they are defined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import tree as t
from ..worker import watch_clock
from .arithmetic import add, divide, matrix, multiply, negate, numbers, power, transpose
from .cases import cases
from .context import Condition, Context, Env, Value, unsupported
from .derivatives import bar, derivative, gradient
from .functions import absolute, binomial, call, factorial, norm, root
from .names import infinity, name, numeral, range_of, subscript, variable_value
from .sums import big, integral, limit, limit_bodies

RULES: dict[type[t.Node], Callable[[Context, Any, Env], Value]] = {
    t.Number: numeral,
    t.Infinity: infinity,
    t.Name: name,
    t.Subscript: subscript,
    t.Matrix: matrix,
    t.Tuple: numbers,
    t.Add: add,
    t.Negate: negate,
    t.Multiply: multiply,
    t.Divide: divide,
    t.Power: power,
    t.Transpose: transpose,
    t.Call: call,
    t.Absolute: absolute,
    t.Norm: norm,
    t.Factorial: factorial,
    t.Binomial: binomial,
    t.Root: root,
    t.Cases: cases,
    t.Big: big,
    t.Limit: limit,
    t.Integral: integral,
    t.Derivative: derivative,
    t.Gradient: gradient,
    t.Bar: bar,
}


class Meaning(Context):
    """Gives trees their meaning in one scope, each kind of node by its rule."""

    def of(self, node: t.Node, env: Env) -> Value:
        watch_clock()
        rule = RULES.get(type(node))
        if rule is None:
            raise unsupported(f"{type(node).__name__} cannot stand here")
        return rule(self, node, env)


__all__ = ["Condition", "Env", "Meaning", "Value", "limit_bodies", "range_of", "variable_value"]
