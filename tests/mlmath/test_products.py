"""Products of integers and fractions are compared with Python's own arithmetic, exactly."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlmath import inner, outer

INTEGERS = st.lists(st.integers(-(2**70), 2**70), max_size=5)


def test_the_lecture():
    v = [1, 2, 3]
    assert inner(v, v) == 14
    assert outer(v, v).tolist() == [[1, 2, 3], [2, 4, 6], [3, 6, 9]]
    assert np.trace(outer(v, v)) == inner(v, v)


@given(st.lists(st.tuples(st.integers(), st.fractions()), max_size=5))
def test_inner_is_exact_over_the_rationals(pairs):
    a, b = [p for p, _ in pairs], [q for _, q in pairs]
    assert inner(np.array(a, dtype=object), np.array(b, dtype=object)) == sum(
        p * q for p, q in pairs
    )


@given(INTEGERS, st.sampled_from([np.int8, np.uint8, np.int64, np.uint64]))
def test_integers_are_exact_or_refused(numbers, dtype):
    info = np.iinfo(dtype)
    numbers = [min(max(number, info.min), info.max) for number in numbers]
    vector = np.array(numbers, dtype=dtype)
    for result, wanted in (
        (lambda: inner(vector, vector), sum(number**2 for number in numbers)),
        (lambda: outer(vector, vector).tolist(), [[p * q for q in numbers] for p in numbers]),
    ):
        try:
            assert result() == wanted
        except OverflowError:
            assert max(map(abs, numbers)) ** 2 * len(numbers) > 2**63 - 1


def test_uint8_does_not_wrap():
    pixel = torch.tensor([200, 200], dtype=torch.uint8)
    assert inner(pixel, pixel) == 80_000
    assert outer(pixel, pixel)[0, 0] == 40_000


def test_the_sum_may_overflow_where_no_product_does():
    vector = np.full(3, 2**31)
    assert outer(vector, vector)[0, 0] == inner(vector[:1], vector[:1]) == 2**62
    with pytest.raises(OverflowError, match=r"^inner: the result might reach 13835058055282163712"):
        inner(vector, vector)


def test_overflow_says_what_to_do():
    vector = np.array([-(2**63), 1])
    with pytest.raises(OverflowError, match=r"^inner: the result might reach .* dtype object"):
        inner(vector, vector)
    with pytest.raises(OverflowError, match=r"^outer: a has dtype uint64 and a number too large"):
        outer(np.array([2**63], dtype=np.uint64), [0])
    assert inner(vector.astype(object), vector.astype(object)) == 2**126 + 1


def test_ints_in_lists_are_exact_whatever_their_size():
    for a, b in (
        ([2**62], [2]),
        ([2**64], [2**64]),
        ([2**62, 1], [-2, 5]),
        ([2**40] * 3, [2**40] * 3),
    ):
        assert inner(a, b) == sum(p * q for p, q in zip(a, b, strict=True))
        assert type(inner(a, b)) is int
        assert outer(a, b).tolist() == [[p * q for q in b] for p in a]
    assert outer([1], [2]).dtype == np.int64
    for refused in (np.array([2**62]), torch.tensor([2**62])):
        with pytest.raises(OverflowError, match=r"^inner: the result might reach"):
            inner(refused, [2])
        with pytest.raises(OverflowError, match=r"^inner: b holds .* too large for .*int64"):
            inner(refused, [2**64])
    assert inner([10**20], [0.5]) == 5e19
    assert inner(torch.tensor([0.5]), [10**20]) == 5e19


def test_the_product_of_nothing():
    assert inner([], []) == 0
    assert outer([], [1, 2]).shape == (0, 2)
    assert inner(np.array([], dtype=np.int64), np.array([], dtype=np.int64)) == 0
    assert inner(np.array([], dtype=object), np.array([], dtype=object)) == Fraction(0)


@pytest.mark.parametrize("function", [inner, outer])
@pytest.mark.parametrize("wrong", [3, [[1, 2]], np.ones((2, 1))])
def test_only_vectors(function, wrong):
    with pytest.raises(ValueError, match=r"b has shape .*; one axis is wanted"):
        function([1, 2], wrong)


def test_lengths_must_match_in_the_inner_product():
    with pytest.raises(ValueError, match=r"^inner: a has length 1, b has length 3"):
        inner([1], [1, 2, 3])
    assert outer([1], [1, 2, 3]).shape == (1, 3)


def test_autograd_goes_through():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    inner(a, [3.0, 4.0]).backward()
    assert a.grad.tolist() == [3.0, 4.0]
