"""A first view is light and does not jump; the time depends on the machine, and is a benchmark."""

import pytest

from benchmarks.pages import CHAPTERS, view


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_first_view_keeps_its_budget(browser, site: str, chapter: str) -> None:
    seen = view(browser, site, chapter)
    assert seen.kibibytes <= 400
    assert seen.shift < 0.01
