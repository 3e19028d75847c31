"""What README shows is what the package does and what the commands are."""

import re
from collections import Counter
from fractions import Fraction

from mlmath import Value
from tests.building import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_results_beside_the_calls_are_what_the_calls_give() -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    names = {"Fraction": Fraction}
    exec("import mlmath", names)
    shown = re.findall(r"^(mlmath\..*)  # (.*)$", code, re.MULTILINE)
    assert len(shown) == 3
    for call, result in shown:
        assert eval(call, names) == eval(result, names)


def test_commands_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert set(re.findall(r"^`?\|? ?`?make ([a-z-]+)", README, re.MULTILINE)) == targets


def test_picture_shows_the_values_and_gradients_of_the_graph() -> None:
    x = Value([Fraction(0), Fraction(1), Fraction(2)])
    a = x + 2
    b = a**2
    c = b + 3
    y = c.mean()
    y.backward()
    wanted = [str(y.data), str(y.grad)]
    for node in (x, a, b, c):
        wanted += [str(number) for number in [*node.data, *node.grad]]
    picture = (ROOT / "docs" / "_static" / "graph.svg").read_text(encoding="utf-8")
    shown = re.findall(r"<text[^>]*>([\d/]+)</text>", picture)
    assert Counter(shown) == Counter(wanted)
