"""An image is an array, and libraries disagree on the order of its axes; these put it right.

Nothing is computed, so elements of every dtype are moved, and kept. A list that is no rectangle is
a ``ValueError``.
"""

from collections.abc import Iterable, Mapping, Sequence, Set

from mlmath._array import Array, ArrayLike, described, is_array, prepare_any, read_axes

__all__ = ["batch", "chw_to_hwc", "hwc_to_chw", "permute"]


def permute(x: ArrayLike, axes: Sequence[int], /) -> Array:
    r"""Reorder the axes of an array; entry ``i`` of `axes` says which old axis becomes axis ``i``.

    .. math::
        :unchecked: about arrays of any number of axes; the prover knows vectors and matrices

        \mathrm{shape}(y)_i = \mathrm{shape}(x)_{\mathrm{axes}_i}

    Parameters
    ----------
    x : array_like
        Of any shape and any dtype.
    axes : sequence or array of int
        Each axis of `x` exactly once; negative numbers count from the end.

    Returns
    -------
    array
        The elements of `x`, its dtype kept. NumPy and torch give a view that shares the memory of
        an array `x`; JAX, whose arrays cannot change, gives a new array.

    Raises
    ------
    ValueError
        If `axes` does not name each axis of `x` exactly once.
    TypeError
        If `axes` is no list, tuple, range or array with one axis, or holds anything but integers.

    Notes
    -----
    Axes ``2, 0, 1`` take height, width, channel to channel, height, width; the inverse is
    ``1, 2, 0``.
    A permutation moves axes. A reshape to the same shape would not: it reads the elements in the
    old order and scrambles the image.

    References
    ----------
    PyTorch documentation, ``torch.permute``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlmath import permute
    >>> image = np.zeros((224, 224, 3))
    >>> permute(image, (2, 0, 1)).shape
    (3, 224, 224)
    >>> permute(np.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    prepared = prepare_any("permute", {"x": x})
    (array,) = prepared.arrays
    order = _read_order(axes, tuple(array.shape))
    return prepared.finish(prepared.xp.permute_dims(array, order))


def hwc_to_chw(image: ArrayLike, /) -> Array:
    r"""Move the channels of an image, or of a batch of images, in front of height and width.

    .. math::
        :unchecked: about arrays of three axes; the prover knows vectors and matrices

        y_{chw} = x_{hwc}

    Parameters
    ----------
    image : array_like, shape (H, W, C) or (B, H, W, C)
        Of any dtype.

    Returns
    -------
    array, shape (C, H, W) or (B, C, H, W)
        The dtype is kept. Whether it is a view is said in :func:`permute`.

    Raises
    ------
    ValueError
        If `image` has neither three nor four axes.

    Notes
    -----
    A shape alone does not tell which axis holds the channels, so nothing is guessed: an image
    that is (C, H, W) already is permuted all the same.

    References
    ----------
    PyTorch documentation, ``torch.nn.Conv2d``: the input is (N, C, H, W).

    Examples
    --------
    >>> import numpy as np
    >>> from mlmath import hwc_to_chw
    >>> hwc_to_chw(np.zeros((224, 224, 3))).shape
    (3, 224, 224)
    >>> hwc_to_chw(np.zeros((32, 224, 224, 3))).shape
    (32, 3, 224, 224)
    """
    return _move_channels("hwc_to_chw", image, (-1, -3, -2), "(H, W, C) or (B, H, W, C)")


def chw_to_hwc(image: ArrayLike, /) -> Array:
    r"""Move the channels of an image, or of a batch of images, behind height and width.

    .. math::
        :unchecked: about arrays of three axes; the prover knows vectors and matrices

        y_{hwc} = x_{chw}

    Parameters
    ----------
    image : array_like, shape (C, H, W) or (B, C, H, W)
        Of any dtype.

    Returns
    -------
    array, shape (H, W, C) or (B, H, W, C)
        The dtype is kept. Whether it is a view is said in :func:`permute`.

    Raises
    ------
    ValueError
        If `image` has neither three nor four axes.

    Notes
    -----
    The inverse of :func:`hwc_to_chw`; matplotlib's ``imshow`` wants this order.

    References
    ----------
    Matplotlib documentation, ``matplotlib.pyplot.imshow``: an RGB image is ``(M, N, 3)``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlmath import chw_to_hwc
    >>> chw_to_hwc(np.zeros((3, 224, 224))).shape
    (224, 224, 3)
    """
    return _move_channels("chw_to_hwc", image, (-2, -1, -3), "(C, H, W) or (B, C, H, W)")


def batch(images: Sequence[ArrayLike], /) -> Array:
    r"""Stack images of one shape and one dtype to a batch, as new first axis.

    .. math::
        :unchecked: about arrays of any number of axes; the prover knows vectors and matrices

        y_{bchw} = (x_b)_{chw}

    Parameters
    ----------
    images : sequence of array_like, each of shape (C, H, W)
        One image or more, all of the same shape and dtype.

    Returns
    -------
    array, shape (B, C, H, W)
        A copy; the dtype is kept.

    Raises
    ------
    ValueError
        If there is no image, or one has another shape than the first, or not three axes.
    TypeError
        If an image has another dtype than the first, or comes from another array library.

    Notes
    -----
    Nothing is resized, cast or broadcast to make the images fit.

    References
    ----------
    PyTorch documentation, ``torch.stack``.

    Examples
    --------
    >>> import numpy as np
    >>> from mlmath import batch
    >>> batch([np.zeros((3, 224, 224))] * 32).shape
    (32, 3, 224, 224)
    """
    # A set has no order; an array, or a generator, is as good as a list.
    if not isinstance(images, Iterable) or isinstance(images, Set | Mapping):
        raise TypeError(f"batch: images is {described(images)}; a sequence of images is wanted")
    named = {f"images[{i}]": image for i, image in enumerate(images)}
    if not named:
        raise ValueError("batch: images is empty; one image or more is wanted")
    prepared = prepare_any("batch", named)
    first = prepared.arrays[0]
    for name, image in zip(named, prepared.arrays, strict=True):
        if image.ndim != 3:
            raise ValueError(f"batch: {name} has shape {tuple(image.shape)}; (C, H, W) is wanted")
        if image.shape != first.shape:
            raise ValueError(
                f"batch: {name} has shape {tuple(image.shape)}, images[0] has shape"
                f" {tuple(first.shape)}; shapes must match"
            )
        if image.dtype != first.dtype:
            raise TypeError(
                f"batch: {name} has dtype {image.dtype}, images[0] has dtype {first.dtype};"
                " dtypes must match"
            )
    return prepared.finish(prepared.xp.stack(prepared.arrays))


def _move_channels(
    function: str, image: ArrayLike, last_three: tuple[int, ...], wanted: str
) -> Array:
    prepared = prepare_any(function, {"image": image})
    (array,) = prepared.arrays
    if array.ndim not in (3, 4):
        raise ValueError(f"{function}: image has shape {tuple(array.shape)}; {wanted} is wanted")
    leading = range(array.ndim - 3)
    order = (*leading, *(array.ndim + axis for axis in last_three))
    return prepared.finish(prepared.xp.permute_dims(array, order))


def _read_order(axes: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    """`axes` counted from 0 on, each once."""
    came = f"permute: axes is {described(axes)}, x has shape {shape}"
    wanted = "a sequence of ints"
    if is_array(axes):
        # tolist() makes ints of an integer array's elements only.
        axes = axes.tolist()  # type: ignore[attr-defined]
    if not isinstance(axes, Sequence) or isinstance(axes, str | bytes):
        raise TypeError(f"{came}; {wanted} is wanted")
    order = read_axes(lambda: came, axes, len(shape), wanted=wanted)
    if len(order) != len(shape):
        raise ValueError(f"{came}; each axis is wanted exactly once")
    return order
