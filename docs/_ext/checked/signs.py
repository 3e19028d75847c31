"""The sign of an expression on a domain: proved, or not known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import sympy as sp
from mpmath import iv
from sympy.polys.rings import PolyElement

from .domain import Bounds, Domain
from .errors import Refused
from .kernels import Choose, Unknown
from .normal import Form, normal_form

OPPOSITE = {">": "<", "<": ">", "≥": "≤", "≤": "≥", "=": "=", "": ""}
DIGITS = 60
HIGHEST_DEGREE = 60  # of a polynomial that is factored, or whose roots are counted


def is_nonzero(expression: sp.Expr, domain: Domain) -> bool:
    expression = domain.at(expression)
    for fact, relation in domain.facts:
        if relation in "≠<>" and (expression - fact == 0 or expression + fact == 0):
            return True
    return sign(expression, domain) in ("<", ">") or _nonzero_by_factors(expression, domain)


def _nonzero_by_factors(expression: sp.Expr, domain: Domain) -> bool:
    try:
        form = normal_form(expression, domain)
    except Refused:
        return False
    if not form.numerator:
        return False
    if max(form.numerator.degrees(), default=0) > HIGHEST_DEGREE:
        return False
    _, factors = form.numerator.factor_list()
    return all(_factor_nonzero(form, factor, domain) for factor, _ in factors)


def _factor_nonzero(form: Form, factor: PolyElement, domain: Domain, depth: int = 1) -> bool:
    meant = form.back(factor)
    if any(
        relation in "≠<>" and _ratio(meant, fact) is not None for fact, relation in domain.facts
    ):
        return True
    return _polynomial_sign(form, factor, domain, depth) in ("<", ">")


def _ratio(left: sp.Expr, right: sp.Expr) -> sp.Expr | None:
    """The nonzero number that left is times right, if there is one."""
    if left.free_symbols != right.free_symbols:
        return None
    quotient = sp.cancel(left / right) if right != 0 and not right.has(sp.Sum, Choose) else sp.nan
    return quotient if quotient.is_Rational and quotient != 0 else None


def sign(expression: sp.Expr, domain: Domain, depth: int = 1, enough: str = "<>") -> str:
    """One of > ≥ = ≤ < (against 0) that holds on the whole domain, or nothing.

    The search stops at a sign in `enough`, although a stricter one might be found.
    """
    key = (expression, depth, enough)
    if key not in domain.signs:
        domain.signs[key] = _sign(expression, domain, depth, enough)
    return domain.signs[key]


def _sign(expression: sp.Expr, domain: Domain, depth: int, enough: str) -> str:
    expression = domain.at(expression)
    if expression.is_Rational:
        return ">" if expression > 0 else "<" if expression < 0 else "="
    if expression.is_number:
        return _constant_sign(expression, domain)
    found = _by_parts(expression, domain)
    if found and (found in enough or depth <= 0):
        return found
    return (
        _sign_of_form(expression, domain, depth) or found or _by_bending(expression, domain, depth)
    )


def _by_bending(e: sp.Expr, domain: Domain, depth: int) -> str:
    """A function that bends upwards everywhere lies above its tangent; so where it touches 0."""
    symbols = [s for s in e.free_symbols if isinstance(s, sp.Symbol) and not s.is_integer]
    if depth <= 0 or len(symbols) != 1 or len(e.free_symbols) != 1 or e.has(Choose, sp.Sum):
        return ""
    (symbol,) = symbols
    bounds = domain.of(symbol)
    for place in (sp.Integer(0), sp.Integer(1), sp.Integer(-1), sp.Rational(1, 2), sp.Integer(2)):
        if not bounds.lower < place < bounds.upper:
            continue
        value, slope = (sign(f.subs(symbol, place), domain, 0) for f in (e, e.diff(symbol)))
        if value == slope == "=":
            bend = sign(e.diff(symbol, 2), domain, 0, enough="<>≤≥=")
            return {">": "≥", "≥": "≥", "=": "=", "<": "≤", "≤": "≤"}.get(bend, "")
    return ""


def _by_parts(e: sp.Expr, domain: Domain) -> str:
    """The sign that sums and products inherit from their parts, as they are written."""
    if e.is_Rational:
        return ">" if e > 0 else "<" if e < 0 else "="
    if e.is_Mul:
        result = ">"
        for part in e.args:
            result = _times(result, _by_parts(part, domain))
        return result
    if e.is_Add:
        signs = {_by_parts(part, domain) for part in e.args}
        for strict, weak in ((">", "≥"), ("<", "≤")):
            if signs <= {strict, weak, "="}:
                return strict if strict in signs else weak
        return ""
    if e.is_Pow and e.exp.is_Integer:
        base = _by_parts(e.base, domain)
        if e.exp % 2 == 0:
            return ">" if base in ("<", ">") else "≥" if e.exp > 0 else ""
        return base if base in ("<", ">") or e.exp > 0 else ""
    if isinstance(e, sp.Sum):
        return _sum_sign(e, domain)
    if e.is_Symbol or isinstance(e, sp.exp) or (e.is_Pow and e.exp.is_Rational):
        return generator_range(e, domain).sign()
    return ""


def _sign_of_form(expression: sp.Expr, domain: Domain, depth: int) -> str:
    try:
        form = normal_form(expression, domain)
    except Refused:
        return ""
    if not form.numerator:
        return "="
    numerator, denominator = form.numerator.cancel(form.denominator)
    result = _product_sign(form, denominator, domain, depth)
    if result not in (">", "<"):
        return ""
    return _times(result, _product_sign(form, numerator, domain, depth))


def _constant_sign(expression: sp.Expr, domain: Domain) -> str:
    interval = enclose(expression)
    if interval is not None:
        if interval.a > 0:
            return ">"
        if interval.b < 0:
            return "<"
    try:
        return "=" if normal_form(expression, domain).is_zero else ""
    except Refused:
        return ""


@cache
def enclose(expression: sp.Expr) -> Any:
    """An interval that surely holds a constant, or None."""
    old = iv.dps
    iv.dps = DIGITS
    try:
        return _enclose(expression)
    except (
        ValueError,
        ZeroDivisionError,
        NotImplementedError,
        OverflowError,
        AttributeError,
        TypeError,
    ):
        return None
    finally:
        iv.dps = old


def _exact(raw: tuple[int, int, int, int]) -> sp.Rational:
    """A binary number of mpmath as a fraction."""
    negative, mantissa, exponent, _ = raw
    return sp.Rational(-int(mantissa) if negative else int(mantissa)) * sp.Rational(2) ** exponent


def _enclose(e: sp.Expr) -> Any:
    if e.is_Integer:
        return iv.mpf(int(e))
    if e.is_Rational:
        return iv.mpf(e.p) / iv.mpf(e.q)
    if e is sp.E:
        return iv.e
    if e is sp.pi:
        return iv.pi
    arguments = [_enclose(arg) for arg in e.args]
    if e.is_Add:
        return sum(arguments, iv.mpf(0))
    if e.is_Mul:
        product = iv.mpf(1)
        for argument in arguments:
            product *= argument
        return product
    if e.is_Pow:
        if e.exp.is_Integer:
            if e.exp < 0 and 0 in arguments[0]:
                raise ValueError
            return arguments[0] ** int(e.exp)
        if arguments[0].a <= 0:
            raise ValueError
        return iv.exp(arguments[1] * iv.log(arguments[0]))
    simple = {sp.exp: iv.exp, sp.sin: iv.sin, sp.cos: iv.cos}
    if isinstance(e, sp.log):
        if arguments[0].a <= 0:
            raise ValueError
        return iv.log(arguments[0])
    if isinstance(e, sp.factorial) and e.args[0].is_Integer:
        return iv.mpf(int(e.func(e.args[0])))
    if isinstance(e, Choose):
        wall = arguments[0]
        if wall.a > 0:
            return arguments[3]
        if wall.b < 0:
            return arguments[1]
    for kind, function in simple.items():
        if isinstance(e, kind):
            return function(arguments[0])
    raise NotImplementedError


def _times(left: str, right: str) -> str:
    if "" in (left, right):
        return ""
    if "=" in (left, right):
        return "="
    negative = (left in "<≤") != (right in "<≤")
    strict = left in "<>" and right in "<>"
    return ("<" if strict else "≤") if negative else (">" if strict else "≥")


def _product_sign(form: Form, polynomial: PolyElement, domain: Domain, depth: int) -> str:
    if max(polynomial.degrees(), default=0) > HIGHEST_DEGREE:
        return _nonnegative_terms(form, polynomial, domain)
    constant, factors = polynomial.factor_list()
    result = ">" if constant > 0 else "<"
    for factor, power in factors:
        if power % 2 == 0:
            nonzero = _factor_nonzero(form, factor, domain, depth)
            result = _times(result, ">" if nonzero else "≥")
        else:
            result = _times(result, _polynomial_sign(form, factor, domain, depth))
        if not result:
            # A product of two factors may have a sign although neither has.
            return _polynomial_sign(form, polynomial, domain, depth)
    return result


def _nonnegative_terms(form: Form, polynomial: PolyElement, domain: Domain) -> str:
    used = form.numerator.ring.symbols
    ranges = {symbol: generator_range(form.meaning[symbol], domain) for symbol in used}
    expression = polynomial.as_expr()
    if all(bounds.sign() == ">" for bounds in ranges.values()):
        for signed, result in ((polynomial, ">"), (-polynomial, "<")):
            if expression != 0 and all(coefficient > 0 for coefficient in signed.coeffs()):
                return result
    return ""


def _polynomial_sign(form: Form, p: PolyElement, domain: Domain, depth: int) -> str:
    used = [
        symbol
        for place, symbol in enumerate(p.ring.symbols)
        if any(powers[place] for powers in p.monoms())
    ]
    ranges = {symbol: generator_range(form.meaning[symbol], domain) for symbol in used}
    if not used:
        return ">" if p.as_expr() > 0 else "<"
    if p.is_linear and len(p) == 1:
        found = ranges[used[0]].sign()
        found = found if p.LC > 0 else OPPOSITE[found]
        if found:
            return found
    if len(used) == 1:
        found = _by_roots(p.as_expr(), used[0], ranges[used[0]])
        if found:
            return found
    expression = p.as_expr()
    for candidate, turn in ((expression, ">"), (-expression, "<")):
        found = _nonnegative(candidate, ranges) or _by_sums(form, candidate, used, domain)
        found = found or _by_facts(form, candidate, domain, depth)
        found = found or _by_discriminant(form, candidate, used, domain, depth)
        if found:
            return found if turn == ">" else OPPOSITE[found]
    return ""


def generator_range(meant: sp.Expr, domain: Domain) -> Bounds:
    """Where the values of a generator lie."""
    if meant.is_number:
        interval = enclose(meant)
        if interval is not None:
            low, high = (_exact(end) for end in interval._mpi_)
            return Bounds(low, False, high, False)
        return Bounds()
    if isinstance(meant, sp.Symbol):
        return domain.of(meant)
    if isinstance(meant, sp.exp):
        return _exponential_range(meant.args[0], domain)
    if isinstance(meant, sp.sin | sp.cos):
        return Bounds(sp.Integer(-1), False, sp.Integer(1), False)
    positive, not_negative = Bounds(sp.Integer(0)), Bounds(sp.Integer(0), False)
    if isinstance(meant, sp.factorial):
        return Bounds(sp.Integer(1), False)
    if meant.is_Pow and meant.exp.is_Rational:
        return positive if sign(meant.base, domain) == ">" else not_negative
    if meant.is_Pow:
        return positive if sign(meant.base, domain) == ">" else Bounds()
    if isinstance(meant, sp.log):
        above = sign(meant.args[0] - 1, domain)
        return {">": positive, "≥": not_negative, "<": Bounds(upper=sp.Integer(0)),
                "≤": Bounds(upper=sp.Integer(0), upper_open=False),
                }.get(above, Bounds())  # fmt: skip
    if isinstance(meant, sp.Sum):
        found = _sum_sign(meant, domain)
        return {">": positive, "≥": not_negative}.get(found, Bounds())
    if isinstance(meant, sp.Indexed | Unknown):
        if meant.is_positive:
            return positive
        return next(
            (positive if rel == ">" else not_negative for fact, rel in domain.facts
             if fact == meant and rel in ">≥"), Bounds(),
        )  # fmt: skip
    if isinstance(meant, sp.KroneckerDelta):
        return Bounds(sp.Integer(0), False, sp.Integer(1), False)
    return Bounds()


def _exponential_range(exponent: sp.Expr, domain: Domain) -> Bounds:
    found = sign(exponent, domain, 0)
    if found in (">", "≥"):
        return Bounds(sp.Integer(1), found == ">")
    if found in ("<", "≤"):
        return Bounds(sp.Integer(0), True, sp.Integer(1), found == "<")
    return Bounds(sp.Integer(0))


def _sum_sign(e: sp.Sum, domain: Domain) -> str:
    for index, lower, upper in e.limits:
        domain = domain.assume(index - lower, "≥").assume(upper - index, "≥")
        if sign(upper - lower, domain, 0) not in (">", "≥", "="):
            return ""
    return sign(e.function, domain, 1)


def _by_roots(expression: sp.Expr, symbol: sp.Symbol, bounds: Bounds) -> str:
    """Sturm: a polynomial with no root inside an interval keeps its sign there."""
    polynomial = sp.Poly(expression, symbol)
    if polynomial.degree() > HIGHEST_DEGREE:
        return ""
    low, high = bounds.lower, bounds.upper
    if not (low.is_Rational or low.is_infinite) or not (high.is_Rational or high.is_infinite):
        return ""
    inner = _inner_point(low, high)
    ends = [end for end in {low, high} if end.is_finite and polynomial.eval(end) == 0]
    roots = polynomial.count_roots(low, high) - len(ends)
    value = polynomial.eval(inner)
    if roots > 0:
        return _touching(polynomial, low, high, value, len(ends) > 0)
    closed_root = (low in ends and not bounds.lower_open) or (
        high in ends and not bounds.upper_open
    )
    if value > 0:
        return "≥" if closed_root else ">"
    return "≤" if closed_root else "<"


def _inner_point(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    if low.is_finite and high.is_finite:
        return (low + high) / 2
    if low.is_finite:
        return low + 1
    return high - 1 if high.is_finite else sp.Integer(0)


def _touching(p: sp.Poly, low: sp.Expr, high: sp.Expr, value: sp.Expr, at_ends: bool) -> str:
    """Roots of even order inside do not change the sign."""
    for factor, power in p.factor_list()[1]:
        ends = sum(1 for end in {low, high} if end.is_finite and factor.eval(end) == 0)
        if power % 2 and factor.count_roots(low, high) - ends > 0:
            return ""
    for point in (_inner_point(low, high), _inner_point(low, high) + sp.Rational(1, 7919)):
        if (not low.is_finite or point > low) and (not high.is_finite or point < high):
            value = p.eval(point)
            if value != 0:
                return "≥" if value > 0 else "≤"
    return ""


def _nonnegative(expression: sp.Expr, ranges: dict[sp.Symbol, Bounds]) -> str:
    """Write every generator through one that is positive; then look at the coefficients."""
    numerator = expression
    free: set[sp.Symbol] = set()
    for symbol, bounds in ranges.items():
        t = sp.Symbol(f"t_{symbol.name}")
        low, high = bounds.lower, bounds.upper
        if low.is_finite and high.is_finite:
            numerator = numerator.subs(symbol, (low + high * t) / (1 + t))
        elif low.is_finite:
            numerator = numerator.subs(symbol, low + t)
        elif high.is_finite:
            numerator = numerator.subs(symbol, high - t)
        else:
            numerator = numerator.subs(symbol, t)
            free.add(t)
    numerator, denominator = sp.fraction(sp.together(numerator))
    if not denominator.free_symbols and denominator < 0:
        numerator = -numerator
    symbols = sorted(numerator.free_symbols, key=str)
    if not symbols:
        return ""
    polynomial = sp.Poly(numerator, *symbols)
    strict = False
    for powers, coefficient in polynomial.terms():
        odd = any(p % 2 for s, p in zip(symbols, powers, strict=True) if s in free)
        if coefficient < 0 or odd:
            return ""
        touched = any(p for s, p in zip(symbols, powers, strict=True) if s in free)
        at_end = any(p for s, p in zip(symbols, powers, strict=True) if not _open(ranges, str(s)))
        strict = strict or (coefficient > 0 and not touched and not at_end)
    closed_upper = any(
        b.upper.is_finite and b.lower.is_finite and not (b.upper_open and b.lower_open)
        for b in ranges.values()
    )
    return ">" if strict and not closed_upper else "≥"


def _open(ranges: dict[sp.Symbol, Bounds], name: str) -> bool:
    """Is the value 0 of the new symbol excluded?"""
    for symbol, bounds in ranges.items():
        if f"t_{symbol.name}" == name:
            return bounds.lower_open if bounds.lower.is_finite else bounds.upper_open
    return False


def _by_facts(form: Form, candidate: sp.Expr, domain: Domain, depth: int) -> str:
    """A fact times a positive number, or a fact and something that is not negative."""
    meant = candidate.xreplace(form.meaning)
    for fact, relation in domain.facts:
        if relation == "≠" or not fact.free_symbols <= meant.free_symbols:
            continue
        ratio = _ratio(meant, fact)
        if relation == "=" and ratio is not None:
            return "="
        if ratio is not None and ratio > 0:
            return relation
    if depth <= 0:
        return ""
    for fact, relation in domain.facts:
        if relation not in (">", "≥") or not fact.free_symbols <= meant.free_symbols:
            continue
        rest = sign(sp.expand(meant - fact), domain, depth - 1)
        if rest in (">", "≥", "="):
            return ">" if ">" in (rest, relation) else "≥"
    return ""


def _by_discriminant(
    form: Form, candidate: sp.Expr, used: list[sp.Symbol], domain: Domain, depth: int
) -> str:
    """a g² + b g + c is positive where a > 0 and b² < 4ac."""
    if depth <= 0 or len(used) < 2:
        return ""
    for symbol in used:
        polynomial = sp.Poly(candidate, symbol)
        if polynomial.degree() != 2:
            continue
        a, b, c = (k.xreplace(form.meaning) for k in polynomial.all_coeffs())
        if sign(a, domain, depth - 1) != ">":
            continue
        rest = sign(4 * a * c - b**2, domain, depth - 1)
        if rest in (">", "≥", "="):
            return ">" if rest == ">" else "≥"
    return ""


def _by_sums(form: Form, candidate: sp.Expr, used: list[sp.Symbol], domain: Domain) -> str:
    """A sum of positive terms is one of its terms and a rest R that is positive too."""
    for symbol in used:
        total = form.meaning[symbol]
        if not isinstance(total, sp.Sum) or len(total.limits) != 1:
            continue
        index, lower, upper = total.limits[0]
        if _sum_sign(total, domain) not in (">", "≥") or lower != 1:
            continue
        positive = _sum_sign(total, domain) == ">"
        more = sign(upper - 2, domain, 0) in (">", "≥", "=")
        for place in _indices(candidate.xreplace(form.meaning)):
            inside = [sign(e, domain, 0) for e in (place - lower, upper - place)]
            if place.has(index) or any(s not in (">", "≥", "=") for s in inside):
                continue
            rest = (
                sp.Symbol("R°", positive=True)
                if positive and more
                else sp.Symbol("R°", nonnegative=True)
            )
            term = total.function.subs(index, place)
            whole = candidate.xreplace({**form.meaning, symbol: term + rest})
            bounds = Bounds(sp.Integer(0), rest.is_positive is True)
            inner = replace(domain, bounds={**domain.bounds, rest: bounds})
            found = sign(whole, inner, 0)
            if found in (">", "≥"):
                return found
    return ""


def _indices(e: sp.Expr) -> list[sp.Expr]:
    bound = {index for total in e.atoms(sp.Sum) for index, *_ in total.limits}
    found = {
        i for entry in e.atoms(sp.Indexed) for i in entry.indices if not i.free_symbols & bound
    }
    return sorted(found, key=str)
