"""A reader works the exercises; and exercises, formulas and figures have numbers and links."""

import math
import re
from fractions import Fraction

import pytest
from playwright.sync_api import Page, expect

import mlmath
from tests.browser.conftest import Reader, violations
from tests.building import ROOT

CHAPTERS = ["vectors", "images", "derivatives", "chain-rule", "sigmoid", "activations", "training"]
FOUR, DOUBLED = Fraction(4, 25), Fraction(4, 13)
ROOT_OF_THREE_QUARTERS = math.log(3) / 2
RIGHT, WRONG, KINDLY = "Right.", "Not yet.", "Please write one number"
POINT, SHORT, ROUNDED = "write a point", "significant digits", "please give all of them"


def chapter(reader: Reader, name: str, **settings: object) -> Page:
    return reader.open(f"lecture-02/{name}", **settings)


def submit(page: Page, exercise: str, text: str) -> str:
    """Type an answer, press Enter, and return what the page says."""
    box = page.locator(f"#{exercise}").get_by_role("textbox")
    box.fill(text)
    box.press("Enter")
    verdict = page.locator(f"#{exercise}").get_by_role("status")
    expect(verdict).not_to_be_empty()
    return verdict.inner_text()


def decimal(value: Fraction, places: int) -> str:
    """Return the value, which is positive, rounded to so many places."""
    scaled = round(value * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}}"


def cut(value: Fraction, places: int) -> str:
    scaled = int(value * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}}"


ENTERED = [
    # The answer 4/25 = 0.16 has an end.
    ("sigmoid-exercise-1", str(FOUR), RIGHT),
    ("sigmoid-exercise-1", f" {2 * FOUR.numerator} / {2 * FOUR.denominator} ", RIGHT),
    ("sigmoid-exercise-1", f"{float(FOUR)}", RIGHT),
    ("sigmoid-exercise-1", f"+{float(FOUR)}".replace("+0", ""), RIGHT),
    ("sigmoid-exercise-1", f"{float(FOUR):.5f}", RIGHT),
    ("sigmoid-exercise-1", f"{float(FOUR):.1f}", ROUNDED),
    ("sigmoid-exercise-1", f"{float(FOUR)}".replace(".", ","), POINT),
    ("sigmoid-exercise-1", f"-{float(FOUR)}", WRONG),
    ("sigmoid-exercise-1", str(FOUR + 1), WRONG),
    ("sigmoid-exercise-1", str(FOUR).replace("4/", "5/"), WRONG),
    # A quarter.
    ("sigmoid-exercise-3", str(Fraction(mlmath.sigmoid_derivative(0))), RIGHT),
    ("sigmoid-exercise-3", ".25", RIGHT),
    ("sigmoid-exercise-3", "0,25", POINT),
    ("sigmoid-exercise-3", "0.3", ROUNDED),
    # The digits of 4/13 never end.
    ("activations-exercise-4", str(DOUBLED), RIGHT),
    ("activations-exercise-4", decimal(DOUBLED, 3), RIGHT),
    ("activations-exercise-4", cut(DOUBLED, 3), RIGHT),
    ("activations-exercise-4", cut(DOUBLED, 4) + "…", RIGHT),
    ("activations-exercise-4", cut(DOUBLED, 12) + "...", RIGHT),
    ("activations-exercise-4", decimal(DOUBLED, 2), SHORT),
    ("activations-exercise-4", decimal(DOUBLED, 1), SHORT),
    ("activations-exercise-4", decimal(DOUBLED + Fraction(2, 1000), 3), WRONG),
    ("activations-exercise-4", "0.0", WRONG),
    ("activations-exercise-4", "0", WRONG),
    # A float: half the logarithm of three.
    ("activations-exercise-5", repr(ROOT_OF_THREE_QUARTERS), RIGHT),
    ("activations-exercise-5", f"{ROOT_OF_THREE_QUARTERS:.3f}", RIGHT),
    ("activations-exercise-5", f"{ROOT_OF_THREE_QUARTERS:.2f}", SHORT),
    ("activations-exercise-5", f"{ROOT_OF_THREE_QUARTERS + 0.002:.3f}", WRONG),
    ("activations-exercise-5", str(Fraction(11, 20)), WRONG),
    # Whole numbers, of either sign.
    ("chain-rule-exercise-4", str(3 * 1 - 2 * 23), RIGHT),
    ("chain-rule-exercise-4", str(2 * 23 - 3), WRONG),
    ("chain-rule-exercise-4", "−43.0", RIGHT),
    ("vectors-exercise-1", str(mlmath.inner([2, 0, -1], [3, 5, 6])), RIGHT),
    ("vectors-exercise-1", "-0", RIGHT),
    ("vectors-exercise-1", "0.01", WRONG),
    ("vectors-exercise-4", str(mlmath.inner([1, 2, 3], [1, 2, 3])), RIGHT),
    ("training-exercise-4", str(784 * 32 + 32 + 32 * 10 + 10), RIGHT),
    ("training-exercise-4", f"{784 * 32 + 32 + 32 * 10 + 10:,}", POINT),
    (
        "training-exercise-1",
        str(mlmath.mse([Fraction(n) for n in (4, 0, 1, 2)], [1, 0, 2, 4])),
        RIGHT,
    ),
    ("training-exercise-2", str(1 / Fraction(28, 3)), RIGHT),
    # What is no number is not called wrong.
    ("vectors-exercise-1", "", KINDLY),
    ("vectors-exercise-1", "zero", KINDLY),
    ("vectors-exercise-1", "1/0", KINDLY),
    ("vectors-exercise-1", "1 + 1", KINDLY),
    ("vectors-exercise-1", "<b>1</b>", KINDLY),
    ("vectors-exercise-1", ".", KINDLY),
]


@pytest.mark.parametrize(
    "exercise", sorted({exercise for exercise, _, _ in ENTERED}), ids=lambda exercise: exercise
)
def test_each_form_of_answer_is_told_what_it_is(reader: Reader, exercise: str) -> None:
    page = chapter(reader, exercise.rpartition("-exercise")[0])
    for name, text, expected in ENTERED:
        if name == exercise:
            assert expected in submit(page, exercise, text), text


def test_a_right_answer_is_right_from_the_file_system_and_by_touch(browser, book) -> None:
    with browser.new_context(has_touch=True, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"file://{book}/lecture-02/vectors.html")
        exercise = page.locator("#vectors-exercise-1")
        exercise.get_by_role("textbox").fill("0")
        exercise.get_by_role("button", name="Check").tap()
        expect(exercise.get_by_role("status")).to_contain_text(RIGHT)
        page.reload()
        expect(page.locator("p > .exercise-count")).to_have_text("1 of 4 solved")


def test_verdict_goes_when_the_answer_is_changed(reader: Reader) -> None:
    page = chapter(reader, "vectors")
    submit(page, "vectors-exercise-1", "5")
    page.locator("#vectors-exercise-1").get_by_role("textbox").fill("55")
    expect(page.locator("#vectors-exercise-1").get_by_role("status")).to_be_empty()


def test_hint_and_solution_open_and_close_by_keyboard(reader: Reader) -> None:
    page = chapter(reader, "vectors")
    box = page.locator("#vectors-exercise-1").get_by_role("textbox")
    hint, solution = page.locator("#vectors-exercise-1 details").all()
    box.focus()
    page.keyboard.press("Tab")
    expect(page.locator("#vectors-exercise-1").get_by_role("button", name="Check")).to_be_focused()
    for fold, key in (hint, "Enter"), (solution, "Space"):
        page.keyboard.press("Tab")
        expect(fold.locator("summary")).to_be_focused()
        expect(fold.locator("p").first).to_be_hidden()
        page.keyboard.press(key)
        expect(fold.locator("p").first).to_be_visible()
    page.keyboard.press("Space")
    expect(solution.locator("p").first).to_be_hidden()


def test_progress_is_counted_survives_a_reload_and_can_be_forgotten(reader: Reader) -> None:
    page = chapter(reader, "vectors")
    count, forget = page.locator("p > .exercise-count"), page.get_by_role("button", name="Forget")
    expect(count).to_have_text("0 of 4 solved")
    expect(forget).to_be_hidden()
    submit(page, "vectors-exercise-1", "7")
    expect(count).to_have_text("0 of 4 solved")
    submit(page, "vectors-exercise-1", "0")
    page.locator("#vectors-exercise-2").get_by_label("I solved it").check()
    expect(count).to_have_text("2 of 4 solved")
    page.reload()
    expect(count).to_have_text("2 of 4 solved")
    for number, solved in enumerate([True, True, False, False], start=1):
        tick = page.locator(f"#vectors-exercise-{number} .exercise-tick")
        expect(tick).to_be_visible(visible=solved)
        expect(tick).to_have_text("✓ Solved")
    page.goto(page.url.replace("vectors", "index"))
    listed = page.locator(".exercise-progress li")
    expect(listed.first).to_have_text("Vectors: 2 of 4 solved")
    expect(listed.nth(1)).to_have_text("Images: 0 of 4 solved")
    forget.click()
    expect(listed.first).to_have_text("Vectors: 0 of 4 solved")
    expect(forget).to_be_hidden()
    page.go_back()
    expect(count).to_have_text("0 of 4 solved")
    expect(page.locator("#vectors-exercise-2").get_by_label("I solved it")).not_to_be_checked()
    assert page.evaluate("Object.values(localStorage).join()").count("vectors") == 0


def test_a_chapter_forgets_its_own_progress_only(reader: Reader) -> None:
    page = chapter(reader, "vectors")
    submit(page, "vectors-exercise-1", "0")
    page.goto(page.url.replace("vectors", "sigmoid"))
    submit(page, "sigmoid-exercise-3", "1/4")
    page.get_by_role("button", name="Forget").click()
    expect(page.locator("p > .exercise-count")).to_have_text("0 of 4 solved")
    expect(page.locator("p > .exercise-count")).to_be_focused()
    expect(page.locator("#sigmoid-exercise-3").get_by_role("textbox")).to_have_value("")
    page.goto(page.url.replace("sigmoid", "vectors"))
    expect(page.locator("p > .exercise-count")).to_have_text("1 of 4 solved")


def test_another_tab_shows_the_progress_too(reader: Reader) -> None:
    page = chapter(reader, "vectors")
    other = page.context.new_page()
    other.goto(page.url)
    submit(page, "vectors-exercise-1", "0")
    expect(other.locator("p > .exercise-count")).to_have_text("1 of 4 solved")
    other.locator("#vectors-exercise-2").get_by_label("I solved it").check()
    expect(page.locator("p > .exercise-count")).to_have_text("2 of 4 solved")


def test_nothing_is_requested_or_sent(reader: Reader) -> None:
    page = chapter(reader, "vectors")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    submit(page, "vectors-exercise-1", "7")
    submit(page, "vectors-exercise-1", "0")
    page.locator("#vectors-exercise-2").get_by_label("I solved it").check()
    page.get_by_role("button", name="Forget").click()
    page.wait_for_load_state("networkidle")
    assert asked == []
    assert page.context.cookies() == []
    assert "?" not in page.url


REFUSALS = {
    "all": "Object.defineProperty(window, 'localStorage', { get() { throw new Error() } })",
    "writing": "Storage.prototype.setItem = () => { throw new Error() }",
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_everything_works_where_the_browser_keeps_nothing(reader: Reader, refusal: str) -> None:
    page = reader.open("index")
    page.context.add_init_script(REFUSALS[refusal])
    page.goto(page.url.replace("index", "lecture-02/vectors"))
    count = page.locator("p > .exercise-count")
    expect(count).to_have_text("0 of 4 solved")
    assert RIGHT in submit(page, "vectors-exercise-1", "0")
    assert RIGHT in submit(page, "vectors-exercise-4", "14")
    page.locator("#vectors-exercise-2").get_by_label("I solved it").check()
    expect(count).to_have_text("3 of 4 solved")
    page.get_by_role("button", name="Forget").click()
    expect(count).to_have_text("0 of 4 solved")
    reader.complaints.clear()  # of the theme's own script, which wants to keep light or dark


def test_without_javascript_there_is_no_dead_box(reader: Reader) -> None:
    page = chapter(reader, "vectors", java_script_enabled=False)
    exercises = page.locator(".exercise")
    expect(exercises).to_have_count(4)
    for control in "input", "button":
        for found in exercises.locator(control).all():
            if "proof-mark" not in (found.get_attribute("class") or ""):
                expect(found).to_be_hidden()
    expect(page.locator("p > .exercise-count")).to_have_text("4 exercises")
    page.locator("#vectors-exercise-1 summary", has_text="Hint").click()
    expect(page.locator("#vectors-exercise-1 details p").first).to_be_visible()
    assert all("/_static/scripts/" in complaint for complaint in reader.complaints)
    reader.complaints.clear()  # what the theme preloads is not wanted then


def test_on_paper_hint_and_solution_are_there_and_no_box(reader: Reader) -> None:
    page = chapter(reader, "sigmoid")
    page.emulate_media(media="print")
    for part in page.locator(".exercise-fold > p").all():
        expect(part).to_be_visible()
        assert part.bounding_box()["height"] > 0
    for part in page.locator(".exercise-answer, .exercise-mine").all():
        expect(part).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_and_answered_exercises_fit_and_axe_finds_nothing(
    reader: Reader, scheme: str, width: int
) -> None:
    page = chapter(reader, "vectors", scheme=scheme, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    submit(page, "vectors-exercise-1", "0")
    submit(page, "vectors-exercise-4", "13")
    page.locator("#vectors-exercise-2").get_by_label("I solved it").check()
    assert violations(page, ".exercise, .exercise-count") == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    targets = page.locator(
        ".exercise :is(summary, input[type=text], .exercise-answer button, label.exercise-mine)"
    )
    for target in [*targets.all(), page.get_by_role("button", name="Forget")]:
        assert min(target.bounding_box()["width"], target.bounding_box()["height"]) >= 24


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_label_has_its_number_and_a_link_that_tab_reaches(reader: Reader, name: str) -> None:
    text = (ROOT / "docs" / "lecture-02" / f"{name}.md").read_text(encoding="utf-8")
    page = chapter(reader, name)
    place = CHAPTERS.index(name) + 1
    formulas = [f"equation-{label}" for label in re.findall(r"^:label: (\S+)$", text, re.M)]
    figures = re.findall(r"^    name: (fig-\S+)$", text, re.M)
    exercises = re.findall(r"^:name: (\S+-exercise-\d)$", text, re.M)
    assert figures
    assert exercises
    for kind, labels, shown in (
        (".eqno", formulas, r"\({}.{}\)"),
        (".caption-number", figures, "Fig. {}.{}"),
        (".caption-number", exercises, "Exercise {}.{}"),
    ):
        for number, label in enumerate(labels, start=1):
            marked = page.locator(f"#{label} {kind}").first
            expect(marked).to_contain_text(shown.replace("\\", "").format(place, number))
            link = page.locator(f"#{label} a.headerlink[href='#{label}']")
            link.focus()
            expect(link).to_be_focused()


def test_link_to_a_formula_shows_when_it_is_reached_and_when_it_is_pointed_at(
    reader: Reader,
) -> None:
    page = chapter(reader, "sigmoid")
    link = page.locator("#equation-eq-sigmoid a.headerlink")
    expect(link).to_have_css("opacity", "0")
    page.locator("#equation-eq-sigmoid").hover()
    expect(link).to_have_css("opacity", "1")
    page.locator("h1").hover()
    expect(link).to_have_css("opacity", "0")
    page.locator(".proved:has(#equation-eq-sigmoid) > .proof-mark").focus()
    page.keyboard.press("Shift+Tab")
    expect(link).to_be_focused()
    expect(link).to_have_css("opacity", "1")


COLLISIONS = """() => [...document.querySelectorAll(".math > .eqno")].filter((number) => {
  const box = number.getBoundingClientRect();
  const formula = number.parentElement.querySelector(".katex-display").getBoundingClientRect();
  const apart = formula.right <= box.left || formula.bottom <= box.top;
  return !apart || box.right > innerWidth;
}).map((number) => number.textContent)"""


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", CHAPTERS)
def test_no_formula_runs_into_its_number(reader: Reader, name: str, width: int) -> None:
    page = chapter(reader, name, width=width)
    assert page.locator(".math > .eqno").count() > 3
    assert page.evaluate(COLLISIONS) == []


def test_a_reference_shows_the_number_of_what_it_leads_to(reader: Reader) -> None:
    page = chapter(reader, "activations")
    page.get_by_role("link", name="Exercise 6.2", exact=True).click()
    assert page.url.endswith("#activations-exercise-2")
    expect(page.locator("#activations-exercise-2")).to_contain_text("Exercise 6.2")
    for reference in page.locator("a.reference[href^='#equation-']").all():
        number = page.locator(f"[id='{reference.get_attribute('href')[1:]}'] .eqno")
        assert reference.inner_text() == number.inner_text().rstrip("#\n")
