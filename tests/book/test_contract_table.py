"""The page of the contract leaves nothing out, and folds what differs in the dtype only."""

import re

import pytest
from contract_table import show_cases, show_rules

from mlmath.testing.contract import FUNCTIONS, KINDS, cases


def test_every_rule_is_shown() -> None:
    assert re.findall("<dt>(.*?)</dt>", show_rules().data) == list(KINDS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_line_for_every_kind(function: str) -> None:
    shown = show_cases([function]).data
    assert re.findall("<dt>(.*?)</dt>", shown) == list(KINDS)
    assert "</dt><dt>" not in shown
    assert f"{len(cases(function))} cases" in shown


def test_dtypes_that_behave_alike_share_a_line() -> None:
    (line,) = re.findall("<dt>floating-point dtypes</dt>(.*?)<dt>", show_cases(["relu"]).data)
    assert line == (
        "<dd><code>relu(array [[0, 1, 2], [3, 20, 40]])</code> →"
        " <code>[[0, 1, 2], [3, 20, 40]]</code>"
        " <small>(float64, float32, float16, bfloat16)</small></dd>"
    )
