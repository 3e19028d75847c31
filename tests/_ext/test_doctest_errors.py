"""A wrong example fails the build at its line, in a page and in a docstring."""

MODULE = '''"""A module."""


def one():
    """Give one.

    >>> from example import one
    >>> one()
    {answer}
    """
    return 1


class Counter:
    """Count."""

    def two(self):
        """Give two.

        Words.

        >>> from example import Counter
        >>> Counter().two()
        2

        >>> Counter().two()
        {other}
        """
        return 2
'''
REFERENCE = (
    "# Page\n\n```{eval-rst}\n.. automodule:: example\n   :members:\n   :undoc-members:\n```\n"
)


def book(tmp_path, answer, other, page=REFERENCE):
    (tmp_path / "example.py").write_text(
        MODULE.format(answer=answer, other=other), encoding="utf-8"
    )
    return {"index.md": page}


def line_of(text, words):
    return next(i for i, line in enumerate(text.splitlines(), 1) if line.strip() == words)


def test_right_examples_pass(build, tmp_path):
    done = build(book(tmp_path, 1, 2), ["sphinx.ext.autodoc", "doctest_errors"], "doctest")
    assert done.status == 0
    assert "5 tests" in done.output


def test_wrong_example_in_a_docstring_is_named_with_file_and_line(build, tmp_path):
    done = build(book(tmp_path, 15, 2), ["sphinx.ext.autodoc", "doctest_errors"], "doctest")
    line = line_of(MODULE, ">>> one()")
    assert done.status != 0
    assert done.failures == [f"example.py:{line}: doctest: expected 15, got 1    in: >>> one()"]


def test_wrong_example_in_a_later_block_of_a_method_is_named_with_its_own_line(build, tmp_path):
    done = build(book(tmp_path, 1, 3), ["sphinx.ext.autodoc", "doctest_errors"], "doctest")
    line = [i for i, text in enumerate(MODULE.splitlines(), 1) if "Counter().two()" in text][1]
    assert done.failures == [
        f"example.py:{line}: doctest: expected 3, got 2    in: >>> Counter().two()"
    ]


def test_wrong_example_in_a_page_is_named_with_its_line(build):
    page = "# Page\n\n```{doctest}\n>>> 1 + 1\n2\n>>> 1 + 2\n4\n```\n"
    done = build({"index.md": page}, ["doctest_errors"], "doctest")
    assert done.status != 0
    assert done.failures == ["docs/index.md:6: doctest: expected 4, got 3    in: >>> 1 + 2"]


def test_example_that_raises_is_a_failure(build):
    page = "# Page\n\n```{doctest}\n>>> 1 / 0\n0\n```\n"
    done = build({"index.md": page}, ["doctest_errors"], "doctest")
    assert done.status != 0
    assert done.failures == [
        "docs/index.md:4: doctest: ZeroDivisionError: division by zero    in: >>> 1 / 0"
    ]


def test_wrong_output_of_code_in_a_page_is_named_with_its_line(build):
    page = "# Page\n\n```{testcode}\nprint(14)\n```\n\n```{testoutput}\n15\n```\n"
    done = build({"index.md": page}, ["doctest_errors"], "doctest")
    assert done.status != 0
    assert done.failures == ["docs/index.md:4: doctest: expected 15, got 14    in: >>> print(14)"]


def test_example_that_imports_a_module_that_cannot_be_read_is_a_failure(build, tmp_path):
    (tmp_path / "example.py").write_text("def f(:\n", encoding="utf-8")
    page = "# Page\n\n```{doctest}\n>>> import example\n>>> 1 + 1\n2\n```\n"
    done = build({"index.md": page}, ["doctest_errors"], "doctest")
    assert len(done.failures) == 1
    assert done.failures[0].startswith("docs/index.md:4: doctest: SyntaxError: ")
