"""The benchmark times calls that compute the same, of every array function that there is."""

import os
import sys

import numpy as np
import pytest

import mlmath
from benchmarks import speed

# What calls back into Python, reads parameters or handles single numbers is not timed.
NOT_TIMED = {
    "Network",
    "TrainingStep",
    "Value",
    "derivative",
    "difference_quotient",
    "gradient",
    "network",
    "partial_derivative",
    "sgd_step",
    "training_step",
}
SMALL = {"sizes": (1000,), "rows": ((3, 50),)}


@pytest.fixture(scope="module")
def libraries():
    return speed.libraries()


@pytest.fixture(scope="module")
def data():
    """Made up: mlmath takes 2 seconds for everything, its peers 1."""
    seconds = {"mlmath": 2.0} | dict.fromkeys(speed.PEERS, 1.0)
    return {
        "imports": {"mlmath": 1.1, "numpy, array-api-compat": 1.0},
        "cases": [
            {"function": f, "dtype": d, "shape": list(shapes[0]), "seconds": seconds}
            for f, d, shapes in speed.cases()
        ],
    }


def test_every_array_function_is_timed():
    assert set(speed.FUNCTIONS) == set(mlmath.__all__) - NOT_TIMED


@pytest.mark.parametrize("case", list(speed.cases(**SMALL)), ids=str)
def test_all_libraries_compute_the_same(case, libraries):
    function, dtype, shapes = case
    results = {
        name: np.asarray(call())
        for name, call in speed.calls(function, dtype, shapes, libraries).items()
        if name != "copy"
    }
    ours = results.pop("mlmath")
    assert results.keys() == {"SciPy", "torch", "JAX"}
    for result in results.values():
        assert result.shape == ours.shape
        assert result.dtype == ours.dtype == dtype
        tolerance = 1e3 * np.finfo(dtype).eps
        np.testing.assert_allclose(result, ours, rtol=tolerance, atol=tolerance)


def test_calls_take_turns(monkeypatch):
    order = []
    calls = {name: lambda name=name: order.append(name) for name in ("mlmath", "peer")}
    monkeypatch.setattr(speed, "SHORTEST", 0)
    times = speed.interleaved(calls, seconds=0)
    assert order == ["mlmath", "peer"] * (2 + speed.ROUNDS)
    assert times.keys() == calls.keys()
    assert min(times.values()) > 0


def test_each_case_is_told_as_it_is_measured(monkeypatch):
    monkeypatch.setattr(speed, "SHORTEST", 0)
    told = []
    cases = speed.measure(**SMALL, seconds=0, functions=["relu", "softmax"], tell=told.append)
    assert [case["function"] for case in cases] == ["relu"] * 2 + ["softmax"] * 4
    assert [line.split()[:2] for line in told[1:]] == [
        [f"{i}/6", case["function"]] for i, case in enumerate(cases, start=1)
    ]
    assert "copy" in cases[0]["seconds"]


def test_a_target_is_met_up_to_its_limit(data):
    verdicts = {text: (ratio, met) for text, ratio, met in speed.verdicts(data)}
    assert len(verdicts) == 1 + len(speed.TARGETS)
    assert verdicts["import mlmath: at most 1.15 × numpy, array-api-compat"] == (1.1, True)
    assert verdicts["sigmoid, float32, 10^6: at most 0.9 × SciPy"] == (2, False)
    assert verdicts["sigmoid, float64, 1000: at most 2 × SciPy"] == (2, True)
    assert speed.verdict_table(data).count("MISSED") == sum(t.limit < 2 for t in speed.TARGETS)


def test_the_table_holds_the_time_and_the_ratios(data):
    lines = speed.table(data, ["softmax"]).splitlines()
    assert lines[0].split("  ")[0] == "function"
    assert lines[4].split() == ["softmax", "float32", "32", "×", "1000", "2", "s", *["2.00"] * 4]


def test_what_is_not_in_the_data_is_said(data):
    with pytest.raises(LookupError, match=r"no case of relu, float32, 7 is in the data"):
        speed.find(data, "relu", "float32", (7,))


def test_an_unknown_function_is_refused_before_anything_is_timed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["speed", "sigmoid", "sigmod"])
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("started"))
    with pytest.raises(SystemExit):
        speed.main()
    assert "sigmod unknown; wanted are of sigmoid, " in capsys.readouterr().err


def test_imports_are_timed_in_processes_of_their_own():
    times = speed.import_seconds(rounds=1)
    assert times.keys() == speed.IMPORTS.keys()
    assert min(times.values()) > 0
