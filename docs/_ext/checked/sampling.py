"""Points of a domain at which a claim is tried: nice ones first, then the same random ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from . import tree as t
from .domain import Bounds, Domain
from .scope import Scope, Variable, names_in
from .witness import Grid, NoValue, Smooth, Witness, column

NICE = [Fraction(*pair) for pair in (
    (7, 5), (-3, 2), (0, 1), (1, 2), (-1, 1), (1, 1), (2, 1), (-1, 3), (3, 1), (5, 7), (-4, 1),
    (10, 1),
)]  # fmt: skip
TRIES = 400
LONGEST = 5


def points(scope: Scope, names: set[str], domain: Domain, count: int) -> list[dict[str, Any]]:
    """Up to `count` points at which all that was supposed holds; asked again, the same ones."""
    if domain is not scope.cache.get(("domain",)):
        return _points(scope, names, domain, count)
    key = ("points", frozenset(names))
    most, found = scope.cache.get(key, (0, []))
    if most < count:
        most, found = count, _points(scope, names, domain, count)
        scope.cache[key] = most, found
    return found[:count]


def _points(scope: Scope, names: set[str], domain: Domain, count: int) -> list[dict[str, Any]]:
    chance = random.Random(20260125)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for attempt in range(TRIES):
        point = _draw(scope, names, domain, chance, attempt)
        key = str(sorted(point.items(), key=lambda item: item[0]))
        if point is not None and key not in seen and allowed(scope, point):
            seen.add(key)
            found.append(point)
        if len(found) >= count or (len(found) >= 1 and not names):
            break
    return found


def _draw(
    scope: Scope, names: set[str], domain: Domain, chance: random.Random, attempt: int
) -> dict[str, Any]:
    point: dict[str, Any] = {}
    variables = scope.variables
    wanted = [v for v in variables.values() if v.name in names and not v.shape]
    for place, variable in enumerate(wanted):
        apart = 0 if attempt % 4 == 3 else place  # now and then all numbers are the same
        point[variable.name] = _scalar(variable, domain, chance, attempt, apart)
    for variable in variables.values():
        if variable.name in names and variable.shape:
            point[variable.name] = _vector(scope, variable, point, chance, attempt)
    for name in sorted(names - set(variables)):
        if scope.is_declared_function(name):
            point[name] = Smooth(
                [Fraction(chance.randint(1, 9), chance.randint(2, 7)) for _ in range(4)]
            )
    return point


def _scalar(
    variable: Variable, domain: Domain, chance: random.Random, attempt: int, place: int
) -> Fraction:
    if variable.kind != "real":
        symbol = sp.Symbol(variable.name, integer=True, **(
            {"positive": True} if variable.kind == "natural" else {}
        ))  # fmt: skip
        bounds = domain.of(symbol)
        low = int(sp.ceiling(bounds.lower)) if bounds.lower.is_finite else -4
        high = int(sp.floor(bounds.upper)) if bounds.upper.is_finite else low + LONGEST - 1
        return Fraction(chance.randint(low, max(low, high)))
    return real_in(domain.of(sp.Symbol(variable.name, real=True)), chance, attempt, place)


def real_in(bounds: Bounds, chance: random.Random, attempt: int, place: int = 0) -> Fraction:
    """A fraction inside an interval; the first attempts give nice ones."""
    fits = nice_in(bounds)
    if fits and attempt < 2 * len(NICE):
        return fits[(attempt + 5 * place) % len(fits)] if place else fits[attempt % len(fits)]
    random_part = Fraction(chance.randint(1, 998), 999)
    low, high = bounds.lower, bounds.upper
    if low.is_finite and high.is_finite:
        return _fraction(low) + random_part * (_fraction(high) - _fraction(low))
    if low.is_finite:
        return _fraction(low) + 9 * random_part
    if high.is_finite:
        return _fraction(high) - 9 * random_part
    return 12 * random_part - 6


@cache
def nice_in(bounds: Bounds) -> list[Fraction]:
    return [k for k in NICE if bounds.lower <= k <= bounds.upper
            and not (k == bounds.lower and bounds.lower_open)
            and not (k == bounds.upper and bounds.upper_open)]  # fmt: skip


def _fraction(value: sp.Expr) -> Fraction:
    rational = value if value.is_Rational else sp.Rational(str(value.evalf(15)))
    return Fraction(int(rational.p), int(rational.q))


def _vector(
    scope: Scope, variable: Variable, point: dict[str, Any], chance: random.Random, attempt: int
) -> Grid:
    witness = Witness(scope, point)
    sizes = [int(witness.value(size)) for size in variable.shape]

    def entry() -> Fraction:
        if attempt in (1, 2) and variable.kind == "real":
            return Fraction(attempt - 1)  # all 0, all 1: where ties and zeros show
        if variable.kind != "real":
            return Fraction(chance.randint(1, 6))
        return chance.choice(NICE) if attempt < 3 else Fraction(chance.randint(-40, 40), 11)

    rows, cols = (sizes[0], 1) if len(sizes) == 1 else sizes
    if cols == 1:
        return column([entry() for _ in range(rows)])
    return Grid(tuple(tuple(entry() for _ in range(cols)) for _ in range(rows)))


def allowed(scope: Scope, point: dict[str, Any]) -> bool:
    """Does all hold that is supposed of the names of a point?"""
    witness = Witness(scope, point)
    try:
        return all(witness.holds(h, {}) for h in supposed_of(scope, point))
    except NoValue:
        return False


def supposed_of(scope: Scope, point: dict[str, Any]) -> Iterator[t.Node]:
    """What is supposed of the names of a point, and of no others."""
    for hypothesis in scope.hypotheses:
        names = {v for name in names_in(hypothesis) for v in scope.depends_on(name)}
        if all(n in point or not _is_free(scope, n) for n in names):
            yield hypothesis


def _is_free(scope: Scope, name: str) -> bool:
    return name in scope.variables or scope.is_declared_function(name)


def needed(scope: Scope, nodes: Iterable[t.Node]) -> set[str]:
    """The declared names that a formula depends on, with those that are supposed of them."""
    names: set[str] = set()
    for node in nodes:
        names |= free_names(scope, node)
    while True:
        more = set(names)
        variables = scope.variables
        for name in names:
            if name in variables:
                for size in variables[name].shape:
                    more |= {n.text for n in size.walk() if isinstance(n, t.Name)}
        for hypothesis in scope.hypotheses:
            inside = {
                v
                for n in hypothesis.walk()
                if isinstance(n, t.Name)
                for v in scope.depends_on(n.text)
            }
            if inside & more:
                more |= inside
        if more == names:
            break
        names = more
    return {n for n in names if _is_free(scope, n)}


def free_names(scope: Scope, node: t.Node) -> set[str]:
    """The names that a formula depends on, without those that a sign inside it binds."""
    if isinstance(node, t.Name):
        return scope.depends_on(node.text)
    names = {name for part in node.parts() for name in free_names(scope, part)}
    if isinstance(node, t.Limit | t.Integral | t.Extreme):
        outside = [part for part in node.parts() if part not in (node.body, node.variable)]
        names -= {node.variable.text}
        for part in outside:
            names |= free_names(scope, part)
    return names
