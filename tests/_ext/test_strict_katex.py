"""Formulas are rendered while the book is built; one that cannot be rendered fails the build."""

SETTINGS = (
    "html_math_renderer = 'strict_katex'\nkatex_prerender = True\nkatex_css_path = 'katex.css'\n"
    "myst_enable_extensions = ['dollarmath']\n"
)


def test_formula_is_in_the_page_as_html_and_mathml(build):
    done = build(
        {"index.md": "# Page\n\n$a^2$\n\n$$\\frac{1}{2}$$\n"}, ["strict_katex"], settings=SETTINGS
    )
    assert done.status == 0
    assert done.page("index").count("<math ") == 2
    assert done.page("index").count('class="katex-html"') == 2


def test_formula_with_an_error_fails_the_build_at_its_line(build):
    done = build(
        {"index.md": "# Page\n\nGood: $a$\n\nBad: $\\frac{1}$\n"},
        ["strict_katex"],
        settings=SETTINGS,
    )
    assert done.status != 0
    assert len(done.failures) == 1
    assert done.failures[0].startswith("docs/index.md:5: formula: ")


def test_formulas_of_pages_written_at_once_are_not_mixed_up(build):
    names = [f"page{number}" for number in range(12)]
    pages = {f"{name}.md": f"# Page\n\n$x_{{{name}}} + 1$\n" for name in names}
    pages["index.md"] = "# Book\n\n```{toctree}\n" + "\n".join(names) + "\n```\n"
    done = build(pages, ["strict_katex"], settings=SETTINGS, workers=4)
    assert done.status == 0
    for name in names:
        _, formula = done.page(name).split("<annotation")
        assert f"x_{{{name}}} + 1" in formula
