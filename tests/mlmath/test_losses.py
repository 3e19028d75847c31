"""The loss and its gradient are compared over the rationals, and with torch."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlmath import gradient, mse, mse_gradient

PAIRS = st.lists(st.tuples(st.fractions(), st.fractions()), min_size=1, max_size=5)


@given(PAIRS)
def test_mse_and_its_gradient_are_exact_over_the_rationals(pairs):
    prediction, target = map(list, zip(*pairs, strict=True))
    n = len(pairs)
    assert mse(prediction, target) == sum((p - t) ** 2 for p, t in pairs) / n
    wanted = gradient(lambda x: ((x - np.array(target)) ** 2).mean(), prediction)
    assert mse_gradient(prediction=prediction, target=target).tolist() == wanted


def test_the_gradient_agrees_with_torch():
    generator = torch.Generator().manual_seed(0)
    prediction, target = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64)
    prediction.requires_grad_()
    for loss in (mse, torch.nn.functional.mse_loss):
        prediction.grad = None
        loss(prediction, target).backward()
        torch.testing.assert_close(
            mse_gradient(prediction=prediction.detach(), target=target),
            prediction.grad,
            rtol=1e-15,
            atol=0,
        )


@pytest.mark.parametrize(
    ("call", "name"),
    [(mse, "mse"), (lambda p, t: mse_gradient(prediction=p, target=t), "mse_gradient")],
)
def test_nothing_is_broadcast_and_nothing_has_no_mean(call, name):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call(np.zeros((3, 1)), np.zeros(3))
    assert str(caught.value) == (
        f"{name}: prediction has shape (3, 1), target has shape (3,); shapes must match"
    )
    with pytest.raises(ValueError, match=f"^{name}: prediction has shape .*one element or more"):
        call([], [])


def test_integers_are_promoted_before_the_difference():
    prediction = np.array([0], dtype=np.uint8)
    assert mse(prediction, np.array([255], dtype=np.uint8)) == 65025
    assert mse_gradient(prediction=prediction, target=[255])[0] == -510


def test_single_numbers_are_allowed():
    assert mse(3, 1) == 4.0
    assert mse(Fraction(1, 2), 0) == Fraction(1, 4)


@pytest.mark.parametrize(("dtype", "ulps"), [("float32", 0.5001), ("float64", 1)])
@pytest.mark.parametrize("shape", [(50_003,), (231, 202), (2, 3, 1)], ids=str)
def test_a_mean_over_many_blocks_is_as_exact_as_over_one(dtype, ulps, shape):
    # Transposed: the elements of a block need not lie side by side.
    prediction, target = np.random.default_rng(0).standard_normal((2, *shape)).astype(dtype)
    got = mse(prediction.T, target.T)
    pairs = zip(prediction.flat, target.flat, strict=True)
    squares = ((Fraction(float(p)) - Fraction(float(t))) ** 2 for p, t in pairs)
    assert got.dtype == dtype
    error = Fraction(float(got)) - sum(squares) / prediction.size
    assert abs(error) <= ulps * Fraction(float(np.spacing(got)))


def test_a_mean_of_narrow_numbers_needs_no_wide_copy_of_them():
    prediction, target = np.ones((2, 10**6), np.float32)
    tracemalloc.start()
    try:
        assert mse(prediction, target) == 0
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < prediction.nbytes / 2


def test_arrays_of_two_precisions_are_subtracted_in_the_wider():
    third = np.array([1 / 3])
    got = mse(third.astype(np.float32), third)
    assert got.dtype == np.float64
    assert got == (float(np.float32(1 / 3)) - 1 / 3) ** 2
