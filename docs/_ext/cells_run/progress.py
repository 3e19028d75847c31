"""Says which pages run their cells now, and how long each took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sphinx.util import logging
from sphinx.util.console import term_width_line

logger = logging.getLogger(__name__)


class Progress:
    """In a terminal, a line for each page and one that changes; elsewhere only the last line."""

    def __init__(self, pages: int) -> None:
        self.pages, self.done = pages, 0
        self.running: list[str] = []
        self.watched = sys.stdout.isatty()
        self.began = time.perf_counter()

    @contextmanager
    def showing(self, docname: str) -> Iterator[None]:
        """Show that this page runs as long as it does."""
        began = time.perf_counter()
        self.running.append(docname)
        self.show_running()
        try:
            yield
        finally:
            self.running.remove(docname)
            self.done += 1
            took = time.perf_counter() - began
            if self.watched:
                line = f"ran {docname} in {took:.1f} s ({self.done} of {self.pages} pages)"
                logger.info(term_width_line(line))
            self.show_running()

    def show_running(self) -> None:
        if self.watched and self.running:
            logger.info(term_width_line(f"running {', '.join(self.running)} ..."), nonl=True)

    def end(self) -> None:
        took = time.perf_counter() - self.began
        logger.info("ran the cells of %s in %.1f s", counted(self.pages, "page"), took)


def counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
