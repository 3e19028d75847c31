"""Scope: what is declared where, and until when."""

import pytest
from checked import Scope, check, remember
from checked.errors import Refused


def declared(*texts):
    scope = Scope()
    for text in texts:
        scope.declare(text)
    return scope


def test_a_name_keeps_its_meaning_until_a_later_section_gives_it_another():
    scope = declared("x")
    assert check(scope, "y = x + 1", kind="define").ok
    scope.section()
    assert check(scope, "y = 1 + x").ok
    assert check(scope, "y = x + 2", kind="define").ok
    assert check(scope, "y = 2 + x").ok
    assert not check(scope, "y = 1 + x").ok


def test_within_a_section_no_name_gets_a_second_meaning():
    scope = declared("x")
    assert check(scope, "y = x + 1", kind="define").ok
    assert check(scope, "y = x + 2", kind="define").category == "redefinition"


def test_what_was_said_through_an_old_meaning_is_forgotten_with_it():
    scope = declared("x")
    assert check(scope, "u = 2x", kind="define").ok
    assert check(scope, "y = u + 1", kind="define").ok
    scope.section()
    assert check(scope, "u = 3x", kind="define").ok
    assert check(scope, "y = 2x + 1").category == "undeclared"


def test_what_a_section_supposes_of_an_older_name_ends_with_it():
    scope = declared("x")
    scope.section()
    scope.declare("x > 0")
    assert check(scope, r"\sqrt{x^2} = x").ok
    scope.section()
    assert not check(scope, r"\sqrt{x^2} = x").ok


def test_a_value_that_is_given_ends_with_its_section():
    scope = declared("x")
    assert check(scope, "x = 3", kind="given").ok
    assert check(scope, "9 = x^2", kind="number").ok
    scope.section()
    assert not check(scope, "9 = x^2", kind="number").ok


@pytest.mark.parametrize("text", ["x", "x > 0", r"x \in \mathbb{R}^3", "x: differentiable"])
def test_no_name_is_introduced_twice(text):
    scope = declared("x")
    if text == "x > 0":
        scope.declare(text)  # this supposes something of a name that is known
        assert check(scope, "x > 0").ok
    else:
        with pytest.raises(Refused, match="already has a meaning"):
            scope.declare(text)


@pytest.mark.parametrize("name", ["e", "\\pi", "d"])
def test_constants_cannot_be_declared(name):
    with pytest.raises(Refused, match="its own meaning"):
        declared(name)


def test_a_failed_definition_leaves_nothing_behind():
    scope = declared("x")
    assert not check(scope, "f(x) = x^2 = x^3", kind="define").ok
    assert check(scope, "f(x) = x^2 = x \\cdot x", kind="define").ok


def test_a_definition_is_defined_everywhere():
    assert check(declared("x"), r"f(x) = \frac{1}{x}", kind="define").category == "undefined"
    assert check(declared("x > 0"), r"f(x) = \frac{1}{x}", kind="define").ok


def test_a_definition_needs_its_names():
    assert check(declared("x"), "f(x) = a x", kind="define").category == "undeclared"


def test_data_must_lie_in_the_domain():
    scope = declared("0 < s < 1", r"n \in \mathbb{N}")
    assert check(scope, "s = 2", kind="given").category == "false"
    assert check(scope, r"n = \frac{1}{2}", kind="given").category == "false"
    assert check(scope, r"s = \frac{1}{2}", kind="given").ok


def test_what_is_supposed_must_be_possible():
    assert check(declared("0 < s < 1", "s > 2"), "s = s").category == "vacuous"


def test_a_mention_may_stand_before_the_formula_it_comes_from():
    scope = declared("x")
    assert check(scope, "x^2", kind="mention").category == "unbound"
    remember(scope, "x^2 + 1 > 0")
    assert check(scope, "x^2", kind="mention").ok
    assert check(scope, "x", kind="mention").ok
    assert check(scope, "q", kind="mention").category == "undeclared"
    assert check(scope, "2", kind="mention").category == "unbound"
    assert check(scope, "x = x", kind="mention").category == "unbound"


def test_a_sum_may_not_use_a_declared_name_as_its_index():
    scope = declared("k")
    assert check(scope, r"\sum_{k=1}^{3} k = 6").category == "redefinition"


def test_the_index_of_the_outer_formula_may_not_be_used_in_the_sum():
    scope = declared(r"x \in \mathbb{R}^n")
    wrong = r"p_i = \frac{e^{x_i}}{\sum_{i=1}^{n} e^{x_i}}"
    assert check(scope, wrong, kind="define").category == "redefinition"
