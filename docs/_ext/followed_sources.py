"""Lets an edit of the package rebuild the pages that show or run it, and no page be stale.

Sphinx re-reads a page when the page itself changes. The pages of this kind of book also depend on
the code that their cells import and whose docstrings they show. Each page is told to follow the
files that match `followed_sources` (patterns relative to conf.py).
"""

from pathlib import Path

from sphinx.application import Sphinx


def follow(app: Sphinx, docname: str, source: list[str]) -> None:
    for pattern in app.config.followed_sources:
        for path in sorted(Path(app.confdir).glob(pattern)):
            app.env.note_dependency(str(path))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("followed_sources", [], "env", [list])
    app.connect("source-read", follow)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
