"""A page with cells is also a notebook in plain Markdown, with the code of all cells in order."""

import re

import nbformat

HEADER = "---\nfile_format: mystnb\nkernelspec: {name: python3, language: python}\n---\n\n"
EXTENSIONS = ["sphinx_design", "exercises", "tabbed_cells", "notebooks"]
SETTINGS = (
    "myst_enable_extensions = ['dollarmath', 'colon_fence']\nnumfig = True\nproject = 'Book'\n"
)


def cell(code: str, tags: str = "") -> str:
    return f"```{{code-cell}} ipython3\n:tags: [{tags}]\n{code}\n```\n\n"


def notebook(build, page: str, extra: str = "", **pages: str) -> nbformat.NotebookNode:
    pages = {name.replace("_", "."): text for name, text in pages.items()}
    done = build({"index.md": HEADER + page} | pages, EXTENSIONS, settings=SETTINGS + extra)
    assert done.status == 0, done.output
    made = nbformat.read(done.folder / "index.ipynb", as_version=4)
    nbformat.validate(made)
    return made


def words(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_cells_and_words_alternate_as_on_the_page(build):
    page = "# Page\n\nBefore.\n\n" + cell("x = 1") + "Between.\n\n" + cell("x += 1") + "After.\n"
    made = notebook(build, page)
    assert [cell.cell_type for cell in made.cells] == ["markdown", "code"] * 2 + ["markdown"]
    assert made.cells[1].source == "x = 1"
    assert made.cells[2].source == "Between."
    assert made.metadata.kernelspec.name == "python3"


def test_hidden_cells_are_there_at_their_place_and_folded(build):
    page = "# Page\n\n" + cell("x = 1", "remove-cell") + "Words.\n\n" + cell("x", "hide-input")
    page += "More.\n\n" + cell("assert x == 1", "remove-cell") + "## Section\n\nEnd.\n"
    made = notebook(build, page)
    code = ["x = 1", "x", "assert x == 1"]
    sources = [cell.source for cell in made.cells]
    assert [source for source in sources if source in code] == code
    assert sources.index("assert x == 1") < sources.index("## Section\n\nEnd.")
    for cell_ in made.cells:
        assert (cell_.cell_type == "code") == ("jupyter" in cell_.metadata)


def test_formulas_stand_in_one_line_with_their_numbers(build):
    page = (
        "# Page\n\nIn $a\n= b$:\n\n```{math}\n:label: eq\n\\frac{1}\n{2}\n```\n\nBy {eq}`eq`.\n\n"
    )
    text = words(notebook(build, page + cell("x = 1")))
    assert "In $a = b$:" in text
    assert "\n$$\\frac{1} {2} \\tag{1}$$\n" in text
    assert "By (1)." in text


def test_boxes_are_quotations(build):
    page = "# Page\n\n:::{admonition} Note\nTake $x$:\n\n$$x +\n1$$\n:::\n\n"
    text = words(notebook(build, page + cell("x = 1")))
    assert "> **Note**\n> \n> Take $x$:\n> \n> $$x + 1$$" in text


def test_exercise_has_its_number_and_folds_but_no_box_to_answer_in(build):
    page = "# Page\n\n::::{exercise} Twice $x$\n:name: twice\n:answer: Twice\n\nDouble it.\n"
    page += ":::{hint}\nAdd.\n:::\n:::{solution}\nIt is *so*.\n:::\n::::\n\n"
    text = words(notebook(build, page + cell("1 + 1")))
    assert "> **Exercise 1 Twice $x$**\n> \n> Double it." in text
    assert "> <details>\n> <summary>Hint</summary>\n> \n> Add.\n> \n> </details>" in text
    assert "<summary>Solution</summary>\n> \n> It is *so*." in text
    assert text.count("Twice") == 1


def test_links_into_the_book_need_its_address(build):
    page = (
        "# Page\n\nSee [the other](other.md), [a site](https://example.org) and [here](#page).\n\n"
    )
    page += cell("x = 1") + "```{toctree}\n:hidden:\n\nother\n```\n"
    settings = "myst_heading_anchors = 2\n"
    text = words(notebook(build, page, settings, other_md="# Other\n"))
    assert "See the other, [a site](https://example.org) and here." in text
    settings += "html_baseurl = 'https://book.example/'\n"
    text = words(notebook(build, page, settings, other_md="# Other\n"))
    assert "See [the other](https://book.example/other.html)," in text
    assert "[here](https://book.example/index.html#page)" in text


def test_figure_of_a_cell_has_its_caption_below(build):
    options = "---\nmystnb:\n  figure:\n    name: fig\n    caption: A curve.\n---\n"
    drawing = "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')"
    code = f"```{{code-cell}} ipython3\n{options}{drawing}\n```\n\n"
    page = "# Page\n\nSee {numref}`fig`.\n\n" + code
    made = notebook(build, page, "nb_execution_mode = 'force'\n")
    assert "See Fig. 1." in words(made)
    assert made.cells[-1].source == "**Fig. 1** A curve."


def test_tabs_stand_one_after_the_other_each_with_its_name(build):
    page = "# Page\n\n" + cell("x = 1", "tab:One") + cell("assert x", "remove-cell")
    made = notebook(build, page + cell("y = 1", "tab:Two"))
    assert [cell.source for cell in made.cells][1:] == [
        *("x = 1", "assert x", "**Two**", "y = 1"),
    ]
    assert made.cells[0].source.endswith("**One**")


def test_module_beside_the_pages_is_carried_along(build, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "helper.py").write_text("import json\nimport numpy\n\nx = 14\n")
    made = notebook(build, "# Page\n\n" + cell("import sys, os.path\nfrom helper import x"))
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert code[0].source == "%%writefile helper.py\nimport json\nimport numpy\n\nx = 14"
    assert code[0].metadata.jupyter.source_hidden
    assert made.cells[0].source == "# Page\n\n*From “Book”. The code needs numpy.*"


def test_an_edit_of_a_comment_in_a_carried_module_reaches_the_notebook(build, tmp_path):
    (tmp_path / "docs").mkdir()
    pages = {"index.md": HEADER + "# Page\n\n" + cell("import helper")}
    for comment, edited in (("# one", pages), ("# two", {})):
        (tmp_path / "docs" / "helper.py").write_text(comment)
        done = build(edited, ["cells_run", *EXTENSIONS], settings=SETTINGS, fresh=False)
        made = nbformat.read(done.folder / "index.ipynb", as_version=4)
        assert made.cells[1].source.endswith(comment)


def test_page_links_to_its_notebook_and_two_builds_make_the_same(build):
    page = {"index.md": HEADER + "# Page\n\n" + cell("x = 1")}
    first = build(page, EXTENSIONS, settings=SETTINGS)
    before = (first.folder / "index.ipynb").read_bytes()
    (link,) = re.findall("<a [^>]*index.ipynb[^>]*>", first.page("index"))
    assert " download>" in link
    assert (
        build(page, EXTENSIONS, settings=SETTINGS).folder / "index.ipynb"
    ).read_bytes() == before


def test_only_the_pages_that_are_wanted_and_have_cells_are_notebooks(build):
    page = HEADER + "# Page\n\n" + cell("x = 1")
    contents = "# Book\n\n```{toctree}\na/page\nb/page\n```\n"
    pages = {"index.md": contents, "a/page.md": page, "b/page.md": page}
    done = build(pages, EXTENSIONS, settings=SETTINGS)
    assert sorted(path.parent.name for path in done.folder.rglob("*.ipynb")) == ["a", "b"]
    done = build(pages, EXTENSIONS, settings=SETTINGS + "notebooks = ['b/*']\n")
    assert "page.ipynb" not in done.page("a/page")
    assert "page.ipynb" in done.page("b/page")
