"""The command as it is run from a shell."""

import json
import os
import subprocess
import sys

import pytest

from tests.building import ROOT

KERNELS = """
import numpy as np
import mlmath

def unshifted(x):
    return np.exp(x) / np.exp(x).sum()

softmax = mlmath.softmax
number = 3
"""


@pytest.fixture
def command(tmp_path):
    (tmp_path / "kernels.py").write_text(KERNELS)
    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n")

    def run(*arguments, flags=()):
        return subprocess.run(
            [sys.executable, *flags, "-m", "mlmath.testing", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    return run


def test_a_kernel_in_the_current_folder_that_is_right_gives_zero(command):
    for flags in ((), ("-P",)):
        run = command("kernels:softmax", "--like", "softmax", "--no-contract", flags=flags)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.startswith("softmax is like mlmath.softmax: ")


def test_a_wrong_one_gives_one_and_says_what_is_wrong(command):
    run = command("kernels:unshifted", "--like", "softmax", "--dtype", "float32")
    assert (run.returncode, run.stderr) == (1, "")
    assert "unshifted([100.0, 101.0, 102.0])[0]" in run.stdout
    assert "numpy, float32, budget 5 ulp" in run.stdout
    assert len(run.stdout.splitlines()) <= 32


def test_a_budget_and_a_library_can_be_chosen(command):
    run = command("mlmath:tanh", "--like", "tanh", "--backend", "torch", "--budget", "0.4")
    assert run.returncode == 1
    assert "torch, float64, budget 0.4 ulp" in run.stdout


def test_vectors_are_written(command, tmp_path):
    run = command("mlmath:relu", "--like", "relu", "--no-contract", "--vectors", "out.json")
    assert run.returncode == 0
    assert json.loads((tmp_path / "out.json").read_text())[0]["function"] == "relu"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["kernels:softmax"], "required: --like"),
        (["kernels", "--like", "softmax"], "the kernel is 'kernels'; module:function is wanted"),
        (["kernels:none", "--like", "softmax"], "kernels has no function none"),
        (["kernels:number", "--like", "softmax"], "kernels has no function number"),
        (["nowhere:f", "--like", "softmax"], "nowhere cannot be imported: ModuleNotFoundError"),
        (["broken:f", "--like", "softmax"], "broken cannot be imported: ModuleNotFoundError"),
        (["kernels:softmax", "--like", "soft"], "check: like is 'soft'; "),
        (["kernels:softmax", "--like", "softmax", "--dtype", "int"], "check: dtype is 'int'; "),
        (["kernels:softmax", "--like", "softmax", "--budget", "x"], "invalid float value: 'x'"),
        (["mlmath:mse", "--like", "mse", "--vectors", "v.json"], "vectors: name is 'mse'; "),
        (["mlmath:tanh", "--like", "tanh", "--vectors", "no/v.json"], "No such file or directory"),
    ],
)
def test_bad_usage_gives_two_and_one_line(command, arguments, said):
    run = command(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith("mlmath.testing: ")
    assert said in line
