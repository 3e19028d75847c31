"""Names every number and formula in which another edition differs from the HTML, with its page."""

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from nbformat import NotebookNode

from tests.editions.reading import Said, digits_of, formulas_of


def missing_pages(html: Iterable[str], other: Iterable[str]) -> list[str]:
    return [f"{page}: is in one edition only" for page in sorted(set(html) ^ set(other))]


def differences_in_order(html: dict[str, Said], other: dict[str, Said]) -> list[str]:
    """Compare two editions that can both be read in order."""
    found = missing_pages(html, other)
    for page in html.keys() & other.keys():
        ours, theirs = html[page].in_order, other[page].in_order
        for kind, *place in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            if kind != "equal":
                a, b, c, d = place
                found.append(f"{page}: {shown(ours[a:b])} in HTML is {shown(theirs[c:d])}")
    return found


def shown(words: list[str]) -> str:
    return " ".join(words) or "nothing"


def differences_in_text(html: dict[str, Said], texts: dict[str, str]) -> list[str]:
    """Compare with bare text: each printed line in order, and how often each digit stands there."""
    found = missing_pages(html, texts)
    for page in html.keys() & texts.keys():
        found += [
            f"{page}: {line!r} is missing" for line in not_in(html[page].printed, texts[page])
        ]
        here, there = digits_of(texts[page]), html[page].digits
        found += [
            f"{page}: {digit} stands there {here[digit]} times, in HTML {there[digit]} times"
            for digit in "0123456789"
            if here[digit] != there[digit]
        ]
    return found


def differences_in_notebooks(
    html: dict[str, Said], cells: dict[str, list[str]], notebooks: dict[str, NotebookNode]
) -> list[str]:
    """Compare how often each formula stands there, and the cells with those of the pages."""
    found = []
    for page, notebook in notebooks.items():
        code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        missing = Counter(html[page].formulas) - formulas_of(notebook)
        found += [f"{page}: {latex} is missing" for latex in missing]
        found += [f"{page}: {cell!r} is missing" for cell in not_in(cells[page], code)]
    return found


def not_in(pieces: list[str], text: str) -> Iterator[str]:
    """Yield each piece that does not stand in the text behind the piece before; spaces aside."""
    text, reached = "".join(text.split()), 0
    for piece in pieces:
        place = text.find("".join(piece.split()), reached)
        if place < 0:
            yield piece
        else:
            reached = place + len("".join(piece.split()))
