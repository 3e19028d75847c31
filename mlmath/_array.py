"""One place decides which numbers come in, how precisely they are computed, and what goes out.

The public functions then read as their formulas. The policy:

- Any array in, the same kind out: NumPy, torch, JAX, dask and the like, through the Array API
  standard. Lists and Python numbers are read as NumPy reads them; beside an array they join its
  library and do not change its dtype. Where no argument is an array, a single number comes back
  as a Python number.
- Floating-point numbers narrower than the library's widest are computed in the widest, and
  rounded once, at the end. Integers become the library's default float before the arithmetic.
- Arrays of ``int`` and ``Fraction`` objects stay exact where the formula is rational.
- Everything else (bool, complex, text, masked arrays) is a ``TypeError`` of one line.
"""

import functools
import inspect
import math
import numbers
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar

import array_api_compat
import numpy as np

__all__ = [
    "Array",
    "ArrayLike",
    "arithmetic",
    "array_namespace",
    "check_same_shape",
    "fractions_of",
    "holds_objects",
    "is_array",
    "is_real",
    "prepare",
    "prepare_any",
    "python_number",
    "quiet",
    "read_axis",
    "to_numpy",
]

# The Array API standard has no importable type yet, so mypy cannot tell one array from another.
Array: TypeAlias = Any
ArrayLike: TypeAlias = Any

# What becomes of integers where every argument holds integers: "float" promotes them, "keep"
# hands them over as they are, "widen" in the library's default integer type.
Integers: TypeAlias = Literal["float", "keep", "widen"]

P = ParamSpec("P")
R = TypeVar("R")

# An infinity or a NaN in the result says what happened; a warning beside it would say it twice.
quiet = functools.partial(np.errstate, all="ignore")


class Prepared(NamedTuple):
    """Arguments ready for the formula, and what its result is to be turned back into."""

    xp: Any
    arrays: tuple[Array, ...]
    dtypes: tuple[Any, ...]
    dtype: Any
    python: bool

    def finish(self, result: Array, dtype: Any = None) -> Array:
        """Round `result` to the dtype that the caller is to see, and give it in kind."""
        dtype = self.dtype if dtype is None else dtype
        if dtype is object:
            result = fractions_of(np.asarray(result, dtype=object))
        elif dtype is not None:
            if isinstance(result, np.generic):
                result = np.asarray(result)
            result = self.xp.astype(result, dtype, copy=False)
        if isinstance(result, np.ndarray) and result.ndim == 0:
            result = result[()]
        return result.item() if self.python and isinstance(result, np.generic) else result

    def finish_numpy(self, result: Array) -> Array:
        """Like `finish`, for a result that was computed with NumPy, whatever library came."""
        if self.dtype is object and not all(map(_is_rational, result.flat)):
            return self.finish(result.astype(np.float64), np.float64)
        if self.dtype is object:
            return self.finish(result)
        (array,) = self.arrays
        device = array_api_compat.device(array)
        floats = result.astype(np.float64)
        with quiet():
            return self.finish(self.xp.asarray(floats, dtype=array.dtype, device=device))


def arithmetic(
    *names: str, rational: bool = False, integers: Integers = "float"
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a formula compute with the parameters `names` under the policy of this module.

    `rational` says that the formula needs no more than ``+ - * /`` and comparisons, so that
    fractions stay exact.
    """

    def decorate(formula: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(formula)

        @functools.wraps(formula)
        def function(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{formula.__name__}: {error}") from None
            with quiet():
                prepared = prepare(
                    formula.__name__,
                    {name: bound.arguments[name] for name in names},
                    rational=rational,
                    integers=integers,
                )
                bound.arguments.update(zip(names, prepared.arrays, strict=True))
                finished: R = prepared.finish(formula(*bound.args, **bound.kwargs))
            return finished

        return function

    return decorate


def prepare(
    function: str,
    arguments: Mapping[str, ArrayLike],
    *,
    rational: bool = False,
    integers: Integers = "float",
) -> Prepared:
    """Read, check and widen the `arguments` of `function`; its names are for the messages."""
    xp, strong = _library(function, arguments)
    arrays = {name: _read(function, name, value) for name, value in arguments.items()}
    kinds = {name: _kind(function, name, array) for name, array in arrays.items()}
    python = not strong
    # What is no array has no say in the dtype of the result.
    speakers = strong or list(arrays)

    if "fractions" in kinds.values():
        _check_fractions(function, arrays, kinds, xp, rational)
        exact = tuple(fractions_of(array) for array in arrays.values())
        return Prepared(xp, exact, (object,) * len(exact), object, python)

    all_integers = set(kinds.values()) == {"integers"}
    if all_integers and integers == "keep":
        kept = [_join(xp, array, arrays, strong) for array in arrays.values()]
        seen = tuple(array.dtype for array in kept)
        return Prepared(xp, tuple(kept), seen, xp.result_type(*seen), python)
    if all_integers and integers == "widen":
        widest = xp.__array_namespace_info__().default_dtypes()["integral"]
        wide = [_widen_integers(function, name, xp, arrays, strong, widest) for name in arrays]
        return Prepared(xp, tuple(wide), (widest,) * len(wide), widest, python)

    default = xp.__array_namespace_info__().default_dtypes()["real floating"]
    dtypes = {
        name: array.dtype if kinds[name] == "floats" else default for name, array in arrays.items()
    }
    dtype = xp.result_type(*(dtypes[name] for name in speakers))
    working = _working_dtype(xp, dtype)
    ready = tuple(_join(xp, array, arrays, strong, working) for array in arrays.values())
    seen = tuple(dtypes[name] if name in speakers else dtype for name in arrays)
    return Prepared(xp, ready, seen, dtype, python)


def prepare_any(function: str, arguments: Mapping[str, ArrayLike]) -> Prepared:
    """Like :func:`prepare` for functions that only move elements about: every dtype is kept."""
    xp, strong = _library(function, arguments)
    arrays = {name: _read(function, name, value) for name, value in arguments.items()}
    for name, value in arguments.items():
        if not is_array(value):
            _kind(function, name, arrays[name], moved_only=True)
    joined = tuple(_join(xp, array, arrays, strong) for array in arrays.values())
    return Prepared(xp, joined, tuple(array.dtype for array in joined), None, not strong)


def array_namespace(*arrays: Array) -> Any:
    """The functions of the library that `arrays`, which :func:`prepare` made ready, come from."""
    if all(isinstance(array, np.ndarray) for array in arrays):
        # NumPy follows the standard itself; the wrapper takes as long to import as NumPy does.
        return np
    return array_api_compat.array_namespace(*arrays)


def is_array(value: object) -> bool:
    """Whether `value` belongs to an array library; NumPy's scalars do."""
    return bool(array_api_compat.is_array_api_obj(value))


def holds_objects(array: Array) -> bool:
    """Whether the elements are Python's objects, which only NumPy's arrays can hold."""
    return isinstance(array, np.ndarray | np.generic) and array.dtype.kind == "O"


def is_real(value: object) -> bool:
    """Whether `value` is a single real number of Python's or NumPy's, which a bool is not."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def python_number(value: Any) -> int | float | Fraction:
    """A real number of NumPy's, or of any numeric class, as one of Python's."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Rational):
        return Fraction(value)
    return float(value)


def check_same_shape(function: str, **arrays: Array) -> None:
    """Refuse to broadcast: (3, 1) beside (3,) would silently make (3, 3)."""
    shapes = {name: tuple(array.shape) for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        came = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
        raise ValueError(f"{function}: {came}; shapes must match")


def read_axis(function: str, axis: object, ndim: int) -> tuple[int, ...]:
    """`axis` (an int, a tuple of them, or None for all) as a tuple of distinct axes from 0 on."""
    if ndim == 0:
        raise ValueError(f"{function}: x has shape (); at least one axis is wanted")
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for one in axes:
        if not isinstance(one, numbers.Integral) or isinstance(one, bool):
            raise TypeError(f"{function}: axis is {axis!r}; an int, a tuple of ints or None wanted")
        if not -ndim <= int(one) < ndim:
            raise ValueError(
                f"{function}: axis is {axis!r}, x has {ndim} axes; -{ndim} to {ndim - 1} wanted"
            )
    distinct = {int(one) % ndim for one in axes}
    if not axes or len(distinct) < len(axes):
        raise ValueError(f"{function}: axis is {axis!r}; one or more different axes are wanted")
    return tuple(sorted(distinct))


def fractions_of(array: Array) -> Array:
    """The same numbers as an object array of ``Fraction``, whose arithmetic is exact."""
    exact = np.empty(array.shape, dtype=object)
    for index, element in np.ndenumerate(array):
        # int() because NumPy's integers, which a Fraction would keep, wrap.
        exact[index] = Fraction(int(element.numerator), int(element.denominator))
    return exact


def to_numpy(array: Array) -> Array:
    """The elements of an array of any library, as a NumPy array of float64 or of ``Fraction``."""
    if holds_objects(array):
        return fractions_of(array)
    # tolist() because NumPy cannot read another device, bfloat16, or a tensor under autograd.
    elements = array.tolist() if hasattr(array, "tolist") else array
    return np.asarray(elements, dtype=np.float64).reshape(tuple(array.shape))


def _library(function: str, arguments: Mapping[str, ArrayLike]) -> tuple[Any, list[str]]:
    """The namespace to compute in, and the names of the arguments that are arrays.

    A NumPy scalar is an array among its own, and a mere number beside an array.
    """
    strong = [name for name, value in arguments.items() if is_array(value)]
    strong = [n for n in strong if not isinstance(arguments[n], np.generic)] or strong
    if not strong:
        return np, []
    if all(isinstance(arguments[name], np.ndarray | np.generic) for name in strong):
        return np, strong
    try:
        return array_namespace(*(arguments[name] for name in strong)), strong
    except TypeError:
        libraries = (f"{n} is an array of {_library_name(arguments[n])}" for n in strong)
        raise TypeError(f"{function}: {', '.join(libraries)}; one library is wanted") from None


def _library_name(array: Array) -> str:
    return type(array).__module__.partition(".")[0]


def _read(function: str, name: str, value: ArrayLike) -> Array:
    """`value` itself where it is an array, otherwise a new NumPy array of its numbers."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{function}: {name} is a masked array; fill or compress it first")
    if isinstance(value, np.ndarray | np.generic):
        # A numpy.matrix would turn * into a matrix product.
        return np.asarray(value)
    if is_array(value):
        return value
    try:
        array = np.array(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(
            f"{function}: {name} is a {type(value).__name__} that is no array;"
            " numbers are wanted, or lists of them of equal length"
        ) from None
    if array.dtype == np.uint64 or (array.dtype == np.float64 and np.any(np.abs(array) >= 2**63)):
        # NumPy reads ints beyond int64 as uint64, or rounds them; as objects they stay exact.
        objects = np.array(value, dtype=object)
        if all(_is_rational(element) for element in objects.flat):
            return objects
    return array


def _kind(
    function: str, name: str, array: Array, moved_only: bool = False
) -> Literal["floats", "integers", "fractions", "other"]:
    """What sort of numbers `array` holds; whatever has no place in the arithmetic is refused."""
    xp, dtype = array_namespace(array), array.dtype
    if holds_objects(array):
        for element in array.flat:
            if not _is_rational(element):
                raise TypeError(
                    f"{function}: {name} has dtype object and holds a {type(element).__name__};"
                    " only int and Fraction are exact, convert the rest to one numeric dtype"
                )
        return "fractions"
    if xp.isdtype(dtype, "real floating"):
        return "floats"
    if xp.isdtype(dtype, "integral"):
        return "integers"
    if moved_only and xp.isdtype(dtype, ("bool", "complex floating")):
        return "other"
    cure = ", convert it to integers or floats" if xp.isdtype(dtype, "bool") else ""
    raise TypeError(f"{function}: {name} has dtype {dtype}; real numbers are wanted{cure}")


def _is_rational(element: object) -> bool:
    return isinstance(element, numbers.Rational) and not isinstance(element, bool)


def _check_fractions(
    function: str, arrays: Mapping[str, Array], kinds: Mapping[str, str], xp: Any, rational: bool
) -> None:
    """Refuse fractions that the formula, another argument or the library would make inexact."""
    exact = next(name for name in kinds if kinds[name] == "fractions")
    if not rational:
        raise TypeError(
            f"{function}: {exact} has dtype object; exp needs floating-point numbers,"
            f" convert with numpy.asarray({exact}, dtype=float)"
        )
    for name, kind in kinds.items():
        if kind == "floats":
            raise TypeError(
                f"{function}: {exact} holds fractions, {name} has dtype {arrays[name].dtype};"
                f" pass {name} as fractions too, or convert {exact} to float"
            )
    if xp is not np:
        raise TypeError(
            f"{function}: {exact} holds fractions, which only NumPy's arrays can hold;"
            f" convert {exact} to float"
        )


def _working_dtype(xp: Any, dtype: Any) -> Any:
    """The widest float of the library, or `dtype` itself where that is no narrower."""
    known = xp.__array_namespace_info__().dtypes(kind="real floating").values()
    widest = max(known, key=lambda one: xp.finfo(one).bits)
    return widest if xp.finfo(dtype).bits < xp.finfo(widest).bits else dtype


def _join(
    xp: Any, array: Array, arrays: Mapping[str, Array], strong: list[str], dtype: Any = None
) -> Array:
    """`array` in the library, and on the device, of the arrays that came, with dtype `dtype`."""
    if strong and array_namespace(array) is not xp:
        device = array_api_compat.device(arrays[strong[0]])
        return xp.asarray(array, dtype=dtype, device=device)
    return array if dtype is None else xp.astype(array, dtype, copy=False)


def _widen_integers(
    function: str, name: str, xp: Any, arrays: Mapping[str, Array], strong: list[str], dtype: Any
) -> Array:
    """Integers in the library's default integer type, which an unsigned one may not fit."""
    array = arrays[name]
    wide = _join(xp, array, arrays, strong, dtype)
    unsigned = array_namespace(array).isdtype(array.dtype, "unsigned integer")
    if unsigned and math.prod(array.shape) and bool(xp.any(wide < 0)):
        raise OverflowError(
            f"{function}: {name} has dtype {array.dtype} and a number too large for {dtype};"
            " convert it to dtype object, which is exact"
        )
    return wide
