"""The node tests that ONNX gives to every backend, run on mlmath, and where it differs and why."""

import importlib
import warnings

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

import mlmath

# What computes a node of each operator, from its input and its attributes.
OPERATORS = {
    "Sigmoid": mlmath.sigmoid,
    "Tanh": mlmath.tanh,
    "Relu": mlmath.relu,
    # The default axis is the last since version 13 of the operators, as in mlmath.
    "Softmax": mlmath.softmax,
    "LogSoftmax": mlmath.log_softmax,
    # Without perm, the order of the axes is reversed.
    "Transpose": lambda x, perm=None: mlmath.permute(x, perm or range(x.ndim)[::-1]),
}


def node_tests():
    cases = importlib.import_module("onnx.backend.test.case.node")
    for operator in OPERATORS:
        importlib.import_module(f"{cases.__name__}.{operator.lower()}")
    for case in cases._NodeTestCases:
        nodes = case.model.graph.node
        # Beside them are the same cases with the operator written out in other operators.
        if len(nodes) == 1 and nodes[0].op_type in OPERATORS:
            yield pytest.param(case, id=case.name)


def apply(node, x):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return OPERATORS[node.op_type](x, **attributes)


CASES = list(node_tests())


def test_no_operator_is_without_cases():
    assert {case.values[0].model.graph.node[0].op_type for case in CASES} == set(OPERATORS)
    assert len(CASES) >= 26


@pytest.mark.parametrize("case", CASES)
def test_node(case):
    (node,) = case.model.graph.node
    for (x,), (wanted,) in case.data_sets:
        result = apply(node, x)
        assert result.dtype == wanted.dtype
        assert result.shape == wanted.shape
        # ONNX allows a relative 1e-3; its reference, computed in float32, is nearer than that.
        np.testing.assert_allclose(result, wanted, rtol=1e-6, atol=1e-7)


def reference(operator, x):
    """What ONNX's reference implementation computes."""
    kind = onnx.helper.np_dtype_to_tensor_dtype(x.dtype)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(operator, ["x"], ["y"])],
        operator,
        [onnx.helper.make_tensor_value_info("x", kind, x.shape)],
        [onnx.helper.make_tensor_value_info("y", kind, x.shape)],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ReferenceEvaluator(onnx.helper.make_model(graph)).run(None, {"x": x})[0]


# What the reference and mlmath give where they differ, and why mlmath does not follow.
DIFFERENCES = {
    "integers cannot hold shares": (
        "Softmax",
        np.array([0, 1, 2]),
        [0, 0, 0],
        [0.09003057317038045, 0.24472847105479764, 0.6652409557748218],
    ),
    "unsigned differences wrap": (
        "Softmax",
        np.array([0, 100, 200], dtype=np.uint8),
        [0, 0, 0],
        [1.3838965267367376e-87, 3.720075976020836e-44, 1],
    ),
    "integers cannot hold a sigmoid": (
        "Sigmoid",
        np.array([0, 1]),
        [0, 0],
        [0.5, 0.7310585786300049],
    ),
    "a sum in float16 overflows": (
        "Softmax",
        np.zeros(70_000, dtype=np.float16),
        np.zeros(70_000),
        np.full(70_000, 1 / 70_000, dtype=np.float16),
    ),
    "the logarithm of a share that was rounded to 1 has no digit left": (
        "LogSoftmax",
        np.array([40.0, 0.0]),
        [0, -40],
        [-4.248354255291589e-18, -40],
    ),
    "the logarithm of a share that was rounded to 0 is infinite": (
        "LogSoftmax",
        np.array([0.0, -800.0]),
        [0, -np.inf],
        [0, -800],
    ),
}


@pytest.mark.parametrize("reason", DIFFERENCES)
def test_where_the_reference_differs_from_the_contract(reason):
    operator, x, theirs, ours = DIFFERENCES[reason]
    np.testing.assert_array_equal(reference(operator, x), theirs)
    np.testing.assert_allclose(OPERATORS[operator](x), ours, rtol=1e-15)


def test_a_number_without_axis_is_a_difference_too():
    assert reference("Softmax", np.asarray(3.0)) == 1
    with pytest.raises(
        ValueError, match=r"^softmax: x has shape \(\); at least one axis is wanted$"
    ):
        mlmath.softmax(np.asarray(3.0))
