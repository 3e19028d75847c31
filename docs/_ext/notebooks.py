"""Lets the reader take a page along as a notebook that runs by itself, in plain Jupyter.

The notebook is made from the page as Sphinx has read it, so every formula, reference and box is
known for what it is and becomes plain Markdown; the code is that of all cells, hidden ones too. It
holds no outputs: what the reader sees in it, the reader's own machine has computed. A module that
stands beside the pages is written out by a cell of the notebook. Links into the book need
`html_baseurl`; without it they are words. `notebooks` lists patterns of the pages offered so.
"""

import ast
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from html import escape
from pathlib import Path
from urllib.parse import urljoin

import nbformat
from docutils import nodes
from fresh_pages import depend
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx_markdown_builder.contexts import IndentContext, SubContextParams, WrappedContext
from sphinx_markdown_builder.translator import MarkdownTranslator
from states import state

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
LINK = "Download this page as a notebook"
FOLDED = {"remove-cell", "hide-cell", "hide-input", "remove-input"}


class Translator(MarkdownTranslator):
    """Markdown as Jupyter reads it: formulas of one line, boxes as quotations, no dead links."""

    def __init__(self, doctree: nodes.document, app: Sphinx, docname: str, level: int) -> None:
        super().__init__(doctree, app.builder)
        self.page = app.builder.get_target_uri(docname)
        self.numbers = app.env.toc_fignumbers.get(docname, {})
        self._push_status(section_level=level)

    def unknown_visit(self, node: nodes.Node) -> None:
        """Pass on to the children: what another extension wraps around a text is not known here."""

    unknown_departure = unknown_visit

    def visit_comment(self, node: nodes.comment) -> None:
        raise nodes.SkipNode

    visit_target = visit_raw = visit_image = visit_answer = visit_count = visit_comment

    def visit_math(self, node: nodes.math) -> None:
        self.add(f"${one_line(node)}$")
        raise nodes.SkipNode

    def visit_math_block(self, node: nodes.math_block) -> None:
        tag = rf" \tag{{{node['number']}}}" if node.get("number") else ""
        self.add(f"$${one_line(node)}{tag}$$", prefix_eol=2, suffix_eol=2)
        raise nodes.SkipNode

    def visit_admonition(self, node: nodes.admonition) -> None:
        self._push_context(IndentContext("> ", empty=True, params=SubContextParams(2, 2)))

    def depart_admonition(self, node: nodes.admonition) -> None:
        self._pop_context()

    def visit_title(self, node: nodes.title) -> None:
        if isinstance(node.parent, nodes.section):
            super().visit_title(node)
        else:
            self.visit_sd_tab_label(node)

    def depart_title(self, node: nodes.title) -> None:
        self._pop_context()

    def visit_sd_tab_label(self, node: nodes.Element) -> None:
        self._push_context(WrappedContext("**", params=SubContextParams(2, 2)))

    def depart_sd_tab_label(self, node: nodes.Element) -> None:
        self._pop_context()

    visit_exercise, depart_exercise = visit_admonition, depart_admonition

    def visit_exercise_title(self, node: nodes.title) -> None:
        self.visit_sd_tab_label(node)
        self.add(f"{self.number_of(node.parent, 'exercise')} ")

    depart_exercise_title = depart_sd_tab_label

    def visit_fold(self, node: nodes.Element) -> None:
        self.add("<details>", prefix_eol=2, suffix_eol=1)

    def depart_fold(self, node: nodes.Element) -> None:
        self.add("</details>", prefix_eol=2, suffix_eol=2)

    def visit_summary(self, node: nodes.Element) -> None:
        self.add(f"<summary>{node.astext()}</summary>", suffix_eol=2)
        raise nodes.SkipNode

    def visit_caption(self, node: nodes.caption) -> None:
        number = self.number_of(node.parent, "figure")
        self.add(f"**{number}** " if number else "", prefix_eol=2)

    def depart_caption(self, node: nodes.caption) -> None:
        self.ensure_eol(2)

    def number_of(self, node: nodes.Element, kind: str) -> str:
        """Return `Fig. 3` for a figure that has a number, and nothing for another."""
        numbers = self.numbers.get(kind, {})
        for number in (numbers[name] for name in node["ids"] if name in numbers):
            return str(self.config.numfig_format[kind] % ".".join(map(str, number)))
        return ""

    def visit_reference(self, node: nodes.reference) -> None:
        before, after = ("[", f"]({url})") if (url := self.url(node)) else ("", "")
        self._push_context(WrappedContext(before, after))

    def depart_reference(self, node: nodes.reference) -> None:
        self._pop_context()

    def url(self, node: nodes.reference) -> str:
        """Return where a link leads, from anywhere; nothing if that is not known."""
        if "refuri" in node and not node.get("internal"):
            return str(node["refuri"])
        base = self.config.html_baseurl
        target = node.get("refuri") or f"#{node['refid']}"
        return urljoin(urljoin(base, self.page), target) if base else ""


def one_line(formula: nodes.Element) -> str:
    """Return the LaTeX in one line: Jupyter takes formulas out before it reads quotation marks."""
    return " ".join(formula.astext().split())


def follow_modules(app: Sphinx, doctree: nodes.document) -> None:
    """Let a page follow the text of the modules that its notebook carries."""
    docname = app.env.docname
    if page := page_of(app, docname):
        paths = [f"text {path}" for path in modules_of(code_cells(page), app.srcdir)]
        depend(app.env, docname, {path: state(path) for path in paths})


def page_of(app: Sphinx, docname: str) -> NotebookNode | None:
    """Return the cells of a page that is to be a notebook too."""
    wanted = any(fnmatch(docname, pattern) for pattern in app.config.notebooks)
    if not wanted or "source_map" not in app.env.metadata[docname]:
        return None
    text = app.env.doc2path(docname).read_text(encoding="utf-8")
    return read_myst_markdown_notebook(text, add_source_map=True)


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the notebook of a page that has cells, and link to it below the page's title."""
    page = page_of(app, docname)
    if app.builder.name != "html" or page is None:
        return
    cells = list(joined(parts(app, doctree, docname, page)))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # the same in every build
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    target = Path(app.outdir, f"{docname}.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    link_to(doctree, target.name)


def parts(
    app: Sphinx, doctree: nodes.document, docname: str, page: NotebookNode
) -> Iterator[NotebookNode | str]:
    """Yield the cells of code and the pieces of Markdown of a page, in order."""
    code, packages = code_of(page, app.srcdir)
    needed = f" The code needs {', '.join(packages)}." if packages else ""
    place = 0
    for block, level in blocks(doctree):
        place = place_of(block, page.metadata.source_map) or place
        while code and code[0][0] < place:
            yield code.pop(0)[1]
        for node in block.findall(nodes.caption) if is_cell(block) else [block]:
            translator = Translator(doctree, app, docname, level)
            node.walkabout(translator)
            yield translator.astext().strip()
        if isinstance(block, nodes.title) and level == 1:
            yield f"*From “{app.config.project}”.{needed}*"
    yield from (cell for _, cell in code)


def code_of(page: NotebookNode, folder: Path) -> tuple[list[tuple[int, NotebookNode]], list[str]]:
    """Return the cells of code with their places, and the packages that they import.

    Before the first stand the modules that lie beside the pages and are imported too.
    """
    code = code_cells(page)
    modules = modules_of(code, folder)
    code[:0] = [(code[0][0], carried(path)) for path in modules]
    beside = {path.stem for path in modules}
    return code, sorted(imported(code) - beside - sys.stdlib_module_names)


def code_cells(page: NotebookNode) -> list[tuple[int, NotebookNode]]:
    return [(place, cell) for place, cell in enumerate(page.cells) if cell.cell_type == "code"]


def modules_of(code: list[tuple[int, NotebookNode]], folder: Path) -> list[Path]:
    """Return the files of the modules beside the pages that cells import."""
    paths = [Path(folder, f"{name}.py") for name in sorted(imported(code))]
    return [path for path in paths if path.is_file()]


def blocks(node: nodes.Element, level: int = 0) -> Iterator[tuple[nodes.Element, int]]:
    """Yield what a page is built of, its cells among that, with the level of the section."""
    for child in node.children:
        if isinstance(child, nodes.section):
            yield from blocks(child, level + 1)
        elif is_cell(child) or not any(child.findall(is_cell)):
            yield child, level
        else:
            yield from blocks(child, level)


def is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def place_of(block: nodes.Element, starts: list[int]) -> int:
    """Return how many cells of the page come before this block ends, if that is known."""
    if is_cell(block):
        return int(block["cell_index"]) + 1
    # MyST-NB counts cells from 0 and from below a fence: what opens a cell is two lines past it.
    return bisect_left(starts, block.line - 2) if block.line else 0


def imported(code: list[tuple[int, NotebookNode]]) -> set[str]:
    """Return the names of the modules and packages that cells import."""
    found = [node for _, cell in code for node in statements(cell.source)]
    names = [alias.name for node in found if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in found if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def statements(source: str) -> Iterator[ast.AST]:
    """Yield what a cell says, without its magics; nothing if it is not Python."""
    lines = [line for line in source.splitlines() if not line.startswith("%")]
    with suppress(SyntaxError):
        yield from ast.walk(ast.parse("\n".join(lines)))


def carried(path: Path) -> NotebookNode:
    """Return a folded cell that writes a module of the book beside the notebook."""
    source = path.read_text(encoding="utf-8").rstrip()
    metadata = {"tags": ["hide-input"]}
    cell: NotebookNode = new_code_cell(f"%%writefile {path.name}\n{source}", metadata=metadata)
    return cell


def joined(parts: Iterable[NotebookNode | str]) -> Iterator[NotebookNode]:
    """Yield the cells of a notebook: of code, folded where the page folds it, and of Markdown."""
    markdown: list[str] = []
    for part in parts:
        if markdown and (not isinstance(part, str) or part.startswith("#")):
            yield new_markdown_cell("\n\n".join(markdown))
            markdown.clear()
        if isinstance(part, str):
            markdown += [part] if part else []
        else:
            folded = FOLDED.intersection(part.metadata.get("tags", []))
            metadata = {"jupyter": {"source_hidden": True}} if folded else {}
            yield new_code_cell(part.source, metadata=metadata)
    if markdown:
        yield new_markdown_cell("\n\n".join(markdown))


def link_to(doctree: nodes.document, name: str) -> None:
    """Put the link to the notebook below the title of the page."""
    # Raw, because it is no part of the text, whose first words a shared link shows.
    link = f'<a class="reference download" href="{escape(name)}" download>{LINK}</a>'
    title = next(doctree.findall(nodes.title))
    title.parent.insert(1, nodes.raw("", f'<p class="notebook">{link}</p>\n', format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("sphinx_markdown_builder")  # the settings of its translator
    app.add_config_value("notebooks", ["*"], "html", [list])
    app.setup_extension("fresh_pages")
    app.connect("doctree-read", follow_modules)
    app.connect("doctree-resolved", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
