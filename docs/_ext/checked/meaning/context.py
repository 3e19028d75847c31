"""What all rules of meaning share: names bound on the way, and conditions gathered so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import sympy as sp

from .. import tree as t
from ..domain import Domain
from ..errors import Refused
from ..kernels import Array
from ..scope import Scope
from ..worker import watch_clock

Value: TypeAlias = sp.Expr | Array | tuple[sp.Expr, ...]
ONE = sp.Integer(1)


@dataclass(frozen=True)
class Condition:
    """`expression need 0` must hold (under the signs of `guard`), or `node` is not defined."""

    expression: sp.Expr
    need: str  # ≠ > ≥ or =
    node: t.Node
    guard: tuple[tuple[sp.Expr, str], ...] = ()
    near: sp.Symbol | None = None  # only needed for small values of the symbol

    def at(self, symbol: sp.Expr, value: sp.Expr) -> Condition:
        """The condition where the symbol has this value."""
        guard = tuple((wall.subs(symbol, value), sign) for wall, sign in self.guard)
        return replace(self, expression=self.expression.subs(symbol, value), guard=guard)


@dataclass(frozen=True)
class Env:
    """Names bound inside a formula, and names whose definitions are not looked into."""

    local: dict[str, Value] = field(default_factory=dict)
    opaque: dict[str, Value] = field(default_factory=dict)

    def bind(self, name: str, value: Value) -> Env:
        return Env({**self.local, name: value}, self.opaque)

    def hide(self, name: str, value: Value) -> Env:
        return Env(self.local, {**self.opaque, name: value})

    def bind_everywhere(self, name: str, value: Value) -> Env:
        """Let a name that a sign binds stand for a value, even inside definitions."""
        return self.bind(name, value).hide(name, value)

    def look(self, name: str) -> Value | None:
        return self.local[name] if name in self.local else self.opaque.get(name)


def unsupported(message: str) -> Refused:
    return Refused("unsupported", message)


class Context(ABC):
    """One scope and domain; gathers conditions, used definitions and new symbols on the way."""

    def __init__(self, scope: Scope, source: str, domain: Domain) -> None:
        self.scope = scope
        self.source = source
        self.domain = domain
        self.conditions: list[Condition] = []
        self.used: list[str] = []
        self.guard: tuple[tuple[sp.Expr, str], ...] = ()
        self.near: sp.Symbol | None = None
        self.hidden: dict[sp.IndexedBase, Array] = {}  # what the entries of hidden vectors are
        self._count = 0

    @abstractmethod
    def of(self, node: t.Node, env: Env) -> Value:
        """What a term means."""

    def number(self, node: t.Node, env: Env) -> sp.Expr:
        """What a term means that must be a number, which ∞ is not."""
        value = self.of(node, env)
        if isinstance(value, Array) and value.shape == (1, 1):
            value = value.entry(ONE, ONE)
        if not isinstance(value, sp.Expr):
            raise unsupported(f"{self.text(node)} must be a number here")
        if value.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
            raise Refused(
                "undefined", f"∞ is not a number, so {self.text(node)} cannot be computed with"
            )
        return value

    def text(self, node: t.Node) -> str:
        """A piece of the formula as it is written."""
        return self.source[slice(*node.span)].strip() or type(node).__name__

    # --- conditions

    def need(self, expression: sp.Expr, need: str, node: t.Node) -> None:
        if expression.is_Number:
            holds = {"≠": expression != 0, ">": expression > 0, "≥": expression >= 0}.get(need)
            if holds:
                return
        self.conditions.append(Condition(expression, need, node, self.guard, self.near))

    def need_nonzero(self, below: sp.Expr, node: t.Node) -> None:
        if below.is_zero:
            raise Refused("undefined", f"{self.text(node)} divides by zero")
        self.need(below, "≠", node)

    def need_finite(self, node: t.Node, *values: sp.Expr) -> None:
        if any(value.has(sp.oo, -sp.oo) for value in values):
            raise Refused(
                "undefined", f"∞ is not a number, so {self.text(node)} cannot be computed"
            )

    def use(self, name: str) -> None:
        if name not in self.used:
            self.used.append(name)

    # --- new symbols

    def fresh(self, hint: str, **assumptions: bool) -> sp.Symbol:
        self._count += 1
        return sp.Symbol(f"{hint}°{self._count}", real=True, **assumptions)

    def index(self, lower: sp.Expr, upper: sp.Expr) -> sp.Symbol:
        """A new whole number between two ends, known to the domain."""
        positive = {"positive": True} if lower.is_positive else {}
        index = self.fresh("j", integer=True, **positive)
        self.domain = self.domain.assume(index - lower, "≥").assume(upper - index, "≥")
        return index

    def sum_over(self, term: Callable[[sp.Expr], sp.Expr], size: sp.Expr) -> sp.Expr:
        """The sum of a term for all indices from 1 to a size."""
        if size.is_Integer:
            return sp.Add(*(term(sp.Integer(j)) for j in range(1, int(size) + 1)))
        index = self.index(ONE, size)
        return sp.Sum(term(index), (index, 1, size))

    def reveal(self, value: sp.Expr) -> sp.Expr:
        """Put back the entries that stood for defined vectors while it was differentiated."""
        while self.hidden:
            hidden = [atom for atom in value.atoms(sp.Indexed) if atom.base in self.hidden]
            if not hidden:
                break
            watch_clock()
            value = value.xreplace(
                {a: self.hidden[a.base].entry(a.indices[0], ONE) for a in hidden}
            )
        return value
