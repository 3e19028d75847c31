"""A page whose formulas and numbers are true builds; each kind of falsehood fails at its line."""

import pytest

SETTINGS = "myst_enable_extensions = ['dollarmath']\n"
EXTENSIONS = ["checked.book"]
PROJECTILE = """# A stone in the air

```{declare}
t \\ge 0
u > 0
g > 0
```

## The height

Thrown upwards at the speed $u$, a stone reaches after the time $t$ the height

```{math}
:define:
h(t) = u t - \\frac{g t^2}{2}
```

and moves at the speed $h'(t) = u - g t$. It is highest where that is zero:

```{math}
h'(t) = 0 \\iff t = \\frac{u}{g}
```

There it has the height

```{math}
h\\left(\\frac{u}{g}\\right) = \\frac{u^2}{g} - \\frac{u^2}{2g} = \\frac{u^2}{2g}
```

and no other time does better: $h(t) \\le \\frac{u^2}{2g}$. It is back after {num}`2 = t_1`.

## An example

Take {given}`u = 10` and {given}`g = 10`. The stone rises to {num}`5 = \\frac{u^2}{2g}` metres.
"""


def page(text: str) -> dict[str, str]:
    return {"index.md": text}


@pytest.fixture
def stone() -> str:
    return PROJECTILE.replace(" It is back after {num}`2 = t_1`.", "")


def test_page_on_another_subject_is_proved_as_it_stands(build, stone):
    done = build(page(stone), EXTENSIONS, settings=SETTINGS)
    assert done.status == 0, done.failures
    assert done.page("index").count('class="proof-mark"') == 5


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("h'(t) = u - g t$", "h'(t) = u + g t$", "false"),
        (
            "\\frac{u^2}{g} - \\frac{u^2}{2g} = \\frac{u^2}{2g}",
            "\\frac{u^2}{g} - \\frac{u^2}{2g} = \\frac{u^2}{3g}",
            "step 2 of 2 is false",
        ),
        ("h(t) \\le \\frac{u^2}{2g}$", "h(t) < \\frac{u^2}{2g}$", "false"),
        ("{num}`5 = ", "{num}`6 = ", "left 6, right 5"),
        ("the speed $u$", "the speed $w$", "w is not declared"),
        ("the speed $u$", "the speed $u$ (say $20$)", "the number 20 is bound to nothing"),
        ("metres.", "metres, or 16 feet.", "the number 16 is bound to nothing"),
        ("{given}`g = 10`", "{given}`q = 10`", "q is not declared"),
        ("h'(t) = u - g t$", "h'(t) = u - - g t$", "column"),
    ],
)
def test_falsehood_fails_at_its_line(build, stone, old, new, words):
    assert stone.count(old) == 1
    text = stone.replace(old, new)
    changed = [
        n
        for n, (a, b) in enumerate(zip(stone.splitlines(), text.splitlines(), strict=True), 1)
        if a != b
    ]
    done = build(page(text), EXTENSIONS, settings=SETTINGS)
    assert done.status != 0
    assert any(
        f.startswith(f"docs/index.md:{changed[0]}: ") and words in f for f in done.failures
    ), done.failures


def test_all_failures_of_a_build_are_listed(build, stone):
    text = stone.replace("u - g t$", "u + g t$").replace("{num}`5 = ", "{num}`6 = ")
    done = build(page(text), EXTENSIONS, settings=SETTINGS)
    assert len(done.failures) == 2


def test_definition_that_differs_from_its_function_fails(build, tmp_path):
    (tmp_path / "example.py").write_text("def area(r):\n    return 3 * r**2\n", encoding="utf-8")
    text = "# Page\n\n```{math}\n:code: example.area\nA(r) = 4 r^2\n```\n"
    done = build(page(text), EXTENSIONS, settings=SETTINGS)
    assert done.status != 0
    assert done.failures[0].startswith("docs/index.md:5: ")


def test_definition_that_agrees_with_its_function_passes(build, tmp_path):
    (tmp_path / "example.py").write_text("def area(r):\n    return 4 * r**2\n", encoding="utf-8")
    text = "# Page\n\n```{math}\n:code: example.area\nA(r) = 4 r^2\n```\n"
    done = build(page(text), EXTENSIONS, settings=SETTINGS)
    assert done.status == 0, done.failures
    assert "the function example.area agree" in done.page("index")


def test_bare_number_in_a_table_an_admonition_and_a_caption_fails(build):
    text = (
        "# Page\n\n| a | b |\n|---|---|\n| c | 17 |\n\n:::{note}\nThere are 18.\n:::\n\n"
        "```{figure} picture.png\n:alt: a picture\n\nOf 19 things.\n```\n"
    )
    settings = (
        "myst_enable_extensions = ['colon_fence']\nsuppress_warnings = ['image.not_readable']\n"
    )
    done = build(page(text), EXTENSIONS, settings=settings)
    for numeral, line in (("17", 5), ("18", 8), ("19", 14)):
        assert f"docs/index.md:{line}: the number {numeral} is bound to nothing" in "\n".join(
            done.failures
        )


def test_number_typed_into_a_description_fails_and_a_computed_one_passes(build):
    header = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Page\n\n"
    code = "def show(text):\n    pass\nn = 3\nshow(f'There are DIGIT of {n}.')\n"
    cell = "```{code-cell} ipython3\n" + code + "```\n"
    typed = build(page(header + cell.replace("DIGIT", "14")), EXTENSIONS)
    assert [f.partition(": ")[2][:13] for f in typed.failures] == ["the number 14"]
    computed = build(page(header + cell.replace("DIGIT", "{n}")), EXTENSIONS)
    assert computed.status == 0, computed.failures


def test_opt_out_needs_a_reason_and_is_listed_with_it(build):
    sentence = "{unchecked}`x = y <said by somebody>`, on {exempt}`3 May <a date>`."
    text = f"# Page\n\n{sentence}\n\n```{{opt-outs}}\n```\n"
    done = build(page(text), EXTENSIONS)
    assert done.status == 0, done.failures
    assert "said by somebody" in done.page("index")
    assert "a date" in done.page("index")
    without = build(page("# Page\n\n{unchecked}`x = y`\n"), EXTENSIONS)
    assert without.failures == ["docs/index.md:3: an unchecked formula wants a reason"]


def test_counts_are_those_of_the_pages(build, stone):
    done = build(page(stone + "\n```{checked-counts}\n```\n"), EXTENSIONS, settings=SETTINGS)
    table = done.page("index").split("<table")[1]
    cells = [part.split("<")[0] for part in table.split("<p>")[1:]]
    assert "4" in cells  # claims


AREA = '''def area(r):
    r"""Give the area.

    .. math::
        :define:

        A(r) = 5 r^2
    """
    return 4 * r**2
'''


def test_docstring_formula_is_compared_with_its_function(build, tmp_path):
    (tmp_path / "example.py").write_text(AREA, encoding="utf-8")
    text = "# Page\n\n```{eval-rst}\n.. autofunction:: example.area\n```\n"
    done = build(page(text), ["sphinx.ext.autodoc", *EXTENSIONS], settings=SETTINGS)
    assert done.status != 0
    line = AREA.splitlines().index("        A(r) = 5 r^2") + 1
    assert done.failures[0].startswith(f"example.py:{line}: ")
