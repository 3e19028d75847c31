"""Gives every drawn picture its description, and puts it into the page as text and lines.

The code that draws an SVG knows what it shows, so the picture carries its own description, in the
SVG's `<desc>`. This extension makes that the alt text, refuses a picture that has none, and writes
the picture into the HTML itself instead of linking to it: then it follows the page's colours, in
light and in dark, and its labels can be read, searched and copied.
"""

import re
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
DESCRIPTION = re.compile(r"<desc>(.*?)</desc>", re.DOTALL)
VARIABLE = re.compile(r"var\(--[\w-]+, *([^()]*)\)")


def describe(app: Sphinx, doctree: nodes.document) -> None:
    for image in doctree.findall(nodes.image):
        found = DESCRIPTION.search(source(app.srcdir, image))
        if found and not image.get("alt"):
            image["alt"] = unescape(found[1])
        if not image.get("alt"):
            logger.warning("picture without a description", location=with_line(image))


def with_line(node: nodes.Node) -> nodes.Node:
    """Return the node, or the nearest one around it, whose line is known."""
    while not node.line and node.parent is not None:
        node = node.parent
    return node


def source(folder: Path, image: nodes.image) -> str:
    path = Path(folder, image["uri"])
    return path.read_text(encoding="utf-8") if path.suffix == ".svg" and path.is_file() else ""


def visit_image(self: HTML5Translator, node: nodes.image) -> None:
    svg = source(self.builder.srcdir, node)
    if not DESCRIPTION.search(svg):
        HTML5Translator.visit_image(self, node)
        return
    svg = DESCRIPTION.sub("", svg[svg.index("<svg") :], count=1)
    if self.builder.embedded:  # not a page of the web: it has no colours to follow
        svg = VARIABLE.sub(r"\1", svg)
    label = f'<svg class="drawn" role="img" aria-label="{escape(node["alt"])}"'
    self.body.append(f'<div class="picture">{svg.replace("<svg", label, 1)}</div>')


def depart_image(self: Any, node: nodes.image) -> None:
    HTML5Translator.depart_image(self, node)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", describe)
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
