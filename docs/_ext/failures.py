"""Ends a failed build with one line for each failure, `file:line: what`.

Sphinx prints a warning where it arises, in the middle of everything else it prints. This extension
repeats every warning of the build at its end, sorted by place, with paths as you would type them,
so that the last lines on the screen are the ones you need.
"""

import logging
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging as sphinx_logging


class Collector(logging.Filter):
    """Lets every warning pass, and keeps its place and its message."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[tuple[str, int, str]] = []

    def filter(self, record: logging.LogRecord) -> bool:
        path, _, line = (getattr(record, "location", None) or "").rpartition(":")
        if not line.isdigit():
            path, line = f"{path}:{line}".strip(":"), "0"
        what = in_short(logging.LogRecord.getMessage(record))
        self.failures.append((as_typed(path), int(line), what))
        return True


def in_short(message: str) -> str:
    """Return a message as one line; of a traceback only its last line, which says why."""
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    return f"{lines[0]} {lines[-1]}" if "Traceback" in message else " ".join(lines)


def as_typed(path: str) -> str:
    """Return the path as a person in the current folder would type it."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd())) if path else ""
    except ValueError:
        return path


def collect(app: Sphinx) -> None:
    collector = Collector()
    # As the last filter of the handler that prints warnings it sees just those that are printed,
    # once each, their place already spelt out.
    for handler in logging.getLogger("sphinx").handlers:
        if isinstance(handler, sphinx_logging.WarningStreamHandler):
            handler.addFilter(collector)
    app.connect("build-finished", lambda app, error: report(collector.failures), priority=999)


def report(failures: list[tuple[str, int, str]]) -> None:
    if failures:
        lines = [f"{place(path, line)}{what}" for path, line, what in sorted(set(failures))]
        plural = "" if len(lines) == 1 else "s"
        print(f"\n{len(lines)} failure{plural}:\n" + "\n".join(lines) + "\n", file=sys.stderr)


def place(path: str, line: int) -> str:
    return f"{path}:{line}: " if line else f"{path}: " if path else ""


def setup(app: Sphinx) -> dict[str, bool]:
    collect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
