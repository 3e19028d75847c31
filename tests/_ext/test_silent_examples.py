"""Examples that no builder would run are refused."""

import pytest
from silent_examples import silent_examples

NOTEBOOK = "---\nfile_format: mystnb\n---\n\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("```python\n>>> 1 + 1\n2\n```\n", [2]),
        ("```\n>>> 1 + 1\n```\n", [2]),
        ("Words.\n\n>>> 1 + 1\n2\n", [3]),
        ("    >>> 1 + 1\n", [1]),
        ("- item\n\n  >>> 1 + 1\n", [3]),
        ("````{note}\n```python\n>>> 1 + 1\n```\n````\n", [3]),
        (":::{note}\n```python\n>>> 1 + 1\n```\n:::\n", [3]),
        ("````{note}\n\n>>> 1 + 1\n````\n", [3]),
    ],
)
def test_example_outside_a_doctest_fence_is_refused_at_its_line(text, lines):
    assert [line for line, _ in silent_examples(text)] == lines


@pytest.mark.parametrize(
    "text",
    [
        "```{doctest}\n>>> 1 + 1\n2\n```\n",
        "````{note}\n```{doctest}\n>>> 1 + 1\n2\n```\n````\n",
        ":::{note}\n```{doctest}\n>>> 1 + 1\n2\n```\n:::\n",
        "```{eval-rst}\n>>> 1 + 1\n2\n```\n",
        "The sign `>>>` in a sentence.\n",
        "> a quotation\n",
        NOTEBOOK + "```{code-cell} ipython3\n1 + 1\n```\n",
    ],
)
def test_example_that_runs_is_accepted(text):
    assert silent_examples(text) == []


def test_cell_on_a_page_without_the_notebook_header_is_refused():
    found = silent_examples("# Page\n\n```{code-cell} ipython3\n1 / 0\n```\n")
    assert [(line, "notebook header" in what) for line, what in found] == [(3, True)]


def test_refusal_fails_the_build(build):
    done = build({"index.md": "# Page\n\n```python\n>>> 1 + 1\n3\n```\n"}, ["silent_examples"])
    assert done.status != 0
    assert done.failures[0].startswith("docs/index.md:4: ")
