"""The one way in which a formula fails: a category for programs, a message for a teacher."""

from __future__ import annotations

CATEGORIES = (
    "false",
    "coincidence",
    "undeclared",
    "vacuous",
    "loose",
    "undefined",
    "unparsable",
    "redefinition",
    "timeout",
    "witness",
    "unsupported",
    "unbound",
)


class Refused(Exception):
    """A formula that does not pass, with the reason."""

    def __init__(self, category: str, message: str) -> None:
        super().__init__(message)
        self.category = category
        self.message = message


def failed(error: Exception) -> Refused:
    """A slip of the checker: it must not stop the page, and must not let a formula pass."""
    if isinstance(error, RecursionError):
        return Refused("unsupported", "the formula is nested too deeply")
    message = f"the checker itself failed: {type(error).__name__}: {error}"
    return Refused("unsupported", message)


class Unparsable(Refused):
    """A formula that is not in the grammar; the message shows a caret under the place."""

    def __init__(self, source: str, column: int, reason: str) -> None:
        line_start = source.rfind("\n", 0, column) + 1
        line_end = source.find("\n", column)
        line = source[line_start : line_end if line_end >= 0 else len(source)]
        caret = " " * (column - line_start) + "^"
        super().__init__("unparsable", f"column {column + 1}: {reason}\n    {line}\n    {caret}")
        self.column = column
