"""Where the symbols of a formula live: intervals, and facts about them that were supposed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sympy as sp


@dataclass(frozen=True)
class Bounds:
    """An interval; an end is a number or infinite, and open or not."""

    lower: sp.Expr = sp.S.NegativeInfinity
    lower_open: bool = True
    upper: sp.Expr = sp.S.Infinity
    upper_open: bool = True

    def above(self, value: sp.Expr, strict: bool) -> Bounds:
        if value > self.lower or (value == self.lower and strict):
            return replace(self, lower=value, lower_open=strict)
        return self

    def below(self, value: sp.Expr, strict: bool) -> Bounds:
        if value < self.upper or (value == self.upper and strict):
            return replace(self, upper=value, upper_open=strict)
        return self

    @property
    def is_empty(self) -> bool:
        if self.lower == self.upper:
            return self.lower_open or self.upper_open
        return bool(self.lower > self.upper)

    def sign(self) -> str:
        """What the interval alone says about the sign: one of > ≥ < ≤ or nothing."""
        if self.lower >= 0:
            return ">" if self.lower > 0 or self.lower_open else "≥"
        if self.upper <= 0:
            return "<" if self.upper < 0 or self.upper_open else "≤"
        return ""


@dataclass(frozen=True)
class Domain:
    """Bounds of symbols; facts `expression rel 0`; and values that a wall of a case forces."""

    bounds: dict[sp.Symbol, Bounds] = field(default_factory=dict)
    facts: tuple[tuple[sp.Expr, str], ...] = ()
    values: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    impossible: bool = False
    signs: dict[object, str] = field(default_factory=dict, init=False, compare=False)  # a cache

    def of(self, symbol: sp.Symbol) -> Bounds:
        found = self.bounds.get(symbol)
        if found is not None:
            return found
        if symbol.is_positive:
            return Bounds(
                sp.Integer(1) if symbol.is_integer else sp.Integer(0), not symbol.is_integer
            )
        return Bounds()

    def at(self, expression: sp.Expr) -> sp.Expr:
        return expression.subs(self.values) if self.values else expression

    def assume(self, expression: sp.Expr, relation: str) -> Domain:
        """This domain where also `expression relation 0` (one of > ≥ < ≤ = ≠)."""
        expression = sp.expand(self.at(expression))
        if relation in "<≤":
            return self.assume(-expression, {"<": ">", "≤": "≥"}[relation])
        if expression.is_Number:
            return self if _holds(expression, relation) else replace(self, impossible=True)
        if relation == "=":
            return self._equal(expression)
        domain = replace(self, facts=(*self.facts, (expression, relation)))
        linear = _linear(expression)
        if linear is None or relation == "≠":
            return domain
        symbol, slope, value = linear
        bounds = self.of(symbol)
        strict = relation == ">"
        bounds = bounds.above(value, strict) if slope > 0 else bounds.below(value, strict)
        impossible = self.impossible or bounds.is_empty
        return replace(domain, bounds={**self.bounds, symbol: bounds}, impossible=impossible)

    def _equal(self, expression: sp.Expr) -> Domain:
        """Solve for a symbol in which the expression is linear with a number before it."""
        for symbol in sorted(expression.free_symbols, key=str):
            if not isinstance(symbol, sp.Symbol):
                continue
            slope = expression.diff(symbol)
            if slope.is_Number and slope != 0:
                value = sp.expand((slope * symbol - expression) / slope)
                values = {k: v.subs(symbol, value) for k, v in self.values.items()}
                values[symbol] = value
                broken = any(k.is_integer and v.is_integer is False for k, v in values.items())
                domain = replace(self, values=values, impossible=self.impossible or broken)
                bounds = self.of(symbol)
                for end, sign, is_open in (
                    (bounds.lower, 1, bounds.lower_open), (bounds.upper, -1, bounds.upper_open)
                ):  # fmt: skip
                    if end.is_finite:
                        domain = domain.assume(sign * (value - end), ">" if is_open else "≥")
                facts = tuple((sp.expand(fact.subs(symbol, value)), r) for fact, r in domain.facts)
                broken = any(fact.is_Number and not _holds(fact, r) for fact, r in facts)
                return replace(domain, facts=facts, impossible=domain.impossible or broken)
        return replace(self, facts=(*self.facts, (expression, "=")))


def _holds(number: sp.Expr, relation: str) -> bool:
    return bool({">": number > 0, "≥": number >= 0, "=": number == 0, "≠": number != 0,
                 "<": number < 0, "≤": number <= 0}[relation])  # fmt: skip


def _linear(expression: sp.Expr) -> tuple[sp.Symbol, sp.Expr, sp.Expr] | None:
    """For a x + b with numbers a, b: x, a and the root."""
    symbols = [s for s in expression.free_symbols if isinstance(s, sp.Symbol)]
    if len(symbols) != 1 or expression.atoms(sp.Indexed):
        return None
    slope = expression.diff(symbols[0])
    if not slope.is_Rational:
        return None
    rest = expression.subs(symbols[0], 0)
    return (symbols[0], slope, -rest / slope) if rest.is_Rational else None
