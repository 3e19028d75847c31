"""No image here is square: a square one would hide a swap of axes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlmath import batch, chw_to_hwc, hwc_to_chw, permute

IMAGE = np.arange(24).reshape(2, 3, 4)


def test_the_lecture():
    image = np.zeros((224, 224, 3), dtype=np.uint8)
    assert permute(image, (2, 0, 1)).shape == (3, 224, 224)
    assert batch([hwc_to_chw(image)] * 32).shape == (32, 3, 224, 224)


def test_each_element_moves_to_its_place():
    moved = permute(IMAGE, (2, 0, 1))
    for h, w, c in np.ndindex(2, 3, 4):
        assert moved[c, h, w] == IMAGE[h, w, c]
    np.testing.assert_array_equal(hwc_to_chw(IMAGE), moved)
    np.testing.assert_array_equal(chw_to_hwc(moved), IMAGE)
    np.testing.assert_array_equal(permute(moved, (1, 2, 0)), IMAGE)
    np.testing.assert_array_equal(permute(IMAGE, [-1, 0, -2]), moved)


@given(st.permutations(range(4)))
def test_the_inverse_permutation_undoes(axes):
    x = np.arange(120).reshape(2, 3, 4, 5)
    inverse = [axes.index(i) for i in range(4)]
    np.testing.assert_array_equal(permute(permute(x, axes), inverse), x)


def test_a_batch_moves_as_its_images_do():
    images = np.arange(120).reshape(5, 2, 3, 4)
    moved = hwc_to_chw(images)
    for before, after in zip(images, moved, strict=True):
        np.testing.assert_array_equal(after, hwc_to_chw(before))
    np.testing.assert_array_equal(chw_to_hwc(moved), images)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float16, np.complex64, object])
def test_every_dtype_is_kept(dtype):
    x = IMAGE.astype(dtype)
    assert hwc_to_chw(x).dtype == dtype
    assert batch([x, x]).dtype == dtype
    assert permute([[True, False]], (1, 0)).dtype == bool


@pytest.mark.parametrize("make", [np.asarray, torch.asarray])
def test_moving_axes_is_a_view_and_a_batch_is_a_copy(make):
    x = make(IMAGE.copy())
    moved, stacked = permute(x, (2, 0, 1)), batch([x])
    assert isinstance(moved, type(x))
    x[0, 0, 1] = 99
    assert moved[1, 0, 0] == 99
    assert stacked[0, 0, 0, 1] == 1


@pytest.mark.parametrize("axes", [(0, 1), (0, 1, 1), (0, 1, 3), (0, 1, 2, 3), (-4, 0, 1)])
def test_each_axis_exactly_once(axes):
    with pytest.raises(
        ValueError,
        match=r"^permute: axes is .*, x has shape \(2, 3, 4\); (each axis is wanted exactly once"
        r"|different axes are wanted|-3 to 2 is wanted)$",
    ):
        permute(IMAGE, axes)


@pytest.mark.parametrize(
    "axes",
    [
        2,
        None,
        (0, 1, 2.0),
        (True, 0, 2),
        "012",
        {0, 1, 2},
        {0: 1, 1: 2, 2: 0},
        iter([0]),
        np.eye(3, dtype=int),
        np.ones(3),
        b"\0\1\2",
    ],
)
def test_axes_are_ints(axes):
    with pytest.raises(TypeError, match=r"^permute: axes is .*; a sequence of ints is wanted$"):
        permute(IMAGE, axes)


@pytest.mark.parametrize("axes", [np.array([2, 0, 1]), torch.tensor([2, 0, 1]), range(3)])
def test_axes_may_be_an_array_of_integers(axes):
    assert permute(IMAGE, axes).shape == tuple(IMAGE.shape[i] for i in list(axes))


def test_elements_that_only_move_may_be_of_any_kind():
    for x in ([["a", "b"]], np.array([["a", "b"]]), [[None, 1]]):
        assert permute(x, (1, 0)).tolist() == [[x[0][0]], [x[0][1]]]


@pytest.mark.parametrize("function", [hwc_to_chw, chw_to_hwc])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 2, 3, 4, 5)])
def test_an_image_has_three_axes_and_a_batch_four(function, shape):
    with pytest.raises(ValueError, match=rf"^{function.__name__}: image has shape .* is wanted$"):
        function(np.zeros(shape))


def test_a_batch_does_not_make_images_fit():
    with pytest.raises(ValueError, match=r"^batch: images\[1\] has shape \(1, 3, 4\)"):
        batch([IMAGE, IMAGE[:1]])
    with pytest.raises(TypeError, match=r"^batch: images\[2\] has dtype float64"):
        batch([IMAGE, IMAGE, IMAGE.astype(float)])
    with pytest.raises(ValueError, match=r"^batch: images\[0\] has shape \(2, 3\); \(C, H, W\)"):
        batch(np.zeros((4, 2, 3)))
    with pytest.raises(ValueError, match=r"^batch: images is empty"):
        batch([])
    with pytest.raises(TypeError, match=r"^batch: images is 3; a sequence"):
        batch(3)
    for no_order in ({torch.ones(1, 2, 3)}, {"a": IMAGE}):
        with pytest.raises(TypeError, match=r"^batch: images is a (set|dict); a sequence"):
            batch(no_order)
    with pytest.raises(TypeError, match=r"one library is wanted"):
        batch([IMAGE, torch.asarray(IMAGE)])


@pytest.mark.parametrize("wrong", ["abc", None, [[1], [2, 3]]])
def test_what_is_no_image_is_refused(wrong):
    for call in (lambda: permute(wrong, (0,)), lambda: hwc_to_chw(wrong), lambda: batch([wrong])):
        with pytest.raises((TypeError, ValueError), match=r"^(permute|hwc_to_chw|batch): "):
            call()
