"""Makes a function of a name that the cells of a page give, without running the page.

A cell gives a name by `def`, by a `lambda`, or by assigning an expression to it. With the function
go the imports and the functions that it uses, and nothing else; data that it takes from the page,
as every expression does, become its keyword-only parameters.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from .errors import Refused


@dataclass(frozen=True)
class Cell:
    """Code of a page, or of the examples in a docstring, and the line at which it begins."""

    line: int
    source: str


@dataclass(frozen=True)
class Given:
    """What a cell gives a name: an import, a function or an expression."""

    name: str
    line: int  # of the cell
    node: ast.AST

    @property
    def is_import(self) -> bool:
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, ast.FunctionDef | ast.Lambda)


@cache
def function_in_cells(name: str, cells: tuple[Cell, ...], line: int) -> Callable[..., Any]:
    """Return the function that the cells give this name nearest to a line.

    That is the first after the line, or else the last before it.
    """
    given = [found for cell in cells for found in given_in(cell)]
    places = [found for found in given if found.name == name and not found.is_import]
    if not places:
        raise Refused("undeclared", f"no cell gives {name} a function or an expression")
    nearest = next((found for found in places if found.line > line), places[-1])
    if len({ast.dump(found.node) for found in places if found.line == nearest.line}) > 1:
        raise Refused("unsupported", f"the cell at line {nearest.line} gives {name} more than once")
    namespace: dict[str, Any] = {}
    exec(module_of(nearest, given), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def given_in(cell: Cell) -> Iterator[Given]:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # a cell with magics
        return
    for statement in tree.body:
        for name, node in names_given(statement):
            yield Given(name, cell.line, node)


def names_given(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(statement, ast.FunctionDef):
        yield statement.name, statement
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0], ast.Import([alias])
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            single = ast.ImportFrom(statement.module, [alias], statement.level)
            yield alias.asname or alias.name, single
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from assigned(target, statement.value)
    elif isinstance(statement, ast.AugAssign):  # x += 1 is x = x + 1
        changed = ast.BinOp(statement.target, statement.op, statement.value)
        yield from assigned(statement.target, changed)


def assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    """Yield each name of the target `a` or `a, b` with what is assigned to it."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for left, right in zip(target.elts, value.elts, strict=False):
            yield from assigned(left, right)


def module_of(wanted: Given, given: list[Given]) -> str:
    """Return the text of a module with the function and all that it uses."""
    imports: dict[str, ast.AST] = {}
    functions: dict[str, ast.FunctionDef] = {}
    data = collect(wanted, given, imports, functions)
    parameters = functions[wanted.name].args
    parameters.kwonlyargs += [ast.arg(name) for name in data]
    parameters.kw_defaults += [None] * len(data)
    return "\n".join(text_of(part) for part in (*imports.values(), *functions.values()))


def collect(
    wanted: Given,
    given: list[Given],
    imports: dict[str, ast.AST],
    functions: dict[str, ast.FunctionDef],
) -> list[str]:
    """Collect a function with all that it uses; return the names of the data among that."""
    functions[wanted.name] = as_function(wanted)
    data = []
    for name in names_used(functions[wanted.name]):
        before = [found for found in given if found.name == name and found.line <= wanted.line]
        if before and before[-1].is_import:
            imports[name] = before[-1].node
        elif before and before[-1].is_function:
            if name not in functions and (inner := collect(before[-1], given, imports, functions)):
                raise Refused("unsupported", f"{name}, which {wanted.name} calls, needs {inner[0]}")
        elif before or not hasattr(builtins, name):
            data.append(name)
    return data


def as_function(given: Given) -> ast.FunctionDef:
    """Return what a name is given as a function of that name."""
    node: Any = given.node
    if isinstance(node, ast.FunctionDef):
        return node
    if isinstance(node, ast.Lambda):
        return ast.FunctionDef(given.name, node.args, [ast.Return(node.body)], [])
    nothing = ast.arguments([], [], None, [], [], None, [])
    return ast.FunctionDef(given.name, nothing, [ast.Return(node)], [])


def names_used(function: ast.FunctionDef) -> list[str]:
    """Return the names that a function takes from outside."""
    tables = [symtable.symtable(text_of(function), "a cell", "exec")]
    for table in tables:
        tables += table.get_children()
    symbols = [symbol for table in tables for symbol in table.get_symbols()]
    return sorted({s.get_name() for s in symbols if s.is_referenced() and s.is_global()})


def text_of(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))
