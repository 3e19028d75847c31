"""Mutation is the proof of the proof: what is accepted after a change must still be true."""

import pytest
from checked.mutants import fuzz, mutants

from tests._ext.checked.corpus import entries, judged

# The formulas below have only these true mutants; the reason stands beside each.
STILL_TRUE = {
    r"\frac{dy}{dx} = \frac{d}{dx}(3x^2 + 15) = 3 \cdot 2x - 0 = 6x": "minus 0 is plus 0",
    r"\sigma'(-x) = \sigma(x) \left( 1 - \sigma(x) \right)": "the slope is even",
    r"1 - 2s = 0 \implies  s = \frac{1}{2}": "half of an equivalence",
}
FORMULAS = (
    r"\frac{dy}{dx} = \frac{d}{dx}(3x^2 + 15) = 3 \cdot 2x + 0 = 6x",
    r"\left.\frac{dy}{dx}\right|_{x=3} = 6 \cdot 3 = 18",
    r"18 = \frac{dy}{dx}",
    r"\sigma'(x) = \sigma(x) \left( 1 - \sigma(x) \right)",
    r"1 - 2s = 0 \iff s = \frac{1}{2}",
    r"\sum_{i=1}^{n} p_i = 1",
    r"v v^\top = \begin{pmatrix} 1 & 2 & 3 \\ 2 & 4 & 6 \\ 3 & 6 & 9 \end{pmatrix}",
    r"(a b^\top)_{ij} = a_i b_j",
)


def entry_of(formula):
    return next(entry for entry in entries("true.yaml") if entry["claim"] == formula)


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_false_mutant_survives(formula):
    entry = entry_of(formula)
    survivors = {mutant for mutant, _ in mutants(formula) if judged(entry, mutant).ok}
    assert survivors <= set(STILL_TRUE)


@pytest.mark.parametrize("formula", FORMULAS[:4])
def test_no_slip_of_the_finger_survives(formula):
    entry = entry_of(formula)
    assert [mutant for mutant, _ in fuzz(formula) if judged(entry, mutant).ok] == []


def test_mutants_are_all_different_and_always_in_the_same_order():
    found = [mutant for mutant, _ in mutants(FORMULAS[0])]
    assert found == [mutant for mutant, _ in mutants(FORMULAS[0])]
    assert len(found) == len(set(found))
    assert FORMULAS[0] not in found


@pytest.mark.parametrize(
    ("formula", "mutant"),
    [
        ("x + 1 = 2", "x - 1 = 2"),
        ("x + 1 = 2", "x + 1 < 2"),
        ("x^2 = y", "x^3 = y"),
        ("x_i = y_j", "x_j = y_j"),
        (r"\ln x = 0", r"\exp x = 0"),
        (r"\frac{dy}{dx} = 1", r"\frac{dy}{dy} = 1"),
        (r"0.25 = x", r"0.26 = x"),
        ("f'(x) = 1", "f(x) = 1"),
    ],
)
def test_kinds_of_mutants(formula, mutant):
    assert mutant in [found for found, _ in mutants(formula)]


def test_fuzz_leaves_out_what_reads_the_same():
    assert "2 x" not in [found for found, _ in fuzz("2  x")]
    assert "20x" in [found for found, _ in fuzz("2x")]
    assert "x" in [found for found, _ in fuzz("2x")]
