"""Runs the cells of all pages of a book one after the other in one process, and times them.

That is the floor under every way of running them: nothing is started, nothing is loaded twice.
"""

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

MODULES = ("matplotlib.pyplot", "numpy", "torch")


class Shell(InteractiveShell):
    """IPython, which waits for nobody's clicks."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Start no loop of events."""


def main(book: Path) -> None:
    """Print, as JSON, the seconds that all cells took, and those of the processor."""
    for name in MODULES:
        import_module(name)
    shell = Shell.instance()
    shell.run_line_magic("matplotlib", "inline")
    began, used = time.perf_counter(), time.process_time()
    for path in sorted(book.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if is_myst_markdown_notebook(text):
            os.chdir(path.parent)
            shell.reset(new_session=False)
            run(shell, text)
    took = {"wall": time.perf_counter() - began, "cpu": time.process_time() - used}
    print(json.dumps(took), file=sys.__stdout__)


def run(shell: Shell, text: str) -> None:
    """Run the cells of a page; what they show is made, as a kernel does, and not shown."""
    for cell in read_myst_markdown_notebook(text).cells:
        if cell.cell_type == "code":
            with capture_output():
                shell.run_cell(cell.source, store_history=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
