"""Pages look right: in light and dark, on paper, to those who move by keyboard or not at all."""

import pytest
from playwright.sync_api import expect

from benchmarks.pages import CHAPTERS
from tests.browser.conftest import Reader

BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 30)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_never_seen_in_the_other_scheme(browser, site: str, scheme: str) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        # What the theme's own script does comes after the first paint.
        page.route("**/pydata-sphinx-theme.js*", lambda route: route.abort())
        page.goto(f"{site}/lecture-02/sigmoid.html")
        seen = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen == BACKGROUND[scheme]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_pictures_are_drawn_on_the_page_with_text_that_stands_out(
    reader: Reader, chapter: str, scheme: str
) -> None:
    page = reader.open(f"lecture-02/{chapter}", scheme=scheme)
    pictures = page.locator("svg.drawn")
    assert pictures.count() >= 2
    for picture in pictures.all():
        assert picture.locator("text").count() > 0
        assert (
            picture.evaluate("svg => getComputedStyle(svg).backgroundColor") == "rgba(0, 0, 0, 0)"
        )
        ink = picture.locator("text").first.evaluate("text => getComputedStyle(text).fill")
        assert contrast(ink, BACKGROUND[scheme]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG defines it, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (int(part) / 255 for part in colour[4:-1].split(","))
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)
    ]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_first_stop_of_the_keyboard_skips_to_the_text(reader: Reader) -> None:
    page = reader.open("lecture-02/sigmoid")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_every_stop_of_the_keyboard_can_be_seen(reader: Reader) -> None:
    page = reader.open("lecture-02/vectors")
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => { const style = getComputedStyle(document.activeElement);"
            " return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }"
        ), page.evaluate("document.activeElement.outerHTML")


# The sentences in which punctuation that follows a formula or a link begins a line.
STRAYED = """() => {
  const strayed = [];
  const texts = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, parent = text.parentElement;
    const block = parent.closest("p, li, td, dd");
    if (!block || !/^[.,;:!?)]/.test(text.data) || parent.closest("pre, .proof")) continue;
    const sign = document.createRange();
    sign.setStart(text, 0);
    sign.setEnd(text, 1);
    const { left, width } = sign.getBoundingClientRect();
    const indent = left - block.getBoundingClientRect().left;
    if (width && indent - parseFloat(getComputedStyle(block).paddingLeft) < 3) {
      strayed.push(block.innerText);
    }
  }
  return strayed;
}"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_line_begins_with_punctuation(reader: Reader, chapter: str) -> None:
    page = reader.open(f"lecture-02/{chapter}", width=390)
    assert page.evaluate(STRAYED) == []


def test_wide_formula_scrolls_by_keyboard(reader: Reader) -> None:
    page = reader.open("lecture-02/derivatives", width=360)
    formula = page.locator(".katex-display[tabindex='0']").first
    formula.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_nothing_moves_for_those_who_ask_for_stillness(reader: Reader) -> None:
    page = reader.open("lecture-02/sigmoid", reduced_motion="reduce")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].map(element => getComputedStyle(element)).filter("
        "style => style.transitionDuration !== '0s' || style.animationName !== 'none'"
        " || style.scrollBehavior !== 'auto').length"
    )
    assert moving == 0


def test_paper_gets_the_text_alone(reader: Reader) -> None:
    page = reader.open("lecture-02/sigmoid", scheme="dark")
    page.emulate_media(media="print")
    for left_out in ("header.bd-header", ".bd-sidebar-primary", ".bd-sidebar-secondary"):
        expect(page.locator(left_out)).to_be_hidden()
    expect(page.locator("article svg.drawn").first).to_be_visible()
