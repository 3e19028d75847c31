"""Whether a function, of this package or of anybody's, does what a case of the contract wants."""

import importlib
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np

from mlmath.testing._case import Case, Given, Refused, Wanted, shown

__all__ = ["BACKENDS", "Backend", "judge"]

# The bits of the fraction, the first among them, and the exponent of the smallest number above 0.
FORMATS = {
    "float64": (53, -1074),
    "float32": (24, -149),
    "float16": (11, -24),
    "bfloat16": (8, -133),
}
NUMPY_DTYPES = np.__array_namespace_info__().dtypes().keys() | {"float16"}


@dataclass(frozen=True)
class Backend:
    """An array library, imported when it is used."""

    module: str

    @property
    def library(self) -> Any:
        return importlib.import_module(self.module)

    def lacks(self, case: Case) -> str:
        """Why the arrays of `case` cannot be made; empty where they can."""
        for given in case.given():
            if not self.has_dtype(given.dtype):
                return f"{self.module} has no {given.dtype}"
            if given.layout == "read-only":
                return f"an array of {self.module} is never, or always, read-only"
        return ""

    def has_dtype(self, dtype: str) -> bool:
        return hasattr(self.library, dtype)

    def ready(self) -> AbstractContextManager[Any]:
        """What must hold while arrays are made and computed with."""
        return nullcontext()

    def make(self, given: Given) -> Any:
        """The array that `given` describes."""
        elements = _elements(given)
        if given.layout == "strided" and elements.ndim:
            return self.convert(np.repeat(elements, 2, axis=-1), given.dtype)[..., ::2]
        if given.layout == "columns first":
            columns = self.convert(np.ascontiguousarray(elements.T), given.dtype)
            xp = array_api_compat.array_namespace(columns)
            return xp.permute_dims(columns, tuple(reversed(range(columns.ndim))))
        return self.convert(elements, given.dtype)

    def convert(self, elements: Any, dtype: str) -> Any:
        return self.library.asarray(elements, dtype=getattr(self.library, dtype))

    def read(self, array: Any) -> Any:
        """The elements as a NumPy array, bfloat16 as float64."""
        return np.asarray(array)


class NumPy(Backend):
    """The library itself; the only one with objects and with a flag against writing."""

    def lacks(self, case: Case) -> str:
        lacking = [given.dtype for given in case.given() if not self.has_dtype(given.dtype)]
        return f"numpy has no {lacking[0]}" if lacking else ""

    def has_dtype(self, dtype: str) -> bool:
        return dtype == "object" or dtype in NUMPY_DTYPES

    def make(self, given: Given) -> Any:
        array = super().make(given)
        array.flags.writeable = given.layout != "read-only"
        return array

    def convert(self, elements: Any, dtype: str) -> Any:
        return np.array(elements, dtype=dtype)


class Torch(Backend):
    """Knows bfloat16, which NumPy cannot read."""

    def read(self, array: Any) -> Any:
        elements = array.detach()
        if elements.dtype == self.library.bfloat16:
            elements = elements.to(self.library.float64)
        return elements.numpy().copy()


class Jax(Backend):
    """Computes in float64 only when asked to, and not with subnormal numbers."""

    def lacks(self, case: Case) -> str:
        if case.kind == "subnormals":
            return "XLA, which jax compiles to, takes subnormal numbers for zero on processors"
        return super().lacks(case)

    def ready(self) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = importlib.import_module("jax").enable_x64(True)
        return context

    def read(self, array: Any) -> Any:
        wide = array.dtype == self.library.bfloat16
        return np.asarray(array.astype(self.library.float64) if wide else array)


class Dask(Backend):
    """Cuts every axis in two, so that each case crosses the edge of a chunk."""

    def has_dtype(self, dtype: str) -> bool:
        return dtype in NUMPY_DTYPES

    def convert(self, elements: Any, dtype: str) -> Any:
        chunks = tuple(max(1, -(-n // 2)) for n in elements.shape)
        return self.library.from_array(np.array(elements, dtype=dtype), chunks=chunks)

    def read(self, array: Any) -> Any:
        # What is computed only now warns as NumPy does; the call that is judged is over.
        with np.errstate(all="ignore"):
            return np.asarray(array.compute(scheduler="synchronous"))


BACKENDS: dict[str, Backend] = {
    "numpy": NumPy("numpy"),
    "torch": Torch("torch"),
    "jax": Jax("jax.numpy"),
    "dask": Dask("dask.array"),
    "array_api_strict": Backend("array_api_strict"),
}


def judge(case: Case, function: Callable[..., Any], backend: str = "numpy") -> str:
    """Say in one line how `function` fails `case`; empty where it does not.

    `function` is called as mlmath's of the same name is; a case whose arrays `backend` cannot make
    (see :meth:`Backend.lacks`) holds. Whatever the case, the arguments must be unchanged
    afterwards, and no warning may have escaped.
    """
    library = BACKENDS[backend]
    if library.lacks(case):
        return ""
    arrays: list[Any] = []

    def made(value: Any) -> Any:
        if isinstance(value, Given):
            arrays.append(library.make(value))
            return arrays[-1]
        return list(map(made, value)) if isinstance(value, list) else value

    with library.ready(), warnings.catch_warnings(record=True) as warned:
        arguments = [made(value) for value in case.arguments]
        keywords = {name: made(value) for name, value in case.keywords.items()}
        before = [library.read(array).copy() for array in arrays]
        warnings.simplefilter("always")
        try:
            result = function(*arguments, **keywords)
            if arrays and _library_of(result) == _library_of(arrays[0]):
                came = library.read(result)
            else:
                came = np.asarray(result)
        except Exception as error:  # noqa: BLE001 a foreign function may raise anything
            complaint = _of_error(error, case.wanted)
        else:
            complaint = _of_result(result, came, case.wanted, arrays)
        warned_of = [f"{one.category.__name__}: {one.message}" for one in warned]
        after = [library.read(array) for array in arrays]
    if not complaint and warned_of:
        complaint = f"warned {warned_of[0]!r}; no warning is wanted"
    if not complaint and not all(map(_same, before, after)):
        complaint = "changed its argument; an argument left alone is wanted"
    line = f"{case.function}: {case.kind}: {case.call} on {backend} {complaint}"
    return " ".join(line.split()) if complaint else ""


def _elements(given: Given) -> Any:
    # NumPy has no bfloat16, but its numbers are all float64's too.
    dtype = "float64" if given.dtype == "bfloat16" else given.dtype
    elements = np.array(given.values, dtype=dtype)
    if given.shape is not None:
        elements = elements.reshape(given.shape)
    return np.concatenate([elements] * given.times) if given.times > 1 else elements


def _library_of(value: object) -> str:
    return type(value).__module__.partition(".")[0]


def _same(before: Any, after: Any) -> bool:
    if before.dtype.kind in "fc":
        return np.array_equal(before, after, equal_nan=True)
    return np.array_equal(before, after)


def _of_error(error: Exception, wanted: Wanted | Refused) -> str:
    if isinstance(wanted, Wanted):
        return f"raised {type(error).__name__}: {shown(str(error))}; {wanted} is wanted"
    if not isinstance(error, wanted.error):
        return f"raised {type(error).__name__}; {wanted} is wanted"
    missing = [word for word in wanted.words if word not in str(error)]
    return f"raised {shown(str(error))}; {wanted} is wanted" if missing else ""


def _of_result(result: Any, came: Any, wanted: Wanted | Refused, arrays: list[Any]) -> str:
    if isinstance(wanted, Refused):
        return f"gave {shown(came)}; {wanted} is wanted"
    dtype = _dtype_of(result)
    wanted_dtype = _resolved(wanted.dtype, arrays)
    if dtype != wanted_dtype:
        return f"gave {shown(came)} in {dtype}; {wanted_dtype} is wanted"
    values = np.array(wanted.values, dtype=None if came.dtype.kind == "U" else object)
    if wanted.shape is not None:
        values = values.reshape(wanted.shape)
    if wanted.times > 1:
        values = np.concatenate([values] * wanted.times)
    if came.shape != values.shape:
        return f"gave the shape {came.shape}; {values.shape} is wanted"
    exact = dtype in ("Fraction", "int")
    if arrays and not exact and _library_of(result) != _library_of(arrays[0]):
        return f"gave a {type(result).__name__}; an array of the same library is wanted"
    if came.dtype.kind != "f":
        return "" if np.array_equal(came, values) else f"gave {shown(came)}; {wanted} is wanted"
    return _of_floats(came, values, dtype, wanted)


def _of_floats(came: Any, values: Any, dtype: str, wanted: Wanted) -> str:
    with np.errstate(all="ignore"):
        came, values = came.astype(np.float64), values.astype(np.float64)
        allowed = wanted.narrow_ulps if dtype in FORMATS and dtype != "float64" else wanted.ulps
        off = np.abs(came - values) / _ulp(values, FORMATS.get(dtype, FORMATS["float64"]))
    off = np.where(np.isnan(off), np.inf, off)
    off = np.where((came == values) | (np.isnan(came) & np.isnan(values)), 0, off)
    if not off.size or off.max() <= allowed:
        return ""
    worst = np.unravel_index(off.argmax(), off.shape)
    index = f" at index {tuple(map(int, worst))}" if worst else ""
    near = f", {off[worst]:.4g} ulp away" if np.isfinite(off[worst]) else ""
    return f"gave {came[worst]}{index}{near}; {values[worst]} is wanted"


def _ulp(values: Any, form: tuple[int, int]) -> Any:
    """The distance from one floating-point number to the next, where `values` are."""
    bits, smallest = form
    _, exponents = np.frexp(values)
    # frexp() gives 0 the exponent 0.
    exponents = np.where(values == 0, smallest, exponents - bits)
    return np.ldexp(1.0, np.maximum(exponents, smallest))


def _dtype_of(result: Any) -> str:
    """The name of the dtype, or of the type of Python's that all the elements have."""
    dtype = getattr(result, "dtype", None)
    if dtype is None:
        return type(result).__name__
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        return " and ".join(sorted({type(element).__name__ for element in result.flat}))
    return "str" if getattr(dtype, "kind", "") == "U" else str(dtype).rpartition(".")[2]


def _resolved(dtype: str, arrays: list[Any]) -> str:
    """The name of the library's own dtype where the case asks for that."""
    if not dtype.startswith("default "):
        return dtype
    xp = array_api_compat.array_namespace(*arrays[:1]) if arrays else np
    kind = "integral" if dtype == "default integer" else "real floating"
    return str(xp.__array_namespace_info__().default_dtypes()[kind]).rpartition(".")[2]
