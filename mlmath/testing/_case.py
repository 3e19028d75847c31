"""What a case of the contract is: a call written down as plain data, and what it must come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = ["Case", "Given", "Refused", "Wanted", "as_lists", "shown"]

# Half a unit in the last place, and what twice rounding adds where float64 comes in between.
ROUNDED_ONCE = 0.5001
SHORT = 72


@dataclass(frozen=True)
class Given:
    """An array to be made of any library: its elements, dtype and layout in memory.

    A layout is ``"strided"`` (every second element of a larger array), ``"columns first"`` (as
    Fortran lays it out), ``"read-only"`` or empty. `times` repeats the elements along the first
    axis; `shape` is needed only where `values`, being empty, do not tell it.
    """

    values: Any
    dtype: str = "float64"
    layout: str = ""
    times: int = 1
    shape: tuple[int, ...] | None = None

    def __str__(self) -> str:
        repeated = f" × {self.times}" if self.times > 1 else ""
        elements = _of_array(self.values, self.shape)
        return f"{self.layout} {self.dtype} array {elements}{repeated}".strip()


@dataclass(frozen=True)
class Wanted:
    """The result that is wanted.

    `dtype` is a name, ``"default float"`` or ``"default integer"`` for the library's own, or a
    type of Python's: ``"float"``, ``"int"``, ``"Fraction"``. Floating-point results may be off by
    `ulps` units in the last place in float64 and by `narrow_ulps` in narrower dtypes; all others
    must be equal.
    """

    values: Any
    dtype: str
    ulps: float = 0
    narrow_ulps: float = ROUNDED_ONCE
    times: int = 1
    shape: tuple[int, ...] | None = None

    def __str__(self) -> str:
        repeated = f" × {self.times}" if self.times > 1 else ""
        return f"{_of_array(self.values, self.shape)}{repeated} in {self.dtype}"


@dataclass(frozen=True)
class Refused:
    """The error that is wanted, and the words that its message must contain."""

    error: type[Exception]
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        saying = f" that says {', '.join(self.words)}" if self.words else ""
        return f"{self.error.__name__}{saying}"


@dataclass(frozen=True)
class Case:
    """One call of `function`; whatever is :class:`Given` in its arguments becomes an array."""

    function: str
    kind: str
    arguments: tuple[Any, ...]
    wanted: Wanted | Refused
    why: str
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def call(self) -> str:
        """The call in one line."""
        named = [f"{name}={shown(value)}" for name, value in self.keywords.items()]
        return f"{self.function}({', '.join([*map(shown, self.arguments), *named])})"

    def given(self) -> Iterator[Given]:
        """The arrays among the arguments."""
        for argument in (*self.arguments, *self.keywords.values()):
            for one in argument if isinstance(argument, list) else [argument]:
                if isinstance(one, Given):
                    yield one


def _of_array(values: Any, shape: tuple[int, ...] | None) -> str:
    return shown(as_lists(values)) if shape is None else f"of shape {shape}"


def as_lists(values: Any) -> Any:
    """Nested tuples as the same lists."""
    return list(map(as_lists, values)) if isinstance(values, tuple) else values


def shown(value: object) -> str:
    """`value` in a few words, on one line; numbers as people write them."""
    text = _written(value)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _written(value: object) -> str:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, Fraction | Given):
        return str(value)
    return repr(value)
