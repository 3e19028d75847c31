"""The book for e-readers: Sphinx's EPUB 3, with nothing in it that epubcheck objects to.

Sphinx takes every style sheet, script and font of the HTML along, and does not say in the package
which pages hold formulas and drawings, as the standard wants. This builder writes bare pages with
one style sheet, and says so.
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sphinx.builders.epub3 import Epub3Builder
from sphinx.util.fileutil import copy_asset_file

STYLE = Path(__file__).parent / "paper.css"
OPF = "http://www.idpf.org/2007/opf"
PROPERTIES = {"mathml": "<math", "svg": "<svg"}  # the standard's names, and the element of each


class EpubBuilder(Epub3Builder):
    """Writes the book as one EPUB file."""

    def prepare_writing(self, docnames: Any) -> None:
        super().prepare_writing(docnames)
        self.use_index, self.domain_indices = False, []

    def handle_page(
        self,
        pagename: str,
        addctx: dict[str, Any],
        templatename: str = "reader-page.html",
        **more: Any,
    ) -> None:
        super().handle_page(pagename, addctx, "reader-page.html", **more)

    def copy_static_files(self) -> None:
        self._static_dir.mkdir(parents=True, exist_ok=True)
        self.create_pygments_style_file()
        copy_asset_file(STYLE, self._static_dir, force=True)
        for image in self.config.epub_cover[:1]:
            copy_asset_file(Path(self.srcdir, image), Path(self.outdir, image).parent, force=True)

    def copy_image_files(self) -> None:
        """Copy the images that the pages link to; those that stand in the pages are not needed."""
        pages = "".join(page.read_text(encoding="utf-8") for page in self.outdir.rglob("*.xhtml"))
        self.images = {source: name for source, name in self.images.items() if name in pages}
        super().copy_image_files()

    def build_content(self) -> None:
        super().build_content()
        path = Path(self.outdir, "content.opf")
        path.write_text(self.completed(path.read_text(encoding="utf-8")), encoding="utf-8")

    def completed(self, package: str) -> str:
        """Return the package document with the properties of each file added."""
        ElementTree.register_namespace("", OPF)
        root = ElementTree.fromstring(package)
        for item in root.iter(f"{{{OPF}}}item"):
            properties = self.properties(item.attrib["href"])
            if properties and "properties" not in item.attrib:
                item.set("properties", properties)
        return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)

    def properties(self, name: str) -> str:
        """Return what the standard wants to be told of a file, in its words."""
        if name in self.config.epub_cover[:1]:
            return "cover-image"
        page = Path(self.outdir, name)
        if page.suffix != self.out_suffix or not page.is_file():  # nav.xhtml is yet to be written
            return ""
        text = page.read_text(encoding="utf-8")
        return " ".join(word for word, element in PROPERTIES.items() if element in text)
