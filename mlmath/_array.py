"""One place decides which numbers come in, how precisely they are computed, and what goes out.

The public functions then read as their formulas. The policy:

- Any array in, the same kind out: NumPy, torch, JAX, dask and the like, through the Array API
  standard. Lists and Python numbers are read as NumPy reads them; beside an array they join its
  library and do not change its dtype. Where no argument is an array, a single number comes back
  as a Python number.
- Floating-point numbers narrower than the library's widest are computed in the widest, and
  rounded once, at the end. Integers become the library's default float before the arithmetic,
  and count as that float in the dtype of the result: float32 beside int64 is NumPy's float64.
- Lists of ints are integers however large: a function that keeps integers computes them with
  Python's own and gives back the default integer type where that holds them, ``int`` objects
  where not; any other function makes floats of them, infinite ones of those too large.
- Arrays of ``int`` and ``Fraction`` objects stay exact where the formula is rational. ``int``
  objects stay ``int`` in a function that keeps integers; all other results are ``Fraction``.
- Everything else (bool, complex, text, None, masked arrays) is a ``TypeError`` of one line, and a
  list that is no rectangle a ``ValueError``.
"""

import functools
import inspect
import math
import numbers
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar

import array_api_compat
import numpy as np

__all__ = [
    "Array",
    "ArrayLike",
    "Number",
    "arithmetic",
    "array_namespace",
    "as_float",
    "check_same_shape",
    "described",
    "fractions_of",
    "holds_objects",
    "in_blocks",
    "is_array",
    "is_rational",
    "is_real",
    "mean_in_blocks",
    "minus_abs",
    "prepare",
    "prepare_any",
    "python_number",
    "quiet",
    "read_axes",
    "read_index",
    "read_number",
    "up_to_zero",
]

# The Array API standard has no importable type yet, so mypy cannot tell one array from another.
Array: TypeAlias = Any
ArrayLike: TypeAlias = Any

Number: TypeAlias = int | float | Fraction

# The first two are asked for, and found, ten times as fast as an abstract class.
REAL = (int, float, numbers.Real)

# What becomes of integers where every argument holds integers: "float" promotes them, "keep"
# hands them over as they are, "widen" in the library's default integer type.
Integers: TypeAlias = Literal["float", "keep", "widen"]

P = ParamSpec("P")
R = TypeVar("R")

# The elements of a block: eight arrays of so many float64 fit into a processor's second cache.
BLOCK = 16384

# Along an axis shorter than this, NumPy reduces faster if the axis is the first.
SHORT_ROW = 32

# An infinity or a NaN in the result says what happened; a warning beside it would say it twice.
quiet = functools.partial(np.errstate, all="ignore")


class Prepared(NamedTuple):
    """Arguments ready for the formula, and what its result is to be turned back into.

    A dtype is one of the library's, or ``Fraction`` or ``int`` for an array of such objects, or
    None for elements that only move.
    """

    xp: Any
    arrays: tuple[Array, ...]
    dtypes: tuple[Any, ...]
    dtype: Any
    as_python: bool

    def finish(self, result: Array, dtype: Any = None) -> Array:
        """Round `result` to the dtype that the caller is to see, and give it in kind."""
        dtype = self.dtype if dtype is None else dtype
        if dtype is Fraction:
            result = fractions_of(result)
        elif dtype is int:
            result = _ints_of(result, narrow=self.as_python)
        elif dtype is not None:
            if isinstance(result, np.generic):
                result = np.asarray(result)
            result = self.xp.astype(result, dtype, copy=False)
        if isinstance(result, np.ndarray) and result.ndim == 0:
            result = result[()]
        return result.item() if self.as_python and isinstance(result, np.generic) else result

    def to_numpy(self) -> Array:
        """The elements of the only argument, as a NumPy array of float64 or of ``Fraction``."""
        (array,) = self.arrays
        if holds_objects(array):
            return array
        # tolist() because NumPy cannot read another device, bfloat16, or a tensor under autograd.
        elements = array.tolist() if hasattr(array, "tolist") else array
        return np.asarray(elements, dtype=np.float64).reshape(tuple(array.shape))

    def from_numpy(self, result: Array) -> Array:
        """Like `finish`, for what was computed from :meth:`to_numpy`, whatever library came."""
        if self.dtype is Fraction and all(map(is_rational, result.flat)):
            return self.finish(result)
        floats = result.astype(np.float64)
        if self.dtype is Fraction:
            return self.finish(floats, np.float64)
        (array,) = self.arrays
        device = array_api_compat.device(array)
        with quiet():
            return self.finish(self.xp.asarray(floats, dtype=array.dtype, device=device))


def arithmetic(
    *names: str, rational: bool = False, integers: Integers = "float", widen: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a formula compute with the parameters `names` under the policy of this module.

    `rational` says that the formula needs no more than ``+ - * /`` and comparisons, so that
    fractions stay exact. Without `widen` the formula gets narrow numbers as they are, because it
    only chooses among them, or widens them :func:`in_blocks`.
    """

    def decorate(formula: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(formula)

        @functools.wraps(formula)
        @quiet()
        def function(*args: P.args, **kwargs: P.kwargs) -> R:
            if not widen and args and all(map(_needs_no_reading, args[: len(names)])):
                return formula(*args, **kwargs)
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                bound = None
            if bound is None:
                # Python says in its own words what does not fit.
                return formula(*args, **kwargs)
            prepared = prepare(
                formula.__name__,
                {name: bound.arguments[name] for name in names},
                rational=rational,
                integers=integers,
                widen=widen,
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
    widen: bool = True,
) -> Prepared:
    """Read, check and widen the `arguments` of `function`; its names are for the messages."""
    came = _read_all(function, arguments)
    xp, arrays, as_python = came.xp, came.arrays, not came.from_library
    kinds = {name: _kind(function, name, arguments[name], arrays[name]) for name in arrays}
    keep_integers = integers != "float" and all(map(_is_whole, arrays.values()))

    if "exact" in kinds.values() or (keep_integers and as_python):
        if "exact" in kinds.values():
            _check_exact(function, came, kinds, rational)
        convert, exact = (_ints_of, int) if keep_integers else (fractions_of, Fraction)
        objects = tuple(convert(array) for array in arrays.values())
        return Prepared(xp, objects, (exact,) * len(objects), exact, as_python)

    if keep_integers:
        widest = xp.__array_namespace_info__().default_dtypes()["integral"]
        kept = [
            came.join(array) if integers == "keep" else _widen(function, name, came, widest)
            for name, array in arrays.items()
        ]
        dtypes = tuple(array.dtype for array in kept)
        return Prepared(xp, tuple(kept), dtypes, xp.result_type(*dtypes), as_python)

    default = xp.__array_namespace_info__().default_dtypes()["real floating"]
    floats = {n: array.dtype if kinds[n] == "floats" else default for n, array in arrays.items()}
    # What is no array has no say in the dtype of the result.
    deciding = came.from_library or list(arrays)
    dtype = xp.result_type(*(floats[name] for name in deciding))
    computing = _working_dtype(xp, dtype) if widen else dtype
    ready = tuple(came.join(array, computing) for array in arrays.values())
    result_dtypes = tuple(floats[name] if name in deciding else dtype for name in arrays)
    return Prepared(xp, ready, result_dtypes, dtype, as_python)


def prepare_any(function: str, arguments: Mapping[str, ArrayLike]) -> Prepared:
    """Like :func:`prepare` for functions that only move elements about, whatever these are."""
    came = _read_all(function, arguments)
    joined = tuple(map(came.join, came.arrays.values()))
    dtypes = tuple(array.dtype for array in joined)
    return Prepared(came.xp, joined, dtypes, None, not came.from_library)


def array_namespace(*arrays: Array) -> Any:
    """The functions of the library that `arrays`, which :func:`prepare` made ready, come from."""
    for array in arrays:
        if not isinstance(array, np.ndarray):
            return array_api_compat.array_namespace(*arrays)
    # NumPy follows the standard itself; the wrapper takes as long to import as NumPy does.
    return np


def in_blocks(
    formula: Callable[..., Array],
    x: Array,
    axes: tuple[int, ...] = (),
    *,
    narrow: Callable[..., Array] | None = None,
) -> Array:
    """Compute `formula` of the widened `x`, rounded once; of NumPy's arrays block by block.

    A block fits into the processor's cache, so that what the formula computes on its way neither
    waits for the memory nor fills it. The elements along `axes` belong together: they stay in one
    block, and the formula is told their axes. `narrow` is a simpler formula for NumPy's narrower
    numbers, where float64 has room enough for what could overflow or lose its digits.
    """
    arguments = (axes,) if axes else ()
    xp = array_namespace(x)
    if xp is not np:
        wide = xp.astype(x, _working_dtype(xp, x.dtype), copy=False)
        return xp.astype(formula(wide, *arguments), x.dtype, copy=False)
    working = _working_dtype(np, x.dtype)
    # Not working != x.dtype: float64 may come in another byte order.
    if narrow and working.itemsize > x.dtype.itemsize:
        formula = narrow
    if x.size <= BLOCK:
        result = formula(x.astype(working, copy=False), *arguments)
        return result.astype(x.dtype, copy=False)[()]
    return _by_rows(formula, x, axes, working) if axes else _by_elements(formula, x, working)


def _by_elements(formula: Callable[[Array], Array], x: Array, working: Any) -> Array:
    out = np.empty_like(x)
    blocks = np.nditer(
        [x, out],
        flags=["external_loop", "buffered"],
        op_flags=[["readonly"], ["writeonly"]],
        op_dtypes=[working, working],
        casting="same_kind",
        buffersize=BLOCK,
    )
    with blocks:
        for block, result in blocks:
            result[...] = formula(block)
    return out


def _by_rows(
    formula: Callable[[Array, tuple[int, ...]], Array],
    x: Array,
    axes: tuple[int, ...],
    working: Any,
) -> Array:
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    rows = moved.reshape(-1, math.prod(moved.shape[axis] for axis in last))
    out = np.empty_like(rows, order="C")
    several = max(1, BLOCK // rows.shape[1])
    for first in range(0, len(rows), several):
        block = rows[first : first + several]
        if rows.shape[1] < SHORT_ROW:
            # Along the first axis NumPy takes many rows at once, along a short last axis one.
            columns = np.asarray(block.T, dtype=working, order="C")
            out[first : first + several] = formula(columns, (0,)).T
        else:
            out[first : first + several] = formula(np.asarray(block, dtype=working), (1,))
    return np.moveaxis(out.reshape(moved.shape), last, axes)


def mean_in_blocks(formula: Callable[..., Array], *arrays: Array) -> Array:
    """The mean of `formula` of the widened elements, rounded once; of NumPy's block by block."""
    xp = array_namespace(*arrays)
    dtype = xp.result_type(*arrays)
    working = _working_dtype(xp, dtype)
    size = math.prod(arrays[0].shape)

    def total(*narrow: Array) -> Array:
        return xp.sum(formula(*(xp.astype(array, working, copy=False) for array in narrow)))

    if xp is not np:
        return xp.astype(total(*arrays) / size, dtype, copy=False)
    rows = [array.reshape(-1) for array in arrays]
    totals = [total(*(row[i : i + BLOCK] for row in rows)) for i in range(0, size, BLOCK)]
    return np.asarray(np.sum(totals) / size, dtype=dtype)[()]


def minus_abs(x: Array) -> Array:
    """-|x|, whose automatic derivative at 0 is that from above; by abs() it would be 0."""
    xp = array_namespace(x)
    return -np.abs(x) if xp is np else xp.where(x >= 0, -x, x)


def up_to_zero(x: Array) -> Array:
    """min(x, 0), whose automatic derivative at 0 is that from above; minimum() would give 1/2."""
    xp = array_namespace(x)
    return np.minimum(x, 0) if xp is np else xp.where(x >= 0, 0, x)


def is_array(value: object) -> bool:
    """Whether `value` belongs to an array library; NumPy's scalars do."""
    return bool(array_api_compat.is_array_api_obj(value))


def holds_objects(array: Array) -> bool:
    """Whether the elements are Python's objects, which only NumPy's arrays can hold."""
    return isinstance(array, np.ndarray | np.generic) and array.dtype.kind == "O"


def is_real(value: object) -> bool:
    """Whether `value` is a single real number of Python's or NumPy's, which a bool is not."""
    return isinstance(value, REAL) and not isinstance(value, bool)


def is_rational(value: object) -> bool:
    """Whether `value` is a single integer or fraction, which a bool is not."""
    return isinstance(value, numbers.Rational) and not isinstance(value, bool)


def python_number(value: Any) -> Number:
    """A real number of NumPy's, or of any numeric class, as one of Python's."""
    if type(value) in (int, float):
        return value  # type: ignore[no-any-return]
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Rational):
        return Fraction(value)
    return float(value)


def as_float(number: Any) -> float:
    """`number` as a float, infinite where it is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def fractions_of(array: Array) -> Array:
    """The same numbers as an object array of ``Fraction``, whose arithmetic is exact."""
    # int() because NumPy's integers, which a Fraction would keep, wrap.
    return _each(lambda number: Fraction(int(number.numerator), int(number.denominator)), array)


def described(value: object) -> str:
    """`value` in a few words, on one line."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}, shape {value.shape}"
    if value is None or isinstance(value, numbers.Number | str | bytes | list | tuple | range):
        shown = repr(value)
        if len(shown) <= 60 and "\n" not in shown:
            return shown
    return _a(value)


def check_same_shape(function: str, **arrays: Array) -> None:
    """Refuse to broadcast: (3, 1) beside (3,) would silently make (3, 3)."""
    shapes = {name: tuple(array.shape) for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        came = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
        raise ValueError(f"{function}: {came}; shapes must match")


def read_number(
    function: str,
    name: str,
    value: object,
    wanted: str = "a finite number",
    accept: Callable[[Any], bool] = lambda number: True,
) -> Number:
    """`value` as Python's own number; what no float can hold counts as infinite."""
    if is_real(value):
        number, largest = python_number(value), sys.float_info.max
        # A NaN is not between anything.
        if -largest <= number <= largest and accept(number):
            return number
    error = ValueError if is_real(value) else TypeError
    raise error(f"{function}: {name} is {described(value)}; {wanted} is wanted")


def read_index(
    came: Callable[[], str],
    index: object,
    n: int,
    *,
    wanted: str,
    error: type[Exception] = ValueError,
) -> int:
    """`index` counted from 0 on, below `n`; what `came` says begins the message."""
    if not isinstance(index, numbers.Integral) or isinstance(index, bool):
        raise TypeError(f"{came()}; {wanted} is wanted")
    if not -n <= int(index) < n:
        raise error(f"{came()}; -{n} to {n - 1} is wanted")
    return int(index) % n


def read_axes(
    came: Callable[[], str], axes: Sequence[object], ndim: int, *, wanted: str
) -> tuple[int, ...]:
    """`axes` counted from 0 on, none of them twice; what `came` says begins the message."""
    counted = tuple(read_index(came, axis, ndim, wanted=wanted) for axis in axes)
    if len(set(counted)) < len(counted):
        raise ValueError(f"{came()}; different axes are wanted")
    return counted


class _Arguments(NamedTuple):
    """What came: in which namespace to compute, and on which device."""

    xp: Any
    device: Any
    arrays: dict[str, Array]
    from_library: list[str]

    def join(self, array: Array, dtype: Any = None) -> Array:
        """`array` in the library, and on the device, of the arrays that came, with `dtype`."""
        if dtype is not None and holds_objects(array):
            array = _floats_of(array)
        if self.from_library and array_namespace(array) is not self.xp:
            return self.xp.asarray(array, dtype=dtype, device=self.device)
        return array if dtype is None else self.xp.astype(array, dtype, copy=False)


def _read_all(function: str, arguments: Mapping[str, ArrayLike]) -> _Arguments:
    # A NumPy scalar is an array among its own, and a mere number beside an array.
    from_library = [name for name, value in arguments.items() if is_array(value)]
    whole_arrays = [n for n in from_library if not isinstance(arguments[n], np.generic)]
    from_library = whole_arrays or from_library
    arrays = {name: _read(function, name, value) for name, value in arguments.items()}
    if all(isinstance(arrays[name], np.ndarray) for name in from_library):
        return _Arguments(np, None, arrays, from_library)
    try:
        xp = array_namespace(*(arrays[name] for name in from_library))
    except TypeError:
        modules = {name: type(arguments[name]).__module__ for name in from_library}
        libraries = (f"{n} is an array of {m.partition('.')[0]}" for n, m in modules.items())
        raise TypeError(f"{function}: {', '.join(libraries)}; one library is wanted") from None
    return _Arguments(xp, array_api_compat.device(arrays[from_library[0]]), arrays, from_library)


def _needs_no_reading(value: object) -> bool:
    """Whether this is an array of NumPy's floats, which may be computed with as it is."""
    return type(value) is np.ndarray and value.dtype.kind == "f"


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
            f"{function}: {name} is {described(value)};"
            " numbers are wanted, or lists of them of equal length"
        ) from None
    if array.dtype == np.uint64 or (array.dtype == np.float64 and np.any(np.abs(array) >= 2**63)):
        # NumPy reads ints beyond int64 as uint64, or rounds them; as objects they stay exact.
        objects = np.array(value, dtype=object)
        if all(map(is_rational, objects.flat)):
            return objects
    if holds_objects(array) and {int, float} == set(map(type, array.flat)):
        # Of ints beyond uint64, beside floats, it makes objects.
        return _floats_of(array)
    return array


def _kind(
    function: str, name: str, value: ArrayLike, array: Array
) -> Literal["floats", "integers", "exact"]:
    """What sort of numbers `array` holds; whatever has no place in the arithmetic is refused."""
    xp, dtype = array_namespace(array), array.dtype
    if holds_objects(array):
        for element in array.flat:
            if not is_rational(element):
                alone = array.ndim == 0 and not is_array(value)
                raise _refusal(f"{function}: {name}", "is" if alone else "holds", element)
        return "integers" if not is_array(value) and _is_whole(array) else "exact"
    if xp.isdtype(dtype, "real floating"):
        return "floats"
    if xp.isdtype(dtype, "integral"):
        return "integers"
    cure = ", convert it to integers or floats" if xp.isdtype(dtype, "bool") else ""
    alone = array.ndim == 0 and not is_array(value)
    came = f"is {described(value)}" if alone else f"has dtype {dtype}"
    raise TypeError(f"{function}: {name} {came}; real numbers are wanted{cure}")


def _refusal(argument: str, verb: str, element: object) -> TypeError:
    """What to say of an object that is neither int nor Fraction."""
    if isinstance(element, numbers.Number):
        return TypeError(
            f"{argument} has dtype object and holds {_a(element)};"
            " only int and Fraction are exact, convert the rest to one numeric dtype"
        )
    # A Value, whose module imports this one, says itself what to write.
    cure = getattr(element, "_instead", "real numbers are wanted")
    return TypeError(f"{argument} {verb} {_a(element)}; {cure}")


def _a(value: object) -> str:
    """The type of `value`, with its article."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _is_whole(array: Array) -> bool:
    """Whether all elements are integers by their type."""
    if holds_objects(array):
        return all(isinstance(element, numbers.Integral) for element in array.flat)
    return bool(array_namespace(array).isdtype(array.dtype, "integral"))


def _each(convert: Callable[[Any], Any], array: Array) -> Array:
    """An object array of each element, converted."""
    return np.asarray(np.frompyfunc(convert, 1, 1)(array), dtype=object)


def _floats_of(array: Array) -> Array:
    return _each(as_float, array).astype(np.float64)


def _ints_of(array: Array, *, narrow: bool = False) -> Array:
    """The same integers as an object array of ``int``; if `narrow`, of int64 where they fit."""
    ints = _each(int, array)
    try:
        return ints.astype(np.int64) if narrow else ints
    except OverflowError:
        return ints


def _check_exact(function: str, came: _Arguments, kinds: Mapping[str, str], rational: bool) -> None:
    """Refuse fractions that the formula, another argument or the library would make inexact."""
    exact = next(name for name in kinds if kinds[name] == "exact")
    if not rational:
        raise TypeError(
            f"{function}: {exact} holds int or Fraction objects; floating-point numbers are"
            f" wanted, convert with numpy.asarray({exact}, dtype=float)"
        )
    for name, kind in kinds.items():
        if kind == "floats":
            raise TypeError(
                f"{function}: {exact} holds fractions, {name} has dtype"
                f" {came.arrays[name].dtype};"
                f" pass {name} as fractions too, or convert {exact} to float"
            )
    if came.xp is not np:
        raise TypeError(
            f"{function}: {exact} holds fractions, which only NumPy's arrays can hold;"
            f" convert {exact} to float"
        )


def _working_dtype(xp: Any, dtype: Any) -> Any:
    """The widest float of the library, or `dtype` itself where that is no narrower."""
    if xp is np:
        return np.promote_types(dtype, np.float64)
    known = xp.__array_namespace_info__().dtypes(kind="real floating").values()
    widest = max(known, key=lambda one: xp.finfo(one).bits)
    return widest if xp.finfo(dtype).bits < xp.finfo(widest).bits else dtype


def _widen(function: str, name: str, came: _Arguments, dtype: Any) -> Array:
    """Integers in the library's default integer type, which an unsigned one may not fit."""
    array, cure = came.arrays[name], "dtype object, which is exact"
    if holds_objects(array):
        largest = max(array.flat, key=abs)
        raise OverflowError(
            f"{function}: {name} holds {largest}, too large for {dtype}; pass arrays of {cure}"
        )
    wide = came.join(array, dtype)
    unsigned = array_namespace(array).isdtype(array.dtype, "unsigned integer")
    if unsigned and math.prod(array.shape) and bool(came.xp.any(wide < 0)):
        raise OverflowError(
            f"{function}: {name} has dtype {array.dtype} and a number too large for {dtype};"
            f" convert it to {cure}"
        )
    return wide
