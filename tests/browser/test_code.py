"""The code is the reader's: it can be copied, formulas too, and read in the library of choice."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Reader

CHAPTER = "lecture-02/vectors"
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def copied(page: Page, block: Locator) -> str:
    """What the clipboard holds after a click on the button of a block."""
    block.hover()
    button = block.locator("xpath=following-sibling::button")
    button.click()
    expect(button).to_have_attribute("data-tooltip", "Copied!")
    return page.evaluate("navigator.clipboard.readText()")


def copied_by_hand(page: Page, element: Locator) -> str:
    """What the clipboard holds after the reader has selected an element and copied it."""
    element.evaluate("node => getSelection().selectAllChildren(node)")
    page.keyboard.press("ControlOrMeta+c")
    return page.evaluate("navigator.clipboard.readText()")


def test_cell_is_copied_without_its_output(reader: Reader) -> None:
    page = reader.open(CHAPTER, **CLIPBOARD)
    cell = page.locator(".cell_input pre", has_text="v.shape, v.T.shape")
    assert copied(page, cell).strip() == "v = np.array([[1], [2], [3]])\nv.shape, v.T.shape"


def test_outputs_have_no_button(reader: Reader) -> None:
    page = reader.open(CHAPTER)
    expect(page.locator(".cell_input .copybtn").first).to_be_attached()
    assert page.locator(".cell_input").count() == page.locator(".cell_input .copybtn").count()
    assert page.locator(".cell_output .copybtn").count() == 0


def test_examples_are_copied_without_prompts_and_results(reader: Reader) -> None:
    page = reader.open("reference/products", **CLIPBOARD)
    block = page.locator(".doctest pre, .highlight-default pre", has_text=">>> ").first
    text = block.inner_text()
    lines = [line[4:] for line in text.splitlines() if line.startswith((">>>", "..."))]
    assert copied(page, block).split("\n") == lines


def test_command_is_copied_without_its_prompt(reader: Reader) -> None:
    page = reader.open("how-to/larger-than-memory", **CLIPBOARD)
    block = page.locator(".highlight-console pre").first
    (command,) = (line for line in block.inner_text().splitlines() if line.startswith("$ "))
    assert copied(page, block) == command.removeprefix("$ ")


def test_formula_in_a_sentence_is_copied_as_latex(reader: Reader) -> None:
    page = reader.open(CHAPTER, **CLIPBOARD)
    paragraph = page.locator("p", has_text="You have the amounts")
    assert copied_by_hand(page, paragraph).replace("\n", " ") == (
        "Back to the first question: what does it all cost? You have the amounts $v_1 = 1$, "
        "$v_2 = 2$, $v_3 = 3$ and, by chance, the same prices. You multiply amount by price, fruit "
        "by fruit, and add up. That is what a row times a column means:"
    )


def test_displayed_formula_is_copied_as_latex_however_little_of_it_is_selected(
    reader: Reader,
) -> None:
    page = reader.open(CHAPTER, **CLIPBOARD)
    wanted = r"$$v^\top = \begin{pmatrix} 1 & 2 & 3 \end{pmatrix}$$"
    formula = page.locator("#equation-eq-v-transposed")
    assert wanted in copied_by_hand(page, formula.locator(".."))
    assert copied_by_hand(page, formula.locator(".katex-html .mathnormal").first) == wanted


def test_words_alone_are_copied_as_ever(reader: Reader) -> None:
    page = reader.open(CHAPTER, **CLIPBOARD)
    copied = copied_by_hand(page, page.locator("h2", has_text="Columns and rows").first)
    assert copied.startswith("1.1. Columns and rows")


def shown_tabs(page: Page) -> list[str]:
    page.wait_for_function("document.readyState == 'complete'")
    boxes = page.locator(".sd-tab-set")
    return [box.locator("input:checked + label").inner_text() for box in boxes.all()]


@pytest.fixture
def choice(reader: Reader) -> Page:
    """A chapter in which the reader has just chosen PyTorch."""
    page = reader.open(CHAPTER)
    page.locator(".sd-tab-set label", has_text="PyTorch").first.click()
    return page


def test_all_boxes_follow_the_choice_on_this_page_and_on_the_next(choice: Page, site: str) -> None:
    assert shown_tabs(choice) == ["PyTorch"] * 2
    expect(choice.get_by_text("inner_by_torch = ")).to_be_visible()
    expect(choice.get_by_text("inner_by_numpy = ")).to_be_hidden()
    choice.goto(f"{site}/lecture-02/training.html")
    assert shown_tabs(choice) == ["PyTorch"]


def test_tabs_are_chosen_by_keyboard_and_the_focus_is_seen(reader: Reader) -> None:
    page = reader.open(CHAPTER)
    box = page.locator(".sd-tab-set").first
    box.locator("input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert shown_tabs(page) == ["NumPy"] * 2
    label = box.locator("input:focus-visible + label")
    assert label.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"


def test_tabs_work_without_scripts(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/{CHAPTER}.html")
        page.locator(".sd-tab-set label", has_text="JAX").first.click()
        expect(page.get_by_text("inner_by_jax = ")).to_be_visible()
        expect(page.get_by_text("inner_by_mlmath = ")).to_be_hidden()


def test_paper_shows_every_tab_below_its_name(reader: Reader) -> None:
    page = reader.open(CHAPTER)
    page.emulate_media(media="print")
    box = page.locator(".sd-tab-set").first
    tops = [box.bounding_box()["y"]]
    for part in box.locator("label, .sd-tab-content").all():
        expect(part).to_be_visible()
        tops.append(part.bounding_box()["y"])
    assert tops == sorted(tops)


def test_chapter_is_downloaded_as_a_notebook(reader: Reader) -> None:
    page = reader.open(CHAPTER)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this page as a notebook").click()
    assert download.value.suggested_filename == "vectors.ipynb"
