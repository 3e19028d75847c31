"""Writes books of any length, alike a lecture's, for `benchmarks.build` to build and to edit.

Each page has two dozen formulas, six small cells, a picture, references to other pages, and imports
from a small package beside the book; every third page uses torch.
"""

from pathlib import Path

CHAPTER = 10  # pages
MODULES = 10
HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
PROSE = (
    "A map from one space to another is known by what it does to small steps. Take a point and go a"
    " short way in some direction: the image moves, and how far it moves, divided by how far you"
    " went, is the slope in that direction. Where the slope is the same in all places the map is a"
    " line, and nothing more needs to be said."
)

SPHINX = f"""
import os, sys
sys.path[:0] = [{str(Path(__file__).parents[1] / "docs" / "_ext")!r}, os.path.dirname(__file__)]
os.environ["PYTHONPATH"] = os.path.dirname(os.path.abspath(__file__))
project = "A book to be measured"
extensions = ["myst_nb", *filter(None, os.environ.get("EXTENSIONS", "").split(","))]
cells_run_modules = [
    "matplotlib.backends.backend_agg",
    "matplotlib.pyplot",
    "numpy",
    "torch",
]
nb_execution_mode = "force"
nb_execution_timeout = 120
myst_enable_extensions = ["amsmath", "dollarmath"]
numfig = True
html_theme = "pydata_sphinx_theme"
"""
JUPYTER_BOOK = """
title: A book to be measured
execute: {execute_notebooks: force, timeout: 120}
sphinx: {config: {numfig: true}}
"""


def write_book(folder: Path, pages: int) -> None:
    """Write the pages, the package and what tells Sphinx and Jupyter Book how to build them."""
    chapters = [
        [name_of(page) for page in range(start, min(start + CHAPTER, pages))]
        for start in range(0, pages, CHAPTER)
    ]
    write(folder / "conf.py", SPHINX)
    for number in range(MODULES):
        write(folder / f"measured/part{number}.py", MODULE.format(number=number))
    write(folder / "measured/__init__.py", "")
    for page in range(pages):
        write(folder / f"docs/{name_of(page)}.md", page_text(page, pages))
    for number, names in enumerate(chapters):
        tree = "\n".join(names)
        text = f"# Chapter {number}\n\n{PROSE}\n\n```{{toctree}}\n{tree}\n```\n"
        write(folder / f"docs/chapter{number}.md", text)
    tree = "\n".join(f"chapter{number}" for number in range(len(chapters)))
    write(folder / "docs/index.md", f"# The book\n\n{PROSE}\n\n```{{toctree}}\n{tree}\n```\n")
    write(folder / "docs/_config.yml", JUPYTER_BOOK)
    write(folder / "docs/_toc.yml", contents(chapters))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def name_of(page: int) -> str:
    return f"page{page:03}"


def contents(chapters: list[list[str]]) -> str:
    """Return the table of contents as Jupyter Book wants it."""
    lines = ["format: jb-book", "root: index", "chapters:"]
    for number, names in enumerate(chapters):
        lines += [f"- file: chapter{number}", "  sections:"]
        lines += [f"  - file: {name}" for name in names]
    return "\n".join(lines) + "\n"


MODULE = '''"""Lines and their slopes."""

import numpy as np


def line(x):
    """A line of slope {number}."""
    return {number} * np.asarray(x)
'''


def page_text(page: int, pages: int) -> str:
    """Return a page of six sections, each with formulas, words and a cell."""
    other = name_of((page + 7) % pages)
    sections = [f"{HEAD}# Page {page}\n\n{PROSE} See [](./{other}.md)."]
    for number, cell in enumerate(cells(page)):
        sections.append(f"## Section {number}\n\n{formulas(page + number)}\n\n{PROSE}\n\n{cell}")
    return "\n\n".join(sections) + "\n"


def formulas(number: int) -> str:
    """Return a paragraph with three formulas in it, and one on a line of its own."""
    return (
        f"Let $f(x) = x^2 + {number} x$ and $u = {number} x$; then $f'(x) = 2x + {number}$:\n\n"
        f"$$\n\\frac{{\\partial}}{{\\partial x}} \\sum_{{i=1}}^{{n}} \\left(x_i^2 + {number} x_i"
        f"\\right) = 2x + {number}\n$$"
    )


def cells(page: int) -> list[str]:
    """Return six cells, the last of which draws."""
    torch = (
        "import torch\n\nt = torch.linspace(0, 1, 5, requires_grad=True)\n"
        "(t**2).sum().backward()\nt.grad"
    )
    codes = [
        f"import numpy as np\n\nfrom measured.part{page % MODULES} import line\n\nline([1, 2, 3])",
        f"x = np.linspace(-3, 3, 61)\ny = x**2 + {page}\ny[:3]",
        "slopes = np.gradient(y, x)\nprint(slopes[:4])",
        "matrix = np.outer(x[:3], x[:3])\nmatrix",
        torch if page % 3 == 0 else "np.linalg.norm(matrix)",
        "import matplotlib.pyplot as plt\n\nplt.plot(x, y)\nplt.plot(x, slopes);",
    ]
    return [f"```{{code-cell}} ipython3\n{code}\n```" for code in codes]


def edit_prose(book: Path) -> Path:
    return replace(book / "docs/page003.md", "A map from", "A function from")


def edit_cell(book: Path) -> Path:
    return replace(book / "docs/page003.md", "np.linspace(-3, 3, 61)", "np.linspace(-2, 2, 61)")


def edit_package(book: Path) -> Path:
    """Change a function that every tenth page imports."""
    return replace(book / "measured/part3.py", "return 3 *", "return 2 + 3 *")


def replace(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise LookupError(f"{path.name}: {old} is not there to be changed")
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path
