"""Every chapter is also a notebook that runs where the package is, and nothing else of the book."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbclient import NotebookClient

from tests.building import ROOT

WRITTEN = [*ROOT.glob("docs/lecture-*/*.md"), *ROOT.glob("docs/how-to/*.md")]
PAGES = sorted(
    str(path.relative_to(ROOT / "docs").with_suffix(""))
    for path in WRITTEN
    if is_myst_markdown_notebook(path.read_text(encoding="utf-8"))
)
MYST = re.compile(r"\{[\w:-]+\}`|^[ >]*(:{3,}|```\{)|^\([\w-]+\)=$", re.MULTILINE)

CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def notebook(book: Path, page: str) -> nbformat.NotebookNode:
    return nbformat.read(book / f"{page}.ipynb", as_version=4)


def test_notebook_is_valid_and_holds_the_whole_code_in_order(
    notebook: nbformat.NotebookNode, page: str
) -> None:
    nbformat.validate(notebook)
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    wanted = [c.source for c in read_myst_markdown_notebook(text).cells if c.cell_type == "code"]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [c.source for c in code if not c.source.startswith("%%writefile ")] == wanted
    assert all(cell.outputs == [] for cell in code)
    assert notebook.metadata.kernelspec.name == "python3"


def test_its_words_are_plain_markdown(notebook: nbformat.NotebookNode) -> None:
    words = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert words[0].startswith("# ")
    assert [found[0] for text in words for found in MYST.finditer(text)] == []
    for text in words:
        text = CODE.sub("", text)
        assert text.replace("$$", "").count("$") % 2 == 0
        assert all(line.count("$$") in (0, 2) for line in text.splitlines())


def test_it_runs_from_top_to_bottom(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    packages, folder = tmp_path / "packages", tmp_path / "empty"
    packages.mkdir()
    folder.mkdir()
    (packages / "mlmath").symlink_to(ROOT / "mlmath")
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}})
    client.execute(env=os.environ | {"PYTHONPATH": str(packages)})
