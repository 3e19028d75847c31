"""The book on paper and on an e-reader: one PDF, one EPUB, from the pages that the HTML is made of.

Neither has anything to press: what the HTML folds away stands open in them, and every tab of a set
follows the one before under its label. Both look as `paper.css` says.
"""

from pathlib import Path

from docutils import nodes
from myst_nb.core.render import base_render_priority
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from .epub import EpubBuilder
from .pdf import PdfBuilder

TEMPLATES = Path(__file__).parent / "templates"
BUILDERS = (PdfBuilder, EpubBuilder)
FOLDED = ("dropdown", "tab-set")  # sphinx-design's; what it does not fold it writes in full


class Unfold(SphinxPostTransform):
    """Leaves nothing folded: not cells, by MyST-NB, nor tabs and dropdowns, by sphinx-design."""

    default_priority = 190  # before those two fold
    builders = tuple(builder.name for builder in BUILDERS)

    def run(self, **kwargs: object) -> None:
        for node in self.document.findall(nodes.container):
            node.attributes.pop("hide_mode", None)
            if node.get("design_component") in FOLDED:
                del node["design_component"]


def configure(app: Sphinx, config: Config) -> None:
    config.templates_path.append(str(TEMPLATES))
    config.nb_mime_priority_overrides = [
        *((PdfBuilder.name, *of_html) for of_html in base_render_priority()["html"].items()),
        *config.nb_mime_priority_overrides,
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    for builder in BUILDERS:
        app.add_builder(builder, override=True)
    app.add_post_transform(Unfold)
    app.connect("config-inited", configure)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
