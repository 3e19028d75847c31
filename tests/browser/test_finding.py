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
        results = page.locator("#search-results a")
        expect(results.and_(page.locator(f"[href*='{SOUGHT[words]}']")).first).to_be_visible()
        first = [result.get_attribute("href") for result in results.all()[:5]]
    assert any(SOUGHT[words] in str(link) for link in first), first


@pytest.mark.parametrize("name", ["index", "lecture-02/sigmoid", "reference/activations"])
def test_shared_link_shows_title_and_first_words(reader: Reader, name: str) -> None:
    page = reader.open(name)
    meta = {
        tag.get_attribute("property") or tag.get_attribute("name"): tag.get_attribute("content")
        for tag in page.locator("meta[content]").all()
    }
    assert page.locator("h1").inner_text().startswith(str(meta["og:title"]))
    assert meta["og:description"] == meta["description"]
    first = page.locator("article p").all_inner_texts()
    assert any(text.startswith(str(meta["description"])[:40]) for text in first)
    assert str(meta["og:image"]).endswith("_static/card.png")


def test_the_mark_stands_in_the_header_and_in_the_tab(reader: Reader) -> None:
    page = reader.open("lecture-02/vectors")
    icon = page.locator("link[rel=icon]").get_attribute("href")
    shown = page.locator(".navbar-brand img:visible")
    assert str(icon).split("?")[0].endswith("mark.svg")
    assert shown.count() == 1
    assert shown.evaluate("image => image.naturalWidth") > 0


def test_chapters_lead_from_one_to_the_next_and_back(reader: Reader) -> None:
    page = reader.open("lecture-02/vectors")
    titles = []
    while (onward := page.locator("a.right-next")).count() and "items" not in page.url:
        titles.append(page.locator("h1").inner_text())
        with page.expect_navigation():
            onward.click()
    assert len(titles) == 7
    page.locator("a.left-prev").click()
    assert page.locator("h1").inner_text() == titles[-1]


@pytest.mark.parametrize(
    "entry", ["softmax", "outer product", "ReLU", "view", "vanishing gradient"]
)
def test_index_leads_to_the_place(reader: Reader, entry: str) -> None:
    page = reader.open("genindex")
    with page.expect_navigation():
        page.get_by_role("link", name=entry, exact=True).first.click()
    anchor = page.url.partition("#")[2]
    expect(page.locator(f"[id='{anchor}']")).to_be_in_viewport()


@pytest.mark.parametrize("term", ["softmax", "dead ReLU", "learning rate"])
def test_glossary_has_the_term_under_a_link_of_its_own(reader: Reader, term: str) -> None:
    page = reader.open("glossary")
    assert page.locator(f"dt#term-{term.replace(' ', '-')}").count() == 1
