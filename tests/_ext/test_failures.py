"""A failed build ends with its failures, one line each."""

import re


def test_warnings_of_sphinx_are_repeated_with_their_places_in_order(build):
    page = "# Page\n\n[b](#nowhere)\n\n[a](#never)\n"
    done = build({"index.md": page}, [])
    assert done.status != 0
    assert [failure.split(": ")[0] for failure in done.failures] == [
        "docs/index.md:3",
        "docs/index.md:5",
    ]
    assert "nowhere" in done.failures[0]


def test_warning_without_a_place_is_listed(build):
    done = build({"index.md": "# Page\n"}, [], settings="html_static_path = ['absent']\n")
    assert done.status != 0
    assert any("absent" in failure for failure in done.failures)


def test_warning_in_a_docstring_is_listed_at_its_line_of_the_file(build, tmp_path):
    code = '"""Words."""\n\n\ndef f():\n    """Say.\n\n    Say *more.\n    """\n'
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    page = "# Page\n\n```{eval-rst}\n.. automodule:: example\n   :members:\n```\n"
    done = build({"index.md": page}, ["sphinx.ext.autodoc"])
    assert len(done.failures) == 1
    assert done.failures[0].startswith("example.py:7: Inline emphasis start-string")


def test_suppressed_warning_is_not_listed(build):
    settings = "suppress_warnings = ['myst.xref_missing']\n"
    done = build({"index.md": "# Page\n\n[b](#nowhere)\n"}, [], settings=settings)
    assert done.status == 0
    assert done.failures == []


def test_build_without_failures_says_nothing(build):
    done = build({"index.md": "# Page\n"}, [])
    assert done.status == 0
    assert not re.search(r"^\d+ failure", done.output, re.MULTILINE)
