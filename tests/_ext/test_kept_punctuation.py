"""A formula and the punctuation behind it become one element, which no line break divides."""

import re

from bs4 import BeautifulSoup

SETTINGS = "myst_enable_extensions = ['dollarmath']\n"


def kept(build, page: str, extensions: tuple[str, ...] = ()) -> list[str]:
    """The text of each element that keeps a formula and its punctuation together."""
    done = build(
        {"index.md": f"# Page\n\n{page}\n"}, [*extensions, "kept_punctuation"], settings=SETTINGS
    )
    assert done.status == 0, done.output
    found = BeautifulSoup((done.folder / "index.html").read_text(encoding="utf-8"), "html.parser")
    return [re.sub(r"[\\()✓\s]", "", element.text) for element in found.select("span.kept")]


def test_comma_and_full_stop_stay_with_their_formula(build) -> None:
    assert kept(build, "Take $x$, then $y$.") == ["x,", "y."]


def test_formula_before_a_word_or_at_the_end_stays_as_it_is(build) -> None:
    assert kept(build, "Take $x$ and then $y$") == []


def test_all_signs_in_a_row_are_kept_and_no_more(build) -> None:
    assert kept(build, "Is it $x$?! No, $y$; so.") == ["x?!", "y;"]


def test_mark_of_a_proof_is_kept_too(build) -> None:
    (sentence,) = kept(build, "You know that $1 + 1 = 2$, as all do.", ("checked.book",))
    assert sentence.startswith("1+1=2")
    assert "Proved" in sentence
    assert sentence.endswith(",")
