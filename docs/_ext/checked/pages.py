"""A page as the list of what it says in formulas, and the check of that list from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from . import Scope, Verdict, check, remember
from . import tree as t
from .cells import Cell, function_in_cells
from .defining import called_name, definition_of
from .errors import Refused

CLAIMING = ("claim", "number", "mention")  # kinds that introduce nothing


@dataclass(frozen=True)
class Formula:
    """One thing that a page says: a formula, a declaration, or the beginning of a section."""

    kind: str  # claim, define, given, number, mention, declare, unchecked or section
    latex: str = ""
    line: int = 0
    code: str = ""  # what a definition is bound to: a function's dotted name, or a name of cells
    reason: str = ""  # why an unchecked formula is not checked
    cells: tuple[Cell, ...] = ()  # those of the page, for a name of theirs


def check_page(formulas: list[Formula]) -> Iterator[Verdict]:
    """Yield the verdict on every formula of a page, in order."""
    scope = Scope()
    scope.known = known_parts(formulas)
    for formula in formulas:
        yield judge(scope, formula)


def check_again(formulas: list[Formula], verdicts: list[Verdict]) -> list[Verdict]:
    """Return the verdicts on a page that says what it said when all of it held.

    What a formula claims follows from the page alone. What it defines is compared with code, which
    may have changed, so every definition is checked, and everything if one does not hold.
    """
    scope = Scope()
    scope.known = known_parts(formulas)
    checked = [
        verdict if formula.kind in CLAIMING else judge(scope, formula)
        for formula, verdict in zip(formulas, verdicts, strict=True)
    ]
    return checked if all(verdict.ok for verdict in checked) else list(check_page(formulas))


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
        if isinstance(chain, t.Chain):
            scope.define(definition_of(scope, chain.sides[0], chain.sides[1], latex))
    except Refused:
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
    try:
        code = function(formula)
    except Refused as refused:
        return Verdict(False, kind, formula.latex, (), refused.category, refused.message)
    return check(scope, formula.latex, kind=kind, code=code)


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


def function(formula: Formula) -> Callable[..., Any] | None:
    """Return the function that a formula is bound to, if there is one."""
    if not formula.code:
        return None
    module, dot, name = formula.code.rpartition(".")
    if not dot:
        return function_in_cells(name, formula.cells, formula.line)
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except AttributeError:
        raise Refused("undeclared", f"there is no {formula.code}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever its module raises
        what = f"there is no {formula.code}: {type(error).__name__}: {error}"
        raise Refused("undeclared", what) from None
    return found
