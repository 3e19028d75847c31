"""One call that tries a kernel of yours where kernels fail, and says first what is worst."""

import dataclasses
import logging
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from mlmath.testing._measuring import Kernel, name_of
from mlmath.testing._report import Failure, Report
from mlmath.testing.contract import BACKENDS, FUNCTIONS, Case, Refused, Wanted, cases, judge
from mlmath.testing.families import families
from mlmath.testing.reference import ELEMENTWISE, FORMATS, ROWWISE

__all__ = ["BUDGET", "check"]

BUDGET = 5.0

logger = logging.getLogger(__name__)
# Too low a level to reach a terminal by itself: pytest shows it beside the test that failed.
logger.setLevel(logging.INFO)


def check(
    function: Callable[..., Any],
    /,
    like: str,
    *,
    backend: str = "numpy",
    dtype: str = "float64",
    budget: float = BUDGET,
    contract: bool = True,
) -> Report:
    """Try a kernel of yours on the inputs that find bugs, and by the contract of mlmath.

    Parameters
    ----------
    function : callable
        Your kernel. It takes an array and is called as the function of mlmath is; a softmax gets
        one row at a time.
    like : str
        The name of the function of mlmath that it is to be like, such as ``"softmax"``.
    backend : str, optional
        The array library: numpy, torch, jax, dask or array_api_strict.
    dtype : str, optional
        The dtype of the inputs: float16, bfloat16, float32 or float64. Integers are tried too.
    budget : float, optional
        How many units in the last place a result may be away from the exact one.
    contract : bool, optional
        Whether the contract is tried too: shapes, dtypes, ``axis``, lists, wrong arguments.

    Returns
    -------
    Report
        True if nothing is wrong. One that has failed is logged too, so that pytest shows the
        whole of it where ``assert check(my_softmax, like="softmax")`` fails.

    Raises
    ------
    ValueError
        If the contract has no such function, there is no such array library or dtype, or the
        budget is not positive.
    ImportError
        If mpmath or the array library is not installed.

    Notes
    -----
    Every result is compared with the exact one, which mpmath computes, in each family of inputs:
    zero and its neighbours, the tails, walls between branches, ties, one dominant score, wide
    rows, random bit patterns and more. Of each family the worst result is reported. Functions
    other than the activations have no such families; for them the contract is all.

    JAX takes numbers for zero that are too small to have all their digits. With it, such inputs are
    left out, and zero is accepted for such results.

    Examples
    --------
    >>> import numpy as np
    >>> from mlmath.testing import check
    >>> def my_softmax(x):
    ...     e = np.exp(x)
    ...     return e / e.sum()
    >>> report = check(my_softmax, like="softmax", contract=False)
    >>> report.passed
    False
    >>> report.failures[0].label
    'large scores'
    """
    _check_arguments(like, backend, dtype, budget)
    failures, checked, largest = [], 0, 0.0
    if like in ELEMENTWISE or like in ROWWISE:
        kernel = Kernel(function, like, backend)
        for family in families(like, dtype):
            failure, right = kernel.measure(family, budget)
            failures += [failure] if failure else []
            checked += 1
            if family.dtype == dtype:
                largest = max(largest, right)
    by_kind = sorted(cases(like) if contract else (), key=lambda case: case.kind)
    for _, alike in groupby(by_kind, key=lambda case: case.kind):
        broken = [b for case in alike if (b := _broken(case, function, backend, budget))]
        failures += [dataclasses.replace(broken[0], count=len(broken))] if broken else []
        checked += 1

    def gravity(failure: Failure) -> float:
        # A broken rule stands behind results without a right digit, before all others.
        no_digit = 2.0 ** (FORMATS[dtype].digits - 1)
        return no_digit if failure.ulps is None else failure.ulps

    worst_first = tuple(sorted(failures, key=gravity, reverse=True))
    name = name_of(function)
    report = Report(name, like, backend, dtype, budget, worst_first, checked, largest)
    if not report:
        logger.info("%s", report)
    return report


def _broken(
    case: Case, function: Callable[..., Any], backend: str, budget: float
) -> Failure | None:
    """The case as a failure, if `function` breaks it."""
    if isinstance(case.wanted, Wanted) and case.wanted.ulps:
        # It is for the caller to say what may be lost in rounding.
        wanted = dataclasses.replace(case.wanted, ulps=budget, narrow_ulps=budget)
        case = dataclasses.replace(case, wanted=wanted)
    elif isinstance(case.wanted, Refused):
        # The words of a message are mlmath's own; that there is an error is the rule.
        case = dataclasses.replace(case, wanted=dataclasses.replace(case.wanted, words=()))
    line = judge(case, function, backend)
    if not line:
        return None
    complaint = line.removeprefix(f"{case.function}: {case.kind}: {case.call} on {backend} ")
    return Failure(f"contract, {case.kind}", case.call, complaint, case.why)


def _check_arguments(like: str, backend: str, dtype: str, budget: float) -> None:
    if like not in FUNCTIONS:
        raise ValueError(f"check: like is {like!r}; {_one_of(FUNCTIONS)} is wanted")
    if backend not in BACKENDS:
        raise ValueError(f"check: backend is {backend!r}; {_one_of(BACKENDS)} is wanted")
    if dtype not in FORMATS:
        raise ValueError(f"check: dtype is {dtype!r}; {_one_of(FORMATS)} is wanted")
    if not BACKENDS[backend].has_dtype(dtype):
        raise ValueError(f"check: dtype is {dtype!r}; one that {backend} has is wanted")
    if not budget > 0:
        raise ValueError(f"check: budget is {budget!r}; a positive number is wanted")


def _one_of(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"
