"""A step of a chain, what its proof says, and whether a side of it is written out."""

from __future__ import annotations

from dataclasses import dataclass

from .. import tree as t
from ..scope import CONSTANTS
from ..words import KNOWN_FUNCTIONS


@dataclass(frozen=True)
class Step:
    """One relation of a chain."""

    left: t.Node
    relation: str
    right: t.Node


@dataclass(frozen=True)
class Proof:
    """How far a step was proved, by which method, with which definitions."""

    how: str
    method: str
    used: tuple[str, ...] = ()


def is_literal(node: t.Node) -> bool:
    """Is everything in it written out, with no name but those of constants and known functions?"""
    names = {part.text for part in node.walk() if isinstance(part, t.Name)}
    return names <= CONSTANTS | KNOWN_FUNCTIONS | {"T"}
