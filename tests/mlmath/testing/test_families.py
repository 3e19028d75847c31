"""The families must reach the places that they are named after, in every dtype."""

import math

import numpy as np
import pytest

from mlmath.testing.families import families
from mlmath.testing.reference import ELEMENTWISE, FORMATS, ROWWISE, correctly_rounded

NAMES = [*ELEMENTWISE, *ROWWISE]


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
@pytest.mark.parametrize("dtype", FORMATS)
def test_every_input_is_a_number_of_its_dtype(name, dtype):
    for family in families(name, dtype):
        assert family.rows
        assert all(family.rows)
        for x in {x for row in family.rows for x in row if not math.isnan(x)}:
            if family.dtype in FORMATS:
                assert FORMATS[family.dtype].nearest(x) == x
            else:
                assert np.iinfo(family.dtype).min <= x <= np.iinfo(family.dtype).max


def test_the_families_are_the_same_each_time():
    assert repr(list(families("softmax", "float32"))) == repr(list(families("softmax", "float32")))


@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_each_family_says_on_one_line_what_it_is_for(name):
    labels = [family.label for family in families(name, "float64")]
    assert len(set(labels)) == len(labels)
    assert {"NaN", "infinities"} <= set(labels) or "rows without a value" in labels
    assert all(0 < len(family.why) < 97 for family in families(name, "float64"))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_derivative", "log_sigmoid", "softmax"])
def test_results_turn_subnormal_and_zero_where_they_are_said_to(name, dtype):
    (family,) = (f for f in families(name, dtype) if "subnormal" in f.label)
    results = [abs(y) for row in family.rows for y in correctly_rounded(name, row, dtype)]
    tiny = FORMATS[dtype].smallest_normal
    assert any(0 < y < tiny for y in results)
    assert any(tiny <= y < 4 * tiny for y in results)
    assert 0.0 in results


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_results_saturate_where_they_are_said_to(dtype):
    (family,) = (f for f in families("sigmoid", dtype) if "saturates" in f.label)
    results = set(correctly_rounded("sigmoid", family.rows[0], dtype))
    below = 1 - math.ldexp(1, -FORMATS[dtype].digits)
    assert {below, 1.0} <= results
