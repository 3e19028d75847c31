"""Reads what each edition of the book says: its formulas, its numbers, and what its cells print.

HTML and EPUB hold the LaTeX of every formula, and can be read in order. A PDF holds glyphs, in the
order in which they are painted, and a notebook holds its formulas and cells, captions elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

import nbformat
from bs4 import BeautifulSoup, Tag
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat import NotebookNode
from pypdf import PageObject, PdfReader

NUMERAL = r"\d+(?:[.,]\d+)*"
IN_ORDER = re.compile(rf"⟦.*?⟧|{NUMERAL}", re.DOTALL)
# What only a page of the web has: what opens, is pressed or moves, and what is too long for paper.
ONLY_ON_THE_WEB = ".proof-mark, .proof, .headerlink, .interactive, .only-on-the-web, form, script"
HEAD, FOOT = 24 * 72 / 25.4, 22 * 72 / 25.4  # the margins of the PDF: millimetres in points
NO_PAGES = ("genindex", "py-modindex", "search")


@dataclass
class Said:
    """What a page says: formulas and numerals in order, printed lines, and how often each digit."""

    in_order: list[str]
    printed: list[str]
    digits: Counter[str]

    @property
    def formulas(self) -> list[str]:
        return [words.strip("⟦⟧") for words in self.in_order if words.startswith("⟦")]


def said(page: Tag) -> Said:
    for element in page.select(ONLY_ON_THE_WEB):
        element.decompose()
    outputs = "\n".join(output.get_text() for output in page.select(".cell_output pre"))
    for formula in page.select("math"):
        formula.replace_with(f" ⟦{' '.join(formula.find('annotation').get_text().split())}⟧ ")
    painted = re.sub("⟦.*?⟧", "", page.get_text(), flags=re.DOTALL)
    for element in page.select(".katex-html"):
        element.decompose()
    for drawing in page.select("svg[aria-label]"):
        drawing.insert(0, f" {drawing['aria-label']} ")
    lines = [line for line in outputs.splitlines() if line.strip()]
    return Said(IN_ORDER.findall(page.get_text(" ")), lines, digits_of(painted))


def digits_of(text: str) -> Counter[str]:
    return Counter(re.findall("[0-9]", text))


def html_pages(folder: Path) -> dict[str, Said]:
    """Return what each page of the HTML says, by the name of the page."""
    found = {}
    for path in sorted(folder.rglob("*.html")):
        name = str(path.relative_to(folder).with_suffix(""))
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        if name not in NO_PAGES and (article := soup.select_one("article.bd-article")):
            found[name] = said(article)
    return found


def epub_pages(path: Path) -> dict[str, Said]:
    with ZipFile(path) as book:
        return {
            name.removesuffix(".xhtml"): said(BeautifulSoup(book.read(name), "html.parser").body)
            for name in book.namelist()
            if name.endswith(".xhtml") and name not in ("nav.xhtml", "epub-cover.xhtml")
        }


def pdf_pages(path: Path) -> dict[str, str]:
    """Return the text of each page of the book, without the head and the foot of its sheets."""
    document = PdfReader(path)
    starts = sorted(
        (document.get_destination_page_number(target), unquote(name).strip("/"))
        for name, target in document.named_destinations.items()
        if ":" not in unquote(name)
    )
    bodies = list(map(body_of, document.pages))
    ends = [*(start for start, _ in starts[1:]), len(bodies)]
    return {
        name: "\n".join(bodies[start:end]) for (start, name), end in zip(starts, ends, strict=True)
    }


def body_of(sheet: PageObject) -> str:
    """Return what stands between the margins of a sheet.

    In them stand title and number; and Chromium paints there a second time what begins at the head
    of the next sheet.
    """
    pieces = []

    def keep(text: str, page: list[float], line: list[float], *font: object) -> None:
        height = line[4] * page[1] + line[5] * page[3] + page[5]
        if FOOT < height < sheet.mediabox.top - HEAD:
            pieces.append(text)

    sheet.extract_text(visitor_text=keep)
    return "".join(pieces)


def notebooks(folder: Path, names: Iterable[str]) -> dict[str, NotebookNode]:
    """Return the notebook of each page that has one, wherever in the folder it lies."""
    lying = list(folder.rglob("*.ipynb"))
    return {
        name: nbformat.read(path, as_version=4)
        for name in names
        for path in lying
        if path.as_posix().endswith(f"/{name}.ipynb")
    }


def formulas_of(notebook: NotebookNode) -> Counter[str]:
    """Return how often each formula stands in the text of a notebook, without its number."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return Counter(
        re.sub(r" *\\tag\{.*?\}$", "", " ".join(latex.split()))
        for _, latex in re.findall(r"(\$\$?)(.+?)\1", text, re.DOTALL)
    )


def cells_of_page(path: Path) -> list[str]:
    """Return the code of each cell of a page, as its author wrote it."""
    text = path.read_text(encoding="utf-8")
    if not is_myst_markdown_notebook(text):
        return []
    cells = read_myst_markdown_notebook(text).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]
