"""Shows neighbouring cells that do the same in different ways as the tabs of one box.

A cell with the tag `tab:NumPy` becomes the tab NumPy, and the cells beside it with such tags become
the other tabs. MyST-NB runs only cells at the top of a page, never any within a directive; these
stay at the top, are run in order like all others, and only look like tabs. All boxes follow the
reader's choice, which sphinx-design remembers. Where nothing can be clicked, as on paper, each cell
has its name above it.
"""

from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx_design.shared import create_component

logger = logging.getLogger(__name__)
TAG = "tab:"
Named = list[tuple[str, list[nodes.Element]]]  # cells in order, with the name of their tab


class Tabs(SphinxPostTransform):
    """Gathers the cells that stand side by side, before MyST-NB folds any."""

    default_priority = 150

    def run(self, **arguments: Any) -> None:
        clickable = self.app.builder.format == "html" and self.app.builder.name != "epub"
        cells = [cell for cell in self.document.findall(nodes.container) if name_of(cell)]
        for parent in dict.fromkeys(cell.parent for cell in cells):
            for tabbed, run in groupby(list(parent), key=lambda node: bool(name_of(node))):
                if tabbed:
                    gather(list(run), clickable)


def gather(cells: list[nodes.Element], clickable: bool) -> None:
    """Put what shows them all, each with its name, in the place of neighbouring cells."""
    named = [(name, list(run)) for name, run in groupby(cells, key=name_of)]
    if len(named) == 1:
        logger.warning("the tab %s stands alone", named[0][0], location=cells[0])
    parent = cells[0].parent
    start = parent.index(cells[0])
    parent[start : start + len(cells)] = [tabs(named)] if clickable else titled(named)


def tabs(named: Named) -> nodes.container:
    items = []
    for name, cells in named:
        label = nodes.rubric("", name, classes=["sd-tab-label"], sync_group="tab", sync_id=name)
        content = create_component("tab-content", ["sd-tab-content"], children=cells)
        item = create_component("tab-item", ["sd-tab-item"], children=[label, content])
        item.source, item.line = cells[0].source, cells[0].line
        items.append(item)
    return create_component("tab-set", ["sd-tab-set"], children=items)


def titled(named: Named) -> list[nodes.Element]:
    return [node for name, cells in named for node in (nodes.rubric("", name), *cells)]


def name_of(node: nodes.Node) -> str:
    """Return the name of the tab that a cell is to be; nothing for all other nodes."""
    if not isinstance(node, nodes.container) or node.get("nb_element") != "cell_code":
        return ""
    tags = node["cell_metadata"].get("tags", [])
    return next((tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG)), "")


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("sphinx_design")
    app.add_post_transform(Tabs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
