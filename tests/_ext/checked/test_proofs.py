"""The parts of the proof, each by itself: normal form, signs, domain, limits, witness."""

from fractions import Fraction

import pytest
import sympy as sp
from checked import Scope
from checked.domain import Domain
from checked.errors import Refused
from checked.kernels import Choose
from checked.limits import limit
from checked.normal import is_zero
from checked.proving.regions import regions
from checked.signs import enclose, is_nonzero, sign
from checked.witness import NoValue, Witness, compare

x, y = sp.symbols("x y", real=True)
everywhere = Domain()
positive = everywhere.assume(x, ">")
s = 1 / (1 + sp.exp(-x))


@pytest.mark.parametrize(
    "expression",
    [
        s.diff(x) - s * (1 - s),
        sp.log(s) + sp.log(1 + sp.exp(-x)),
        sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6),
        sp.cos(2 * x) - 1 + 2 * sp.sin(x) ** 2,
        sp.exp(x / 2) ** 2 - sp.exp(x),
        sp.log(6) - sp.log(2) - sp.log(3),
        1 / (1 + sp.sqrt(2)) - sp.sqrt(2) + 1,
    ],
)
def test_the_normal_form_finds_zero(expression):
    assert is_zero(expression, everywhere)


@pytest.mark.parametrize(
    "expression", [x - y, sp.exp(x) - x, sp.sqrt(2) - sp.Rational(7, 5), sp.exp(1) - 3]
)
def test_the_normal_form_finds_nothing_else(expression):
    assert not is_zero(expression, everywhere)


@pytest.mark.parametrize(
    ("expression", "domain", "found"),
    [
        (s, everywhere, ">"),
        (s - 1, everywhere, "<"),
        (s * (1 - s) - sp.Rational(1, 4), everywhere, "≤"),
        (x**2 - 2 * x + 2, everywhere, ">"),
        (x**2 - 2 * x * y + y**2, everywhere, "≥"),
        (x, everywhere, ""),
        (x, positive, ">"),
        (x**4 - x**2, everywhere, ""),
        (sp.exp(x) - 1, positive, ">"),
        (sp.exp(x) - 1 - x, everywhere, "≥"),
        (sp.pi - sp.Rational(22, 7), everywhere, "<"),
    ],
)
def test_signs(expression, domain, found):
    assert sign(expression, domain) == found


def test_a_near_miss_is_not_zero():
    near = sp.exp(sp.pi * sp.sqrt(163)) - 262537412640768744
    assert sign(near, everywhere) == "<"
    assert enclose(near).b < 0


def test_an_irrational_root_of_a_denominator_is_seen():
    assert not is_nonzero(x**2 - 2, everywhere)
    assert is_nonzero(x**2 + 2, everywhere)


def test_cases_are_split_at_their_walls_and_on_them():
    split = list(regions([Choose(x - 1, -x, sp.Integer(7), x)], everywhere))
    assert [parts[0] for _, parts in split] == [-x, 7, x]


def test_an_impossible_domain_is_seen():
    assert positive.assume(x + 1, "<").impossible
    assert positive.assume(x, "=").impossible
    assert everywhere.assume(x, "≠").assume(x, "=").impossible


def test_limits_from_one_side():
    h = sp.Symbol("h", positive=True)
    assert limit(Choose(-h, sp.Integer(0), sp.Integer(5), h) / h, h, everywhere) == 0
    assert limit(1 / h, h, everywhere) == sp.oo
    assert limit(1 / (1 + sp.exp(-1 / h)), h, everywhere) == 1
    with pytest.raises(Refused):
        limit(sp.sin(1 / h), h, everywhere)


def at(latex, **values):
    scope = Scope()
    for name in values:
        scope.declare(name)
    return Witness(scope, values).value(scope.read(latex))


@pytest.mark.parametrize(
    ("latex", "values", "expected"),
    [
        (r"\frac{d}{dx} x^3", {"x": Fraction(2)}, 12),
        (r"\lim_{h \to 0} \frac{(3 + h)^2 - 9}{h}", {}, 6),
        (r"\left. x^2 \right|_{x=5}", {"x": Fraction(1)}, 25),
        (r"\max_{t \in \mathbb{R}} (1 - (t - 2)^2)", {}, 1),
        (r"\int_0^1 t^2 \, dt", {}, Fraction(1, 3)),
        (r"\sum_{i=1}^{4} i", {}, 10),
    ],
)
def test_the_witness_computes_without_algebra(latex, values, expected):
    value = at(latex, **values)
    assert compare(value * expected.denominator, "=", expected.numerator) == "true"


@pytest.mark.parametrize(
    "latex", [r"\frac{1}{0}", r"\ln 0", r"\sqrt{-1}", r"\lim_{t \to 0} \frac{1}{t}", r"e^{-\infty}"]
)
def test_the_witness_knows_what_is_not_defined(latex):
    with pytest.raises(NoValue) as caught:
        at(latex)
    assert caught.value.undefined


def test_a_corner_has_no_derivative():
    with pytest.raises(NoValue, match="slopes from both sides differ"):
        at(r"\frac{d}{dx} |x|", x=Fraction(0))
