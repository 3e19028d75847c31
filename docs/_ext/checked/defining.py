"""Introduces names: definitions, which may be compared with the code they describe, and data."""

from __future__ import annotations

from typing import Any

import sympy as sp

from . import tree as t
from .errors import Refused
from .meaning import Env, Meaning, range_of, variable_value
from .proving import Prover, is_literal
from .proving.data import matching
from .proving.definedness import check_defined
from .reading import BUILT_IN
from .sampling import allowed
from .scope import CONSTANTS, Definition, Scope, Variable, text_of
from .witness import Witness
from .words import KNOWN_FUNCTIONS, Words


def called_name(source: str) -> list[str]:
    """The name before the first bracket of a formula that begins like `f(`."""
    tokens = list(Words(None).lex(source))
    if len(tokens) > 1 and tokens[0].type == "NAME" and tokens[1].type == "LPAR":
        return [str(tokens[0])]
    return []


def definition_of(scope: Scope, left: t.Node, right: t.Node, source: str) -> Definition:
    """What a left-hand side introduces."""
    if isinstance(left, t.Call):
        name = _function_name(left.function)
        parameters = tuple(_parameter(argument) for argument in left.arguments)
        _distinct((name, *parameters))
        if any(scope.is_function(name) for name in parameters):
            raise Refused("unsupported", "a function in the brackets of another")
        return Definition(name, "function", parameters, right, source)
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
    """Is the function on the left one that already has its meaning, such as tanh or a slope?"""
    if not isinstance(left, t.Call):
        return False
    name = _function_name(left.function)
    if name.endswith("'"):
        return True
    return name in BUILT_IN or name in KNOWN_FUNCTIONS


def _function_name(node: t.Node) -> str:
    if isinstance(node, t.Prime):
        return _function_name(node.function) + "'" * node.order
    if not isinstance(node, t.Name):
        raise Refused("unsupported", "only a named function can be defined")
    return node.text


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
    _check_kind(scope, variable, right)
    meaning = Meaning(scope, source, prover.domain)
    matching(variable_value(meaning, variable), meaning.of(right, Env()), left.text)
    scope.give(left.text, right)
    if not _givens_allowed(scope):
        scope._layer.givens.pop(left.text)
        raise Refused("false", f"{left.text} is supposed to lie elsewhere")


def _check_kind(scope: Scope, variable: Variable, right: t.Node) -> None:
    if variable.kind == "real" or variable.shape:
        return
    value = Witness(scope, {}).value(right)
    if value != int(value) or (variable.kind == "natural" and value < 1):
        raise Refused("false", f"{variable.name} must be a whole number")


def _givens_allowed(scope: Scope) -> bool:
    point = {name: Witness(scope, {}).value(node) for name, node in scope.givens.items()}
    return allowed(scope, point)
