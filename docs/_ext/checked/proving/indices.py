"""Free indices: a step with x_i is claimed for every i, and proved for each or for any of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..meaning import Env, Meaning, range_of
from ..scope import Scope
from .steps import Step

MOST_INDICES = 64


@dataclass(frozen=True)
class AnyIndex:
    """Any index from 1 to a size that is a letter; any whole number where no size is known."""

    size: sp.Expr | None


Indices = dict[str, Fraction | AnyIndex]


def free_indices(scope: Scope, *nodes: t.Node) -> list[str]:
    """Undeclared names that stand only as indices."""
    bound = {n.index.text for node in nodes for n in node.walk() if isinstance(n, t.Big)}
    parts = [part for node in nodes for part in node.walk() if isinstance(part, t.Subscript)]
    names = [i.text for part in parts for i in part.indices if isinstance(i, t.Name)]
    return [n for n in dict.fromkeys(names) if n not in bound and not scope.is_name(n)]


def instances(step: Step, meaning: Meaning) -> Iterator[Indices]:
    """Every choice of values of the free indices."""
    names = free_indices(meaning.scope, step.left, step.right)
    choices: list[list[Fraction | AnyIndex]] = [
        _choices(_size(step, name, meaning)) for name in names
    ]
    combinations = list(product(*choices))
    if len(combinations) > MOST_INDICES:
        raise Refused("unsupported", "too many values of the indices")
    for values in combinations:
        yield dict(zip(names, values, strict=True))


def _size(step: Step, name: str, meaning: Meaning) -> sp.Expr | None:
    size = range_of(meaning, name, step.left, Env())
    return size if size is not None else range_of(meaning, name, step.right, Env())


def _choices(size: sp.Expr | None) -> list[Fraction | AnyIndex]:
    if size is not None and size.is_Integer:
        return [Fraction(k) for k in range(1, int(size) + 1)]
    return [AnyIndex(size)]


def environment(indices: Indices, meaning: Meaning) -> Env:
    """The indices as numbers or symbols, whose ranges the domain of the meaning then knows."""
    env = Env()
    for name, value in indices.items():
        if isinstance(value, Fraction):
            env = env.bind(name, sp.Integer(int(value)))
        elif value.size is None:
            env = env.bind(name, sp.Symbol(name, integer=True))
        else:
            symbol = sp.Symbol(name, integer=True, positive=True)
            env = env.bind(name, symbol)
            domain = meaning.domain.assume(symbol - 1, "≥")
            meaning.domain = domain.assume(value.size - symbol, "≥")
    return env


def names_of_sizes(indices: Indices) -> set[str]:
    """The names that the sizes of indices are made of."""
    sizes = [value.size for value in indices.values() if isinstance(value, AnyIndex)]
    return {str(s) for size in sizes if size is not None for s in size.free_symbols}


def indices_at(indices: Indices, point: dict[str, Any]) -> Iterator[dict[str, Fraction]]:
    """The indices as numbers, where a point tells how far they run."""
    for values in product(*(_values_at(value, point) for value in indices.values())):
        yield dict(zip(indices, values, strict=True))


def _values_at(value: Fraction | AnyIndex, point: dict[str, Any]) -> list[Fraction]:
    if isinstance(value, Fraction):
        return [value]
    if value.size is None:
        return [Fraction(2), Fraction(5)]
    here = {s: sp.Integer(int(point[str(s)])) for s in value.size.free_symbols}
    return [Fraction(k) for k in range(1, int(value.size.xreplace(here)) + 1)]
