"""Gives each failed doctest its file and line, in docstrings too.

Sphinx's doctest builder knows no line for an example in a docstring and says `line ?`. This
builder, which takes its place, finds the docstring in the source file, and reports every failure
as a warning at `mlmath/products.py:31`, so that it fails a build like any other.
"""

import doctest
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from docutils.nodes import Node
from sources import source_of
from sphinx.application import Sphinx
from sphinx.ext import doctest as sphinx_doctest
from sphinx.util import logging
from sphinx.util.osutil import relpath

logger = logging.getLogger(__name__)


class Runner(sphinx_doctest.SphinxDocTestRunner):
    """Runs the examples as Sphinx does, and warns at the place of each that fails."""

    def warn(self, test: doctest.DocTest, example: doctest.Example, what: str) -> None:
        start = test.lineno or 0
        # The code of a `testcode` counts from the beginning of the page, examples from their block.
        line = start + (0 if example.lineno == start else example.lineno) + 1
        code = example.source.strip().splitlines()[0]
        logger.warning("%s    in: >>> %s", what, code, location=f"{test.filename}:{line}")

    def report_failure(
        self, out: Any, test: doctest.DocTest, example: doctest.Example, got: str
    ) -> None:
        wanted, received = one_line(example.want), one_line(got)
        self.warn(test, example, f"doctest: expected {wanted}, got {received}")

    def report_unexpected_exception(
        self, out: Any, test: doctest.DocTest, example: doctest.Example, exc_info: Any
    ) -> None:
        self.warn(test, example, f"doctest: {exc_info[0].__name__}: {one_line(str(exc_info[1]))}")


class DocTestBuilder(sphinx_doctest.DocTestBuilder):
    """The doctest builder, with places that a person can open."""

    def test_doc(self, docname: str, doctree: Node) -> bool:
        original = sphinx_doctest.SphinxDocTestRunner
        sphinx_doctest.SphinxDocTestRunner = Runner  # type: ignore[misc]  # Sphinx has no option
        try:
            return super().test_doc(docname, doctree)
        finally:
            sphinx_doctest.SphinxDocTestRunner = original  # type: ignore[misc]

    def get_filename_for_node(self, node: Node, docname: str) -> str:
        return relpath(source_of(node)[0], Path.cwd())

    @staticmethod
    def get_line_number(node: Node) -> int:
        """Return the line of the block's first example, counted from 0.

        The doctree does not know it, so it is looked up in the source. The same line may stand
        there more than once: those in earlier blocks of the same source come first.
        """
        first = lines_of(node)[0]
        earlier = takewhile(lambda block: block is not node, blocks_beside(node))
        before = sum(lines_of(block).count(first) for block in earlier)
        _, start, source = source_of(node)
        places = [number for number, line in enumerate(source, start) if line.strip() == first]
        return places[before]


def blocks_beside(node: Node) -> Iterator[Node]:
    """Yield every block of examples from the same page or docstring, in order."""
    for block in node.document.findall(sphinx_doctest._condition_with_doctest):
        if block.source == node.source:
            yield block


def lines_of(node: Node) -> list[str]:
    text: str = node.get("test", node.astext())
    return [line.strip() for line in text.strip().splitlines()]


def one_line(text: str) -> str:
    return " ".join(text.split()) or "nothing"


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("sphinx.ext.doctest")
    app.add_builder(DocTestBuilder, override=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
