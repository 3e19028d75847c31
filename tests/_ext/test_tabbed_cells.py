"""Neighbouring cells with tags become the tabs of one box, and are run like all others."""

import re

import pytest

HEADER = (
    "---\nfile_format: mystnb\nkernelspec: {name: python3, language: python}\n---\n\n# Page\n\n"
)


def cell(code: str, tags: str = "") -> str:
    return f"```{{code-cell}} ipython3\n:tags: [{tags}]\n{code}\n```\n\n"


UNRUN = "nb_execution_mode = 'off'\n"
PAGE = (
    HEADER
    + cell("first = sum([1, 2, 3])", "tab:By hand")
    + cell("assert first == 6", "remove-cell")
    + cell("second = first - 6 + 2 * 3", "tab:Doubled")
    + cell("print('both', first, second)")
)


def shown(build, page: str) -> str:
    """The HTML of a page whose cells are not run."""
    return build({"index.md": page}, ["tabbed_cells"], settings=UNRUN).page("index")


def test_tagged_cells_are_tabs_and_are_run_in_their_order(build):
    done = build({"index.md": PAGE}, ["tabbed_cells"])
    assert done.status == 0, done.output
    html = done.page("index")
    labels = re.findall(r"<label[^>]*>\s*(.*?)</label>", html, re.DOTALL)
    assert labels == ["By hand", "Doubled"]
    assert html.index("sum") < html.index("Doubled") < html.index("second")
    assert "both 6 6" in html


def test_boxes_follow_each_other_by_the_names_of_their_tabs(build):
    html = shown(build, PAGE + PAGE.removeprefix(HEADER))
    assert re.findall(r'data-sync-id="(.*?)"', html) == ["By hand", "Doubled"] * 2
    assert html.count('<input checked="checked"') == 2


def test_cell_without_a_tag_parts_two_boxes(build):
    one, two = cell("x = 1", "tab:One"), cell("x = 2", "tab:Two")
    assert shown(build, HEADER + one + two + one + two).count("sd-tab-set docutils") == 1
    assert shown(build, HEADER + one + two + cell("x") + one + two).count("sd-tab-set doc") == 2


def test_cell_that_is_hidden_is_folded_within_its_tab(build):
    html = shown(build, HEADER + cell("x = 1", "tab:One, hide-input") + cell("y = 2", "tab:Two"))
    assert html.index("sd-tab-content") < html.index("<details") < html.index("Two")


def test_tab_that_stands_alone_fails_the_build_at_its_line(build):
    page = HEADER + cell("x = 1", "tab:One") + "Words.\n"
    done = build({"index.md": page}, ["tabbed_cells"], settings=UNRUN)
    line = page.splitlines().index("x = 1") + 1
    assert done.status != 0
    assert done.failures == [f"docs/index.md:{line}: the tab One stands alone"]


@pytest.mark.parametrize(("builder", "name"), [("text", "index.txt"), ("epub", "index.xhtml")])
def test_where_nothing_can_be_clicked_each_cell_has_its_name_above_it(build, builder, name):
    settings = UNRUN + "epub_show_urls = 'no'\n"
    done = build({"index.md": PAGE}, ["tabbed_cells"], builder, settings=settings)
    text = (done.folder / name).read_text(encoding="utf-8")
    places = [text.index(part) for part in ("By hand", "sum", "Doubled", "second")]
    assert places == sorted(places)
    assert "sd-tab" not in text
