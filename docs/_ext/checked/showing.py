"""What the reader sees of the checking: a mark at each proved formula, the counts, the opt-outs."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from itertools import groupby
from pathlib import Path
from textwrap import shorten
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinxcontrib import katex
from strict_katex import strictly

from . import Verdict
from .mutation import CLASSES, read_record
from .pages import Formula
from .records import records

KINDS = {
    "claim": "claims",
    "number": "numbers",
    "define": "definitions",
    "given": "values given",
    "mention": "terms",
    "unchecked": "unchecked",
}


METHODS = {
    "identical": "both sides are the same once the definitions are put in",
    "normal form": "both sides have the same normal form",
    "sign": "the sign of the difference of both sides is proved",
    "limit": "the limit is computed",
    "interval": "the value is enclosed",
    "shape": "the shapes agree",
    "simplify": "both sides are rewritten into the same",
}


# What only sets a formula: environments, sizes, typefaces, spaces, and the signs of commands.
SETTING = re.compile(
    r"\\(?:(?:begin|end)\{\w+\}|(?:left|right|[bB]igg?[lr]|operatorname|mathrm)\b|\W)|[\\{}&]"
)
# The LaTeX that KaTeX hands on with its MathML.
SOURCE = re.compile(r"</?semantics>|<annotation.*?</annotation>", re.DOTALL)


class mutation_record(nodes.Element):
    """Where the record of the last mutation test goes."""


class mutation_list(nodes.Element):
    """Where the list of the mutants that pass goes."""


class proof_mark(nodes.Element):
    """The mark beside a formula that opens what was proved of it."""


class counts(nodes.Element):
    """Where the table of counts goes once all pages are read."""


class opt_outs(nodes.Element):
    """Where the list of opt-outs goes once all pages are read."""


class Counts(SphinxDirective):
    """A table: how many formulas of each kind each page has."""

    def run(self) -> list[nodes.Node]:
        return [counts()]


class OptOuts(SphinxDirective):
    """A list of every formula and number that is not checked, with the reason."""

    def run(self) -> list[nodes.Node]:
        return [opt_outs()]


class MutationRecord(SphinxDirective):
    """What the last whole mutation test found: how many mutants were refused, and which pass."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(file_of_record(self.env.app))
        return [mutation_record()]


class MutationList(SphinxDirective):
    """Every mutant that passes, with the reason why it is still true."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(file_of_record(self.env.app))
        return [mutation_list()]


def mark(node: nodes.Element, formula: Formula, verdict: Verdict, number: int) -> None:
    """Put the mark of a proved formula behind it."""
    heading = "Proved" if verdict.steps else "Compared with code"
    lines = account(formula, verdict)
    sign = proof_mark(heading=heading, name=spoken(formula.latex), lines=lines, number=number)
    if isinstance(node, nodes.math_block):
        box = nodes.container(classes=["proved"])
        node.parent.replace(node, box)  # replace_self would give both the label of the formula
        box += [node, sign]
    else:
        node.parent.insert(node.parent.index(node) + 1, sign)


def spoken(latex: str) -> str:
    """Return a formula as a short name for its mark, without the LaTeX that only sets it."""
    return shorten(SETTING.sub(" ", latex), 80, placeholder=" …")


def account(formula: Formula, verdict: Verdict) -> list[str]:
    """Return, line by line, what was proved of a formula, how, and from which definitions.

    What stands between dollars is LaTeX.
    """
    lines = []
    if formula.kind == "number":  # the page shows its left side alone
        lines.append(f"${formula.latex}$")
    if formula.code:
        lines.append(f"The formula and the code of {formula.code} agree at many points.")
    proofs = [
        f"{typeset(step.how)}: {METHODS.get(step.method, step.method)}" for step in verdict.steps
    ]
    for place, (proof, run) in enumerate(groupby(proofs), start=1):
        count = len(list(run))
        which = "" if count == len(proofs) else f"{place}. "
        each = f" ({count} steps)" if count > 1 else ""
        lines.append(f"{which}True {proof}{each}.")
    used = sorted({name for step in verdict.steps for name in step.used})
    return [*lines, f"Definitions used: {symbols(used)}."] if used else lines


def typeset(how: str) -> str:
    """Put the names of `for all x, y` between dollars."""
    words, every, names = how.partition("for all ")
    return f"{every}{symbols(names.split(', '))}" if every else words


def symbols(names: list[str]) -> str:
    """Return names as LaTeX between dollars, those of several letters upright."""
    upright = (
        rf"\operatorname{{{name}}}" if len(name) > 1 and name.isalpha() else name for name in names
    )
    return f"${', '.join(upright)}$"


def visit_mark(self: Any, node: proof_mark) -> None:
    if self.builder.embedded:  # not a page of the web: nothing can be opened
        raise nodes.SkipNode
    popover, heading = f"proof-{node['number']}", node["heading"]
    name = escape(f"{heading}: {node['name']}")
    lines = "".join(f"<span>{shown(line)}</span>" for line in node["lines"])
    self.body.append(
        f'<button type="button" class="proof-mark" popovertarget="{popover}"'
        f' aria-label="{name}">✓</button>'
        f'<span class="proof" id="{popover}" popover><strong>{heading}</strong>{lines}</span>'
    )
    raise nodes.SkipNode


def shown(line: str) -> str:
    """Return a line as HTML, its LaTeX as bare MathML: hundreds of them have to stay light."""
    texts = line.split("$")
    texts[::2] = map(escape, texts[::2])
    texts[1::2] = [katex.render_latex(latex, {"output": "mathml"}) for latex in texts[1::2]]
    return SOURCE.sub("", "".join(texts))


def skip(self: Any, node: nodes.Element) -> None:
    raise nodes.SkipNode


def fill_in(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    checked = records(app.env)
    for place in list(doctree.findall(counts)):
        place.replace_self(table_of_counts(app, docname, checked))
    for place in list(doctree.findall(opt_outs)):
        place.replace_self(list_of_opt_outs(app, docname, checked))
    for place in list(doctree.findall(mutation_record)):
        place.replace_self(what_mutants_did(app))
    for place in list(doctree.findall(mutation_list)):
        place.replace_self(list_of_mutants(app, docname))


def file_of_record(app: Sphinx) -> Path:
    return Path(app.confdir, app.config.checked_survivors)


def what_mutants_did(app: Sphinx) -> list[nodes.Node]:
    record = read_record(file_of_record(app))
    figures = [
        [nodes.Text(name), number(tried), number(refused), nodes.Text(share(refused, tried))]
        for name, (tried, refused) in ((name, record[name]) for name in CLASSES)
    ]
    words = "Those that pass are still true, or claim nothing:"
    counts = Counter(entry["reason"] or "not yet judged" for entry in record["survivors"])
    rows = [[number(count), nodes.Text(reason)] for reason, count in counts.most_common()]
    return [
        table(["mutants of", "tried", "refused", "share"], figures),
        nodes.paragraph("", words),
        table(["mutants", "pass because"], rows),
    ]


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "none"


def list_of_mutants(app: Sphinx, docname: str) -> nodes.table:
    rows: list[list[nodes.Node]] = []
    for entry in read_record(file_of_record(app))["survivors"]:
        formula = nodes.literal("", " ".join(entry["formula"].split()))
        changed = nodes.literal("", " ".join(entry["changed"].split()))
        reason = nodes.Text(entry["reason"] or "not yet judged")
        rows.append([link(app, docname, entry["page"]), formula, changed, reason])
    return table(["page", "formula", "passes as", "because"], rows)


def table_of_counts(app: Sphinx, docname: str, checked: dict[str, Any]) -> nodes.table:
    pages = {page: tally(found) for page, found in checked.items() if found["formulas"]}
    kinds = [kind for kind in KINDS if any(count[kind] for count in pages.values())]
    rows: list[list[nodes.Node]] = []
    for page in sorted(pages):
        rows.append([link(app, docname, page), *(number(pages[page][kind]) for kind in kinds)])
    total = sum(pages.values(), Counter())
    rows.append([nodes.strong("", "all pages"), *(number(total[kind]) for kind in kinds)])
    return table(["page", *(KINDS[kind] for kind in kinds)], rows)


def tally(found: dict[str, Any]) -> Counter[str]:
    return Counter(verdict.kind for _, verdict in found["formulas"])


def list_of_opt_outs(app: Sphinx, docname: str, checked: dict[str, Any]) -> nodes.table:
    rows: list[list[nodes.Node]] = []
    for page in sorted(checked):
        for formula, _ in checked[page]["formulas"]:
            if formula.kind == "unchecked":
                shown = nodes.math(formula.latex, formula.latex)
                rows.append([link(app, docname, page), shown, nodes.Text(formula.reason)])
        for text, reason in checked[page]["exempt"]:
            rows.append([link(app, docname, page), nodes.Text(text), nodes.Text(reason)])
    return table(["page", "not checked", "because"], rows)


def link(app: Sphinx, docname: str, page: str) -> nodes.Node:
    title = nodes.Text(app.env.titles[page].astext())
    return make_refnode(app.builder, docname, page, "", title)


def number(value: int) -> nodes.Node:
    return nodes.Text(str(value))


def table(head: list[str], rows: list[list[nodes.Node]]) -> nodes.table:
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", row([nodes.Text(text) for text in head]))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group)


def row(cells: list[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def register_marks(app: Sphinx) -> None:
    hidden = (skip, None)
    shown = (strictly(visit_mark), None)
    app.add_node(proof_mark, html=shown, latex=hidden, text=hidden, man=hidden, texinfo=hidden)
