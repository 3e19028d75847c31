"""The mutants builder: a mutant that passes is listed with a reason, or fails the build."""

import json

import pytest
from checked import Scope
from checked.mutation import mutate, reads_same
from checked.pages import Formula

EXTENSIONS = ["checked.book"]
SETTINGS = "myst_enable_extensions = ['dollarmath']\nchecked_survivors = 'survivors.json'\n"
PAGE = {"index.md": "# Twice\n\n```{declare}\nx > 1\n```\n\nSo $x^2 > x$ and $x + x = 2 x$.\n"}


@pytest.fixture
def scope():
    scope = Scope()
    scope.declare("x")
    return scope


@pytest.mark.parametrize(
    ("formula", "mutant"),
    [
        (r"x = x \cdot 1", "x = x / 1"),
        (r"x = \lVert (x, 0) \rVert", r"x = \Vert (x, 0) \rVert"),
        (r"x \to 0 \text{ as } x \to 0", r"x \to 0 \text{ as} x \to 0"),
    ],
)
def test_the_same_formula_in_other_letters_is_no_mutant(scope, formula, mutant):
    assert reads_same(scope, Formula("claim", formula), Formula("claim", mutant))


@pytest.mark.parametrize(
    ("formula", "mutant"),
    [
        (r"x = x \cdot 2", "x = x / 2"),
        ("x = x + 1", "x = x - 1"),
        ("x = 2 + 2", r"x = 2 \cdot 2"),
        ("x = x^2", "x = (-x)^2"),
    ],
)
def test_a_formula_with_another_reading_is_a_mutant(scope, formula, mutant):
    assert not reads_same(scope, Formula("claim", formula), Formula("claim", mutant))


def test_a_definition_on_which_nothing_rests_survives():
    script = [Formula("declare", "x"), Formula("define", "y = 3 x")]
    _, passing = mutate("page", script, 1)
    assert "y = 4 x" in [mutant.changed for mutant in passing]
    script.append(Formula("claim", "y = x + 2 x"))
    _, passing = mutate("page", script, 1)
    assert "y = 4 x" not in [mutant.changed for mutant in passing]


def test_a_new_survivor_fails_the_build_and_one_with_a_reason_does_not(build, tmp_path):
    failed = build(PAGE, EXTENSIONS, builder="mutants", settings=SETTINGS)
    assert failed.status != 0
    assert any("not listed as still true: x^3 > x" in failure for failure in failed.failures)

    record = json.loads((tmp_path / "survivors.json").read_text())
    tried, refused = record["formulas"]
    assert tried == refused + len(record["survivors"]) > 30
    assert record["terms"] == [0, 0]
    for survivor in record["survivors"]:
        survivor["reason"] = "x is above one"
    (tmp_path / "survivors.json").write_text(json.dumps(record))
    assert build(PAGE, EXTENSIONS, builder="mutants", settings=SETTINGS).status == 0
