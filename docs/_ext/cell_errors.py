"""Says which line of which page raised, when a code cell fails.

MyST-NB reports a failed notebook without a line, or with a long traceback of its own machinery.
This extension reads the executed notebook and warns at the line of the page that raised:
`docs/images.md:35: ValueError: ...`, with the source of that line.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from docutils import nodes
from sources import notebook_of
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LINE_IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")


def report(app: Sphinx, doctree: nodes.document) -> None:
    docname = app.env.docname
    execution = getattr(app.env, "nb_metadata", {}).get(docname, {}).get("exec_data")
    if not execution:
        return
    notebook = nbformat.read(notebook_of(app.env, docname), as_version=4)
    page = Path(app.env.doc2path(docname)).read_text(encoding="utf-8").splitlines()
    for line, what in errors(notebook, page):
        if execution["error"] == "CellTimeoutError":  # it ends with an interrupt from the keyboard
            what = what.replace("KeyboardInterrupt", "CellTimeoutError", 1)
        logger.warning("%s", what, location=(docname, line))


def errors(notebook: nbformat.NotebookNode, page: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the line in the page, and one line saying what happened, for each cell that failed.

    A name that is missing after a failure was to be made by the cell that failed: it is left out.
    """
    failed = False
    for cell, start in zip(notebook.cells, notebook.metadata.source_map, strict=True):
        if cell.cell_type != "code" or "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.outputs:
            if output.output_type == "error" and not (failed and output.ename == "NameError"):
                failed = True
                source = cell.source.splitlines()
                within = line_in_cell(output.traceback)
                message = " ".join(output.evalue.split())
                what = f"{output.ename}: {message}" if message else output.ename
                code = source[within - 1].strip()
                yield first_line(page, start, source) + within, f"{what}    in: {code}"


def line_in_cell(traceback: list[str]) -> int:
    """Return the line of the cell, counted from 1, at which the traceback leaves it."""
    lines = LINE_IN_CELL.findall(COLOUR.sub("", "\n".join(traceback)))
    return int(lines[-1]) if lines else 1


def first_line(page: list[str], start: int, source: list[str]) -> int:
    """Return the index in the page of the cell's first line of code, below fence and options."""
    for index in range(start, len(page)):
        if [line.rstrip() for line in page[index : index + len(source)]] == [
            line.rstrip() for line in source
        ]:
            return index
    return start


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", report)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
