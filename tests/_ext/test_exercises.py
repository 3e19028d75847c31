"""Exercises are numbered, folded, counted, and checked against what the page computes."""

import re

import pytest

KERNEL = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  language: python\n---\n\n"
HEADER = KERNEL + "# Page\n\n## Exercises\n\n"
SETTINGS = "numfig = True\nmyst_enable_extensions = ['colon_fence', 'dollarmath']\n"
HINT = ":::{hint}\nAdd them.\n:::\n\n"
SOLUTION = ":::{solution}\nIt is five.\n:::\n\n"


def exercise(name="sum", title="A sum", answer="", body=HINT + SOLUTION):
    name = f":name: {name}\n" if name else ""
    answer = f":answer: {answer}\n" if answer else ""
    return f"::::{{exercise}} {title}\n{name}{answer}\nAdd them up.\n\n{body}::::\n\n"


def cell(code):
    return f"```{{code-cell}} ipython3\n{code}\n```\n\n"


def lines_of(page, text):
    return [number for number, line in enumerate(page.splitlines(), 1) if text in line]


def test_exercise_is_numbered_and_linked_and_referenced_by_its_number(build):
    other = "# Other\n\nSee {numref}`second`.\n"
    page = HEADER + exercise("first") + exercise("second", "Two *sums*")
    toctree = "```{toctree}\nother\n```\n"
    done = build({"index.md": page + toctree, "other.md": other}, ["exercises"], settings=SETTINGS)
    assert done.status == 0, done.output
    html = done.page("index")
    assert '<div class="exercise admonition" id="second">' in html
    assert '<span class="caption-number">Exercise 2 </span>Two <em>sums</em>' in html
    assert '<a class="headerlink" href="#second" title="Link to this exercise">' in html
    assert re.search(r'href="index.html#second"><span[^>]*>Exercise 2</span>', done.page("other"))


def test_number_of_the_chapter_comes_first_where_chapters_are_numbered(build):
    root = "# Book\n\n```{toctree}\n:numbered:\none\ntwo\n```\n\n{numref}`second`\n"
    pages = {"one.md": HEADER + exercise("first"), "two.md": HEADER + exercise("second")}
    done = build({"index.md": root, **pages}, ["exercises"], settings=SETTINGS)
    assert done.status == 0, done.output
    assert '<span class="caption-number">Exercise 2.1 </span>' in done.page("two")
    assert ">Exercise 2.1</span>" in done.page("index")


def test_hint_and_solution_are_folded_after_statement_and_answer(build):
    page = HEADER + exercise(answer="The sum") + cell("2 + 3")
    done = build({"index.md": page}, ["exercises"], settings=SETTINGS)
    assert done.status == 0, done.output
    html = done.page("index")
    parts = [
        "Add them up.",
        'class="exercise-answer"',
        "<summary>Hint<",
        "Add them.",
        "<summary>Solution<",
        "five",
    ]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert html.count("<details") == 2
    assert "<details open" not in html


def test_hint_elsewhere_stays_what_it_is(build):
    done = build({"index.md": HEADER + HINT}, ["exercises"], settings=SETTINGS)
    assert '<div class="admonition hint">' in done.page("index")


ANSWERS = {
    "2 + 3": "5/1",
    "-5": "-5/1",
    "from fractions import Fraction\nFraction(8, 6)": "4/3",
    "Fraction(-1, 2)": "-1/2",
    "0.25": "0.25…",
    "-1.5e-7": "-0.00000015…",
    "import numpy as np\nnp.int64(7)": "7/1",
    "np.float64(0.5)": "0.5…",
    "print(3)\n7": "7/1",
}
NO_NUMBERS = ["[1, 2]", "True", "'5'", "float('inf')", "1 + 2j", "float('nan')"]
NO_VALUES = ["", "Text.\n\n" + cell("5"), cell("x = 5"), cell("print(5)")]


def each_with_an_answer(afters):
    """Return a page on which one exercise after the other has an answer, and what follows it."""
    parts = (exercise(f"sum-{n}", answer="The sum") + after for n, after in enumerate(afters))
    return HEADER + "".join(parts)


def test_answer_is_what_the_cell_computes(build):
    page = each_with_an_answer(map(cell, ANSWERS))
    done = build({"index.md": page}, ["exercises"], settings=SETTINGS)
    assert done.status == 0, done.output
    found = re.findall(r'data-answer="(.*?)" hidden=""', done.page("index"))
    assert found == list(ANSWERS.values())


def test_answer_that_is_no_number_fails_at_its_exercise(build):
    page = each_with_an_answer(map(cell, NO_NUMBERS))
    done = build({"index.md": page}, ["exercises"], settings=SETTINGS)
    for line, failure in zip(lines_of(page, "{exercise}"), done.failures, strict=True):
        words = f"docs/index.md:{line}: the answer is no int, Fraction or float: "
        assert failure.startswith(words)


def test_answer_that_the_page_does_not_compute_fails_at_its_exercise(build):
    page = each_with_an_answer(NO_VALUES)
    done = build({"index.md": page}, ["exercises"], settings=SETTINGS)
    words = "no answer: the code cell after the exercise does not end in a value"
    assert done.failures == [
        f"docs/index.md:{line}: {words}" for line in lines_of(page, "{exercise}")
    ]


def test_exercise_without_a_solution_fails_at_its_line(build):
    page = HEADER + exercise("first") + exercise("second", "Unsolved", body=HINT)
    done = build({"index.md": page}, ["exercises"], settings=SETTINGS)
    line = lines_of(page, "Unsolved")[0]
    assert done.failures == [f"docs/index.md:{line}: this exercise has no solution"]


def test_exercise_without_a_name_fails_at_its_line(build):
    page = HEADER + exercise(name="")
    done = build({"index.md": page}, ["exercises"], settings=SETTINGS)
    (failure,) = done.failures
    assert failure.startswith(
        f"docs/index.md:{lines_of(page, '{exercise}')[0]}: this exercise has no"
    )


def test_without_execution_there_is_no_box_and_no_complaint(build):
    page = HEADER + exercise(answer="The sum") + cell("2 + 3")
    settings = SETTINGS + "nb_execution_mode = 'off'\n"
    done = build({"index.md": page}, ["exercises"], settings=settings)
    assert done.status == 0, done.output
    assert 'class="exercise-answer"' not in done.page("index")


@pytest.mark.parametrize("workers", [1, 2])
def test_exercises_are_counted_on_their_page_and_on_those_above(build, workers):
    names = [f"page{number}" for number in range(8)]
    pages = {
        f"{name}.md": HEADER.replace("Page", name.title())
        + exercise(f"{name}-a")
        + exercise(f"{name}-b")
        for name in names
    }
    root = "# Book\n\n```{exercise-progress}\n```\n\n```{toctree}\nlist\n```\n"
    listed = "# List\n\n```{toctree}\n" + "\n".join([*names, "bare"]) + "\n```\n"
    bare = "# Bare\n"
    done = build(
        {"index.md": root, "list.md": listed, "bare.md": bare, **pages},
        ["exercises"],
        settings=SETTINGS,
        workers=workers,
    )
    assert done.status == 0, done.output
    item = r'href="(page\d).html">Page\d</a>: <span[^>]*data-exercises="(.*?)">(.*?)<'
    assert re.findall(item, done.page("index")) == [
        (name, f"{name}-a {name}-b", "2 exercises") for name in names
    ]
    _, below_heading = done.page("page3").split("<h2>Exercises")
    count = (
        '<p><span class="exercise-count" data-exercises="page3-a page3-b">2 exercises</span></p>'
    )
    assert below_heading.index(count) < below_heading.index("Exercise 7 ")


def test_script_and_looks_are_loaded_only_where_there_are_exercises(build):
    root = "# Book\n\n```{toctree}\nwith\nwithout\n```\n"
    pages = {"with.md": HEADER + exercise(), "without.md": "# Without\n"}
    done = build({"index.md": root, **pages}, ["exercises"], settings=SETTINGS)
    for file in ("exercises.css", "exercises.js"):
        assert [file in done.page(name) for name in ("with", "without", "index")] == [
            True,
            False,
            False,
        ]


@pytest.mark.parametrize("builder", ["text", "latex", "xml"])
def test_other_builders_show_all_of_it_and_no_box(build, builder):
    page = HEADER + exercise(answer="Type the sum") + cell("2 + 3")
    done = build({"index.md": page}, ["exercises"], builder, SETTINGS + "project = 'book'\n")
    assert done.status == 0, done.output
    files = [path for path in done.folder.iterdir() if path.suffix in (".txt", ".tex", ".xml")]
    text = " ".join(path.read_text(encoding="utf-8") for path in files)
    text = " ".join(text.replace("}{", " ").replace("\\sphinxAtStartPar", "").split())
    for part in (
        "Exercise 1 A sum",
        "Add them up.",
        "Hint",
        "Add them.",
        "Solution",
        "It is five.",
    ):
        assert part in text, part
    assert builder == "xml" or "Type the sum" not in text


def test_book_for_electronic_readers_has_hint_and_solution_open_and_no_box(build):
    page = HEADER + exercise(answer="Type the sum") + cell("2 + 3")
    settings = SETTINGS + "version = '1'\nproject = 'book'\nauthor = 'a'\nepub_copyright = 'a'\n"
    done = build({"index.md": page}, ["exercises"], "epub", settings)
    html = (done.folder / "index.xhtml").read_text(encoding="utf-8")
    assert html.count('<details class="exercise-fold" open="open">') == 2
    assert 'class="exercise-answer"' not in html


@pytest.mark.parametrize("place", ["title", "statement", "answer", "hint", "solution"])
def test_false_formula_in_any_part_fails_at_its_line(build, place):
    page = HEADER + (
        "::::{exercise} TITLE\n:name: sum\n:answer: ANSWER\n\nSTATEMENT\n\n"
        ":::{hint}\nHINT\n:::\n\n:::{solution}\nSOLUTION\n:::\n::::\n\n"
    )
    page = page.replace(place.upper(), "So $2 + 3 = 6$.") + cell("5")
    done = build({"index.md": page}, ["exercises", "checked.book"], settings=SETTINGS)
    (failure,) = done.failures
    assert failure.startswith(f"docs/index.md:{lines_of(page, '2 + 3 = 6')[0]}: ")
    assert "false" in failure


def test_bare_numeral_in_a_hint_fails_at_its_line(build):
    page = HEADER + exercise(body=HINT.replace("them", "all 7") + SOLUTION)
    done = build({"index.md": page}, ["exercises", "checked.book"], settings=SETTINGS)
    (failure,) = done.failures
    assert failure.startswith(
        f"docs/index.md:{lines_of(page, 'all 7')[0]}: the number 7 is bound to nothing"
    )
