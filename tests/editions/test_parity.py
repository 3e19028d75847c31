"""All editions say the same numbers and formulas; where one does not, the page and the value."""

from copy import deepcopy

from benchmarks.pages import CHAPTERS
from tests.building import ROOT
from tests.editions.comparing import (
    differences_in_notebooks,
    differences_in_order,
    differences_in_text,
)
from tests.editions.conftest import HTML
from tests.editions.reading import cells_of_page, epub_pages, notebooks, pdf_pages

CHAPTER = "lecture-02/sigmoid"


def test_html_has_numbers_to_compare(html):
    assert len(html[CHAPTER].formulas) > 100
    assert len(html[CHAPTER].in_order) > 500
    assert html[CHAPTER].printed[0] == "0.75"
    assert "[0.26894142 0.5        0.73105858]" in html[CHAPTER].printed


def test_epub_says_the_same(html, epub):
    pages = epub_pages(epub)
    assert differences_in_order(html, pages) == []
    words = pages[CHAPTER].in_order
    words[words.index(r"⟦\frac{3}{4}⟧")] = r"⟦\frac{3}{5}⟧"
    assert differences_in_order(html, pages) == [
        rf"{CHAPTER}: ⟦\frac{{3}}{{4}}⟧ in HTML is ⟦\frac{{3}}{{5}}⟧"
    ]


def test_pdf_says_the_same(html, pdf):
    pages = pdf_pages(pdf)
    assert differences_in_text(html, pages) == []
    pages[CHAPTER] = pages[CHAPTER].replace("0.73105858", "0.73105868", 1)
    line, *digits = differences_in_text(html, pages)
    assert line == f"{CHAPTER}: '[0.26894142 0.5        0.73105858]' is missing"
    assert [difference.split()[1] for difference in digits] == ["5", "6"]


def test_notebooks_say_the_same(html):
    of_readers = notebooks(HTML, html)
    assert {f"lecture-02/{chapter}" for chapter in CHAPTERS} <= of_readers.keys()
    cells = {name: cells_of_page(ROOT / "docs" / f"{name}.md") for name in of_readers}
    assert differences_in_notebooks(html, cells, of_readers) == []
    doctored = deepcopy(of_readers)
    for cell in doctored[CHAPTER].cells:
        cell.source = cell.source.replace(r"\frac{3}{16}", r"\frac{3}{17}").replace(
            "3 / 16", "3 / 17"
        )
    found = differences_in_notebooks(html, cells, doctored)
    assert any(r"\frac{3}{16}" in difference for difference in found)
    assert any("3 / 16" in difference for difference in found)
