"""The face towards Sphinx: finds the formulas and numbers of each page, and shows what was proved.

Every formula is a claim unless the page says otherwise:

- `$a = b$` or a `{math}` block is proved, step by step; a term without a relation must be a name,
  or a part of a formula that is proved.
- `{math}` with `:define:` introduces the name on its left; with `:code: package.function` it is
  also compared with that function, and with `:code: name` with what the page's cells, or the
  examples of the docstring, give that name: the function, or the expression, in the first cell
  after the formula that does, or else in the last before it. In a docstring, `:define:` alone
  means the documented function.
- ``{define}`u = x + 2` `` does so within a sentence, and ``{define}`u = x + 2 <u>` `` with code;
  ``{given}`x = 3` `` gives a name a value for the rest of the section, and
  ``{num}`18 = 6x` `` shows the number and proves the whole.
- The `{declare}` directive says, unseen, what names are: `x > 0`, `n \\in \\mathbb{N}`. The role
  of that name does so within a sentence.
- `:unchecked: reason`, or ``{unchecked}`formula <reason>` ``, opts out; `{opt-outs}` lists all.
- A numeral in the text that none of these binds is refused; ``{exempt}`25 January <a date>` ``
  excuses it.
"""

from __future__ import annotations

import ast
import doctest
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from docutils.parsers.rst import directives
from fresh_pages import depend
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from sources import DOCSTRING, notebook_of, source_of
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.directives.patches import MathDirective
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from states import is_beside, state

from . import Verdict
from .cells import Cell
from .mutation import MutantsBuilder
from .pages import Formula, check_again, check_page
from .records import records
from .showing import (
    Counts,
    MutationList,
    MutationRecord,
    OptOuts,
    fill_in,
    mark,
    register_marks,
)

logger = logging.getLogger(__name__)
NUMERAL = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*")
NOTES = {"unchecked": "reason", "define": "code"}  # what stands in <> behind a formula
WITH_REASON = re.compile(r"(?P<text>.*\S)\s*<(?P<reason>[^<>]+)>", re.DOTALL)
NOT_PROSE = (
    nodes.literal,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.math,
    nodes.math_block,
    nodes.comment,
    nodes.raw,
    nodes.citation_reference,
    addnodes.desc_signature,
    addnodes.pending_xref,
    addnodes.toctree,
)


class Math(MathDirective):
    """A displayed formula, with what the page says about it."""

    option_spec = MathDirective.option_spec | {
        "define": directives.flag,
        "code": directives.unchanged_required,
        "unchecked": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        found = super().run()
        for node in found:
            if isinstance(node, nodes.math_block):
                node["says"] = said(self.options)
        return found


def said(options: dict[str, Any]) -> dict[str, str]:
    if "unchecked" in options:
        return {"kind": "unchecked", "reason": options["unchecked"]}
    if "define" in options or "code" in options:
        return {"kind": "define", "code": options.get("code", "")}
    return {"kind": "claim"}


class Declare(SphinxDirective):
    """Says, unseen, what names are: one declaration a line."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        node = nodes.comment()
        node["declares"] = [line for line in self.content if line.strip()]
        self.set_source_info(node)
        return [node]


class Says(SphinxRole):
    """A formula in a sentence of which the page says what it is."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        latex, says = written(self.rawtext, self.text), {"kind": self.kind}
        if self.kind in NOTES:  # no formula ends in >
            latex, says[NOTES[self.kind]] = with_reason(latex)
        shown = re.split(r"=|\\approx", latex, maxsplit=1)[0] if self.kind == "number" else latex
        node = nodes.math(shown.strip(), shown.strip())
        node["says"] = says | {"latex": latex}
        self.set_source_info(node)
        return [node], []


class Exempt(SphinxRole):
    """Words whose numerals claim nothing: a date, a name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        text, reason = with_reason(self.text)
        node = nodes.inline(text, text, classes=["exempt"])
        node["exempt"] = reason
        self.set_source_info(node)
        return [node], []


def written(rawtext: str, text: str) -> str:
    """Return what stands between the backquotes; reStructuredText drops backslashes from `text`."""
    found = re.fullmatch(r":[\w-]+:`(.*)`", rawtext, re.DOTALL)
    return found[1] if found else text


def with_reason(text: str) -> tuple[str, str]:
    found = WITH_REASON.fullmatch(text)
    return (found["text"], found["reason"]) if found else (text, "")


class Places:
    """Finds the line of one formula after the other, in page order."""

    def __init__(self) -> None:
        self.reached: dict[str, int] = {}

    def line(self, node: nodes.Node, text: str) -> tuple[str, int]:
        path, start, lines = source_of(node)
        key = node.source or ""
        wanted = text.strip().splitlines()[0].strip()
        begin = self.reached.get(key, 0)
        for index in [*range(begin, len(lines)), *range(begin)]:
            if wanted in lines[index]:
                self.reached[key] = index
                return path, start + index + 1
        return path, start + (node.line or 1)


def formulas_of(doctree: nodes.document) -> Iterator[tuple[nodes.Node, Formula, str]]:
    """Yield every formula of a page with its node and the path of its source, in order."""
    places = Places()
    for node in doctree.findall():
        if begins_section(node):
            yield node, Formula("section"), ""
        elif isinstance(node, nodes.comment) and "declares" in node:
            for text in node["declares"]:
                path, line = places.line(node, text)
                yield node, Formula("declare", text, line), path
        elif isinstance(node, nodes.math | nodes.math_block):
            says = node.get("says", {"kind": "claim"})
            latex = says.get("latex") or node.astext()
            path, line = places.line(node, latex)
            code = says.get("code", "")
            if says["kind"] == "define" and not code and isinstance(node, nodes.math_block):
                code = (node.source or "").partition(DOCSTRING)[2]
            cells = cells_around(node) if code and "." not in code else ()
            reason = says.get("reason", "")
            yield node, Formula(says["kind"], latex, line, code, reason, cells), path


def cells_around(node: nodes.Node) -> tuple[Cell, ...]:
    """Return the cells of the page that a node stands on, or the examples of its docstring."""
    path, start, lines = source_of(node)
    text = "\n".join(lines)
    if DOCSTRING not in (node.source or ""):
        return cells_of_page(path, text)
    examples = doctest.DocTestParser().get_examples(text)
    return tuple(Cell(start + found.lineno + 1, found.source) for found in examples)


@cache
def cells_of_page(path: str, text: str) -> tuple[Cell, ...]:
    if not is_myst_markdown_notebook(text):
        return ()
    notebook = read_myst_markdown_notebook(text, add_source_map=True, path=path)
    found = zip(notebook.metadata.source_map, notebook.cells, strict=True)
    return tuple(Cell(line, cell.source) for line, cell in found if cell.cell_type == "code")


def begins_section(node: nodes.Node) -> bool:
    if isinstance(node, nodes.section):
        return isinstance(node.parent, nodes.section)
    return isinstance(node, addnodes.desc)


def check_document(app: Sphinx, doctree: nodes.document) -> None:
    """Check all that a page says, report what does not hold, and mark what does."""
    docname = app.env.docname
    found = list(formulas_of(doctree))
    formulas = []
    verdicts = verdicts_on(app, [formula for _, formula, _ in found])
    for (node, formula, path), verdict in zip(found, verdicts, strict=True):
        if not verdict.ok:
            warn(path, formula.line, verdict.message)
        elif formula.kind == "unchecked" and not formula.reason:
            warn(path, formula.line, "an unchecked formula wants a reason")
        elif isinstance(node, nodes.math | nodes.math_block):
            formulas.append((formula, verdict))
            if verdict.steps or formula.code:
                mark(node, formula, verdict, len(formulas))
    if any(formula.code for _, formula, _ in found):
        depend(app.env, docname, code_beside(Path(app.confdir)))
    for path, line, numeral in unbound_numerals(app, doctree):
        warn(path, line, f"the number {numeral} is bound to nothing; use {{num}} or a computed one")
    exempt = [
        (node.astext(), node["exempt"])
        for node in doctree.findall(nodes.inline)
        if "exempt" in node
    ]
    script = [formula for _, formula, _ in found]
    records(app.env)[docname] = {"formulas": formulas, "exempt": exempt, "script": script}


def verdicts_on(app: Sphinx, formulas: list[Formula]) -> list[Verdict]:
    """Check the formulas of a page; what a page claimed and proved before needs no second proof."""
    proved = vars(app.env).setdefault("checked_proved", {})
    # Definitions are checked again in any case, with the cells that they are bound to.
    script = [replace(formula, line=0, cells=()) for formula in formulas]
    now = script, app.config.fresh_surroundings
    before, verdicts = proved.get(app.env.docname, (None, []))
    if before == now:
        return check_again(formulas, verdicts)
    verdicts = list(check_page(formulas))
    if all(verdict.ok for verdict in verdicts):
        proved[app.env.docname] = now, verdicts
    return verdicts


def code_beside(book: Path) -> dict[str, str]:
    """Return the state of all modules of the book's folder that are loaded to compare with."""
    paths = {getattr(module, "__file__", None) or "" for module in [*sys.modules.values()]}
    extensions = str(Path(__file__).parents[1])  # fresh_pages knows of them
    beside = [path for path in paths if is_beside(path, book) and not path.startswith(extensions)]
    wanted = [f"code {path}" for path in sorted(beside)]
    return {which: state(which) for which in wanted}


def warn(path: str, line: int, message: str) -> None:
    logger.warning("%s", message, location=f"{path}:{line}")


def unbound_numerals(app: Sphinx, doctree: nodes.document) -> Iterator[tuple[str, int, str]]:
    """Yield place and text of every numeral that the page shows and nothing binds."""
    excused = re.compile("|".join(app.config.checked_exempt) or r"(?!)")
    places = Places()
    for text in doctree.findall(nodes.Text):
        if not is_prose(text):
            continue
        for line in text.splitlines():
            for numeral in NUMERAL.findall(excused.sub("", line)):
                yield *places.line(text.parent, line), numeral
    yield from typed_descriptions(app, doctree)


def is_prose(text: nodes.Text) -> bool:
    node: nodes.Node | None = text.parent
    while node is not None:
        if isinstance(node, NOT_PROSE) or (isinstance(node, nodes.Element) and "exempt" in node):
            return False
        if isinstance(node, nodes.container) and "cell" in node.get("classes", []):
            return isinstance(text.parent, nodes.caption) or in_caption(text)
        node = node.parent
    return True


def in_caption(node: nodes.Node) -> bool:
    while node is not None:
        if isinstance(node, nodes.caption | nodes.legend):
            return True
        node = node.parent
    return False


def typed_descriptions(app: Sphinx, doctree: nodes.document) -> Iterator[tuple[str, int, str]]:
    """Yield the numerals typed into a picture's description, where they should be computed."""
    path = Path(doctree["source"])
    executed = notebook_of(app.env, app.env.docname)
    if not executed.is_file() or path.suffix != ".md":
        return
    page = path.read_text(encoding="utf-8").splitlines()
    for cell in nbformat.read(executed, as_version=4).cells:
        if cell.cell_type != "code" or f"{app.config.checked_description}(" not in cell.source:
            continue
        for text in descriptions(cell.source, app.config.checked_description):
            for numeral in NUMERAL.findall(text):
                line = next((n for n, row in enumerate(page, 1) if text.strip() in row), 1)
                yield str(path), line, numeral


def descriptions(source: str, name: str) -> Iterator[str]:
    """Yield the typed parts of the last argument of each call of `name`."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with magics
        return
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == name and call.args:
            yield from typed(call.args[-1])


def typed(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for value in node.values:
            if isinstance(value, ast.Constant):
                yield str(value.value)
    elif isinstance(node, ast.BinOp):
        yield from typed(node.left)
        yield from typed(node.right)


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    records(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    for name in ("checked", "checked_proved"):
        read = vars(other).get(name, {})
        known = vars(env).setdefault(name, {})
        known.update({docname: read[docname] for docname in docnames if docname in read})


def shared(app: Sphinx) -> dict[str, Any]:
    """Return what other pages show of each page: counts, opt-outs, and what is exempt."""
    return {
        docname: [
            Counter(formula.kind for formula, _ in record["formulas"]),
            [(f.latex, f.reason) for f, _ in record["formulas"] if f.kind == "unchecked"],
            record["exempt"],
        ]
        for docname, record in records(app.env).items()
    }


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("fresh_pages")
    app.connect("shared-between-pages", shared)
    app.add_config_value("checked_exempt", [], "env", [list])
    app.add_config_value("checked_description", "show", "env", [str])
    app.add_config_value("checked_survivors", "survivors.json", "", [str])
    app.add_config_value("checked_sample", "1", "", [str])
    app.add_builder(MutantsBuilder)
    app.add_directive("math", Math, override=True)
    app.add_directive("declare", Declare)
    app.add_directive("checked-counts", Counts)
    app.add_directive("opt-outs", OptOuts)
    app.add_directive("mutation-record", MutationRecord)
    app.add_directive("mutation-list", MutationList)
    for name, kind in (("num", "number"), ("given", "given"), ("define", "define")):
        app.add_role(name, Says(kind))
    app.add_role("declare", Says("declare"))
    app.add_role("unchecked", Says("unchecked"))
    app.add_role("exempt", Exempt())
    register_marks(app)
    app.connect("doctree-read", check_document)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("doctree-resolved", fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
