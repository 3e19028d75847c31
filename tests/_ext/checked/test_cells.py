"""What a name of a page's cells stands for is found without running the page."""

import inspect

import pytest
from checked.cells import Cell, function_in_cells
from checked.errors import Refused


def found(name, *sources, line=0):
    cells = tuple(Cell(10 * place, source) for place, source in enumerate(sources, 1))
    return function_in_cells(name, cells, line)


def test_an_expression_takes_its_free_names_by_keyword():
    z = found("z", "x, y = 1, 2", "z = 5 * x**3 + sum(y for _ in range(7))")
    assert list(inspect.signature(z).parameters) == ["x", "y"]
    assert z(x=2, y=3) == 5 * 8 + 7 * 3


@pytest.mark.parametrize("source", ["def f(x):\n    return 2 * x", "f = lambda x: 2 * x"])
def test_a_function_is_found(source):
    assert found("f", source)(3) == 6


def test_a_function_has_the_imports_and_functions_that_it_uses_and_no_others():
    imports = "import math, no_such_module\nfrom fractions import Fraction as F"
    helpers = "twice = lambda t: F(2) * t\ndef half(t):\n    return math.floor(twice(t) / 4)"
    f = found("f", imports, helpers, "f = half(x) + F(1)")
    assert f(x=6) == 4


def test_nothing_else_is_executed():
    assert found("f", "raise SystemExit\nf = 2 * x\n1 / 0")(x=1) == 2


def test_data_of_the_page_become_parameters():
    f = found("f", "W = [1, 2]", "def f(x):\n    return W[0] * x")
    assert f(3, W=[5]) == 15


def test_a_helper_must_not_need_data_of_the_page():
    with pytest.raises(Refused, match="g, which f calls, needs k"):
        found("f", "k = 2", "g = lambda t: k * t", "f = g(x)")


def test_the_first_cell_after_the_formula_counts_and_else_the_last_before_it():
    sources = ["f = 1 * x", "f = 2 * x", "f = 3 * x"]
    values = {line: found("f", *sources, line=line)(x=1) for line in (0, 10, 25, 30, 99)}
    assert values == {0: 1, 10: 2, 25: 3, 30: 3, 99: 3}


def test_a_name_that_a_cell_gives_twice_is_refused():
    with pytest.raises(Refused, match="the cell at line 10 gives f more than once"):
        found("f", "f = x\nf = 2 * x")
    with pytest.raises(Refused, match="the cell at line 10 gives f more than once"):
        found("f", "f = x\nf += 1")
    assert found("f", "f = x\nf = x")(x=1) == 1


def test_a_name_that_no_cell_gives_is_refused():
    for source in (
        "import f",
        "for f in range(3):\n    pass",
        "if True:\n    f = 2",
        "%magic\nf = 2",
    ):
        with pytest.raises(Refused, match="no cell gives f"):
            found("f", source)
