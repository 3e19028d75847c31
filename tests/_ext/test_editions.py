"""The book on paper and on an e-reader: whole, unfolded, and with links that lead somewhere."""

import re
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from benchmarks.pages import CHROMIUM

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
PAGES = {
    "index.md": "# The book\n\nA preface.\n\n```{toctree}\n:hidden:\n\none\ntwo\n```\n",
    "one.md": HEADER
    + "# Chapter of formulas\n\n## Exercises\n\n$\\frac{1}{2}$, as [the other](two.md) says.\n\n"
    "```{dropdown} Solution\nFolded words.\n```\n\n"
    "````{tab-set}\n```{tab-item} Left\nSinister.\n```\n```{tab-item} Right\nDexter.\n```\n````\n\n"
    "```{code-cell} ipython3\n:tags: [hide-input]\nprint(6 * 7)\n```\n",
    "two.md": "# Chapter of links\n\n## Exercises\n\nBack to [the first](one.md#exercises).\n",
}
EXTENSIONS = ["sphinx_design", "strict_katex", "editions"]
SETTINGS = """
suppress_warnings.append('epub.unknown_project_files')  # the doctrees lie there too
project = epub_title = 'The book'
author = epub_author = epub_publisher = epub_contributor = 'A. Writer'
copyright = epub_copyright = 'A. Writer'
version = '1'
epub_basename = 'book'
epub_identifier = epub_uid = 'the-book'
epub_description = 'A book.'
epub_tocscope = 'includehidden'
epub_show_urls = 'no'
html_math_renderer = 'strict_katex'
katex_prerender = True
katex_css_path = 'katex/katex.min.css'
myst_enable_extensions = ['dollarmath']
myst_heading_anchors = 3
"""
WORDS = ["A preface.", "Folded words.", "Left", "Sinister.", "Right", "Dexter.", "print", "42"]

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium is installed (on Debian: apt-get install chromium)",
)


@pytest.fixture
def pdf(build):
    done = build(PAGES, EXTENSIONS, "pdf", SETTINGS)
    assert done.status == 0, done.output
    return PdfReader(done.folder / "book.pdf")


@pytest.fixture
def epub(build):
    done = build(PAGES, EXTENSIONS, "epub", SETTINGS)
    assert done.status == 0, done.output
    return ZipFile(done.folder / "book.epub")


@needs_chromium
def test_pdf_is_whole_unfolded_and_knows_its_title_and_author(pdf):
    text = "\n".join(sheet.extract_text() for sheet in pdf.pages)
    for words in WORDS:
        assert words in text
    assert (pdf.metadata.title, pdf.metadata.author) == ("The book", "A. Writer")
    assert pdf.root_object["/Lang"] == "en"


@needs_chromium
def test_contents_of_the_pdf_name_the_sheets_on_which_the_headings_stand(pdf):
    contents = next(
        text for sheet in pdf.pages if (text := sheet.extract_text()).startswith("Contents")
    )
    for title in ("The book", "Chapter of formulas", "Chapter of links"):
        number = int(re.search(rf"{title}\s+(\d+)", contents)[1])
        head, foot, heading = pdf.pages[number - 1].extract_text().splitlines()[:3]
        assert (head, foot, heading) == (title, str(number), title)


@needs_chromium
def test_headings_of_the_same_name_are_told_apart_in_the_pdf(pdf):
    targets = {
        name.split("/")[-1]: pdf.get_destination_page_number(target)
        for name, target in pdf.named_destinations.items()
    }
    exercises = {name: sheet for name, sheet in targets.items() if "exercises" in name}
    assert len(exercises) == len(set(exercises.values())) == 2


@needs_chromium
def test_outline_of_the_pdf_has_chapters_and_their_sections(pdf):
    titles = str(pdf.outline)
    for title in ("The book", "Chapter of formulas", "Chapter of links"):
        assert title in titles


def test_without_chromium_one_line_says_what_to_install(build, monkeypatch):
    monkeypatch.setenv("PATH", "")
    done = build(PAGES, EXTENSIONS, "pdf", SETTINGS)
    assert done.status != 0
    line = "no Chromium to print with (on Debian: apt-get install chromium)"
    assert done.output.strip().splitlines()[-1] == line
    assert "Traceback" not in done.output
    assert not (done.folder / "book.pdf").exists()


def test_epub_is_whole_unfolded_and_has_nothing_to_press(epub):
    text = epub.read("index.xhtml").decode() + epub.read("one.xhtml").decode()
    for words in WORDS:
        assert words in text
    for element in ("<details", "<input", "<script", "<button"):
        assert element not in text


def test_formulas_of_the_epub_are_mathml_and_the_package_says_so(epub):
    text = epub.read("one.xhtml").decode()
    assert "<mfrac>" in text
    assert "katex-html" not in text
    assert 'href="one.xhtml" media-type="application/xhtml+xml" properties="mathml"' in (
        epub.read("content.opf").decode().replace("ns0:", "")
    )
