"""Each sort of broken kernel must be found, and kernels that are right must pass."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import scipy.special
import torch

import mlmath
from mlmath.testing import check
from mlmath.testing.reference import ELEMENTWISE, ROWWISE
from tests.building import ROOT

NAMES = [*ELEMENTWISE, *ROWWISE]


def labels(report):
    return {failure.label for failure in report.failures}


def unshifted(x):
    e = np.exp(x)
    return e / e.sum()


def shifted(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def widened(x):
    return shifted(np.asarray(x, np.float64)).astype(x.dtype if x.dtype.kind == "f" else float)


def logistic(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_our_own_functions_pass(name, dtype):
    report = check(getattr(mlmath, name), like=name, dtype=dtype)
    assert report.passed, str(report)
    # In narrow dtypes there is one rounding, and what float64 adds to it.
    if dtype != "float64":
        assert report.worst <= 0.5001


@pytest.mark.parametrize("backend", ["torch", "jax", "dask", "array_api_strict"])
def test_our_own_functions_pass_in_every_library(backend):
    report = check(mlmath.log_sigmoid, like="log_sigmoid", dtype="float32", backend=backend)
    assert report.passed, str(report)


@pytest.mark.parametrize("backend", ["torch", "array_api_strict"])
def test_rows_pass_too(backend):
    report = check(mlmath.log_softmax, "log_softmax", backend=backend, contract=False)
    assert report.passed, str(report)


def test_bfloat16_is_measured_in_its_own_places():
    report = check(mlmath.softmax, like="softmax", backend="torch", dtype="bfloat16")
    assert report.passed, str(report)
    assert report.worst <= 0.5001
    sloppy = check(lambda x: mlmath.softmax(x) * 1.05, "softmax", backend="torch", dtype="bfloat16")
    assert not sloppy


def test_functions_without_families_are_held_to_the_contract():
    assert check(mlmath.mse, like="mse")

    def broadcasting(prediction, target):
        return np.mean((np.asarray(prediction) - np.asarray(target)) ** 2)

    assert "contract, mismatched shapes" in labels(check(broadcasting, like="mse"))


def test_a_softmax_without_the_shift_is_found():
    report = check(unshifted, like="softmax", contract=False)
    assert report.failures[0].label == "large scores"
    assert report.failures[0].ulps == math.inf
    assert "unshifted([1000.0, 1001.0, 1002.0])[0]" in report.failures[0].call
    assert report.failures[0].complaint == "gave nan; 0.09003057317038046 is wanted"


def test_a_wrapping_uint8_is_found():
    found = labels(check(shifted, like="softmax", contract=False, dtype="float32"))
    assert {"uint8", "int8"} <= found

    assert check(widened, like="softmax", contract=False, dtype="float32")
    assert "uint8" in labels(check(lambda x: widened(x * 2 // 2), "softmax", contract=False))


def test_digits_lost_in_the_tail_are_found():
    def complement(x):
        return logistic(x) * (1 - logistic(x))

    report = check(complement, like="sigmoid_derivative", contract=False)
    assert {"the tails", "walls between branches"} <= labels(report)
    assert check(mlmath.sigmoid_derivative, like="sigmoid_derivative", contract=False)


def test_the_logarithm_of_a_softmax_near_one_is_found():
    def logarithm(x):
        return np.log(mlmath.softmax(x))

    assert "one dominant score" in labels(check(logarithm, like="log_softmax", contract=False))


def test_a_nan_that_gets_lost_is_found():
    report = check(lambda x: np.where(x > 0, x, 0), like="relu", contract=False)
    assert labels(report) == {"NaN"}
    assert report.failures[0].complaint == "gave 0.0; nan is wanted"


def test_a_branch_that_is_wrong_on_its_wall_is_found():
    def jumps(x):
        return np.where(x == 20, 0, np.tanh(x))

    assert labels(check(jumps, like="tanh", contract=False)) == {"walls between branches", "int32"}


def test_a_long_sum_in_few_digits_is_found():
    def drifts(x):
        e = np.exp((x - x.max()).astype(np.float32))
        return e / np.add.accumulate(e.astype(np.float16))[-1].astype(np.float32)

    assert "ties" in labels(check(drifts, like="softmax", dtype="float32", contract=False))


def test_flushing_small_results_to_zero_is_found_but_not_where_jax_does_it():
    def flushes(x):
        y = mlmath.sigmoid(x)
        return y * ~(y < np.finfo(np.float64).tiny)

    assert labels(check(flushes, "sigmoid", contract=False)) == {
        "where the result saturates or turns subnormal"
    }
    assert check(flushes, "sigmoid", contract=False, backend="jax")


def test_a_kernel_that_crashes_is_a_finding():
    def crashes(x):
        if np.isnan(x).any():
            raise RuntimeError("no NaN, please")
        return mlmath.sigmoid(x)

    report = check(crashes, like="sigmoid", contract=False)
    assert labels(report) == {"NaN"}
    assert "raised RuntimeError: no NaN, please" in report.failures[0].complaint
    assert len(check(lambda: 1, like="sigmoid").failures) > 9


def test_results_of_another_number_are_a_finding():
    report = check(lambda x: mlmath.softmax(x)[1:], like="softmax", contract=False)
    assert "gave 2 results; 3 are wanted" in {f.complaint for f in report.failures}


def test_the_worst_comes_first():
    def several(x):
        y = mlmath.sigmoid(x) * (1 + 1e-14)
        return np.where(np.abs(x) > 1e300, np.nan, np.where(x < -100, 2 * y, y))

    report = check(several, like="sigmoid", dtype="float64")
    measured = [failure.ulps for failure in report.failures if failure.ulps is not None]
    assert measured == sorted(measured, reverse=True)
    assert measured[0] == math.inf
    rules = [i for i, failure in enumerate(report.failures) if failure.ulps is None]
    assert all(failure.ulps >= 2**52 for failure in report.failures[: rules[0]])


def test_rounding_is_the_budgets_business():
    assert not check(mlmath.softmax, like="softmax", budget=0.5)
    spread = check(shifted, like="softmax", contract=False, dtype="float32", budget=5)
    assert {"wide rows", "a wide spread of scores"} <= labels(spread)
    generous = check(shifted, like="softmax", contract=False, dtype="float32", budget=100)
    assert labels(generous) == {"uint8", "int8"}


def test_correct_kernels_of_others_pass():
    assert check(np.tanh, like="tanh", contract=False)
    assert check(torch.tanh, like="tanh", backend="torch", dtype="float32", contract=False)
    assert check(scipy.special.log_expit, like="log_sigmoid", contract=False)


def test_a_sigmoid_that_turns_zero_too_early_is_the_only_fault_of_well_known_ones():
    subnormal = "where the result saturates or turns subnormal"
    expit = check(scipy.special.expit, like="sigmoid", contract=False)
    assert labels(expit) == {subnormal}
    assert expit.failures[0].call == "expit(-709.7827128933841)"
    of_torch = check(torch.sigmoid, "sigmoid", backend="torch", dtype="float32", contract=False)
    assert labels(of_torch) == {subnormal, "the tails"}


def test_a_report_fits_on_a_screen():
    text = str(check(lambda x: x[::2] if x.size > 1 else None, like="softmax"))
    assert len(text.splitlines()) <= 32
    assert max(map(len, text.splitlines())) <= 130
    assert "and " in text.splitlines()[-1]
    passing = str(check(mlmath.relu, like="relu"))
    assert passing.startswith("relu is like mlmath.relu: ")
    assert len(passing.splitlines()) == 1


def test_pytest_shows_the_whole_report(tmp_path):
    test = tmp_path / "test_kernel.py"
    test.write_text(
        "import numpy as np\n"
        "from mlmath.testing import check\n"
        "def my_softmax(x):\n"
        "    return np.exp(x) / np.exp(x).sum()\n"
        "def test_softmax():\n"
        "    assert check(my_softmax, like='softmax')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 1
    assert "<Report: my_softmax is not like mlmath.softmax: " in run.stdout
    assert "gave nan; 0.09003057317038046 is wanted" in run.stdout
    assert "only differences of scores count" in run.stdout


def test_nothing_is_printed_by_the_check_itself(capfd):
    check(unshifted, like="softmax", contract=False)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"like": "sotfmax"}, "check: like is 'sotfmax'; "),
        ({"backend": "numpie"}, "check: backend is 'numpie'; numpy, torch, jax, dask or "),
        ({"dtype": "float8"}, "check: dtype is 'float8'; float16, bfloat16, float32 or float64 "),
        ({"dtype": "bfloat16"}, "check: dtype is 'bfloat16'; one that numpy has is wanted"),
        ({"budget": 0}, "check: budget is 0; a positive number is wanted"),
        ({"budget": math.nan}, "check: budget is nan; a positive number is wanted"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(wrong, line):
    with pytest.raises(ValueError, match=r"is wanted$") as refused:
        check(mlmath.softmax, **{"like": "softmax", **wrong})
    assert str(refused.value).startswith(line)


def test_importing_the_package_does_not_import_this():
    code = "import sys, mlmath; print('mlmath.testing' in sys.modules, 'mpmath' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
    code = "import sys, mlmath.testing; print('mpmath' in sys.modules, 'torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
