"""What the reader sees of a proof: a mark with a name, beside it what was proved and how."""

import re
from html import unescape

import pytest

EXTENSIONS = ["strict_katex", "checked.book"]
SETTINGS = (
    "myst_enable_extensions = ['dollarmath']\n"
    "html_math_renderer = 'strict_katex'\nkatex_prerender = True\n"
)
SHAPES = """# Shapes

```{declare}
r > 0
\\hat{y} > 0
```

```{math}
:define:
\\mathrm{area}(r) = 4 r^2
```

```{math}
:label: four
\\frac{\\mathrm{area}(r)}{4} = r^2
```

By {math:numref}`four`, $\\mathrm{area}(\\hat{y}) = 4 \\hat{y}^2$.
Take {given}`r = 3`. The area is {num}`36 = \\mathrm{area}(r)`.
"""
MARK = re.compile(
    r'<button type="button" class="proof-mark" popovertarget="(?P<target>[^"]+)" '
    r'aria-label="(?P<name>[^"]+)">✓</button>'
    r'<span class="proof" id="(?P<id>[^"]+)" popover><strong>(?P<heading>[^<]+)</strong>'
    r"(?P<lines>.*?)</span></span>",
    re.DOTALL,
)


def marks(html: str) -> list[dict[str, str]]:
    return [found.groupdict() for found in MARK.finditer(html)]


@pytest.fixture
def shapes(build) -> str:
    done = build({"index.md": SHAPES}, EXTENSIONS, settings=SETTINGS)
    assert done.status == 0, done.failures
    return done.page("index")


def test_what_a_mark_opens_follows_it_at_once(shapes):
    found = marks(shapes)
    assert len(found) == shapes.count("proof-mark") == shapes.count("popover>") == 3
    assert all(mark["target"] == mark["id"] for mark in found)


def test_mark_is_named_after_its_formula(shapes):
    assert [unescape(mark["name"]) for mark in marks(shapes)] == [
        "Proved: frac area (r) 4 = r^2",
        "Proved: area ( hat y ) = 4 hat y ^2",
        "Proved: 36 = area (r)",
    ]


def test_no_id_occurs_twice(shapes):
    ids = re.findall(r'\bid="([^"]+)"', shapes)
    assert "equation-four" in ids
    assert len(ids) == len(set(ids))


def test_number_opens_the_formula_that_it_is_bound_to(shapes):
    *_, number = marks(shapes)
    text = re.sub(r"<[^>]+>", "", number["lines"].partition("True at")[0])
    assert unescape(text).replace("\u2061", "") == "36=area(r)"


def test_names_are_typeset(shapes):
    ratio, area, _ = marks(shapes)
    assert ">area</mi>" in ratio["lines"]
    assert "<mover" in area["lines"]
    assert "\\" not in ratio["lines"] + area["lines"]


def test_what_is_only_compared_is_not_said_to_be_proved(build, tmp_path):
    (tmp_path / "example.py").write_text("def area(r):\n    return 4 * r**2\n", encoding="utf-8")
    text = "# Page\n\n```{math}\n:code: example.area\nA(r) = 4 r^2\n```\n"
    done = build({"index.md": text}, EXTENSIONS, settings=SETTINGS)
    [mark] = marks(done.page("index"))
    assert mark["heading"] == "Compared with code"
    assert "Proved" not in mark["name"] + mark["lines"]


def test_mark_of_a_long_formula_has_a_short_name(build):
    total = " + ".join(["x"] * 60)
    text = f"# Page\n\n```{{declare}}\nx > 0\n```\n\nSo ${total} = 60 x$.\n"
    [mark] = marks(build({"index.md": text}, EXTENSIONS, settings=SETTINGS).page("index"))
    assert len(mark["name"]) <= 90
    assert mark["name"].endswith("…")


def test_other_formats_have_no_marks(build):
    done = build({"index.md": SHAPES}, EXTENSIONS, builder="text", settings=SETTINGS)
    text = (done.folder / "index.txt").read_text(encoding="utf-8")
    assert "area" in text
    assert "✓" not in text
    assert "Proved" not in text
