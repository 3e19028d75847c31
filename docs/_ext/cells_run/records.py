"""What the cells of a page printed and drew, kept with all that it depends on.

A record holds as long as everything it was made from is the same: the cells and their tags, Python
and every installed package, the code that the page imported from beside the book (its comments and
docstrings apart), the files that its cells read, and what matplotlib is told by a matplotlibrc.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from states import digest, is_beside, is_of_a_package, state

# Code in which these stand may show the text of other code, docstrings and all.
SHOWS_TEXT = re.compile(r"__doc__|doctest|inspect|\bhelp\(|\w\?")
BUILT = {"build", "_build"}


@dataclass(frozen=True)
class Used:
    """What a kernel says that it has used: the files of its modules, and the files it has read."""

    modules: list[str]
    files: list[str]
    starts_processes: bool


def key_of(notebook: NotebookNode, settings: dict[str, Any]) -> str:
    """Return what stays the same as long as the page asks the same of its kernel."""
    cells = [
        [cell.source, cell.metadata] if cell.cell_type == "code" else names
        for cell in notebook.cells
        if cell.cell_type == "code" or (names := asked(cell.source))
    ]
    return digest(json.dumps([cells, notebook.metadata.get("kernelspec"), settings]).encode())


def asked(text: str) -> list[str]:
    """Return the names of the variables whose values a text shows, by a role or a directive."""
    found = re.finditer(r"\{eval(?::\w+)?\}(?:`([^`]+)`|[ \t]+(\S+))", text)
    return [name for match in found for name in match.groups() if name]


def dependencies(
    notebook: NotebookNode, used: Used, began: float, folder: str, root: Path
) -> dict[str, str] | None:
    """Return each thing that a kernel used in a folder of the book, and its state.

    Nothing if any of it has changed since the cells began to run: they may have used the old.
    """
    modules = [path for path in used.modules if is_beside(path, root)]
    if used.starts_processes:  # they may import what nobody tells
        modules = sorted({*modules, *python_files(root)})
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    texts += [Path(path).read_text(encoding="utf-8") for path in modules]
    kind = "text" if any(map(SHOWS_TEXT.search, texts)) else "code"
    files = [path for path in used.files if not is_of_a_package(path)]
    files += [path for path in matplotlibrc(folder) if is_loaded("matplotlib", used)]
    wanted = [f"{kind} {path}" for path in modules] + [f"file {path}" for path in files]
    states = {which: state(which) for which in ["installed packages", *wanted]}
    there = filter(os.path.exists, [*modules, *files])
    return None if any(os.path.getmtime(path) > began for path in there) else states


def is_loaded(package: str, used: Used) -> bool:
    return any(path.endswith(f"/{package}/__init__.py") for path in used.modules)


def python_files(root: Path) -> Iterator[str]:
    for folder, inner, names in os.walk(root):
        if "pyvenv.cfg" in names:
            inner.clear()
        inner[:] = [name for name in inner if name[0] != "." and name not in BUILT]
        yield from (os.path.join(folder, name) for name in names if name.endswith(".py"))


def matplotlibrc(folder: str) -> list[str]:
    """Return where matplotlib looks for settings; one that appears there changes all pictures."""
    named = os.environ.get("MATPLOTLIBRC", "")
    settings = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    own = Path(os.environ.get("MPLCONFIGDIR") or Path(settings, "matplotlib"))
    places = [f"{folder}/matplotlibrc", f"{own}/matplotlibrc"]
    return [*places, named] if named else places


def load(path: Path) -> dict[str, Any] | None:
    """Return the record in a file, unless there is none or something has changed since."""
    if not path.is_file():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    same = all(state(which) == was for which, was in record["dependencies"].items())
    return record if same else None


def save(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(record), encoding="utf-8")
    unfinished.replace(path)
