"""What is read back from a file of vectors must judge our own functions right, and others wrong."""

import json
import math

import ml_dtypes
import numpy as np
import pytest

import mlmath
from mlmath.testing import ulps, vectors, write_vectors
from mlmath.testing.reference import ELEMENTWISE, FORMATS, ROWWISE

DTYPES = {"bfloat16": ml_dtypes.bfloat16}


def distances(function, vector):
    """How far the results of a kernel are from the outputs, with nothing but the file's words."""
    inputs, outputs = (list(map(float.fromhex, vector[k])) for k in ("inputs", "outputs"))
    # mlmath knows no bfloat16 of NumPy's; its numbers are float32's too.
    dtype = "float32" if vector["input_dtype"] == "bfloat16" else vector["input_dtype"]
    results = function(np.array(inputs, dtype=dtype)).astype(DTYPES.get(vector["dtype"], float))
    return [
        ulps(float(result), wanted, vector["dtype"])
        for result, wanted in zip(results, outputs, strict=True)
    ]


@pytest.mark.parametrize("name", [*ELEMENTWISE, *ROWWISE])
def test_a_written_file_read_back_judges_kernels(name, tmp_path):
    write_vectors(name, tmp_path / "vectors.json")
    read = json.loads((tmp_path / "vectors.json").read_text())
    assert {vector["dtype"] for vector in read} == {*FORMATS}
    for vector in read:
        assert list(vector) == [
            "function", "label", "input_dtype", "dtype", "inputs", "outputs", "ulps",
        ]  # fmt: skip
        assert max(distances(getattr(mlmath, name), vector)) <= vector["ulps"]
    wrong = [v for v in read if max(distances(np.zeros_like, v)) > v["ulps"]]
    assert len(wrong) > len(read) / 4


def test_the_same_vectors_come_each_time_and_all_edges_are_named():
    first, second = list(vectors("tanh")), list(vectors("tanh"))
    assert first == second
    assert {"zero and its neighbours", "NaN", "infinities", "uint8"} <= {v.label for v in first}


def test_every_number_is_in_hexadecimal():
    for vector in vectors("sigmoid"):
        for text in (*vector.inputs, *vector.outputs):
            x = float.fromhex(text)
            assert x.hex() == text
            assert "x" in text or not math.isfinite(x)


def test_an_unknown_function_is_refused_at_once():
    with pytest.raises(ValueError, match=r"^vectors: name is 'mse'; .* is wanted$"):
        vectors("mse")
