"""The PDF is a book: it says what it is, has an outline, and its links lead somewhere."""

from pypdf import PdfReader
from pypdf.generic import Destination

CHAPTERS = ["Vectors", "Images", "Derivatives", "The chain rule", "The sigmoid", "Training"]


def titles(outline: list) -> list[str]:
    """Return the titles of an outline, those of its inner outlines among them."""
    return [
        title
        for entry in outline
        for title in ([entry.title] if isinstance(entry, Destination) else titles(entry))
    ]


def test_pdf_says_its_title_author_and_language(pdf):
    document = PdfReader(pdf)
    assert document.metadata.title == "Mathematics of machine learning, checked"
    assert document.metadata.author == "The mlmath authors"
    assert document.root_object["/Lang"] == "en"
    assert document.root_object["/MarkInfo"]["/Marked"]


def test_outline_has_every_chapter(pdf):
    found = [title for title in titles(PdfReader(pdf).outline) if title in CHAPTERS]
    assert found[: len(CHAPTERS)] == CHAPTERS  # the reference comes after, with titles like theirs


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
