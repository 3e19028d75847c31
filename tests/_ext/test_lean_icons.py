"""The icon font keeps what pages show, and nothing else."""

from fontTools.ttLib import TTFont
from lean_icons import FONTS, shown

STYLES = (
    '.fa-house,.fa-home{--fa:"\\f015"}.fa-bars{--fa:"\uf0c9"}.fa-5{--fa:"\\35 "}'
    '.admonition::after{content:"\\f05a"}html{--pst-icon-check:"\uf058"}'
)


def test_icon_is_kept_if_a_page_names_its_class() -> None:
    assert {"\uf015"} == shown(STYLES, '<i class="fa-solid fa-home">') - shown(STYLES, "")
    assert {"\uf0c9"} == shown(STYLES, '<i class="fa-solid fa-bars">') - shown(STYLES, "")


def test_icon_that_the_styles_themselves_show_is_kept() -> None:
    assert shown(STYLES, "") == {"\uf05a", "\uf058"}


def test_digits_are_no_icons() -> None:
    assert shown(STYLES, '<i class="fa-5">') == shown(STYLES, "")


def test_built_font_holds_the_icons_of_its_page_alone(build) -> None:
    done = build(
        {"index.md": '# Page\n\n<i class="fa-solid fa-house"></i>\n'},
        ["lean_icons"],
        settings="html_theme = 'pydata_sphinx_theme'\n",
    )
    assert done.status == 0, done.output
    icons = TTFont(done.folder / FONTS / "fa-solid-900.woff2").getBestCmap()
    assert ord("\uf015") in icons
    assert ord("\uf5dc") not in icons  # a brain
    assert len(icons) < 100
