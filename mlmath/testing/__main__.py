"""The check from a shell: exit status 0 if nothing is wrong, 1 if something is, 2 for bad usage."""

import argparse
import importlib
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from mlmath.testing._checking import BUDGET, check
from mlmath.testing._vectors import write_vectors


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # One line, as all errors here; --help shows the rest.
        self.exit(2, f"mlmath.testing: {message}; try --help\n")


def main(arguments: list[str] | None = None) -> int:
    """Check the function that the command line names, and say how it went."""
    parser = _Parser(
        prog="python -m mlmath.testing",
        description="Try a kernel of yours where kernels fail; exit 0 if nothing is wrong, else 1.",
    )
    parser.add_argument("kernel", metavar="module:function", help="the kernel, to be imported")
    parser.add_argument("--like", required=True, help="the function of mlmath, such as softmax")
    parser.add_argument("--backend", default="numpy", help="whose arrays it takes (numpy)")
    parser.add_argument("--dtype", default="float64", help="the dtype of the inputs (float64)")
    parser.add_argument(
        "--budget", type=float, default=BUDGET, help=f"units in the last place ({BUDGET:g})"
    )
    parser.add_argument("--no-contract", action="store_true", help="compare values and no more")
    parser.add_argument("--vectors", metavar="FILE", help="write test vectors there, as JSON")
    given = parser.parse_args(arguments)
    # "python -m" puts the current folder first, unless it is told to be safe.
    sys.path.insert(0, "")
    try:
        kernel = _imported(given.kernel)
        if given.vectors:
            write_vectors(given.like, given.vectors)
        report = check(
            kernel,
            given.like,
            backend=given.backend,
            dtype=given.dtype,
            budget=given.budget,
            contract=not given.no_contract,
        )
    except (ValueError, ImportError, OSError) as error:
        parser.error(" ".join(str(error).split()))
    print(report)
    return 0 if report else 1


def _imported(kernel: str) -> Callable[..., Any]:
    module, _, name = kernel.partition(":")
    if not module or not name:
        raise ValueError(f"the kernel is {kernel!r}; module:function is wanted")
    try:
        found = importlib.import_module(module)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise ImportError(f"{module} cannot be imported: {said}") from error
    function: Callable[..., Any] | None = getattr(found, name, None)
    if not callable(function):
        raise ValueError(f"{module} has no function {name}")
    return function


if __name__ == "__main__":
    sys.exit(main())
