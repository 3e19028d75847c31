"""A page as the list of what it says in formulas, and the check of that list from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from . import Scope, Verdict, check, remember
from . import tree as t
from .defining import called_name, definition_of
from .errors import Refused


@dataclass(frozen=True)
class Formula:
    """One thing that a page says: a formula, a declaration, or the beginning of a section."""

    kind: str  # claim, define, given, number, mention, declare, unchecked or section
    latex: str = ""
    line: int = 0
    code: str = ""  # the dotted name of the function that a definition is bound to
    reason: str = ""  # why an unchecked formula is not checked


def check_page(formulas: list[Formula]) -> Iterator[Verdict]:
    """Yield the verdict on every formula of a page, in order."""
    scope = Scope()
    scope.known = known_parts(formulas)
    for formula in formulas:
        yield judge(scope, formula)


def known_parts(formulas: Iterable[Formula]) -> set[t.Node]:
    """Return the parts of all formulas of a page, any of which the page may mention anywhere."""
    scope = Scope()
    for formula in formulas:
        if formula.kind == "section":
            scope.section()
        elif formula.kind == "declare":
            declare(scope, formula.latex)
        elif formula.kind == "define":
            remember(scope, formula.latex, kind="define")
            introduce(scope, formula.latex)
        elif formula.kind != "unchecked" and not is_term(scope, formula.latex):
            remember(scope, formula.latex)
    return scope.known


def introduce(scope: Scope, latex: str) -> None:
    """Let the scope know a definition without checking it."""
    try:
        chain = scope.read(latex, called_name(latex))
        scope.define(definition_of(scope, chain.sides[0], chain.sides[1], latex))
    except (Refused, AttributeError):
        return  # it will be refused where it stands


def judge(scope: Scope, formula: Formula) -> Verdict:
    """Return the verdict on one formula, and let the scope know what it introduces."""
    if formula.kind == "section":
        scope.section()
    if formula.kind in ("section", "unchecked"):
        return Verdict(True, formula.kind, formula.latex)
    if formula.kind == "declare":
        return declare(scope, formula.latex)
    kind = said(scope, formula)
    return check(scope, formula.latex, kind=kind, code=function(formula.code))


def said(scope: Scope, formula: Formula) -> str:
    """Return the kind of a formula; what looks like a claim may be a mere term."""
    if formula.kind == "claim" and is_term(scope, formula.latex):
        return "mention"
    return formula.kind


def is_term(scope: Scope, latex: str) -> bool:
    """Tell whether a formula has no relation, and so claims nothing."""
    try:
        return not isinstance(scope.read(latex), t.STATEMENTS)
    except Refused:
        return False  # let the check say what is wrong


def declare(scope: Scope, latex: str) -> Verdict:
    try:
        scope.declare(latex)
    except Refused as refused:
        return Verdict(False, "declare", latex, (), refused.category, refused.message)
    return Verdict(True, "declare", latex)


def function(name: str) -> Callable[..., Any] | None:
    """Return the function with this dotted name, if there is a name."""
    if not name:
        return None
    module, _, attribute = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found
