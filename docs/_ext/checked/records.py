"""What the check of each page has found, kept by Sphinx from one step of the build to the next."""

from __future__ import annotations

from typing import Any

from sphinx.environment import BuildEnvironment


def records(env: BuildEnvironment) -> dict[str, Any]:
    """Return, by page, what was found there; to be added to."""
    found: dict[str, Any] = vars(env).setdefault("checked", {})
    return found
