"""Cases: a value for each combination of signs of what the conditions compare with 0, the walls."""

from __future__ import annotations

import sympy as sp

from .. import tree as t
from ..kernels import UNDEFINED, Choose
from .context import Context, Env, Value, unsupported

MOST_WALLS = 4
# For each relation of a to 0: does it hold where a is negative, zero, positive?
HOLDS = {
    "<": (True, False, False), "≤": (True, True, False), "=": (False, True, False),
    "≠": (True, False, True), "≥": (False, True, True), ">": (False, False, True),
}  # fmt: skip
TURNED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠"}
Test = list[tuple[int, str]]  # the number of a wall, and its relation to 0


def cases(meaning: Context, node: t.Cases, env: Env) -> Value:
    walls: list[sp.Expr] = []
    tests = [
        _test(meaning, condition, env, walls) if condition is not None else None
        for _, condition in node.branches
    ]
    if len(walls) > MOST_WALLS:
        raise unsupported("more than four different walls in the cases")
    return _split(meaning, node, env, walls, tests, ())


def _test(meaning: Context, condition: t.Node, env: Env, walls: list[sp.Expr]) -> Test:
    """A condition as relations of walls to 0; new walls are added to the list."""
    chains = condition.parts_ if isinstance(condition, t.Together) else (condition,)
    test = []
    for chain in chains:
        if not isinstance(chain, t.Chain):
            raise unsupported(f"the condition {meaning.text(condition)}")
        sides = [meaning.number(side, env) for side in chain.sides]
        for left, relation, right in zip(sides, chain.relations, sides[1:], strict=False):
            wall = left - right
            if relation not in HOLDS:
                raise unsupported(f"{relation} in a condition")
            if -wall in walls:
                wall, relation = -wall, TURNED[relation]
            if wall not in walls:
                walls.append(wall)
            test.append((walls.index(wall), relation))
    return test


def _split(
    meaning: Context, node: t.Cases, env: Env, walls: list[sp.Expr],
    tests: list[Test | None], signs: tuple[int, ...],
) -> sp.Expr:  # fmt: skip
    """The value where the first walls have these signs, by the signs of the others."""
    if len(signs) == len(walls):
        return _branch(meaning, node, env, tests, signs)
    wall = walls[len(signs)]
    branches, saved = [], meaning.guard
    for sign, relation in enumerate("<=>"):
        meaning.guard = (*saved, (wall, relation))
        branches.append(_split(meaning, node, env, walls, tests, (*signs, sign)))
    meaning.guard = saved
    return Choose(wall, *branches)


def _branch(
    meaning: Context, node: t.Cases, env: Env, tests: list[Test | None], signs: tuple[int, ...]
) -> sp.Expr:
    """The value for these signs of all walls, where all branches that apply must agree."""
    hits = [
        value
        for (value, _), test in zip(node.branches, tests, strict=True)
        if test is not None and all(HOLDS[relation][signs[wall]] for wall, relation in test)
    ]
    if not hits and node.branches[-1][1] is None:
        hits = [node.branches[-1][0]]
    if not hits:
        return UNDEFINED
    values = [meaning.number(value, env) for value in hits]
    for other in values[1:]:
        if other != values[0]:
            meaning.need(other - values[0], "=", node)
    return values[0]
