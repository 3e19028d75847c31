"""Says where it went wrong when autodoc cannot import what a page documents.

Autodoc warns without a place, and with a long traceback of its own machinery. Here the warning
stands at the line of the module that raised, `shop/rates.py:3: ModuleNotFoundError: ...`, or, where
no module of the book did, at the line of the page that names what is not there.
"""

import logging
import re
from pathlib import Path

from sphinx.application import Sphinx
from states import is_beside

FRAME = re.compile(r'File "(.+?)", line (\d+)')
RAISED = re.compile(r"^[\w.]+(?:: .*)?$", re.MULTILINE)
WANTED = re.compile(r"failed to import '([\w.]+)'(?: from module '([\w.]+)')?")


class Placed(logging.Filter):
    """Gives each failed import its place, and makes one line of it."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__()
        self.app = app

    def filter(self, record: logging.LogRecord) -> bool:
        wanted = WANTED.search(message := record.getMessage())
        if wanted:
            name = ".".join(filter(None, [wanted[2], wanted[1]]))
            record.location, record.msg = self.place(message) or self.page(message, name)
            record.args = ()
        return True

    def place(self, message: str) -> tuple[str, str] | None:
        """Return the last line of the book's own code in a traceback, and what it raised."""
        message = message.replace("\\n", "\n").replace("\\'", "'")  # some of it is quoted
        frames = [f for f in FRAME.findall(message) if is_beside(f[0], Path(self.app.confdir))]
        return (":".join(frames[-1]), RAISED.findall(message)[-1]) if frames else None

    def page(self, message: str, name: str) -> tuple[str, str]:
        """Return the line of the page being read that names the object, and what is wrong."""
        path = self.app.env.doc2path(self.app.env.docname)
        lines = path.read_text(encoding="utf-8").splitlines()
        line = next((number for number, text in enumerate(lines, 1) if name in text), 1)
        what = message.partition("; the following")[0] if "Traceback" in message else message
        return f"{path}:{line}", " ".join(what.split())


def setup(app: Sphinx) -> dict[str, bool]:
    logging.getLogger("sphinx.sphinx.ext.autodoc").addFilter(Placed(app))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
