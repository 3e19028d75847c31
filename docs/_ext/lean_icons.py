"""Leaves in the theme's icon font only the icons that the book shows.

The theme carries all icons of Font Awesome, more than a fourth of what a page brings along; a
book shows a dozen of them. fontTools takes the others out of the built font.
"""

import re
from pathlib import Path

from fontTools import subset
from sphinx.application import Sphinx

FONTS = Path("_static", "vendor", "fontawesome", "webfonts")
NAMED = re.compile(r"((?:\.fa-[\w-]+,?)+)\{--fa:\"(.*?)\"\}")
PRIVATE = re.compile(r"[\ue000-\uf8ff]")
ESCAPED = re.compile(r"\\(f[0-9a-f]{3})")


def shown(styles: str, pages: str) -> set[str]:
    """The icons that `pages` name by a class, and those that `styles` show without one."""
    styles = ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), styles)
    classes = set(re.findall(r"\bfa-[\w-]+", pages))
    named = {
        icon
        for names, icon in NAMED.findall(styles)
        if not classes.isdisjoint(names.replace(".", "").split(","))
    }
    return {*filter(PRIVATE.fullmatch, named), *PRIVATE.findall(NAMED.sub("", styles))}


def leave_out(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html" or not (app.outdir / FONTS).is_dir():
        return
    texts = {
        suffix: "\n".join(path.read_text(encoding="utf-8") for path in app.outdir.rglob(suffix))
        for suffix in ("*.css", "*.html", "*.js")
    }
    wanted = shown(texts["*.css"], texts["*.html"] + texts["*.js"])
    options = subset.Options(flavor="woff2", ignore_missing_unicodes=True)
    for path in sorted((app.outdir / FONTS).glob("*.woff2")):
        font = subset.load_font(str(path), options)
        icons = subset.Subsetter(options)
        icons.populate(unicodes=map(ord, wanted))
        icons.subset(font)
        subset.save_font(font, str(path), options)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
