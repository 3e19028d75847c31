"""An interactive figure stands in the HTML page alone, with its script and beside a picture."""

from pathlib import Path

import pytest

PICTURE = (
    "```{figure} picture.png\n---\nname: fig-slope\nalt: A line.\n---\nA line.\n```\n\n"
    "See {numref}`fig-slope`.\n\n"
)
FIGURE = ":::{{interactive}} {name}\n:picture: {picture}\nMove *it*.\n:::\n"
SETTINGS = (
    "myst_enable_extensions = ['colon_fence']\nhtml_static_path = ['static']\nnumfig = True\n"
    "nb_execution_mode = 'off'\n"
)
EMPTY_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6300010000050001"
)


@pytest.fixture
def build_figure(build, tmp_path: Path):
    """Build a page in a folder with a picture and an interactive figure."""
    (tmp_path / "static" / "interactive").mkdir(parents=True)
    for file in "slope.js", "common.js", "interactive.css":
        (tmp_path / "static" / "interactive" / file).touch()
    (tmp_path / "docs" / "part").mkdir(parents=True)
    (tmp_path / "docs" / "part" / "picture.png").write_bytes(EMPTY_PNG)

    def build_page(name: str = "slope", picture: str = "fig-slope", builder: str = "html"):
        page = "# Page\n\n" + PICTURE + FIGURE.format(name=name, picture=picture)
        pages = {"index.md": "# Book\n\n```{toctree}\npart/page\n```\n", "part/page.md": page}
        return build(pages, ["interactive"], builder, SETTINGS)

    return build_page


def test_figure_waits_unseen_with_its_script_right_behind_it(build_figure):
    done = build_figure()
    assert done.status == 0
    html = done.page("part/page")
    assert '<figure class="interactive" aria-details="fig-slope" hidden>' in html
    assert "<p>Move <em>it</em>.</p>" in html
    assert '</figure>\n<script src="../_static/interactive/slope.js"></script>' in html


def test_only_pages_with_a_figure_load_what_figures_share(build_figure):
    done = build_figure()
    assert "interactive/common.js" in done.page("part/page")
    assert "interactive/interactive.css" in done.page("part/page")
    assert "interactive/" not in done.page("index")


def test_figure_without_a_script_fails_the_build_at_its_line(build_figure):
    done = build_figure(name="slop")
    assert done.failures == [
        "docs/part/page.md:13: interactive figure without a script: interactive/slop.js"
    ]


@pytest.mark.parametrize("picture", ["fig-slop", "", "page"])
def test_figure_without_a_picture_fails_the_build_at_its_line(build_figure, picture: str):
    done = build_figure(picture=picture)
    assert len(done.failures) == 1
    assert done.failures[0].startswith("docs/part/page.md:13: ")
    assert "picture" in done.failures[0]


@pytest.mark.parametrize(
    ("builder", "suffix"), [("text", "txt"), ("latex", "tex"), ("man", "1"), ("texinfo", "texi")]
)
def test_other_builders_show_the_picture_alone(build_figure, builder: str, suffix: str):
    done = build_figure(builder=builder)
    assert done.status == 0
    (*_, written) = sorted(done.folder.glob(f"**/*.{suffix}"))
    text = written.read_text(encoding="utf-8")
    assert "A line." in text
    assert "Move" not in text


def test_electronic_book_shows_the_picture_alone(build_figure):
    done = build_figure(builder="epub")
    text = (done.folder / "part" / "page.xhtml").read_text(encoding="utf-8")
    assert "A line." in text
    assert "Move" not in text
