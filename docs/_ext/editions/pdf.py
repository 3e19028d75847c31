"""The book on paper: all pages in reading order as one PDF, printed by Chromium.

The pages are written as for the HTML and put into one, in which every identifier carries the name
of its page. Chromium prints it twice: the first time to learn on which sheet each heading falls.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from docutils import nodes
from pypdf import PdfReader, PdfWriter
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.display import progress_message
from sphinx.util.fileutil import copy_asset_file

if TYPE_CHECKING:
    from playwright.sync_api import Page

HERE = Path(__file__).parent
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
WIDTH = 642  # of the text, in CSS pixels: A4 less the margins in paper.css
IDENTIFIER = re.compile(r'(?<=\s)(id|for|aria-labelledby|aria-describedby)="([^"]*)"')
DRAWING = re.compile(r"(<svg\b.*?</svg>)", re.DOTALL)  # refers to its own parts alone
LINK = re.compile(r'(?<=\s)href="(?:page:([^"#]*))?(#[^"]*)?"')

# On paper nothing opens and nothing scrolls: what is folded stands open, and what is wider than the
# text, a formula or a table, becomes smaller.
FIT = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  for (const wide of document.querySelectorAll("div.math, table")) {
    const room = wide.closest("section, div, td, dd, li").clientWidth;
    if (wide.scrollWidth > room) wide.style.fontSize = `${room / wide.scrollWidth}em`;
  }
}"""
FILL_IN = """sheets => {
  for (const link of document.querySelectorAll("nav a")) {
    link.dataset.sheet = sheets[decodeURIComponent(link.hash.slice(1))] ?? "";
  }
}"""


class PdfBuilder(StandaloneHTMLBuilder):
    """Writes the book as one PDF file."""

    name = "pdf"
    epilog = "The PDF is in %(outdir)s."
    allow_parallel = False
    embedded = True
    search = False
    add_permalinks = False
    copysource = False
    download_support = False

    def init(self) -> None:
        self.chromium = next(filter(None, map(which, BROWSERS)), "")
        if not self.chromium:
            # One line and a status; Sphinx would put a traceback around any error.
            raise SystemExit("no Chromium to print with (on Debian: apt-get install chromium)")
        super().init()
        self.pages: dict[str, str] = {}

    def get_theme_config(self) -> tuple[str, dict[str, str | int | bool]]:
        return "basic", {}

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return ""  # every page stands in one file, beside the images

    def get_relative_uri(self, from_: str, to: str, typ: str | None = None) -> str:
        return f"page:{to}"

    def get_outdated_docs(self) -> str:  # type: ignore[override]
        return "all pages"

    def prepare_writing(self, docnames: Any) -> None:
        super().prepare_writing(docnames)
        self.depths = dict(reading_order(self.env.toctree_includes, self.config.root_doc))

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        # The heading of a page stands below that of the page whose table of contents lists it.
        self.docsettings.initial_header_level = str(max(self.depths.get(docname, 1), 1))
        super().write_doc(docname, doctree)

    def handle_page(self, pagename: str, addctx: dict[str, Any], *args: Any, **more: Any) -> None:
        self.pages[pagename] = named_apart(pagename, addctx["body"])

    def finish(self) -> None:
        self.copy_image_files()
        self.copy_static_files()
        copy_asset_file(HERE / "paper.css", self._static_dir, force=True)
        book = Path(self.outdir, "book.html")
        book.write_text(self.assembled(), encoding="utf-8")
        with progress_message("printing"):
            printed = print_twice(book, self.chromium)
        self.describe(printed).write(Path(self.outdir, f"{self.config.epub_basename}.pdf"))

    def assembled(self) -> str:
        """Return the one page that holds all others in reading order, behind title and contents."""
        root = self.config.root_doc
        contents = self._get_local_toctree(root, collapse=False, includehidden=True, maxdepth=3)
        pages = [
            {"name": name, "title": self.env.titles[name].astext(), "body": self.pages[name]}
            for name in self.depths
        ]
        book: str = self.templates.render(
            "printed-book.html",
            self.globalcontext
            | {
                "title": self.config.project,
                "author": self.config.author,
                "cover": self.cover(),
                "contents": named_apart(root, contents),
                "pages": pages,
                "formulas": self.config.katex_css_path,
            },
        )
        return book

    def cover(self) -> str:
        """Return the picture on the first page, which is that of the EPUB, or nothing."""
        for image in self.config.epub_cover[:1]:
            svg = Path(self.srcdir, image).read_text(encoding="utf-8")
            return svg[svg.index("<svg") :]
        return ""

    def describe(self, printed: bytes) -> PdfWriter:
        """Return the document with what a library wants to know of it."""
        document = PdfWriter(clone_from=BytesIO(printed))
        document.add_metadata(
            {
                "/Title": self.config.project,
                "/Author": self.config.author,
                "/Subject": self.config.epub_description,
            }
        )
        return document


def reading_order(
    included: dict[str, list[str]], docname: str, depth: int = 0
) -> Iterator[tuple[str, int]]:
    """Yield every page with the number of tables of contents that lead to it."""
    yield docname, depth
    for child in included.get(docname, []):
        yield from reading_order(included, child, depth + 1)


def named_apart(docname: str, body: str) -> str:
    """Return a page whose identifiers and links hold among those of all other pages."""

    def link(found: re.Match[str]) -> str:
        page, target = found[1] or docname, (found[2] or "#")[1:]
        return f'href="#{full(page, target)}"' if found[1] or found[2] else found[0]

    def identifiers(found: re.Match[str]) -> str:
        return f'{found[1]}="{" ".join(full(docname, name) for name in found[2].split())}"'

    parts = DRAWING.split(body)
    parts[::2] = (LINK.sub(link, IDENTIFIER.sub(identifiers, part)) for part in parts[::2])
    return "".join(parts)


def full(docname: str, name: str) -> str:
    return f"{docname}:{name}" if name else docname


def print_twice(book: Path, chromium: str) -> bytes:
    from playwright.sync_api import sync_playwright  # which takes half a second to load

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="light")
        page.emulate_media(media="print")
        page.goto(book.as_uri())
        page.evaluate(FIT)
        page.evaluate(FILL_IN, sheets(PdfReader(BytesIO(printed(page)))))
        document = printed(page)
        browser.close()
    return document


def printed(page: "Page") -> bytes:
    return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def sheets(document: PdfReader) -> dict[str, int]:
    """Return on which sheet, counted from 1, each target of a link stands."""
    return {
        unquote(name).removeprefix("/"): (document.get_destination_page_number(target) or 0) + 1
        for name, target in document.named_destinations.items()
    }
