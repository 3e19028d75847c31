"""The PDF is a book: it says what it is, has an outline, and its links lead somewhere."""

from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import Destination

from tests.editions.reading import FOOT

CHAPTERS = ["Vectors", "Images", "Derivatives", "The chain rule", "The sigmoid", "Training"]


def headings(outline: list) -> Iterator[Destination]:
    """Yield the entries of an outline, those of its inner outlines among them."""
    for entry in outline:
        yield from [entry] if isinstance(entry, Destination) else headings(entry)


def test_pdf_says_its_title_author_and_language(pdf):
    document = PdfReader(pdf)
    assert document.metadata.title == "Mathematics of machine learning, checked"
    assert document.metadata.author == "The mlmath authors"
    assert document.root_object["/Lang"] == "en"
    assert document.root_object["/MarkInfo"]["/Marked"]


def test_outline_has_every_chapter(pdf):
    titles = [heading.title for heading in headings(PdfReader(pdf).outline)]
    found = [title for title in titles if title in CHAPTERS]
    assert found[: len(CHAPTERS)] == CHAPTERS  # the reference comes after, with titles like theirs


def test_every_heading_has_two_lines_below_it_on_its_sheet(pdf):
    two_lines = 50  # points, with the heading itself
    found = [(heading.title, heading.top - FOOT) for heading in headings(PdfReader(pdf).outline)]
    assert [title for title, room in found if room < two_lines] == []


def test_every_link_within_the_pdf_leads_somewhere(pdf):
    document = PdfReader(pdf)
    targets = document.named_destinations.keys()
    wanted = [
        str(note.get_object()["/Dest"])
        for sheet in document.pages
        for note in sheet.get("/Annots", [])
        if "/Dest" in note.get_object()
    ]
    assert len(wanted) > 500
    assert sorted({name for name in wanted if name not in targets}) == []
