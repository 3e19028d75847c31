"""Introduces names: definitions, which may be compared with the code they describe, and data."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from . import tree as t
from .errors import Refused
from .meaning import Env, Meaning, range_of, variable_value
from .proving import Prover, is_literal
from .proving.data import matching
from .proving.definedness import check_defined
from .reading import BUILT_IN
from .sampling import allowed, needed, points
from .scope import CONSTANTS, Definition, Scope, text_of
from .witness import Grid, NoValue, Witness
from .words import FUNCTIONS, Words

NUMBERS = [Fraction(*p) for p in (
    (0, 1), (1, 1), (-1, 1), (1, 2), (-3, 2), (7, 5), (1, 3), (-2, 7), (5, 1), (-4, 1), (40, 1),
    (-40, 1), (300, 1), (-300, 1),
)]  # fmt: skip
TOLERANCE = 1e-9


def called_name(source: str) -> list[str]:
    """The name before the first bracket of a formula that begins like `f(`."""
    tokens = list(Words(None).lex(source))
    if len(tokens) > 1 and tokens[0].type == "NAME" and tokens[1].type == "LPAR":
        return [str(tokens[0])]
    return []


def definition_of(scope: Scope, left: t.Node, right: t.Node, source: str) -> Definition:
    """What a left-hand side introduces."""
    if isinstance(left, t.Call):
        if not isinstance(left.function, t.Name):
            raise Refused("unsupported", "only a named function can be defined")
        parameters = tuple(_parameter(argument) for argument in left.arguments)
        _distinct((left.function.text, *parameters))
        if any(scope.is_function(name) for name in parameters):
            raise Refused("unsupported", "a function in the brackets of another")
        return Definition(left.function.text, "function", parameters, right, source)
    if isinstance(left, t.Subscript) and isinstance(left.base, t.Name):
        if all(isinstance(i, t.Name) and not scope.is_name(i.text) for i in left.indices):
            parameters = tuple(i.text for i in left.indices if isinstance(i, t.Name))
            _distinct((left.base.text, *parameters))
            return Definition(left.base.text, "family", parameters, right, source)
        return Definition(text_of(left), "value", (), right, source)
    if isinstance(left, t.Name):
        return Definition(left.text, "value", (), right, source)
    raise Refused("unsupported", "a definition begins with the name that it introduces")


def is_built_in(left: t.Node) -> bool:
    """Is the function on the left one that already has its meaning, such as tanh?"""
    if not isinstance(left, t.Call) or not isinstance(left.function, t.Name):
        return False
    name = left.function.text
    return name in BUILT_IN or (name.startswith("\\") and name[1:] in (*FUNCTIONS, "max", "min"))


def _parameter(node: t.Node) -> str:
    if not isinstance(node, t.Name) or node.text in CONSTANTS:
        raise Refused("unsupported", "a function is defined with a name in its brackets")
    return node.text


def _distinct(names: tuple[str, ...]) -> None:
    if len(set(names)) != len(names):
        raise Refused("unsupported", "the same name twice on the left")


def check_body(scope: Scope, definition: Definition, source: str) -> None:
    """Every name is declared, and the right-hand side is defined wherever its names may be."""
    prover = Prover(scope, source)
    meaning = Meaning(scope, source, prover.domain)
    env = Env()
    body = definition.body
    if any(isinstance(n, t.Name) and n.text == definition.name for n in body.walk()):
        raise Refused("undeclared", f"{definition.name} is defined by itself")
    for name in definition.parameters:
        env = env.bind(name, _parameter_value(scope, meaning, definition, name))
    meaning.of(body, env)
    check_defined(meaning)


def _parameter_value(scope: Scope, meaning: Meaning, definition: Definition, name: str) -> Any:
    if definition.kind == "family":
        size = range_of(meaning, name, definition.body, Env())
        if size is None:
            return sp.Symbol(name, integer=True)
        return meaning.index(sp.Integer(1), size)
    variable = scope.variable(name)
    if variable is not None:
        return variable_value(meaning, variable)
    return sp.Symbol(name, real=True)


def compare_with_code(scope: Scope, definition: Definition, code: Callable[..., Any]) -> None:
    """The right-hand side and the function that it describes agree at many points."""
    for arguments, expected in _trials(scope, definition):
        _compare(code, arguments, expected, definition)


def _trials(scope: Scope, definition: Definition) -> list[tuple[tuple[Any, ...], Any]]:
    if definition.kind == "function":
        trials = _function_trials(scope, definition)
    else:
        trials = _vector_trials(scope, definition)
    if len(trials) < 3 and definition.parameters:
        raise Refused("witness", "too few points at which the code could be compared")
    return trials


def _function_trials(scope: Scope, definition: Definition) -> list[tuple[tuple[Any, ...], Any]]:
    trials = []
    chance = random.Random(3)
    domain = Prover(scope, "").domain
    single = len(definition.parameters) == 1
    kept = [t.Name(name) for name in definition.parameters if not _is_number(scope, name)]
    drawn = points(scope, needed(scope, kept), domain, 8) if kept else [{}]  # all at once
    for attempt in range((len(NUMBERS) if single else 30) if drawn else 0):
        point = dict(drawn[attempt % len(drawn)])
        for name in definition.parameters:
            if _is_number(scope, name):
                point[name] = NUMBERS[attempt] if single else chance.choice(NUMBERS)
        if not allowed(scope, point):
            continue
        try:
            expected = Witness(scope, point).value(definition.body)
        except NoValue:
            continue
        trials.append((tuple(point[name] for name in definition.parameters), expected))
    return trials


def _is_number(scope: Scope, name: str) -> bool:
    variable = scope.variable(name)
    return variable is None or (not variable.shape and variable.kind == "real")


def _vector_trials(scope: Scope, definition: Definition) -> list[tuple[tuple[Any, ...], Any]]:
    """A value or a family as a function of the names that it depends on, in declared order."""
    names = needed(scope, [definition.body])
    domain = Prover(scope, "").domain
    arguments = [v.name for v in scope.variables.values() if v.name in names and v.kind == "real"]
    trials = []
    for point in points(scope, names, domain, 8):
        witness = Witness(scope, point)
        try:
            if definition.kind == "value":
                expected = witness.value(definition.body)
            else:
                expected = witness.value(t.Name(definition.name))
        except NoValue:
            continue
        trials.append((tuple(point[name] for name in arguments), expected))
    return trials


def _compare(
    code: Callable[..., Any], arguments: tuple[Any, ...], expected: Any, definition: Definition
) -> None:
    wanted = [float(x) for x in _flat(expected)]
    for kind in (float, Fraction):
        try:
            given = [_as(kind, argument) for argument in arguments]
            result = code(*given)
            got = [float(x) for x in _flat(result)]
        except TypeError:
            if kind is Fraction:
                continue  # code that takes floats only
            raise
        if not _same_shape(_shape(expected), _shape(result)):
            raise Refused(
                "false",
                f"the code for {definition.name} gives the shape {_shape(result)},"
                f" the formula {_shape(expected)}",
            )
        if len(got) != len(wanted) or not all(
            math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-290)
            for a, b in zip(got, wanted, strict=True)
        ):
            shown = ", ".join(str(_as(Fraction, a)) for a in arguments)
            raise Refused(
                "false",
                f"the code for {definition.name} gives {got} at ({shown}),"
                f" the formula gives {wanted}",
            )


def _as(kind: type, argument: Any) -> Any:
    if isinstance(argument, Grid):
        items = argument.rows if argument.shape[1] > 1 else argument.column()
        return [
            _as(kind, item) if not isinstance(item, tuple) else [kind(x) for x in item]
            for item in items
        ]
    return kind(argument)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Grid):
        return [item for row in value.rows for item in row]
    if hasattr(value, "tolist"):
        return _flat(value.tolist())
    if isinstance(value, tuple | list):
        return [item for part in value for item in _flat(part)]
    return [value]


def _shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, Grid):
        return value.shape
    if hasattr(value, "tolist"):
        return _shape(value.tolist())
    if isinstance(value, tuple | list):
        return (len(value), *(_shape(value[0]) if len(value) else ()))
    return ()


def _same_shape(formula: tuple[int, ...], code: tuple[int, ...]) -> bool:
    """A column may be a plain list of numbers, and one entry may be a number."""
    if math.prod(formula) == 1 == math.prod(code):
        return True
    return formula == code or (len(formula) == 2 and formula[1] == 1 and formula[:1] == code)


def give(scope: Scope, chain: t.Chain, source: str) -> None:
    """`x = 3`: data, which must lie in the domain of the name."""
    if len(chain.sides) != 2 or chain.relations != ("=",):
        raise Refused("unsupported", "data is written as name = value")
    left, right = chain.sides
    if not isinstance(left, t.Name):
        raise Refused("unsupported", "data is written as name = value")
    if not is_literal(right):
        raise Refused("unsupported", f"the value of {left.text} must be written out")
    prover = Prover(scope, source)
    meaning = Meaning(scope, source, prover.domain)
    meaning.of(right, Env())
    check_defined(meaning)
    variable = scope.variable(left.text)
    if variable is None:
        raise Refused("undeclared", f"{left.text} is not declared")
    if left.text in scope.givens:
        raise Refused("redefinition", f"{left.text} already has a value here")
    _check_kind(scope, left, right)
    meaning = Meaning(scope, source, prover.domain)
    matching(variable_value(meaning, variable), meaning.of(right, Env()), left.text)
    scope.give(left.text, right)
    if not _givens_allowed(scope):
        scope._layer.givens.pop(left.text)
        raise Refused("false", f"{left.text} is supposed to lie elsewhere")


def _check_kind(scope: Scope, left: t.Name, right: t.Node) -> None:
    variable = scope.variable(left.text)
    if variable.kind == "real" or variable.shape:
        return
    value = Witness(scope, {}).value(right)
    if value != int(value) or (variable.kind == "natural" and value < 1):
        raise Refused("false", f"{left.text} must be a whole number")


def _givens_allowed(scope: Scope) -> bool:
    point = {name: Witness(scope, {}).value(node) for name, node in scope.givens.items()}
    return allowed(scope, point)
