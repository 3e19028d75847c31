"""How the pictures of the book look: one style, one palette, and a description for each."""

import hashlib
import io
import re
from html import escape

import matplotlib as mpl
from cycler import cycler
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.pyplot import close

# Okabe and Ito's palette, told apart without colour vision; pictures pair it with line styles.
# The page replaces each by a lighter one on a dark background (docs/_static/book.css).
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#d55e00", "#007a5a", "#aa5588"
INK, MUTED, FAINT = "#1a1a1a", "#6e6e6e", "#d9d9d9"
VARIABLES = {
    BLUE: "--picture-blue",
    ORANGE: "--picture-orange",
    GREEN: "--picture-green",
    PINK: "--picture-pink",
    INK: "--picture-ink",
    MUTED: "--picture-muted",
    FAINT: "--picture-faint",
}

mpl.use("agg")
mpl.rcParams.update(
    {
        "svg.fonttype": "none",  # labels stay text
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "figure.figsize": (6.4, 3.2),
        "figure.constrained_layout.use": True,
        "lines.linewidth": 2,
        "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PINK])
        + cycler(linestyle=["-", "--", "-.", ":"]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": FAINT,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
    }
    | dict.fromkeys(["text.color", "axes.labelcolor", "xtick.color", "ytick.color"], INK)
    | {"axes.edgecolor": MUTED}
)


def show(figure: Figure, description: str) -> None:
    """Show a figure, described in full sentences for those who cannot see it."""
    if not description.strip():
        raise ValueError("show: description is empty; full sentences are wanted")
    drawing = io.StringIO()
    name = hashlib.sha256(description.encode()).hexdigest()[:8]
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(drawing, format="svg", transparent=True, metadata={"Date": None})
    close(figure)
    svg = drawing.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Several pictures share a page: their identifiers must not collide.
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = svg.replace("'DejaVu Sans'", "'DejaVu Sans', sans-serif")
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, f"var({variable}, {colour})")
    end = svg.index(">", svg.index("<svg")) + 1
    svg = f"{svg[:end]}<desc>{escape(description)}</desc>{svg[end:]}"
    display({"image/svg+xml": svg}, raw=True)
