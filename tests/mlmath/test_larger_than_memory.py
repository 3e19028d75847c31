"""A cluster of processes, each with less memory than the array needs, computes what NumPy does."""

import logging

import dask.array
import distributed
import numpy as np
import pytest

import mlmath

LIMIT = 300 * 2**20
WORKERS = 2
CHUNK = 2**20
CHUNKS = 76
SHAPE = (CHUNKS, 64, 64, 256)


def scores(xp, start=0, stop=CHUNKS, **chunks):
    """Chunks `start` to `stop` of numbers from -32 to 32, as images of many channels."""
    counted = xp.arange(start * CHUNK, stop * CHUNK, **chunks)
    numbers = (counted * 7919 & (2**20 - 1)) / 2**14 - 32
    return numbers.reshape(stop - start, *SHAPE[1:])


FUNCTIONS = {
    "sigmoid": mlmath.sigmoid,
    "hwc_to_chw": mlmath.hwc_to_chw,
    "softmax": mlmath.softmax,
    "log_softmax": mlmath.log_softmax,
}


def bits(xp, array):
    """For each image the sum of all bits times their places: whole numbers, which wrap.

    No order of addition changes it, and one wrong bit or one number in the wrong place does.
    """
    places = xp.arange(1, CHUNK + 1).reshape(array.shape[1:])
    return (array.view(np.int64) * places).sum(axis=(1, 2, 3))


@pytest.fixture
def client():
    with (
        distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            memory_limit=LIMIT,
            dashboard_address=":0",
            silence_logs=logging.ERROR,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


# One test, because a second one, at the same time, would start a second cluster.
def test_workers_compute_an_array_that_none_of_them_could_hold_bit_for_bit_as_numpy_does(client):
    x = scores(dask.array, chunks=CHUNK)
    limits = [worker["memory_limit"] for worker in client.scheduler_info()["workers"].values()]
    assert limits == [LIMIT] * WORKERS
    assert x.nbytes > sum(limits)

    lazy = {name: function(x) for name, function in FUNCTIONS.items()}
    for name, result in lazy.items():
        assert isinstance(result, dask.array.Array), name
        assert result.nbytes == x.nbytes
        assert result.numblocks[0] == CHUNKS
    loss = mlmath.mse(x, x / 2)
    totals = {name: bits(dask.array, result) for name, result in lazy.items()}
    found, found_loss = dask.compute(totals, loss, scheduler=client)

    for i in (0, 1, CHUNKS // 2, CHUNKS - 1):
        image = scores(np, i, i + 1)
        for name, function in FUNCTIONS.items():
            assert found[name][i] == bits(np, np.ascontiguousarray(function(image)))[0], name
    # Here the chunks decide in which order is added up.
    losses = [
        mlmath.mse(image, image / 2) for image in (scores(np, i, i + 1) for i in range(CHUNKS))
    ]
    assert found_loss == pytest.approx(np.mean(losses), rel=1e-14)
