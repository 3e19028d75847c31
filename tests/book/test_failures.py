"""The book, copied and made false in one place, does not build; made true again, it shows it."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.building import ROOT, Build, run

COPIED = [
    "Makefile",
    "benchmarks",
    "conf.py",
    "docs",
    "mlmath",
    "pyproject.toml",
    "requirements.txt",
]


# What one test has built serves the next.
pytestmark = pytest.mark.xdist_group("the copied book")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book")


@pytest.fixture
def book(folder: Path) -> Path:
    """The book as it is, whatever the test before has planted."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy2(ROOT / name, folder / name)
    return folder


def make(book: Path, target: str, pages: str = "html") -> Build:
    return run(["make", target, f"VENV={sys.prefix}"], book, Path("build", pages))


def plant(file: Path, old: str, new: str) -> int:
    """Replace the one place where `old` stands, and return its line."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_wrong_number_in_a_page_fails_at_its_line(book: Path) -> None:
    page = book / "docs" / "lecture-02" / "vectors.md"
    line = plant(
        page, "assert inner([1, 2, 3], [1, 2, 3]) == 14", "assert inner([1, 2, 3], [1, 2, 3]) == 15"
    )
    done = make(book, "doctest")
    assert done.status != 0
    assert done.failures == [
        f"docs/lecture-02/vectors.md:{line}: AssertionError"
        "    in: assert inner([1, 2, 3], [1, 2, 3]) == 15"
    ]


def test_wrong_number_in_a_docstring_fails_at_its_line(book: Path) -> None:
    module = book / "mlmath" / "products.py"
    line = plant(
        module,
        "    >>> inner([1, 2, 3], [1, 2, 3])\n    14",
        "    >>> inner([1, 2, 3], [1, 2, 3])\n    15",
    )
    done = make(book, "doctest")
    assert done.status != 0
    assert done.failures == [
        f"mlmath/products.py:{line}: doctest: expected 15, got 14"
        "    in: >>> inner([1, 2, 3], [1, 2, 3])"
    ]


def test_wrong_number_in_the_data_of_a_picture_fails_at_its_line(book: Path) -> None:
    page = book / "docs" / "index.md"
    plant(
        page, "axes.plot(x, sigmoid_derivative(x), ", "axes.plot(x, 1.01 * sigmoid_derivative(x), "
    )
    text = page.read_text(encoding="utf-8").splitlines()
    line = text.index("assert (steepest, highest) == (0, 1 / 4)") + 1
    done = make(book, "doctest")
    assert done.status != 0
    assert done.failures == [
        f"docs/index.md:{line}: AssertionError    in: assert (steepest, highest) == (0, 1 / 4)"
    ]


def test_edit_of_the_package_is_seen_by_the_next_build(book: Path) -> None:
    """No cache may serve what an older package computed."""
    page = book / "docs" / "glossary.md"
    cell = "```{code-cell} ipython3\nfrom mlmath import inner\nprint('now', inner([1], [1]))\n```\n"
    header = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
    page.write_text(header + page.read_text(encoding="utf-8") + "\n" + cell, encoding="utf-8")
    first = make(book, "html")
    assert first.status == 0, first.failures
    assert "now 1" in first.page("glossary")
    plant(book / "mlmath" / "products.py", ".sum(a * b)", ".sum(a * b) + 41")
    second = make(book, "html", "pages")
    assert second.status != 0  # every assertion about inner products now fails
    assert not (book / "build" / "html").exists()  # and no false book is left to be read
    assert "now 42" in second.page("glossary")


def test_falsehoods_in_formulas_and_numbers_fail_at_their_lines(book: Path) -> None:
    vectors = book / "docs" / "lecture-02" / "vectors.md"
    sigmoid = book / "docs" / "lecture-02" / "sigmoid.md"
    digit = plant(vectors, "= 1 + 4 + 9\n= 14", "= 1 + 4 + 9\n= 15")
    undeclared = plant(vectors, "$u^\\top w = \\cos t$", "$u^\\top w = \\cos q$")
    caption = plant(vectors, "of two arrows of length one as", "of 2 arrows of length one as")
    code = "\n:code: mlmath.sigmoid\n\\sigma(x) = \\frac{1}{1 + e^{-x}}"
    differs = plant(sigmoid, code, code.replace("-x", "-2x")) + 2
    done = make(book, "doctest")
    assert done.status != 0
    for place, words in (
        (f"docs/lecture-02/vectors.md:{digit - 3}: ", "false: left 14, right 15"),
        (f"docs/lecture-02/vectors.md:{undeclared}: ", "q is not declared"),
        (f"docs/lecture-02/vectors.md:{caption}: ", "the number 2 is bound to nothing"),
        (f"docs/lecture-02/sigmoid.md:{differs}: ", "the code for"),
    ):
        assert any(f.startswith(place) and words in f for f in done.failures), done.failures
