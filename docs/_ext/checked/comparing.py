"""Compares a definition with the code that it is bound to: the two agree at many points."""

from __future__ import annotations

import inspect
import math
import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import mpf

from . import tree as t
from .errors import Refused
from .proving import Prover
from .sampling import allowed, free_names, needed, points
from .scope import Definition, Scope, names_in
from .witness import Grid, NoValue, Witness

NUMBERS = [Fraction(*p) for p in (
    (0, 1), (1, 1), (-1, 1), (1, 2), (-3, 2), (7, 5), (1, 3), (-2, 7), (5, 1), (-4, 1), (40, 1),
    (-40, 1), (300, 1), (-300, 1),
)]  # fmt: skip
TOLERANCE = 1e-9
FLOAT_RANGE = 330  # with so many digits 1 - x keeps what a float can hold
ACCENT = re.compile(r"\\(hat|bar|tilde|vec)\{\\?(\w+)\}")


def compare_with_code(scope: Scope, definition: Definition, code: Callable[..., Any]) -> None:
    """Refuse a definition whose right-hand side and code differ anywhere that is tried."""
    check_name(definition.name, code)
    compared = Compared(scope, definition, code)
    points_compared = sum(compared.agrees(witness) for witness in compared.witnesses())
    if points_compared < (3 if definition.parameters else 1):
        raise Refused("witness", "too few points at which the code could be compared")


def check_name(name: str, code: Callable[..., Any]) -> None:
    """Refuse a word that is not the name of its function; that of a slope may go on."""
    word, slope = name.rstrip("'").lower(), name.endswith("'")
    called = getattr(code, "__name__", "")
    plain = called.replace("_", "").lower()
    same = plain.startswith(word) if slope else plain == word
    if len(word) > 1 and word.isalpha() and called.isidentifier() and not same:
        raise Refused("false", f"{name} is bound to {called}, which is another name")


def spellings(name: str) -> set[str]:
    r"""Return how code may spell a name: x_1 or x1, \alpha is alpha, \lambda lambda_."""
    word = ACCENT.sub(r"\2_\1", name).replace("\\mathbf", "").replace("\\", "")
    word = re.sub(r"[{}]", "", word)
    return {word, word.replace("_", ""), f"{word}_"}


class Compared:
    """A definition with the code that it is bound to, and what that code takes."""

    def __init__(self, scope: Scope, definition: Definition, code: Callable[..., Any]) -> None:
        self.scope, self.definition, self.code = scope, definition, code
        self.called = definition.parameters if definition.kind == "function" else ()
        self.ordered, self.named = self.arguments()

    # --- what the code takes

    def arguments(self) -> tuple[list[str], dict[str, str]]:
        """Return the names whose values the code takes, in order and by keyword.

        A parameter takes the name that it spells. Where one of those without a default spells none,
        the names that the formula depends on go in the order in which they are declared.
        """
        parameters = parameters_of(self.code)
        names = self.names()
        spelled = {p.name: name for p in parameters for name in names if p.name in spellings(name)}
        unspelled = [p for p in parameters if p.default is p.empty and p.name not in spelled]
        for parameter in unspelled:
            if parameter.kind is parameter.KEYWORD_ONLY:
                message = f"the code for {self.definition.name} needs {parameter.name}"
                raise Refused("undeclared", f"{message}; the formula does not")
        only_in_order = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY]
        if not unspelled and set(self.called) <= set(spelled.values()):
            ordered = [spelled.pop(name) for name in only_in_order if name in spelled]
            return ordered, spelled
        by_keyword = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
        named = {name: spelled[name] for name in by_keyword if name in spelled}
        return [name for name in self.in_order() if name not in named.values()], named

    def names(self) -> list[str]:
        """Return the names that the formula depends on: parameters, variables and definitions."""
        free = free_names(self.scope, self.definition.body)
        variables = [name for name in self.scope.variables if name in free]
        direct = [name for name in names_in(self.definition.body) if self.scope.is_name(name)]
        return list(dict.fromkeys([*self.called, *variables, *direct]))

    def in_order(self) -> list[str]:
        variables = self.scope.variables
        return list(self.called) or [
            name for name in self.names() if name in variables and variables[name].kind == "real"
        ]

    # --- where the two are compared

    def witnesses(self) -> Iterator[Witness]:
        """Yield a witness at each point; for numbers in brackets these are extreme, too."""
        numbers = [name for name in self.called if self.is_number(name)]
        names = needed(self.scope, [self.definition.body, *map(t.Name, self.called)])
        drawn = points(self.scope, names - set(numbers), Prover(self.scope, "").domain, 8)
        chance = random.Random(3)
        single = len(self.called) == 1
        attempts = len(drawn) if not numbers else len(NUMBERS) if single else 30
        for attempt in range(attempts if drawn else 0):
            point = dict(drawn[attempt % len(drawn)])
            for name in numbers:
                point[name] = NUMBERS[attempt] if single else chance.choice(NUMBERS)
            if allowed(self.scope, point):
                witness = Witness(self.scope, point)
                witness.over = {name: point[name] for name in self.called}
                yield witness

    def is_number(self, name: str) -> bool:
        variable = self.scope.variable(name)
        return variable is None or (not variable.shape and variable.kind == "real")

    # --- the comparison

    def agrees(self, witness: Witness) -> bool:
        """Tell whether there was something to compare; refuse code that gives something else."""
        name = self.definition.name
        try:
            body = t.Name(name) if self.definition.kind == "family" else self.definition.body
            expected = witness.value(body, FLOAT_RANGE)
        except NoValue as error:
            if error.undefined:
                self.check_undefined(witness)
            return False
        wanted = [float(x) for x in flat(expected)]
        for kind in (float, Fraction):
            try:
                result = self.run(witness, kind)
                got = [float(x) for x in flat(result)]
            except Exception as error:  # noqa: BLE001 - whatever the code raises
                if kind is Fraction and isinstance(error, TypeError | AttributeError):
                    break  # code that takes floats only
                what = " ".join(f"{type(error).__name__}: {error}".split())
                raise self.differs(witness, f"raises {what}") from None
            if not same_shape(shape(expected), shape(result)):
                raise self.differs(
                    witness, f"gives the shape {shape(result)}, the formula {shape(expected)}"
                )
            if not all(map(close, got, wanted)):
                raise self.differs(witness, f"gives {got}, the formula gives {wanted}")
        return True

    def check_undefined(self, witness: Witness) -> None:
        try:
            got = [float(x) for x in flat(self.run(witness, float))]
        except Exception:  # noqa: BLE001 - where the formula has no value, the code may raise
            return
        if all(map(math.isfinite, got)):
            raise self.differs(witness, f"gives {got}, the formula has no value")

    def differs(self, witness: Witness, how: str) -> Refused:
        names = [*self.ordered, *self.named.values()]
        at = ", ".join(f"{name} = {shown(self.given(witness, name))}" for name in names)
        where = f" at {at}" if at else ""
        return Refused("false", f"the code for {self.definition.name}{where} {how}")

    def run(self, witness: Witness, kind: type) -> Any:
        """Return what the code gives for arrays, or for lists if it does not take arrays."""
        for array in (np.array, list):
            ordered = [self.converted(witness, name, kind, array) for name in self.ordered]
            named = {k: self.converted(witness, v, kind, array) for k, v in self.named.items()}
            try:
                with np.errstate(all="ignore"):
                    return self.code(*ordered, **named)
            except (TypeError, AttributeError) as error:
                failure = error
        raise failure

    def given(self, witness: Witness, name: str) -> Any:
        """Return the value of a name at the point: of a variable exactly, of a function itself."""
        if self.scope.is_function(name):
            return lambda *values: float(witness._apply(name, [mpf(float(v)) for v in values]))
        variable = name in self.called or self.scope.variable(name) is not None
        return witness.point[name] if variable else witness.value(t.Name(name))

    def converted(self, witness: Witness, name: str, kind: type, array: Callable[..., Any]) -> Any:
        value, variable = self.given(witness, name), self.scope.variable(name)
        if callable(value):
            return value
        if isinstance(value, Grid):
            is_column = value.shape[1] == 1 and (variable is None or len(variable.shape) == 1)
            rows = [[kind(x) for x in row] for row in value.rows]
            return array([x for row in rows for x in row] if is_column else rows)
        if isinstance(value, tuple):
            return array([kind(x) for x in value])
        whole = variable is not None and variable.kind != "real"
        return int(value) if whole else kind(value)


def parameters_of(code: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters that a name can go to; none for a built-in that does not tell."""
    try:
        parameters = inspect.signature(code).parameters.values()
    except ValueError:
        return []
    return [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def close(got: float, wanted: float) -> bool:
    return math.isclose(got, wanted, rel_tol=TOLERANCE, abs_tol=1e-290)


def shown(value: Any) -> str:
    if callable(value):
        return "itself"
    if isinstance(value, Grid):
        return f"({'; '.join(', '.join(map(shown, row)) for row in value.rows)})"
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    return str(value) if isinstance(value, Fraction) else f"{float(value):.6g}"


def flat(value: Any) -> list[Any]:
    if isinstance(value, Grid):
        return [item for row in value.rows for item in row]
    if hasattr(value, "tolist"):
        return flat(value.tolist())
    if isinstance(value, tuple | list):
        return [item for part in value for item in flat(part)]
    return [value]


def shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, Grid):
        return value.shape
    if hasattr(value, "tolist"):
        return shape(value.tolist())
    if isinstance(value, tuple | list):
        return (len(value), *(shape(value[0]) if len(value) else ()))
    return ()


def same_shape(formula: tuple[int, ...], code: tuple[int, ...]) -> bool:
    """A column may be a plain list of numbers, and one entry may be a number."""
    if math.prod(formula) == 1 == math.prod(code):
        return True
    return formula == code or (len(formula) == 2 and formula[1] == 1 and formula[:1] == code)
