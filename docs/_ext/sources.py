"""Finds what a page was made from: the source around a node, and the executed notebook."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils.nodes import Node
from sphinx.environment import BuildEnvironment

DOCSTRING = ":docstring of "


def notebook_of(env: BuildEnvironment, docname: str) -> Path:
    """Return where MyST-NB keeps the page as it was executed."""
    return Path(vars(env)["mystnb_config"].output_folder, f"{docname}.ipynb")


def source_of(node: Node) -> tuple[str, int, list[str]]:
    """Return file, first line counted from 0, and lines of the page or object around the node."""
    while node.source is None and node.parent is not None:
        node = node.parent
    path, _, name = (node.source or "").partition(DOCSTRING)
    if name:
        lines, start = code_of(name)
        return path, max(start - 1, 0), [line.rstrip("\n") for line in lines]
    return path, 0, Path(path).read_text(encoding="utf-8").splitlines()


def code_of(name: str) -> tuple[list[str], int]:
    """Return the lines of the object, or of the one around it where it has none of its own."""
    try:
        return inspect.getsourcelines(resolve(name))
    except (TypeError, OSError):  # a field of a named tuple, say
        return code_of(name.rpartition(".")[0])


def resolve(name: str) -> Any:
    """Return the object that the dotted name stands for."""
    module, _, rest = name.partition(".")
    found = import_module(module)
    for part in filter(None, rest.split(".")):
        module = f"{module}.{part}"
        found = getattr(found, part) if hasattr(found, part) else import_module(module)
    return found
