"""How far results are from the truth: mlmath's and its peers', measured and written down as data.

``make accuracy`` runs every float16 and float32 number through every function, a million hard
float64 points, and families of rows through softmax and log_softmax. It may be stopped at any
time; the next run goes on where it was. ``make accuracy STRIDE=4096`` takes one input of so many.
"""

import argparse
import concurrent.futures
import datetime
import hashlib
import importlib.metadata
import itertools
import json
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.families import Family, families, hard_points, patterns
from benchmarks.libraries import LIBRARIES, SOFTMAX, implementation
from benchmarks.reference import BUMPS, TRUE, ulp, wanted, wanted_softmax

ROOT = Path(__file__).parents[1]
DATA = ROOT / "benchmarks" / "accuracy.json"
WORK = ROOT / "build" / "accuracy"

# How the figures without NumPy's own vectorised functions are labelled.
PLAIN = "mlmath, C library"

SWEEP_CHUNK = 2**26
POINTS_CHUNK = 20_000
# What an input costs, in seconds: only the forecast of the time left depends on these.
SWEEP_COST, EXACT_COST = 3e-8, 3e-5


@dataclass(frozen=True)
class Figures:
    """What was found over some inputs; `max_ulp` is the error in units of the last place.

    `max_ulp_normal` leaves out results so small that they are subnormal, which some libraries
    replace by zero. `disorder` counts neighbours whose results are in the wrong order.
    """

    inputs: int = 0
    misrounded: int = 0
    max_ulp: float = 0.0
    at: str = ""
    max_ulp_normal: float = 0.0
    disorder: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        worse = max(self, other, key=lambda figures: figures.max_ulp)
        return Figures(
            self.inputs + other.inputs,
            self.misrounded + other.misrounded,
            worse.max_ulp,
            worse.at,
            max(self.max_ulp_normal, other.max_ulp_normal),
            self.disorder + other.disorder,
        )


# By function, dtype, library and family, which is empty where there are none.
Found = dict[tuple[str, str, str, str], Figures]


class Task(NamedTuple):
    """So much work as fits into one file: what to measure, and from where to where."""

    function: str
    dtype: str
    first: int
    last: int
    family: Family | None
    seconds: float

    @property
    def file(self) -> str:
        part = f"{self.first:x}" if self.family is None else "-".join(map(str, self.family))
        return f"{self.function}-{self.dtype}-{part}.json"


def errors(result: np.ndarray, nearest: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """How many ulps each `result` is from the truth, `rest` ulps from the `nearest` number."""
    with np.errstate(all="ignore"):
        away = np.subtract(result, nearest, dtype=np.float64) / ulp(nearest)
        off = np.abs(away - rest)
    same = (result == nearest) | (np.isnan(result) & np.isnan(nearest))
    # What is infinite or NaN, and should not be, is infinitely far away.
    return np.where(np.isnan(off), np.where(same, 0, np.inf), off)


def compare(
    x: np.ndarray, result: np.ndarray, nearest: np.ndarray, rest: np.ndarray, where: str = "{}"
) -> Figures:
    """The figures of the results at `x`."""
    wrong = np.flatnonzero((result != nearest) & ~(np.isnan(result) & np.isnan(nearest)))
    if not wrong.size:
        # Then the greatest error is that of rounding.
        found = np.abs(rest)
        worst = int(np.nanargmax(found)) if not np.isnan(found).all() else 0
        error = float(np.nan_to_num(found[worst]))
        return Figures(x.size, 0, error, where.format(float(x[worst]).hex()), error)
    off = errors(result[wrong], nearest[wrong], rest[wrong])
    normal = off[np.abs(nearest[wrong]) >= np.finfo(nearest.dtype).smallest_normal]
    worst = int(off.argmax())
    return Figures(
        x.size,
        int(wrong.size),
        float(off[worst]),
        where.format(float(x[wrong[worst]]).hex()),
        float(normal.max(initial=0.0)),
    )


def disorder(function: str, x: np.ndarray, result: np.ndarray) -> int:
    """How many neighbours in `x` have results that are ordered the other way round."""
    key = -np.abs(x) if function in BUMPS else x
    up, down = key[1:] > key[:-1], key[1:] < key[:-1]
    return int(
        np.count_nonzero((up & (result[1:] < result[:-1])) | (down & (result[1:] > result[:-1])))
    )


def measure(task: Task, libraries: Sequence[str], stride: int) -> Found:
    """Do one task."""
    with np.errstate(all="ignore"):
        if task.family is not None:
            return _measure_rows(task.family, task.dtype, libraries, stride)
        if task.dtype == "float64":
            points = hard_points(stride)[task.first : task.last + 1]
            return _measure_blocks(task, libraries, [points])
        blocks = patterns(task.dtype, task.first, task.last, _stride(task.dtype, stride))
        return _measure_blocks(task, libraries, blocks)


def _stride(dtype: str, stride: int) -> int:
    """Of float16 there are so few numbers that none is left out."""
    return 1 if dtype == "float16" else stride


def _measure_blocks(task: Task, libraries: Sequence[str], blocks: Iterable[np.ndarray]) -> Found:
    found: Found = {}
    for x in blocks:
        nearest, rest = wanted(task.function, x)
        for library in libraries:
            function = implementation(library, task.function)
            if function is None:
                continue
            result = function(x)
            if result.dtype != x.dtype:
                # scipy turns float16 into float32.
                continue
            # The last number belongs to the next block, and is here for the order only.
            own = slice(None, -1)
            figures = replace(
                compare(x[own], result[own], nearest[own], rest[own]),
                disorder=disorder(task.function, x, result),
            )
            key = (task.function, task.dtype, library, "")
            found[key] = found.get(key, Figures()) + figures
    return found


def _measure_rows(family: Family, dtype: str, libraries: Sequence[str], stride: int) -> Found:
    found: Found = {}
    rows = family.rows(dtype, stride)
    label = f"{family.kind}, length {family.length}, spread {family.spread}"
    true = wanted_softmax(rows)
    for name, library in itertools.product(SOFTMAX, libraries):
        function = implementation(library, name)
        if function is None:
            continue
        nearest, rest = (array.ravel() for array in true[name])
        for axis in (-1, 0):
            # Down the columns of the transposed rows, sums are formed in another order.
            scores = rows if axis else np.ascontiguousarray(rows.T)
            result = function(scores, axis=axis)
            result = result if axis else result.T
            where = f"{{}} in {label}, axis {axis}"
            figures = compare(rows.ravel(), result.ravel(), nearest, rest, where)
            key = (name, dtype, library, label)
            found[key] = found.get(key, Figures()) + figures
    return found


def tasks(stride: int) -> list[Task]:
    """All the work, in the order in which it is done."""
    listed = []
    n = hard_points(stride).size
    for function in TRUE:
        for dtype, numbers in (("float16", 2**16), ("float32", 2**32)):
            for first in range(0, numbers, SWEEP_CHUNK):
                last = min(first + SWEEP_CHUNK, numbers)
                seconds = (last - first) / _stride(dtype, stride) * SWEEP_COST
                listed.append(Task(function, dtype, first, last, None, seconds))
        for first in range(0, n, POINTS_CHUNK):
            last = min(first + POINTS_CHUNK, n)
            seconds = (last - first) * EXACT_COST
            listed.append(Task(function, "float64", first, last, None, seconds))
    for dtype, family in itertools.product(("float32", "float64"), families(stride)):
        seconds = family.rows(dtype, stride).size * EXACT_COST
        listed.append(Task("softmax", dtype, 0, 0, family, seconds))
    return listed


def read(path: Path) -> Found | None:
    """What an earlier run found, if it did this task."""
    try:
        rows = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return {tuple(row["key"]): Figures(**row["figures"]) for row in rows}


def write(path: Path, found: Found) -> None:
    """Write at once, so that an interruption leaves no half of a file."""
    rows = [{"key": key, "figures": asdict(figures)} for key, figures in found.items()]
    begun = path.with_suffix(f".{os.getpid()}")
    begun.write_text(json.dumps(rows))
    begun.rename(path)


def perform(task: Task, libraries: Sequence[str], stride: int, work: Path) -> None:
    """Do one task and write what it found."""
    write(work / task.file, measure(task, libraries, stride))


def run(
    listed: Sequence[Task], libraries: Sequence[str], stride: int, workers: int, work: Path
) -> Found:
    """Do what is not done yet, say how it goes, and put all the parts together."""
    work.mkdir(parents=True, exist_ok=True)
    left = [task for task in listed if not (work / task.file).exists()]
    done = sum(task.seconds for task in listed) - sum(task.seconds for task in left)
    for line in _performed(left, libraries, stride, workers, work, done):
        sys.stderr.write(line)
        sys.stderr.flush()
    total: Found = {}
    for task in listed:
        for key, figures in (read(work / task.file) or {}).items():
            total[key] = total.get(key, Figures()) + figures
    return total


def _performed(
    left: list[Task], libraries: Sequence[str], stride: int, workers: int, work: Path, done: float
) -> Iterator[str]:
    whole, started, here = done + sum(task.seconds for task in left), time.monotonic(), 0.0
    # JAX and torch do not survive a fork.
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        futures = {pool.submit(perform, task, libraries, stride, work): task for task in left}
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
                task = futures[future]
                here += task.seconds
                rate = (time.monotonic() - started) / here
                share = (done + here) / whole
                remaining = rate * (whole - done - here)
                yield (
                    f"\r{share:5.1%}  {remaining:5.0f} s left  {task.function} {task.dtype}"
                    f"{' ' * 20}"
                )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    yield "\n"


def machine() -> dict[str, Any]:
    """What the figures may depend on: the processor, and whose tanh NumPy runs on it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    compiled = np.lib.introspect.opt_func_info("^tanh$", "float64").get("tanh", {})
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "system": f"{platform.system()} {platform.machine()}",
        "numpy_tanh": next((one["current"] for one in compiled.values()), "the C library's"),
    }


def versions() -> dict[str, str]:
    """Of what was compared, and of what it was compared with."""
    packages = ("numpy", "scipy", "torch", "jax", "mpmath")
    return {"python": platform.python_version()} | {
        package: importlib.metadata.version(package) for package in packages
    }


def fingerprint(libraries: Sequence[str], stride: int) -> str:
    """Another one where the parts that an earlier run has written may no longer be true."""
    sources = sorted([*(ROOT / "mlmath").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
    told = [source.read_text() for source in sources]
    told += [json.dumps([list(libraries), stride, machine(), versions()])]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


def as_data(found: Found, stride: int) -> dict[str, Any]:
    """What the book reads."""
    rows = [
        {
            "function": function,
            "dtype": dtype,
            "library": library,
            "family": family,
            "inputs": figures.inputs,
            "misrounded": figures.misrounded,
            "max_ulp": round(figures.max_ulp, 4),
            "at": figures.at,
            "max_ulp_normal": round(figures.max_ulp_normal, 4),
            "monotone": None if function in SOFTMAX else figures.disorder == 0,
            "disorder": figures.disorder,
        }
        for (function, dtype, library, family), figures in found.items()
    ]
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "stride": stride,
        "rows": rows,
    }


def without_simd(stride: int, workers: int, work: Path) -> Found:
    """Mlmath's float64 once more, as on a processor for which NumPy calls the C library."""
    compiled = np.lib.introspect.opt_func_info("^tanh$", "float64").get("tanh", {})
    names = " ".join(one["available"] for one in compiled.values()).split()
    features = " ".join(name for name in names if not name.startswith("baseline"))
    os.environ["NPY_DISABLE_CPU_FEATURES"] = features
    try:
        listed = [task for task in tasks(stride) if task.dtype == "float64"]
        found = run(listed, ("mlmath",), stride, workers, work)
    finally:
        del os.environ["NPY_DISABLE_CPU_FEATURES"]
    return {
        (function, dtype, PLAIN, family): figures
        for (function, dtype, _, family), figures in found.items()
    }


def main() -> None:
    """Measure everything and write the data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stride", type=int, default=1, help="take one input of so many")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes at once")
    parser.add_argument("--output", type=Path, help="where to write the data")
    chosen = parser.parse_args()
    # Each worker is one thread; the libraries read these when a worker imports them.
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["JAX_PLATFORMS"] = "cpu"
    stride, workers = chosen.stride, chosen.workers
    output = chosen.output or (DATA if stride == 1 else WORK / f"stride-{stride}.json")
    work = WORK / fingerprint(LIBRARIES, stride)
    try:
        found = run(tasks(stride), LIBRARIES, stride, workers, work)
        found |= without_simd(stride, workers, work / "without-simd")
    except KeyboardInterrupt:
        sys.exit("\nmake accuracy: interrupted; the next run goes on from here")
    output.write_text(json.dumps(as_data(found, stride), indent=1) + "\n")
    print(f"make accuracy: the figures are in {os.path.relpath(output)}")


if __name__ == "__main__":
    main()
