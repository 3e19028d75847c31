"""The reference is compared with printed tables, with more digits and with NumPy's conversions."""

import math
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlmath.testing import ulps
from mlmath.testing.reference import ELEMENTWISE, FORMATS, ROWWISE, correctly_rounded, exact


def test_the_values_are_those_of_printed_tables():
    # Abramowitz and Stegun, tables 4.4 and 4.15: e^-1 and tanh(1); ln 2 is its own logarithm's.
    assert correctly_rounded("tanh", [1.0], "float64") == [0.7615941559557649]
    assert correctly_rounded("log_sigmoid", [0.0], "float64") == [-0.6931471805599453]
    e = 0.36787944117144233
    assert correctly_rounded("sigmoid", [1.0], "float64") == pytest.approx([1 / (1 + e)], rel=3e-16)
    assert correctly_rounded("sigmoid", [40.0, -1e4], "float64") == [1.0, 0.0]
    assert correctly_rounded("sigmoid_derivative", [0.0, 40.0], "float64") == [
        0.25,
        4.248354255291589e-18,
    ]
    assert correctly_rounded("tanh_derivative", [0.0], "float64") == [1.0]
    assert correctly_rounded("relu", [-2.0, 0.0, 3.0], "float16") == [0.0, 0.0, 3.0]
    assert correctly_rounded("relu_derivative", [-2.0, 0.0, 3.0], "float16") == [0.0, 0.0, 1.0]


def test_a_softmax_is_taken_along_the_row():
    assert correctly_rounded("softmax", [7.0] * 4, "float64") == [0.25] * 4
    assert correctly_rounded("softmax", [1000.0, 0.0], "float64") == [1.0, 0.0]
    (near, far) = correctly_rounded("log_softmax", [40.0, 0.0], "float64")
    assert near == pytest.approx(-math.exp(-40), rel=1e-15)
    assert far == -40.0
    assert all(map(math.isnan, correctly_rounded("softmax", [math.inf, 0.0], "float64")))
    assert correctly_rounded("log_softmax", [-math.inf, 0.0], "float64") == [-math.inf, 0.0]


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ROWWISE])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_digit_depends_on_the_precision_of_the_computation(name, dtype):
    x = [0.0, 2.0**-27, -(2.0**-26), 2.0**-52, -1.5, 3.25, 40.0, -87.5]
    rounded = [FORMATS[dtype].rounded(value) for value in exact(name, x, 3000)]
    assert correctly_rounded(name, x, dtype) == rounded


def test_a_result_just_below_a_tie_is_rounded_down():
    # σ(x) = 1/2 + x/4 - x³/48: a third of the places later than 120 bits can tell.
    assert correctly_rounded("sigmoid", [2.0**-52], "float64") == [0.5]
    assert correctly_rounded("sigmoid", [3 * 2.0**-52], "float64") == [0.5 + 2.0**-53]


@given(st.floats(allow_nan=False))
def test_numbers_are_rounded_as_numpy_and_torch_round_them(x):
    with np.errstate(over="ignore", under="ignore"):
        for dtype in (np.float16, np.float32, np.float64):
            assert FORMATS[np.dtype(dtype).name].nearest(x) == float(dtype(x))
    wide = torch.tensor(FORMATS["float32"].nearest(x), dtype=torch.float32)
    narrow = FORMATS["bfloat16"].nearest(float(wide))
    assert narrow == float(wide.to(torch.bfloat16))


@pytest.mark.parametrize("dtype", FORMATS)
def test_the_formats_are_those_of_torch(dtype):
    of_torch, ours = torch.finfo(getattr(torch, dtype)), FORMATS[dtype]
    assert ours.largest == of_torch.max
    assert ours.smallest_normal == of_torch.tiny
    assert math.ldexp(1, ours.lowest) == of_torch.tiny * of_torch.eps


@given(st.floats(-1e308, 1e308))
def test_the_next_number_is_one_place_away(x):
    assert ulps(math.nextafter(x, math.copysign(math.inf, x)), x, "float64") == 1


def test_distances_count_places_of_the_wanted_number():
    with mpmath.workprec(100):
        assert ulps(1.0, mpmath.mpf(1) + mpmath.ldexp(1, -60), "float64") == 2.0**-8
    assert ulps(0.0, 2.0**-1074, "float64") == 1.0
    assert ulps(0.0, 2.0**-1022, "float64") == 2.0**52
    assert ulps(math.inf, mpmath.mpf(10) ** 400, "float64") == 0
    assert ulps(math.nan, math.nan, "float32") == 0
    for got, wanted in [(math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0), (math.inf, -math.inf)]:
        assert ulps(got, wanted, "float32") == math.inf


def test_without_mpmath_one_line_says_what_to_install():
    code = (
        "import sys; sys.modules['mpmath'] = None\n"
        "from mlmath.testing import check\n"
        "try: check(abs, like='relu')\n"
        "except ImportError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (line,) = run.stdout.splitlines()
    assert "mlmath-book[testing]" in line
