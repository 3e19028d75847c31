"""Limits and integrals: the easy ones here, the others by SymPy where it can be stopped."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp
from sympy.polys.rings import PolyElement

from .domain import Bounds, Domain
from .errors import Refused
from .kernels import UNDEFINED, Choose
from .normal import Form, normal_form
from .signs import is_nonzero, sign
from .worker import heavy


def settle(expression: sp.Expr, small: sp.Symbol, domain: Domain) -> sp.Expr:
    """Decide every case for all small positive values of the symbol."""
    while True:
        choices = [c for c in expression.atoms(Choose) if not c.args[0].has(Choose)]
        if not choices:
            break
        choice = choices[0]
        found = sign_near(choice.args[0], small, domain)
        if found not in ("<", "=", ">"):
            raise Refused("unsupported", "a limit that depends on a case that is not decided")
        expression = expression.xreplace({choice: choice.args["<=>".index(found) + 1]})
    if expression.has(UNDEFINED):
        raise Refused("undefined", "the limit of what is not defined")
    return expression


def sign_near(expression: sp.Expr, small: sp.Symbol, domain: Domain) -> str:
    """The sign for all small positive values of the symbol: that of the first coefficient."""
    if not expression.has(small):
        return sign(expression, domain)
    found = sign(expression, domain)
    if found in ("<", "=", ">"):
        return found
    form = normal_form(expression, domain)
    if not form.numerator:
        return "="
    numerator, below = _first(form, form.numerator, small), _first(form, form.denominator, small)
    if numerator is None or below is None:
        return ""
    return sign(numerator[1] / below[1], domain)


def _first(form: Form, p: PolyElement, small: sp.Symbol) -> tuple[int, sp.Expr] | None:
    """The lowest power of the symbol with its coefficient, if all else is free of it."""
    symbols = [g for g, meant in form.meaning.items() if meant.has(small)]
    if any(form.meaning[g] != small for g in symbols):
        return None
    expression = p.as_expr()
    if not symbols:
        return 0, expression.xreplace(form.meaning)
    terms = sp.Poly(expression, symbols[0]).terms()
    (power,), coefficient = min(terms, key=lambda term: term[0])
    return power, coefficient.xreplace(form.meaning)


def limit(expression: sp.Expr, small: sp.Symbol, domain: Domain) -> sp.Expr:
    """The limit as the positive symbol goes to 0."""
    expression = settle(sp.sympify(expression), small, domain)
    if not expression.has(small):
        return expression
    found = _rational_limit(expression, small, domain)
    if found is None:
        found = heavy("limit", expression, small)
    if not isinstance(found, sp.Expr) or found.has(sp.nan, sp.zoo, sp.AccumBounds, sp.Limit, small):
        raise Refused("unsupported", "a limit that the prover cannot find")
    return found


def _rational_limit(expression: sp.Expr, small: sp.Symbol, domain: Domain) -> sp.Expr | None:
    """The limit of a quotient of polynomials in the symbol h, or in e^(1/h)."""
    try:
        form = normal_form(expression, domain)
    except Refused:
        return None
    if not form.numerator:
        return sp.Integer(0)
    moving = [g for g, meant in form.meaning.items() if meant.has(small)]
    powers = [_speed(form.meaning[g], small, domain) for g in moving]
    if len(moving) != 1 or powers[0] is None:
        return None
    above, below = (
        sp.Poly(p.as_expr(), moving[0]).terms() for p in (form.numerator, form.denominator)
    )
    pick = max if powers[0] > 0 else min
    (m,), a = pick(above, key=lambda term: term[0])
    (n,), b = pick(below, key=lambda term: term[0])
    a, b = a.xreplace(form.meaning), b.xreplace(form.meaning)
    if not is_nonzero(b, domain):
        return None
    if m == n:
        return a / b
    if (m - n) * powers[0] < 0:
        return sp.Integer(0)
    found = sign(a / b, domain)
    return {">": sp.oo, "<": -sp.oo}.get(found)


def _speed(meant: sp.Expr, small: sp.Symbol, domain: Domain) -> int | None:
    """1 for a generator that grows to infinity as h goes to 0, -1 for one that shrinks to 0."""
    if meant == small:
        return -1
    if isinstance(meant, sp.exp):
        rate = sp.expand(meant.args[0] * small)
        if not rate.has(small):
            return {">": 1, "<": -1}.get(sign(rate, domain))
    return None


def near_is_defined(expression: sp.Expr, need: str, small: sp.Symbol, domain: Domain) -> bool:
    """Does the need hold for all small values of the symbol?"""
    if need == "≠" and is_nonzero(expression, domain):
        return True
    found = sign_near(settle(expression, small, domain), small, domain)
    return found in {"≠": "<>", ">": ">", "≥": ">≥="}[need] and found != ""


def integral(body: sp.Expr, symbol: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
    """The integral between two numbers, by an antiderivative that is checked by its derivative."""
    if body.has(Choose, UNDEFINED) or sp.oo in (upper, -lower):
        raise Refused("unsupported", "an integral over cases or without an end")
    if body.is_polynomial(symbol):
        antiderivative = sp.integrate(body, symbol)
    else:
        antiderivative = heavy("integrate", body, symbol)
    if not isinstance(antiderivative, sp.Expr) or antiderivative.has(sp.Integral, sp.Piecewise):
        raise Refused("unsupported", "an integral that the prover cannot find")
    domain = replace(Domain(), bounds={symbol: Bounds(lower, False, upper, False)})
    if not normal_form(antiderivative.diff(symbol) - body, domain).is_zero:
        raise Refused("unsupported", "an antiderivative that could not be confirmed")
    if not _is_smooth(antiderivative, symbol, domain):
        raise Refused("unsupported", "an antiderivative that may jump")
    return antiderivative.subs(symbol, upper) - antiderivative.subs(symbol, lower)


def _is_smooth(e: sp.Expr, symbol: sp.Symbol, domain: Domain) -> bool:
    """Is every part of an antiderivative defined on the whole interval?"""
    for part in sp.preorder_traversal(e):
        if part.is_Pow and part.base.has(symbol) and not (part.exp.is_Integer and part.exp > 0):
            if sign(part.base, domain) != ">" and not (
                part.exp.is_Integer and is_nonzero(part.base, domain)
            ):
                return False
        elif isinstance(part, sp.log) and part.has(symbol):
            if sign(part.args[0], domain) != ">":
                return False
        elif part.has(symbol) and not (
            part.is_Add or part.is_Mul or part.is_Pow or part.is_Symbol
            or isinstance(part, sp.exp | sp.sin | sp.cos)
        ):  # fmt: skip
            return False
    return True
