"""A module that cannot be imported fails the build at the line that is wrong, once."""

import pytest

EXTENSIONS = ["sphinx.ext.autodoc", "import_errors"]


def page(directive):
    return f"# Page\n\n```{{eval-rst}}\n.. {directive}\n   :members:\n```\n"


def failures(build, tmp_path, directive, code):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "shop" / "rates.py").write_text(code, encoding="utf-8")
    index = "# Book\n\n```{toctree}\none\ntwo\n```\n"
    pages = {"index.md": index, "one.md": page(directive), "two.md": "# Two\n"}
    done = build(pages, EXTENSIONS)
    assert done.status != 0
    assert "Traceback" not in done.output
    return done.failures


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("x = 1\n\nimport nowhere\n", "shop/rates.py:3: ModuleNotFoundError: No module named"),
        ("x = 1\n\n\ndef f(x:\n    pass\n", "shop/rates.py:4: SyntaxError: '(' was never closed"),
        ("def f():\n    return {}[14]\n\n\nf()\n", "shop/rates.py:2: KeyError: 14"),
    ],
)
def test_a_module_that_raises_is_named_with_its_line(build, tmp_path, code, failure):
    [found] = failures(build, tmp_path, "automodule:: shop.rates", code)
    assert found.startswith(failure)


def test_what_is_not_there_is_named_with_the_line_of_the_page(build, tmp_path):
    [found] = failures(build, tmp_path, "autoclass:: shop.rates.Rate", "x = 1\n")
    assert found.startswith("docs/one.md:4: autodoc: failed to import")


def test_a_module_that_ends_the_program_is_named_with_the_line_of_the_page(build, tmp_path):
    code = "import sys\nsys.exit(1)\n"
    [found] = failures(build, tmp_path, "automodule:: shop.rates", code)
    assert found.startswith("docs/one.md:4: autodoc: failed to import")
    assert "sys.exit" in found
