"""Every page holds what the book promises of it, before anything is built."""

import ast
import re
from pathlib import Path

import pytest
from silent_examples import silent_examples

DOCS = Path(__file__).parents[2] / "docs"
CHAPTERS = ["vectors", "images", "derivatives", "chain-rule", "sigmoid", "activations", "training"]
PAGES = sorted(DOCS.rglob("*.md"))
ITEMS = (DOCS / "lecture-02" / "items.md").read_text(encoding="utf-8")
ROWS = [f"l{number:02}" for number in range(1, 41)]
SLIPS = [f"l{number:02}" for number in (5, 10, 12, 14, 25, 26, 28, 30, 34, 37, 39)]
TEXTS = {chapter: DOCS / "lecture-02" / f"{chapter}.md" for chapter in CHAPTERS}


def text_of(chapter: str) -> str:
    return TEXTS[chapter].read_text(encoding="utf-8")


def homes(target: str) -> list[str]:
    """Return the chapters that hold the target, once for each time they do."""
    return [c for c in CHAPTERS for _ in re.findall(rf"^\({target}\)=$", text_of(c), re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_page_has_no_example_that_never_runs(page: Path) -> None:
    assert silent_examples(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("row", ROWS)
def test_row_of_the_lecture_is_listed_and_treated_in_one_chapter(row: str) -> None:
    assert f"| [{row.upper()}](#{row})" in ITEMS
    assert len(homes(row)) == 1


@pytest.mark.parametrize("row", SLIPS)
def test_slip_is_listed_and_followed_by_a_cell_that_asserts(row: str) -> None:
    assert f"| [{row.upper()}](#{row}) S |" in ITEMS
    assert f"| [{row.upper()}](#slip-{row})" in ITEMS
    (chapter,) = homes(f"slip-{row}")
    section = text_of(chapter).split(f"(slip-{row})=\n")[1]
    section = re.split(r"^(?:## |\(slip-)", section, maxsplit=1, flags=re.MULTILINE)[0]
    assert ":class: slip" in section
    assert "assert " in section.split("```{code-cell}", maxsplit=1)[1]


def test_no_other_row_is_marked_as_a_slip() -> None:
    marked = re.findall(r"^\| \[(L\d\d)\]\(#l\d\d\) S", ITEMS, re.MULTILINE)
    assert marked == [row.upper() for row in SLIPS]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_has_the_frame(chapter: str) -> None:
    text = text_of(chapter)
    parts = [":class: goals", "## What goes wrong", "## Exercises", "## What to remember"]
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert "{cite:" in text[places[-1] :]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_has_two_pictures_whose_data_is_asserted(chapter: str) -> None:
    cells = re.findall(r"```\{code-cell\}.*?^```$", text_of(chapter), re.MULTILINE | re.DOTALL)
    pictures = [cell for cell in cells if "\nshow(" in cell]
    assert len(pictures) >= 2
    for picture in pictures:
        assert "assert " in picture, picture
        assert "name: fig-" in picture, picture


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_has_four_exercises_each_with_hint_and_solution_and_a_check(chapter: str) -> None:
    exercises = exercises_of(chapter)
    assert len(exercises) >= 4
    for number, (options, exercise, check) in enumerate(exercises, start=1):
        assert f":name: {chapter}-exercise-{number}\n" in options
        statement, hint, solution = re.split(r"^:::\{(?:hint|solution)\}$", exercise, flags=re.M)
        assert exercise.index(":::{hint}") < exercise.index(":::{solution}")
        for part in (statement, hint, solution):
            assert len(part.strip(":\n").split()) >= 10, part
        assert "assert " in check


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_half_of_the_exercises_of_a_chapter_have_an_answer_that_is_computed(chapter: str) -> None:
    exercises = exercises_of(chapter)
    answers = [check for options, _, check in exercises if ":answer: " in options]
    assert len(answers) >= len(exercises) / 2
    for check in answers:
        (*_, last) = ast.parse(check).body
        assert isinstance(last, ast.Expr)
        assert not isinstance(last.value, ast.Constant)  # typed, not computed


def exercises_of(chapter: str) -> list[tuple[str, str, str]]:
    """Return options, text, and check of each exercise of a chapter."""
    pattern = (
        r"^::::\{exercise\} [^\n]+\n(.*?\n)\n(.*?)^::::\n+"
        r"```\{code-cell\} ipython3\n---\n.*?^---\n(.*?)^```$"
    )
    return re.findall(pattern, text_of(chapter), re.MULTILINE | re.DOTALL)


def test_every_exercise_is_in_the_frame() -> None:
    framed = sum(len(exercises_of(chapter)) for chapter in CHAPTERS)
    assert framed == sum(text_of(chapter).count("{exercise}") for chapter in CHAPTERS)


def test_no_target_stands_in_two_places() -> None:
    targets = [
        target
        for page in PAGES
        for target in re.findall(r"^\(([\w-]+)\)=$", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(targets) == len(set(targets))
