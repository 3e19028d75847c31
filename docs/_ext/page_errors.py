"""Lets a page that cannot be read be one failure among others.

Sphinx ends with a traceback at the first page whose parser raises: one whose front matter is no
YAML, say, or that is not written in UTF-8. Here it warns at that page and goes on to the next, so
that one build tells all that is wrong.
"""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def read_all(app: Sphinx) -> None:
    """Have the builder read an empty page in the place of each that cannot be read."""
    read, settings = app.builder.read_doc, app.env.settings
    unreadable: set[str] = set()

    def read_or_warn(docname: str, **options: Any) -> None:
        try:
            read(docname, **options)
        except Exception as error:  # noqa: BLE001  # whatever is wrong, the next page has its turn
            what = " ".join(str(error).split())
            logger.warning("%s: %s", type(error).__name__, what, location=(docname, line_of(error)))
            unreadable.add(docname)
            app.emit("env-purge-doc", app.env, docname)
            app.env.clear_doc(docname)
            usual = settings["input_encoding"]
            settings["input_encoding"] = "latin-1"  # in which anything can be read
            read(docname, **options)
            settings["input_encoding"] = usual

    def empty(app: Sphinx, docname: str, source: list[str]) -> None:
        if docname in unreadable:
            source[0] = f"# {docname}\n"

    app.builder.read_doc = read_or_warn  # type: ignore[misc, method-assign]
    app.connect("source-read", empty)


def line_of(error: Exception) -> int:
    """Return the line of the page, or the first if the error does not say it."""
    said = re.search(r"\bat line (\d+)", str(error))
    return int(said[1]) if said else 1


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", read_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
