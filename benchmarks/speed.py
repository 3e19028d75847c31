"""Says how fast mlmath is: every array function beside SciPy, torch and JAX, in one thread."""

import argparse
import datetime
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import mlmath

DATA = Path(__file__).with_name("speed.json")
VERSIONS = ("numpy", "scipy", "torch", "jax", "array-api-compat")
# The libraries read these when they load.
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1") | {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}

DTYPES = ("float32", "float64")
SIZES = (10**3, 10**6, 10**7)
ROWS = ((32, 1000), (4096, 4096), (1, 10**6), (10**6, 3))
ELEMENTWISE = (
    "sigmoid",
    "sigmoid_derivative",
    "log_sigmoid",
    "relu",
    "relu_derivative",
    "tanh",
    "tanh_derivative",
)
SOFTMAXES = ("softmax", "log_softmax")
OF_TWO = ("inner", "mse", "mse_gradient")
MOVING = ("permute", "hwc_to_chw", "chw_to_hwc")
FUNCTIONS = (*ELEMENTWISE, *SOFTMAXES, *OF_TWO, "outer", *MOVING, "batch")
# What the timing of a whole case may take, of one measurement at least, and how many there are.
SECONDS, SHORTEST, ROUNDS = 1.0, 1e-3, 9
IMPORTS = {
    "mlmath": "import mlmath",
    "numpy, array-api-compat": "import numpy, array_api_compat",
}


class Library(NamedTuple):
    """Functions by the names that mlmath gives them, over arrays made of NumPy's."""

    functions: Mapping[str, Callable[..., Any]]
    array: Callable[[np.ndarray], Any]
    wait: Callable[[Any], Any] | None = None

    def call(self, function: str, arguments: Sequence[np.ndarray]) -> Callable[[], Any]:
        """The whole call as something to time, and its result."""
        compute = partial(self.functions[function], *map(self.array, arguments))
        wait = self.wait
        return compute if wait is None else lambda: wait(compute())


class Target(NamedTuple):
    """How many times the peer's time a function may take."""

    function: str
    dtype: str
    shape: tuple[int, ...]
    peer: str
    limit: float

    def __str__(self) -> str:
        return (
            f"{self.function}, {self.dtype}, {shape_text(self.shape)}:"
            f" at most {self.limit} × {self.peer}"
        )


TARGETS = (
    Target("sigmoid", "float32", (10**6,), "SciPy", 0.9),
    *(
        Target(function, dtype, shape, peer, limit)
        for function, shape, peer, limit in (
            ("log_sigmoid", (10**6,), "SciPy", 0.3),
            ("relu", (10**6,), "copy", 1.1),
            ("softmax", (10**6, 3), "torch", 0.3),
            ("softmax", (4096, 4096), "torch", 1.6),
            ("mse", (10**6,), "torch", 0.7),
            ("sigmoid", (10**3,), "SciPy", 2),
            ("log_sigmoid", (10**3,), "SciPy", 2),
            ("softmax", (10**3,), "SciPy", 2),
            ("log_softmax", (10**3,), "SciPy", 2),
        )
        for dtype in DTYPES
    ),
)
IMPORT_LIMIT = 1.15


def libraries() -> dict[str, Library]:
    """Mlmath and its peers; what a peer lacks is written as its users write it."""
    import jax
    import jax.numpy as jnp
    import torch
    from scipy import special

    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)
    torch_functions = torch.nn.functional
    ours = {name: getattr(mlmath, name) for name in FUNCTIONS} | {
        "mse_gradient": lambda p, t: mlmath.mse_gradient(prediction=p, target=t),
        "permute": lambda x: mlmath.permute(x, (2, 0, 1)),
        "batch": lambda *images: mlmath.batch(images),
    }
    scipy = {
        "sigmoid": special.expit,
        "sigmoid_derivative": lambda x: (s := special.expit(x)) * (1 - s),
        "log_sigmoid": special.log_expit,
        "relu": lambda x: np.maximum(x, 0),
        "relu_derivative": lambda x: (x > 0).astype(x.dtype),
        "tanh": np.tanh,
        "tanh_derivative": lambda x: 1 - np.tanh(x) ** 2,
        "softmax": lambda x: special.softmax(x, axis=-1),
        "log_softmax": lambda x: special.log_softmax(x, axis=-1),
        "inner": np.inner,
        "mse": lambda p, t: ((p - t) ** 2).mean(),
        "mse_gradient": lambda p, t: 2 * (p - t) / len(p),
        "outer": np.outer,
        "permute": lambda x: x.transpose(2, 0, 1),
        "hwc_to_chw": lambda x: x.transpose(2, 0, 1),
        "chw_to_hwc": lambda x: x.transpose(1, 2, 0),
        "batch": lambda *images: np.stack(images),
    }
    torch_ = {
        "sigmoid": torch.sigmoid,
        "sigmoid_derivative": lambda x: (s := torch.sigmoid(x)) * (1 - s),
        "log_sigmoid": torch_functions.logsigmoid,
        "relu": torch.relu,
        "relu_derivative": lambda x: (x > 0).to(x.dtype),
        "tanh": torch.tanh,
        "tanh_derivative": lambda x: 1 - torch.tanh(x) ** 2,
        "softmax": lambda x: torch.softmax(x, -1),
        "log_softmax": lambda x: torch.log_softmax(x, -1),
        "inner": torch.inner,
        "mse": torch_functions.mse_loss,
        "mse_gradient": lambda p, t: 2 * (p - t) / len(p),
        "outer": torch.outer,
        "permute": lambda x: x.permute(2, 0, 1),
        "hwc_to_chw": lambda x: x.permute(2, 0, 1),
        "chw_to_hwc": lambda x: x.permute(1, 2, 0),
        "batch": lambda *images: torch.stack(images),
    }
    jax_ = {
        "sigmoid": jax.nn.sigmoid,
        "sigmoid_derivative": lambda x: (s := jax.nn.sigmoid(x)) * (1 - s),
        "log_sigmoid": jax.nn.log_sigmoid,
        "relu": jax.nn.relu,
        "relu_derivative": lambda x: (x > 0).astype(x.dtype),
        "tanh": jnp.tanh,
        "tanh_derivative": lambda x: 1 - jnp.tanh(x) ** 2,
        "softmax": lambda x: jax.nn.softmax(x, axis=-1),
        "log_softmax": lambda x: jax.nn.log_softmax(x, axis=-1),
        "inner": jnp.inner,
        "mse": lambda p, t: ((p - t) ** 2).mean(),
        "mse_gradient": lambda p, t: 2 * (p - t) / len(p),
        "outer": jnp.outer,
        "permute": lambda x: x.transpose(2, 0, 1),
        "hwc_to_chw": lambda x: x.transpose(2, 0, 1),
        "chw_to_hwc": lambda x: x.transpose(1, 2, 0),
        "batch": lambda *images: jnp.stack(images),
    }
    compiled = {name: jax.jit(function) for name, function in jax_.items()}
    return {
        "mlmath": Library(ours, np.asarray),
        "SciPy": Library(scipy, np.asarray),
        "torch": Library(torch_, torch.from_numpy),
        "JAX": Library(compiled, jnp.asarray, jax.block_until_ready),
        "copy": Library({"relu": np.copy}, np.asarray),
    }


def argument_shapes(function: str, size: int) -> list[tuple[int, ...]]:
    """Of which shapes the arguments are, so that `size` elements are worked on."""
    if function in OF_TWO:
        return [(size,)] * 2
    if function == "outer":
        return [(math.isqrt(size),)] * 2
    if function == "batch":
        return [(size // 100, 5, 2)] * 10
    return [(size // 10, 5, 2)] if function in MOVING else [(size,)]


def cases(
    sizes: Sequence[int] = SIZES, rows: Sequence[tuple[int, ...]] = ROWS
) -> Iterator[tuple[str, str, list[tuple[int, ...]]]]:
    """Yield what is timed: a function, a dtype and the shapes of its arguments."""
    for function in FUNCTIONS:
        for dtype in DTYPES:
            for size in sizes:
                yield function, dtype, argument_shapes(function, size)
            for shape in rows if function in SOFTMAXES else ():
                yield function, dtype, [shape]


def calls(
    function: str, dtype: str, shapes: Sequence[tuple[int, ...]], among: Mapping[str, Library]
) -> dict[str, Callable[[], Any]]:
    """The same call of every library that has the function."""
    # Signs at random: a processor that guesses them would make some formulas look too fast.
    random = np.random.default_rng(0)
    arguments = [(4 * random.standard_normal(shape)).astype(dtype) for shape in shapes]
    return {
        name: library.call(function, arguments)
        for name, library in among.items()
        if function in library.functions
    }


def interleaved(timed: Mapping[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Take the median time of each call; they take turns, so that a slow spell slows them all."""
    for call in timed.values():
        call()
    numbers = {name: 1 + int(SHORTEST / timeit.timeit(c, number=1)) for name, c in timed.items()}
    times: dict[str, list[float]] = {name: [] for name in timed}
    end = perf_counter() + seconds
    while perf_counter() < end or len(times["mlmath"]) < ROUNDS:
        for name, call in timed.items():
            times[name].append(timeit.timeit(call, number=numbers[name]) / numbers[name])
    return {name: statistics.median(each) for name, each in times.items()}


def import_seconds(rounds: int = 21) -> dict[str, float]:
    """Take the median time of importing mlmath, and what it builds on, in fresh processes."""
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    with tempfile.TemporaryDirectory() as compiled:
        # Whoever imports a second time finds everything compiled, so the first does not count.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(1 + rounds):
            for name, statement in IMPORTS.items():
                code = f"import time; start = time.time(); {statement}; print(time.time() - start)"
                ran = subprocess.run(
                    [sys.executable, "-c", code],
                    cwd=DATA.parents[1],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                times[name].append(float(ran.stdout))
    return {name: statistics.median(each[1:]) for name, each in times.items()}


def machine() -> dict[str, Any]:
    """Say what ran the measurement; not which one it was."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    pairs = (line.partition(":") for line in lines)
    fields = {name.strip(): value.strip() for name, _, value in pairs}
    return {
        "processor": fields.get("model name", platform.processor()),
        "AVX-512": "avx512f" in fields.get("flags", "").split(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load before": round(os.getloadavg()[0], 2),
    }


def measure(
    sizes: Sequence[int] = SIZES,
    rows: Sequence[tuple[int, ...]] = ROWS,
    seconds: float = SECONDS,
    functions: Sequence[str] = FUNCTIONS,
    tell: Callable[[str], object] = print,
) -> list[dict[str, Any]]:
    """Time all cases of `functions`, telling each row of the table as soon as it is known."""
    todo = [case for case in cases(sizes, rows) if case[0] in functions]
    among = libraries()
    measured = []
    tell(f"{'':9}{HEADER}")
    for i, (function, dtype, shapes) in enumerate(todo, start=1):
        times = interleaved(calls(function, dtype, shapes, among), seconds)
        case = {
            "function": function,
            "dtype": dtype,
            "shape": list(shapes[0]),
            "arguments": len(shapes),
            "seconds": {name: float(f"{time:.4g}") for name, time in times.items()},
        }
        measured.append(case)
        tell(f"{f'{i}/{len(todo)}':9}{row(case)}")
    return measured


PEERS = ("SciPy", "torch", "JAX", "copy")
HEADER = f"{'function':20}{'dtype':9}{'shape':>14}{'mlmath':>11}" + "".join(
    f"{f'÷ {peer}':>9}" for peer in PEERS
)


def ratio(case: Mapping[str, Any], peer: str) -> float:
    """How many times the time of `peer` mlmath takes."""
    return float(case["seconds"]["mlmath"] / case["seconds"][peer])


def row(case: Mapping[str, Any]) -> str:
    """One case in a line: the time of mlmath, and how many times that of each peer it is."""
    ratios = (
        f"{ratio(case, peer):9.2f}" if peer in case["seconds"] else f"{'':9}" for peer in PEERS
    )
    start = f"{case['function']:20}{case['dtype']:9}{shape_text(case['shape']):>14}"
    return f"{start}{_time_text(case['seconds']['mlmath']):>11}{''.join(ratios)}".rstrip()


def table(data: Mapping[str, Any], functions: Sequence[str] = FUNCTIONS) -> str:
    """All cases of `functions`, a line each."""
    shown = [row(case) for case in data["cases"] if case["function"] in functions]
    return "\n".join([HEADER, *shown])


def find(data: Mapping[str, Any], function: str, dtype: str, shape: Sequence[int]) -> Any:
    """The case of `function` over `dtype` and `shape`."""
    for case in data["cases"]:
        if (case["function"], case["dtype"], case["shape"]) == (function, dtype, list(shape)):
            return case
    raise LookupError(f"find: no case of {function}, {dtype}, {shape_text(shape)} is in the data")


def verdicts(data: Mapping[str, Any]) -> list[tuple[str, float, bool]]:
    """Each target in words, the ratio measured, and whether it is met."""
    ours, base = IMPORTS
    imports = data["imports"][ours] / data["imports"][base]
    said = [(f"import mlmath: at most {IMPORT_LIMIT} × {base}", imports, imports <= IMPORT_LIMIT)]
    for target in TARGETS:
        got = ratio(find(data, target.function, target.dtype, target.shape), target.peer)
        said.append((str(target), got, got <= target.limit))
    return said


def verdict_table(data: Mapping[str, Any]) -> str:
    """The targets, a line each."""
    return "\n".join(
        f"{'met' if met else 'MISSED':8}{measured:6.2f}   {target}"
        for target, measured, met in verdicts(data)
    )


def main() -> None:
    """Measure, print, and write the data that the book shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=DATA, help="where to write the data")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each line, at least")
    parser.add_argument("functions", nargs="*", metavar="function", help="only these, unwritten")
    arguments = parser.parse_args()
    unknown = set(arguments.functions) - set(FUNCTIONS)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))} unknown; wanted are of {', '.join(FUNCTIONS)}")
    if ONE_THREAD.items() - os.environ.items():
        command = [sys.executable, "-m", "benchmarks.speed", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | ONE_THREAD)
    if hasattr(os, "sched_setaffinity"):
        # XLA has no setting of its own that its pool of threads obeys.
        os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])
    if arguments.functions:
        measure(seconds=arguments.seconds, functions=arguments.functions, tell=_tell)
        return
    data = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": {name: version(name) for name in VERSIONS},
        "imports": import_seconds(),
        "cases": measure(seconds=arguments.seconds, tell=_tell),
    }
    arguments.output.write_text(_json_text(data))
    _tell(f"\n{verdict_table(data)}\n\nmake bench: the figures are in {arguments.output.name}")


def _json_text(data: Mapping[str, Any]) -> str:
    """The data as JSON, a case a line, so that a change is seen."""
    head = {name: value for name, value in data.items() if name != "cases"}
    lines = ",\n".join(f"  {json.dumps(case)}" for case in data["cases"])
    return f'{json.dumps(head, indent=1)[:-2]},\n "cases": [\n{lines}\n ]\n}}\n'


def _tell(line: str) -> None:
    print(line, flush=True)


def shape_text(shape: Sequence[int]) -> str:
    """A shape, powers of ten as such: 10^6 x 3."""
    return " × ".join(
        f"10^{len(digits) - 1}" if (digits := str(n)).rstrip("0") == "1" and n > 1000 else digits
        for n in shape
    )


def _time_text(seconds: float) -> str:
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


if __name__ == "__main__":
    main()
