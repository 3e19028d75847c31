"""Refuses examples that look checked and are not.

`>>>` in an ordinary code fence, or bare in the text, is never run by the doctest builder, and a
`{code-cell}` on a page without the notebook header is never executed. Both would be read as proof
that something was checked; here each is a warning at its line.
"""

import re

from markdown_it import MarkdownIt
from myst_nb.core.read import is_myst_markdown_notebook
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)
CODE_CELL = "{code-cell}"
RUN = (CODE_CELL, "{doctest}", "{testcode}", "{testoutput}", "{testsetup}", "{eval-rst}")
EXAMPLE = re.compile(r"\s*>>>(\s|$)")


def refuse(app: Sphinx, docname: str, source: list[str]) -> None:
    for line, what in silent_examples(source[0]):
        logger.warning("%s", what, location=(docname, line))


def silent_examples(text: str) -> list[tuple[int, str]]:
    """Return line and reason for each example in a Markdown page that no builder would run."""
    fences = fence_of_line(text)
    found = [
        (number, "this >>> example is never run; put it in a {doctest} fence")
        for number, line in enumerate(text.splitlines(), start=1)
        if EXAMPLE.match(line) and not fences.get(number, "").startswith(RUN)
    ]
    if not is_myst_markdown_notebook(text):
        found += [
            (number, "this code-cell is never run: the page lacks the notebook header")
            for number, line in enumerate(text.splitlines(), start=1)
            if line.lstrip("`~: ").startswith(CODE_CELL)
        ]
    return sorted(found)


def fence_of_line(text: str, first: int = 1) -> dict[int, str]:
    """Return, for each line inside a fence, the info string of the innermost one around it."""
    fences: dict[int, str] = {}
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence" and token.map:
            start, end = (first + line for line in token.map)
            info = token.info.strip()
            fences |= dict.fromkeys(range(start, end), info)
            if info.startswith("{") and not info.startswith(RUN):
                fences |= fence_of_line(token.content, start + 1)
    return fences


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", refuse)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
