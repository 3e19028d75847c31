"""Puts figures into the page that the reader can move, each beside a picture that needs no script.

    :::{interactive} tangent
    :picture: fig-tangent
    Move the point, and watch the slope.
    :::

draws what `interactive/tangent.js`, in one of the folders of `html_static_path`, draws with the
help of `interactive/common.js`. The picture, a figure of the same page, shows the same to readers
on paper, of an e-book, or without scripts: to them the interactive figure does not exist.
"""

from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


class interactive(nodes.General, nodes.Element):
    """A figure that a script draws, with the text that says what to move and what to watch."""


class Interactive(SphinxDirective):
    """Finds the script of a figure, and keeps the name of the picture beside it."""

    required_arguments = 1
    option_spec: ClassVar = {"picture": directives.unchanged}
    has_content = True

    def run(self) -> list[nodes.Node]:
        script = f"interactive/{self.arguments[0]}.js"
        node = interactive(script=script, picture=self.options.get("picture", ""))
        self.set_source_info(node)
        folders = [Path(self.env.app.confdir, name) for name in self.config.html_static_path]
        if not any((folder / script).is_file() for folder in folders):
            logger.warning("interactive figure without a script: %s", script, location=node)
            return []
        node += self.parse_content_to_nodes()
        return [node]


def ask_for_pictures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    pictures = {name for figure in doctree.findall(nodes.figure) for name in figure["names"]}
    for node in doctree.findall(interactive):
        if node["picture"] not in pictures:
            what = "interactive figure without a picture: this page has no figure named '%s'"
            logger.warning(what, node["picture"], location=node)


def add_what_they_share(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree and next(doctree.findall(interactive), None):
        app.add_js_file("interactive/common.js")
        app.add_css_file("interactive/interactive.css")


def visit(self: HTML5Translator, node: interactive) -> None:
    if self.builder.embedded:  # on paper or in an e-book
        raise nodes.SkipNode
    picture = nodes.make_id(node["picture"])
    self.body.append(f'<figure class="interactive" aria-details="{picture}" hidden>\n<figcaption>')


def depart(self: HTML5Translator, node: interactive) -> None:
    # At once, not deferred: nothing below may move once the reader has seen it.
    page = self.builder.get_target_uri(self.builder.current_docname)
    script = escape(relative_uri(page, f"_static/{node['script']}"))
    self.body.append(f'</figcaption>\n</figure>\n<script src="{script}"></script>\n')


def skip(self: Any, node: interactive) -> None:
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("interactive", Interactive)
    hidden = (skip, None)
    app.add_node(
        interactive,
        html=(visit, depart),
        latex=hidden,
        text=hidden,
        man=hidden,
        texinfo=hidden,
    )
    app.connect("doctree-resolved", ask_for_pictures)
    app.connect("html-page-context", add_what_they_share)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
