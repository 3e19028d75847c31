"""A reader finds things: by searching, by the index, by what a shared link says of its page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Reader

SOUGHT = {
    "softmax": "activations.html",
    "outer product": "vectors.html",
    "ReLU": "activations.html",
    "permute": "images.html",
    "chain rule": "chain-rule.html",
}


@pytest.mark.parametrize("opened", ["site", "book"])
@pytest.mark.parametrize("words", SOUGHT)
def test_search_finds_the_chapter_as_you_type(browser, site, book, opened: str, words: str) -> None:
    root = {"site": site, "book": f"file://{book}"}[opened]
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{root}/index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type(words)
        found = page.locator("#search-results a")
        expect(found.first).to_be_visible()
        first = [found.nth(i).get_attribute("href") for i in range(min(5, found.count()))]
    assert any(SOUGHT[words] in str(link) for link in first), first
