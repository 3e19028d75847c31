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
    assert "the code of example.area agree" in done.page("index")


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


HEADER = (
    "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  language: python\n---\n\n# Page\n\n"
)
CELL = "```{code-cell} ipython3\nCODE\n```\n\n"
FORMULA = "```{math}\n:code: z\nz = 5 x^3 + 7 y^2\n```\n\n"


def notebook(formula: str, *cells: str) -> dict[str, str]:
    """A page with the formula behind the first cell, and the declarations of x and y."""
    first, *rest = (CELL.replace("CODE", cell) for cell in cells)
    declared = "```{declare}\nx\ny\n```\n\n"
    return page(HEADER + first + declared + formula + "".join(rest))


def without_running(build, pages):
    return build(pages, EXTENSIONS, settings=SETTINGS + "nb_execution_mode = 'off'\n")


@pytest.mark.parametrize(
    "cells",
    [
        ("x, y = 3, 2", "z = 5 * x**3 + 7 * y**2"),
        ("import numpy as np", "def z(x, y):\n    return 5 * np.power(x, 3) + 7 * y**2"),
        ("square = lambda t: t**2", "z = lambda x, y: 5 * x**3 + 7 * square(y)"),
    ],
)
def test_definition_is_compared_with_the_cell_that_gives_its_name(build, cells):
    done = without_running(build, notebook(FORMULA, *cells))
    assert done.status == 0, done.failures
    assert "z agree at many points" in done.page("index")
    line = notebook(FORMULA, *cells)["index.md"].splitlines().index("z = 5 x^3 + 7 y^2") + 1
    for old, new in (("**3", "**2"), ("x, 3", "x, 4"), ("5 *", "6 *"), ("7 *", "-7 *")):
        changed = [cell.replace(old, new) for cell in cells]
        if changed != list(cells):
            done = without_running(build, notebook(FORMULA, *changed))
            assert done.failures[0].startswith(f"docs/index.md:{line}: the code for z at x = ")


def test_name_that_the_cells_do_not_give_or_give_twice_fails_at_its_line(build):
    for cell, words in (("y = 2", "no cell gives z"), ("z = 1\nz = 2", "gives z more than once")):
        done = without_running(build, notebook(FORMULA, "", cell))
        (failure,) = done.failures
        assert failure.startswith("docs/index.md:21: ")
        assert words in failure
    done = build(page("# Page\n\n" + FORMULA), EXTENSIONS, settings=SETTINGS)
    assert done.failures == ["docs/index.md:5: no cell gives z a function or an expression"]


def test_function_that_does_not_exist_fails_at_its_line(build):
    for name in ("math.no_such_function", "no_such_module.f"):
        text = f"# Page\n\n```{{math}}\n:code: {name}\nA(r) = 4 r^2\n```\n"
        done = build(page(text), EXTENSIONS, settings=SETTINGS)
        (failure,) = done.failures
        assert failure.startswith(f"docs/index.md:5: there is no {name}")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def A(r:\n", "SyntaxError: '(' was never closed (shop.py, line 1)"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("import sys\nsys.exit('the end')", "SystemExit: the end"),
    ],
)
def test_function_whose_module_cannot_be_loaded_fails_at_its_line(build, tmp_path, code, why):
    (tmp_path / "shop.py").write_text(code, encoding="utf-8")
    text = "# Page\n\n```{math}\n:code: shop.A\nA(r) = 4 r^2\n```\n"
    done = build(page(text), EXTENSIONS, settings=SETTINGS)
    assert done.failures == [f"docs/index.md:5: there is no shop.A: {why}"]


def test_definition_in_a_sentence_may_name_its_code(build):
    declared = "```{declare}\nx < y\n```\n\n"
    for code, cell, ok in (
        ("z", "z = 2 * x + y", True),
        ("z", "z = 2 * x - y", False),
        ("math.hypot", "", False),
    ):
        sentence = f"For $x < y$ let {{define}}`z = 2 x + y <{code}>`. So $z - y = 2x$.\n\n"
        done = without_running(
            build, page(HEADER + declared + sentence + CELL.replace("CODE", cell))
        )
        assert (done.status == 0) is ok, done.failures
        assert ok or done.failures[0].startswith("docs/index.md:14: ")


def test_word_must_be_the_name_of_its_function(build, tmp_path):
    code = "def relu(x):\n    return max(0, x)\n\n\ndef rectified(x):\n    return max(0, x)\n"
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    text = "# Page\n\n{define}`\\mathrm{ReLU}(x) = \\max(0, x) <example.NAME>`\n"
    assert build(page(text.replace("NAME", "relu")), EXTENSIONS).status == 0
    done = build(page(text.replace("NAME", "rectified")), EXTENSIONS)
    assert done.failures == ["docs/index.md:3: ReLU is bound to rectified, which is another name"]


EXAMPLES = '''def total(x):
    r"""Add twice.

    .. math::
        :code: y

        y = FACTOR x

    Examples
    --------
    >>> x = 3
    >>> y = x + x
    """
    return x + x
'''


def test_docstring_formula_is_compared_with_its_examples(build, tmp_path):
    text = "# Page\n\n```{declare}\nx\n```\n\n```{eval-rst}\n.. autofunction:: example.total\n```\n"
    for factor, ok in (("2", True), ("3", False)):
        source = EXAMPLES.replace("FACTOR", factor)
        (tmp_path / "example.py").write_text(source, encoding="utf-8")
        done = build(page(text), ["sphinx.ext.autodoc", *EXTENSIONS], settings=SETTINGS)
        assert (done.status == 0) is ok, done.failures
    line = EXAMPLES.splitlines().index("        y = FACTOR x") + 1
    assert done.failures[0].startswith(f"example.py:{line}: the code for y at x = ")


TWICE = """---
file_format: mystnb
kernelspec: {name: python3}
---
# Twice

Some words.

```{declare}
x
```

```{code-cell}
def by_cell(x):
    return 2 * x
```

```{math}
:define:
:code: twice.by_module
f(x) = 2x
```

```{math}
:define:
:code: by_cell
g(x) = 2x
```

$f(x) = x + x$
"""
# Writes down what is checked.
WATCHED = """
import checked.pages, functools
def watched(check, scope, latex, **rest):
    print("checked", latex)
    return check(scope, latex, **rest)
checked.pages.check = functools.partial(watched, checked.pages.check)
"""


@pytest.fixture
def twice(build, tmp_path):
    """Build the page, its cells and its module, changed as wanted, on top of the last build."""

    def build_again(
        page_changes: tuple[str, str] = ("", ""), module_changes: tuple[str, str] = ("", "")
    ):
        module = "def by_module(x):\n    return 2 * x\n".replace(*module_changes)
        (tmp_path / "twice.py").write_text(module, encoding="utf-8")
        text = TWICE.replace(*page_changes)
        return build(page(text), EXTENSIONS, settings=SETTINGS + WATCHED, fresh=False)

    build_again()
    return build_again


def test_what_was_proved_is_not_proved_again_for_new_words(twice):
    done = twice(("Some words.", "Some words.\n\nAnd more."))
    assert done.status == 0, done.failures
    assert "checked f(x) = 2x" in done.output
    assert "checked f(x) = x + x" not in done.output


@pytest.mark.parametrize(
    ("page_changes", "module_changes", "failures"),
    [
        (("f(x) = 2x", "f(x) = 3x"), ("", ""), [21, 30]),  # the code and the claim deny it
        (("x + x$", "x + 2x$"), ("", ""), [30]),
        (("return 2 * x", "return 3 * x"), ("", ""), [27]),
        (("", ""), ("2 * x", "3 * x"), [21, 30]),  # what is not defined cannot be claimed either
    ],
)
def test_whatever_a_proof_rests_on_is_checked_anew(twice, page_changes, module_changes, failures):
    done = twice(page_changes, module_changes)
    assert done.status != 0
    assert [int(line.split(":")[1]) for line in done.failures] == failures
    assert twice().status == 0
