"""Ends a failed build with one line for each failure, `file:line: what`.

Sphinx prints a warning where it arises, in the middle of everything else it prints. This extension
repeats every warning of the build at its end, sorted by place, with paths as you would type them,
so that the last lines on the screen are the ones you need. Sphinx would not read a page again that
has failed but not changed since, and the next build would pass; here it is read until it passes.
"""

import logging
import sys
from pathlib import Path

from sources import DOCSTRING, code_of
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
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
        path, _, name = path.partition(DOCSTRING)
        if name:  # of which Sphinx counts the lines from 1
            line = str(code_of(name)[1] + int(line))
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


def collect(app: Sphinx) -> Collector:
    """Collect from now on every warning that is printed."""
    collector = Collector()
    # As the last filter of the handler that prints warnings it sees just those that are printed,
    # once each, their place already spelt out.
    for handler in logging.getLogger("sphinx").handlers:
        if isinstance(handler, sphinx_logging.WarningStreamHandler):
            handler.addFilter(collector)
    return collector


def report_at_the_end(app: Sphinx) -> None:
    collector = collect(app)

    def finish(app: Sphinx, error: Exception | None) -> None:
        report(collector.failures)
        remember(app, {path for path, _, _ in collector.failures})

    app.connect("build-finished", finish, priority=999)


def report(failures: list[tuple[str, int, str]]) -> None:
    if found := lines(failures):
        plural = "" if len(found) == 1 else "s"
        print(f"\n{len(found)} failure{plural}:\n" + "\n".join(found) + "\n", file=sys.stderr)


def lines(failures: list[tuple[str, int, str]]) -> list[str]:
    """Return one line for each failure, sorted by place."""
    return [f"{place(path, line)}{what}" for path, line, what in sorted(set(failures))]


def remember(app: Sphinx, paths: set[str]) -> None:
    """Keep, beside the doctrees, the names of the pages that failed; of all if it is not known."""
    pages = {app.env.path2doc(path) or "" for path in paths}
    failed = pages if pages <= app.env.found_docs else app.env.found_docs
    file_of_failed(app).write_text("\n".join(failed), encoding="utf-8")


def file_of_failed(app: Sphinx) -> Path:
    return Path(app.doctreedir, "failed.txt")


def failed_before(app: Sphinx, env: BuildEnvironment, *found: set[str]) -> list[str]:
    path = file_of_failed(app)
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def place(path: str, line: int) -> str:
    return f"{path}:{line or 1}: " if path else ""


def setup(app: Sphinx) -> dict[str, bool]:
    report_at_the_end(app)
    app.connect("env-get-outdated", failed_before)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
