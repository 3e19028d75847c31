"""Exercises that a reader can work: hint and solution folded, an answer that the page can check.

    ::::{exercise} Two arrows
    :name: products-exercise-1
    :answer: The inner product

    What is the inner product of ...?
    :::{hint}
    Multiply first, then add.
    :::
    :::{solution}
    It is ...
    :::
    ::::

`numfig` numbers an exercise like a figure: {numref}`products-exercise-1` shows its number. The name
is also what the reader's browser keeps, and tells nobody, once the exercise is solved. Looks and
script are `exercises.css` and `exercises.js`, to be found in `html_static_path`.

With `:answer:`, which says what the number is, the reader gets a box to type it in. The number that
it is checked against is not typed but computed: the code cell after the exercise, its check, has to
end in an expression whose value is an int, a Fraction or a float. What is right:

- A whole number or a fraction that equals the answer: 8/6 is 4/3.
- A decimal that equals the answer: .250 is 1/4.
- Where no decimal does, because the digits never end, and for a float, which is rounded already: a
  decimal of at least three significant digits that is the answer rounded, or cut off, at the last
  digit given. For 4/3, 1.33 and 1.333 are right, 1.334 is wrong, and after 1.3 the reader is asked
  for more digits; for 2/3, 0.667 and 0.666 are right.

A decimal that is the answer rounded, where the digits do end, is asked for all of them. What is no
number is not called wrong; the reader is told what is wanted.

`{exercise-progress}` lists the pages below its own that have exercises, and how many are solved.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
EXACT = re.compile(r"(?:np\.\w+\(|Fraction\()?(-?\d+)(?:, (\d+))?\)?")
ROUNDED = re.compile(r"(?:np\.\w+\()?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\)?")


class exercise(nodes.admonition):
    """An exercise: its title, its statement, what to answer perhaps, and its folds."""


class exercise_title(nodes.title):
    """The title, before which the number is put; it may be empty."""


class answer(nodes.paragraph):
    """What the reader is to type in, in words; `number` is what is right."""


class fold(nodes.container):
    """A hint or a solution, which the reader opens."""


class summary(nodes.rubric):
    """What stands on a fold."""


class count(nodes.inline):
    """How many exercises there are; `exercises` are their names."""


class progress(nodes.General, nodes.Element):
    """Where the list of the pages with exercises goes once all are read."""


class Exercise(SphinxDirective):
    """A statement with its hint, its solution, and perhaps a number as its answer."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "name": directives.unchanged,
        "answer": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        parts = [
            folded("Hint", part.children) if isinstance(part, nodes.hint) else part
            for part in self.parse_content_to_nodes()
        ]
        node = exercise(classes=["exercise"])
        self.set_source_info(node)
        self.add_name(node)
        node += self.inline(exercise_title, " ".join(self.arguments))
        node += [part for part in parts if not isinstance(part, fold)]
        if "answer" in self.options:
            node += self.inline(answer, self.options["answer"])
        node += [part for part in parts if isinstance(part, fold)]
        return [node]

    def inline(self, kind: type[nodes.TextElement], text: str) -> nodes.TextElement:
        children, messages = self.parse_inline(text)
        node: nodes.TextElement = kind(text, "", *children, *messages)
        self.set_source_info(node)
        return node


class Solution(SphinxDirective):
    """The solution, inside the exercise."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return [folded("Solution", self.parse_content_to_nodes())]


class Progress(SphinxDirective):
    """A list of the pages below with exercises: how many each has, and how many are solved."""

    def run(self) -> list[nodes.Node]:
        return [progress()]


def folded(title: str, children: Iterable[nodes.Node]) -> fold:
    return fold("", summary("", title), *children, classes=["exercise-fold"])


def check(app: Sphinx, doctree: nodes.document) -> None:
    """Give each answer its number, warn of what an exercise lacks, and keep the names."""
    docname = app.env.docname
    executed = getattr(app.env, "nb_metadata", {}).get(docname, {}).get("exec_data")
    found = list(doctree.findall(exercise))
    for node in found:
        if not node["names"]:
            warn(node, "this exercise has no name; its number and its progress hang on one")
        if "Solution" not in [part.astext() for part in node.findall(summary)]:
            warn(node, "this exercise has no solution")
        for wanted in node.findall(answer):
            value = value_after(node)
            wanted["number"] = as_answer(value)
            if executed and not value:
                warn(node, "no answer: the code cell after the exercise does not end in a value")
            elif executed and not wanted["number"]:
                warn(node, f"the answer is no int, Fraction or float: {' '.join(value.split())}")
    names(app.env)[docname] = [node["ids"][0] for node in found]


def warn(node: nodes.Node, message: str) -> None:
    logger.warning("%s", message, location=node)


def value_after(node: nodes.Element) -> str:
    """Return the value in which the code cell after a node ends, as the page shows it."""
    cell = node.next_node(descend=False, siblings=True)
    if not isinstance(cell, nodes.container) or cell.get("nb_element") != "cell_code":
        return ""
    outputs = cell.findall(nodes.container)
    shown = [output.astext() for output in outputs if output.get("mime_type") == "text/plain"]
    return shown[-1] if shown else ""


def as_answer(value: str) -> str:
    """Return a number as the page's script reads it: `4/3`, `14/1`, and for a float `0.549…`."""
    if found := EXACT.fullmatch(value):
        return f"{found[1]}/{found[2] or 1}"
    if found := ROUNDED.fullmatch(value):
        return f"{Decimal(found[1]):f}…"
    return ""


def names(env: BuildEnvironment) -> dict[str, list[str]]:
    """Return, by page, the names of its exercises; to be added to."""
    found: dict[str, list[str]] = vars(env).setdefault("exercises", {})
    return found


def number(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the number before each title, where Sphinx's own writer of HTML does not."""
    if app.builder.format == "html":
        return
    numbers = {
        label: number
        for page in app.env.toc_fignumbers.values()
        for label, number in page.get("exercise", {}).items()
    }
    for title in doctree.findall(exercise_title):
        dotted = ".".join(map(str, numbers.get(title.parent["ids"][0], ())))
        title.insert(0, nodes.Text(app.config.numfig_format["exercise"] % dotted + " "))


def tell_how_many(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Say below the heading of a page's exercises, and in each list of pages, how many there are.

    The script says instead how many of them the reader has solved.
    """
    first = next(iter(doctree.findall(exercise)), None)
    if first and isinstance(first.parent, nodes.section) and names(app.env).get(docname):
        first.parent.insert(1, nodes.paragraph("", "", counted(names(app.env)[docname])))
    for place in list(doctree.findall(progress)):
        items = [
            nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(": "), counted(found)))
            for link, found in pages_below(app, docname, docname)
        ]
        place.replace_self(nodes.bullet_list("", *items, classes=["exercise-progress"]))


def counted(found: list[str]) -> count:
    text = f"{len(found)} exercise{'s' if len(found) > 1 else ''}"
    return count("", text, classes=["exercise-count"], exercises=found)


def pages_below(
    app: Sphinx, docname: str, above: str
) -> Iterator[tuple[nodes.reference, list[str]]]:
    """Yield for each page below another that has exercises a link to it, and their names."""
    for page in app.env.toctree_includes.get(above, []):
        if found := names(app.env).get(page):
            title = nodes.Text(app.env.titles[page].astext())
            yield make_refnode(app.builder, docname, page, "", title), found
        yield from pages_below(app, docname, page)


def depart_title(self: HTML5Translator, node: exercise_title) -> None:
    self.add_permalink_ref(node.parent, "Link to this exercise")
    HTML5Translator.depart_title(self, node)


def visit_answer(self: HTML5Translator, node: answer) -> None:
    """Begin the box, which waits unseen for the script that makes it work."""
    if self.builder.embedded or not node.get("number"):
        raise nodes.SkipNode
    box = f"{node.parent['ids'][0]}-answer"
    form = {"data-answer": node["number"], "hidden": "", "novalidate": "", "autocomplete": "off"}
    self.body.append(self.starttag(node, "form", "", CLASS="exercise-answer", **form))
    self.body.append(self.starttag({}, "label", "", **{"for": box}))
    self.context.append(box)


def depart_answer(self: HTML5Translator, node: answer) -> None:
    box = self.context.pop()
    self.body.append(
        f'</label><input type="text" id="{box}" aria-describedby="{box}-verdict"'
        ' spellcheck="false" autocapitalize="off" maxlength="40">'
        '<button type="submit">Check</button>'
        f'<p class="exercise-verdict" id="{box}-verdict" role="status"></p></form>\n'
    )


def visit_fold(self: HTML5Translator, node: fold) -> None:
    # On paper or in an e-book a reader may have no means to unfold, and no script.
    unfolded = {"open": "open"} if self.builder.embedded else {}
    self.body.append(self.starttag(node, "details", **unfolded))


def depart_fold(self: HTML5Translator, node: fold) -> None:
    self.body.append("</details>\n")


def visit_summary(self: HTML5Translator, node: summary) -> None:
    self.body.append("<summary>")


def depart_summary(self: HTML5Translator, node: summary) -> None:
    self.body.append("</summary>\n")


def visit_count(self: HTML5Translator, node: count) -> None:
    exercises = " ".join(node["exercises"])
    self.body.append(self.starttag(node, "span", "", **{"data-exercises": exercises}))


def depart_count(self: HTML5Translator, node: count) -> None:
    self.body.append("</span>")


def skip(self: object, node: nodes.Element) -> None:
    raise nodes.SkipNode


def load(
    app: Sphinx, page: str, template: str, context: object, doctree: nodes.document | None
) -> None:
    """Load looks and script on the pages that have exercises or count them, and on no other."""
    if doctree and any(doctree.findall(count)):
        app.add_css_file("exercises.css")
        app.add_js_file("exercises.js", loading_method="defer")


def name_figures(app: Sphinx, config: Config) -> None:
    config.numfig_format = {"exercise": "Exercise %s"} | config.numfig_format


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    names(env).pop(docname, None)


def merge(
    app: Sphinx, env: BuildEnvironment, docnames: AbstractSet[str], other: BuildEnvironment
) -> None:
    names(env).update({name: names(other)[name] for name in docnames if name in names(other)})


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("exercise", Exercise)
    app.add_directive("solution", Solution)
    app.add_directive("exercise-progress", Progress)
    app.add_enumerable_node(exercise, "exercise", lambda node: "Exercise")
    app.add_node(exercise_title, html=(HTML5Translator.visit_title, depart_title))
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(summary, html=(visit_summary, depart_summary))
    app.add_node(count, html=(visit_count, depart_count))
    app.add_node(progress)
    hidden = (skip, None)
    shown = (visit_answer, depart_answer)
    app.add_node(answer, html=shown, latex=hidden, text=hidden, man=hidden, texinfo=hidden)
    app.connect("config-inited", name_figures)
    app.connect("doctree-read", check)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("doctree-resolved", number)
    app.connect("doctree-resolved", tell_how_many)
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
