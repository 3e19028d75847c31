"""A cell that raises fails the build at its line of the page."""

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Page\n\n"


def cell(*lines: str) -> str:
    return "\n".join(["```{code-cell} ipython3", *lines, "```", ""])


def test_cell_that_raises_is_named_with_its_line_and_its_code(build):
    page = (
        HEADER
        + cell("x = 14")
        + "\nWords.\n\n"
        + cell(":tags: [hide-input]", "", "y = 1", "assert x == 15, 'no'")
    )
    done = build({"index.md": page}, ["cell_errors"])
    line = page.splitlines().index("assert x == 15, 'no'") + 1
    assert done.status != 0
    assert done.failures == [
        f"docs/index.md:{line}: AssertionError: no    in: assert x == 15, 'no'"
    ]


def test_error_inside_a_function_is_placed_in_the_cell_that_called_it(build):
    page = HEADER + cell("def f(x):", "    return 1 / x") + "\n" + cell("f(1)", "f(0)")
    done = build({"index.md": page}, ["cell_errors"])
    line = page.splitlines().index("f(0)") + 1
    assert done.failures == [
        f"docs/index.md:{line}: ZeroDivisionError: division by zero    in: f(0)"
    ]


def test_syntax_error_is_named_with_its_line(build):
    page = HEADER + cell("x = 1", "y = = 2")
    done = build({"index.md": page}, ["cell_errors"])
    line = page.splitlines().index("y = = 2") + 1
    assert done.status != 0
    assert len(done.failures) == 1
    assert done.failures[0].startswith(f"docs/index.md:{line}: SyntaxError: ")


def test_every_cell_that_fails_is_listed_but_not_what_follows_from_it(build):
    page = HEADER + "\n".join([cell("x = 1 / 0"), cell("x + 1"), cell("assert 1 == 2")])
    settings = "nb_execution_allow_errors = True\n"
    done = build({"index.md": page}, ["cell_errors"], settings=settings)
    assert done.status != 0
    assert [failure.split(": ")[1].split()[0] for failure in done.failures] == [
        "ZeroDivisionError",
        "AssertionError",
    ]


def test_every_page_that_fails_is_listed(build):
    index = "# Book\n\n```{toctree}\none\ntwo\n```\n"
    pages = {"index.md": index, "one.md": HEADER + cell("1 / 0"), "two.md": HEADER + cell("[][1]")}
    done = build(pages, ["cell_errors"])
    assert [failure.partition(":")[0] for failure in done.failures] == [
        "docs/one.md",
        "docs/two.md",
    ]


def test_cell_that_may_raise_does_not_fail_the_build(build):
    done = build(
        {"index.md": HEADER + cell(":tags: [raises-exception]", "", "1 / 0")}, ["cell_errors"]
    )
    assert done.status == 0
    assert "ZeroDivisionError" in done.page("index")


def test_cell_that_runs_out_of_time_is_named(build):
    page = HEADER + cell("x = 1") + "\n" + cell("import time; time.sleep(60)")
    done = build({"index.md": page}, ["cell_errors"], settings="nb_execution_timeout = 2\n")
    line = page.splitlines().index("import time; time.sleep(60)") + 1
    assert done.status != 0
    assert done.failures == [
        f"docs/index.md:{line}: CellTimeoutError    in: import time; time.sleep(60)"
    ]
