"""No page is stale after an edit of anything that it depends on, and none is made again in vain."""

import ast
import os
import re
import shutil
from pathlib import Path

import fresh_pages
import pytest

HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"


def page(title, code):
    return f"{HEAD}# {title}\n\n```{{code-cell}} ipython3\n{code}\n```\n"


PAGES = {
    "index.md": "# Book\n\nSee [](outer.md).\n\n```{toctree}\nouter\ninner\ndata\npicture\n```\n",
    "outer.md": page("Outer", "from shop.outer import price\nprint('outer', price())"),
    "inner.md": page("Inner", "from shop.inner import rate\nprint('inner', rate())"),
    "data.md": page("Data", "print('data', open('numbers.txt').read())"),
    "picture.md": page("Picture", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"),
}
SHOP = {
    "shop/__init__.py": "",
    "shop/inner.py": 'def rate():\n    """A rate."""\n    return 2  # percent\n',
    "shop/outer.py": "from shop.inner import rate\n\n\ndef price():\n    return 100 + rate()\n",
    "docs/numbers.txt": "14",
}
SETTINGS = """
import os
here = os.path.dirname(__file__)
os.environ["PYTHONPATH"] = f"{here}{os.pathsep}{here}/versions"
sys.path.append(f"{here}/versions")
cells_run_modules = ["matplotlib.figure", "matplotlib.backends.backend_agg"]
"""
EXTENSIONS = ["fresh_pages", "cells_run"]


class Book:
    def __init__(self, build, folder):
        self.run, self.folder, self.settings = build, folder, SETTINGS
        for name, text in (SHOP | {"versions/thing-1.0.dist-info/METADATA": ""}).items():
            self.write(name, text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def build(self, pages=None):
        """Build, and return what the cells say, by page, and the pages that ran and were read."""
        before = self.dates()
        built = self.run(pages or {}, EXTENSIONS, settings=self.settings, fresh=False)
        assert built.status == 0, built.output
        ran = {name for name, date in self.dates().items() if before.get(name) != date}
        added, changed = map(int, re.search(r"(\d+) added, (\d+) changed", built.output).groups())
        return built, ran, added + changed

    def dates(self):
        records = (self.folder / "build/html/.doctrees/cells").glob("*.json")
        return {path.stem: path.stat().st_mtime_ns for path in records}


@pytest.fixture
def book(build, tmp_path):
    made = Book(build, tmp_path)
    built, ran, read = made.build(PAGES)
    assert ran == {"outer", "inner", "data", "picture"}
    assert read == 5
    assert "outer 102" in built.page("outer")
    assert "data 14" in built.page("data")
    return made


def test_nothing_runs_and_nothing_is_read_when_nothing_has_changed(book):
    _, ran, read = book.build()
    assert (ran, read) == (set(), 0)


def test_the_pages_that_import_a_function_run_again_when_it_changes_and_when_it_changes_back(book):
    for text, rate in ((SHOP["shop/inner.py"].replace("2", "7"), 7), (SHOP["shop/inner.py"], 2)):
        book.write("shop/inner.py", text)
        built, ran, read = book.build()
        assert (ran, read) == ({"outer", "inner"}, 2)
        assert f"inner {rate}" in built.page("inner")
        assert f"outer {100 + rate}" in built.page("outer")


def test_a_page_does_not_run_again_for_code_that_it_does_not_import(book):
    book.write("shop/outer.py", SHOP["shop/outer.py"].replace("100", "200"))
    built, ran, read = book.build()
    assert (ran, read) == ({"outer"}, 1)
    assert "outer 202" in built.page("outer")


def test_no_page_runs_again_for_a_comment_or_a_docstring(book):
    book.write("shop/inner.py", '"""Rates."""\n\n\ndef rate():\n    """Two."""\n    return 2\n')
    assert book.build()[1:] == (set(), 0)


def test_a_page_that_shows_a_docstring_follows_it(book):
    shows = page("Shown", "from shop.inner import rate\nprint(rate.__doc__)")
    book.build({"data.md": shows})
    book.write("shop/inner.py", SHOP["shop/inner.py"].replace("A rate", "Another"))
    built, ran, _ = book.build()
    assert ran == {"data"}
    assert "Another" in built.page("data")


def test_a_page_follows_the_file_that_it_reads(book):
    for number in ("135", "14"):
        book.write("docs/numbers.txt", number)
        built, ran, read = book.build()
        assert (ran, read) == ({"data"}, 1)
        assert f"data {number}" in built.page("data")


def test_a_file_that_changes_while_the_page_runs_is_read_again(book):
    changes = "\nimport os\nos.utime('numbers.txt', (9e9, 9e9))"
    changing = page("Data", "print('data', open('numbers.txt').read())" + changes)
    assert book.build({"data.md": changing})[1:] == (set(), 1)  # no record is kept
    assert book.build()[1:] == (set(), 1)
    assert book.build()[1:] == (set(), 1)


def test_a_matplotlibrc_that_comes_or_goes_draws_every_picture_again(book):
    rc = book.folder / "docs" / "matplotlibrc"
    plain = picture(book)
    rc.write_text("lines.linewidth: 9\n")
    _, ran, read = book.build()
    assert (ran, read) == ({"outer", "inner", "data", "picture"}, 4)  # all have it loaded
    assert picture(book) != plain
    rc.unlink()
    book.build()
    assert picture(book) == plain


def picture(book):
    [path] = (book.folder / "build/html/_images").iterdir()
    return path.read_bytes()


def test_another_version_of_a_package_runs_everything_again(book):
    versions = book.folder / "versions"
    (versions / "thing-1.0.dist-info").rename(versions / "thing-1.1.dist-info")
    _, ran, read = book.build()
    assert (ran, read) == ({"outer", "inner", "data", "picture"}, 5)


def test_an_edit_of_prose_runs_no_cell_and_reads_one_page(book):
    assert book.build({"data.md": PAGES["data.md"] + "\nMore words.\n"})[1:] == (set(), 1)


def test_a_page_that_is_put_back_with_its_old_date_is_as_it_was(book):
    path = book.folder / "docs" / "index.md"
    before = path.stat()
    book.build({"index.md": PAGES["index.md"].replace("# Book", "# Tome")})
    path.write_text(PAGES["index.md"], encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "<h1>Book" in book.build()[0].page("index")


def test_a_new_title_is_shown_by_the_pages_that_name_it(book):
    built, ran, read = book.build({"outer.md": PAGES["outer.md"].replace("# Outer", "# Other")})
    assert (ran, read) == (set(), 1)
    assert ">Other<" in built.page("index")
    assert "Outer" not in built.page("index")


def test_an_edit_of_a_style_sheet_writes_the_pages_that_name_its_sum(book):
    book.write("styles/own.css", "p { color: red }")
    book.settings = SETTINGS + "html_static_path = ['styles']\nhtml_css_files = ['own.css']\n"
    before = re.search(r"own\.css\?v=(\w+)", book.build()[0].page("data"))[1]
    book.write("styles/own.css", "p { color: blue }")
    built, ran, read = book.build()
    assert (ran, read) == (set(), 0)
    assert re.search(r"own\.css\?v=(\w+)", built.page("data"))[1] != before


def test_where_a_thing_lies_in_memory_is_no_change():
    one, same, other = (list(fresh_pages.lines([ast.parse(code)])) for code in ("x", "x", "y"))
    assert one == same != other


def test_what_is_left_of_a_page_that_is_no_more_is_removed(book):
    (book.folder / "docs" / "picture.md").unlink()
    built, _, _ = book.build({"index.md": PAGES["index.md"].replace("picture\n", "")})
    assert not (built.folder / "picture.html").exists()
    assert list((built.folder / "_images").iterdir()) == []


def test_a_page_that_failed_is_read_until_it_passes(build, tmp_path):
    failing = {"index.md": "# Book\n\n{nothing}`x`\n"}
    for pages in (failing, {}):
        built = build(pages, EXTENSIONS, fresh=False)
        assert built.status != 0
        assert len(built.failures) == 1
    assert build({"index.md": "# Book\n"}, EXTENSIONS, fresh=False).status == 0


def test_a_build_after_edits_leaves_the_bytes_that_a_clean_one_leaves(book):
    book.write("shop/inner.py", SHOP["shop/inner.py"].replace("2", "7"))
    built, _, _ = book.build({"outer.md": PAGES["outer.md"].replace("# Outer", "# Other")})
    after_edits = contents(built.folder)
    shutil.rmtree(book.folder / "build")
    built, _, _ = book.build()
    clean = contents(built.folder)
    assert clean.keys() == after_edits.keys()
    assert [name for name in clean if clean[name] != after_edits[name]] == []


def contents(folder: Path):
    return {
        os.path.relpath(path, folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".doctrees" not in path.parts
    }
