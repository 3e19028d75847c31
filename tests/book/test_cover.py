"""The curves on the cover are the sigmoid and its slope, and its title is that of the book."""

import re

import pytest

from mlmath import sigmoid, sigmoid_derivative
from tests.building import ROOT

COVER = (ROOT / "docs" / "_static" / "cover.svg").read_text(encoding="utf-8")
ZERO, ONE = 640, 400  # the heights of the two lines
MIDDLE, UNIT = 300, 40


@pytest.mark.parametrize(
    ("name", "function"), [("sigmoid", sigmoid), ("slope", sigmoid_derivative)]
)
def test_curve_on_the_cover_is_that_of_the_function(name, function):
    points = re.search(rf'id="{name}"[^>]* points="([^"]*)"', COVER)[1].split()
    assert len(points) == 49
    for x, y in (map(float, point.split(",")) for point in points):
        score = (x - MIDDLE) / UNIT
        assert y == pytest.approx(ZERO + (ONE - ZERO) * function(score), abs=0.051)


def test_title_on_the_cover_is_that_of_the_book():
    title = re.search(r'^project = "(.*)"', (ROOT / "conf.py").read_text(), re.MULTILINE)[1]
    lines = re.findall(r"<text[^>]*>(.*?)</text>", COVER)
    assert " ".join(lines[:-1]) == title
    assert f">{title}</title>" in COVER
