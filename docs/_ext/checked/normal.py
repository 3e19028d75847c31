"""The rational normal form: quotients of polynomials in generators such as x, e^x, ln 2 or a sum.

An expression whose numerator is the zero polynomial is zero wherever it is defined. The converse
does not hold and is never used.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import lcm

import sympy as sp
from sympy.polys.rings import PolyElement, PolyRing

from .domain import Domain
from .errors import Refused
from .kernels import UNDEFINED, Choose, Unknown
from .worker import watch_clock

MOST_TERMS = 20_000


@dataclass
class Form:
    """numerator / denominator, and what each generator of the ring stands for."""

    numerator: PolyElement
    denominator: PolyElement
    meaning: dict[sp.Symbol, sp.Expr]

    @property
    def is_zero(self) -> bool:
        return not self.numerator

    def back(self, polynomial: PolyElement) -> sp.Expr:
        """A polynomial of the ring as an expression in what its generators stand for."""
        return polynomial.as_expr().xreplace(self.meaning)

    def expression(self) -> sp.Expr:
        return self.back(self.numerator) / self.back(self.denominator)


def normal_form(expression: sp.Expr, domain: Domain) -> Form:
    return _Normalizer(domain).form(domain.at(expression))


def is_zero(expression: sp.Expr, domain: Domain) -> bool:
    return expression == 0 or normal_form(expression, domain).is_zero


class _Normalizer:
    def __init__(self, domain: Domain, depth: int = 0) -> None:
        if depth > 6:
            raise Refused("unsupported", "the formula is nested too deeply")
        self.domain = domain
        self.depth = depth
        self.generators: dict[sp.Expr, sp.Symbol] = {}  # what is meant -> its symbol
        self.roots: dict[sp.Symbol, sp.Expr] = {}  # symbol H -> base, for powers of the base
        self.powers: set[sp.Symbol] = set()  # symbols that may be raised to fractions
        self.sines: dict[sp.Symbol, sp.Symbol] = {}  # cosine -> sine of the same angle
        self.units: dict[sp.Symbol, int] = {}  # the ring's generator is the unit-th root

    # --- first pass: name the generators

    def generator(self, meant: sp.Expr) -> sp.Symbol:
        if meant not in self.generators:
            self.generators[meant] = sp.Symbol(f"g{len(self.generators)}")
        return self.generators[meant]

    def plain(self, e: sp.Expr) -> sp.Expr:
        """The same in generators only."""
        if e.is_Rational:
            return e
        if e.is_Add or e.is_Mul:
            return e.func(*(self.plain(arg) for arg in e.args))
        if e is sp.E:
            return self._exponential(sp.Integer(1))
        if isinstance(e, sp.exp):
            return self._exponential(e.args[0])
        if e.is_Pow:
            return self._power(e)
        if isinstance(e, sp.log):
            return self._logarithm(e.args[0])
        if isinstance(e, sp.Sum):
            return self._sum(e)
        if isinstance(e, sp.sin | sp.cos):
            return self._angle(e)
        if isinstance(e, sp.tan):
            return self.plain(sp.sin(e.args[0])) / self.plain(sp.cos(e.args[0]))
        if isinstance(e, sp.factorial):
            return self._factorial(e)
        if isinstance(e, sp.binomial):
            n, k = e.args
            return self.plain(sp.factorial(n) / (sp.factorial(k) * sp.factorial(n - k)))
        if isinstance(e, sp.KroneckerDelta):
            return self._delta(e)
        if isinstance(e, Choose | sp.Abs | sp.Max | sp.Min | sp.Piecewise):
            raise Refused("unsupported", "a case that was not split")
        if e is UNDEFINED:
            raise Refused("undefined", "a case is missing")
        if e.is_Symbol or isinstance(e, sp.Indexed | Unknown) or e is sp.pi:
            return self.generator(e)
        raise Refused("unsupported", f"{type(e).__name__} is not known to the prover")

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        product: sp.Expr = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            coefficient, kernel = term.as_coeff_Mul()
            symbol = self.generator(sp.exp(self._tidy(kernel)))
            self.powers.add(symbol)
            product *= _Raised(symbol, coefficient)
        return product

    def _tidy(self, kernel: sp.Expr) -> sp.Expr:
        """A kernel with the sums in it brought to one form."""
        if not kernel.has(sp.Sum, sp.log) and not _has_denominator(kernel):
            return kernel
        return _Normalizer(self.domain, self.depth + 1).form(kernel).expression()

    def _power(self, e: sp.Pow) -> sp.Expr:
        base, exponent = e.base, e.exp
        if base is sp.E:
            return self._exponential(exponent)
        if exponent.is_Integer:
            return self.plain(base) ** exponent
        if exponent.is_Rational:
            symbol = self.generator(sp.Pow(self._tidy(base), sp.Rational(1, exponent.q)))
            self.roots[symbol] = base
            self.powers.add(symbol)
            return _Raised(symbol, sp.Integer(exponent.p), sp.Integer(exponent.q))
        if self._is_positive(base):
            return self._exponential(exponent * sp.log(base))
        product: sp.Expr = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            coefficient, kernel = term.as_coeff_Mul()
            if kernel == 1:
                product *= self.plain(sp.Pow(base, coefficient))
            elif coefficient.is_Integer:
                product *= self.generator(sp.Pow(base, kernel, evaluate=False)) ** coefficient
            else:
                product *= self.generator(sp.Pow(base, term, evaluate=False))
        return product

    def _is_positive(self, e: sp.Expr) -> bool:
        return bool(e.is_positive) or self._sign(e) == ">"

    def _sign(self, e: sp.Expr) -> str:
        from .signs import sign  # not above: signs are found by normal forms in their turn

        return sign(e, self.domain)

    def _is_nonzero(self, e: sp.Expr) -> bool:
        from .signs import is_nonzero

        return is_nonzero(e, self.domain)

    def _logarithm(self, argument: sp.Expr) -> sp.Expr:
        """ln of a product of positive factors is the sum of their ln."""
        form = _Normalizer(self.domain, self.depth + 1).form(argument, cancel=True)
        total: sp.Expr = sp.Integer(0)
        whole = sp.Integer(1)  # the number before all factors; negative factors turn its sign
        for polynomial, outer in ((form.numerator, 1), (form.denominator, -1)):
            constant, factors = polynomial.factor_list()
            whole *= sp.Rational(constant.numerator, constant.denominator) ** outer
            for factor, power in factors:
                meant = form.back(factor)
                found = self._sign(meant)
                if found not in ("<", ">"):
                    return self.generator(sp.log(form.expression(), evaluate=False))
                if found == "<":
                    meant, whole = -meant, whole * (-1) ** power
                total += outer * power * self._log_factor(meant)
        if whole < 0:
            raise Refused("undefined", "the logarithm of a negative number")
        for prime, power in sp.factorrat(whole).items():
            total += power * self.generator(sp.log(prime))
        return total

    def _log_factor(self, factor: sp.Expr) -> sp.Expr:
        if isinstance(factor, sp.exp):
            return self.plain(factor.args[0])
        if factor is sp.E:
            return sp.Integer(1)
        if factor.is_Pow and (factor.exp.is_Rational or self._is_positive(factor.base)):
            return self.plain(factor.exp) * self._log_factor(factor.base)
        if factor.is_Rational:
            return sp.Add(*(k * self.generator(sp.log(p)) for p, k in sp.factorrat(factor).items()))
        return self.generator(sp.log(factor, evaluate=False))

    def _angle(self, e: sp.Expr) -> sp.Expr:
        expanded = sp.expand_trig(e.func(sp.expand(e.args[0])))
        if expanded != e and not isinstance(expanded, sp.sin | sp.cos):
            return self.plain(expanded)
        if not isinstance(expanded, sp.sin | sp.cos):
            return self.plain(expanded)
        angle = expanded.args[0]
        cosine, sine = self.generator(sp.cos(angle)), self.generator(sp.sin(angle))
        self.sines[cosine] = sine
        return sine if isinstance(expanded, sp.sin) else cosine

    def _factorial(self, e: sp.factorial) -> sp.Expr:
        argument = sp.expand(e.args[0])
        shift, rest = argument.as_coeff_Add()
        if not shift.is_Integer or abs(shift) > 20:
            return self.generator(sp.factorial(argument, evaluate=False))
        base = self.generator(sp.factorial(rest))
        rest = self.plain(rest)
        up = sp.Mul(*(rest + k for k in range(1, int(shift) + 1)))
        down = sp.Mul(*(rest - k for k in range(0, -int(shift))))
        return base * up / down

    def _delta(self, e: sp.KroneckerDelta) -> sp.Expr:
        i, j = e.args
        return sp.Integer(0) if self._is_nonzero(i - j) else self.generator(e)

    # --- sums of unknown length

    def _sum(self, e: sp.Sum) -> sp.Expr:
        index, lower, upper = e.limits[-1]
        body = sp.Sum(e.function, *e.limits[:-1]) if len(e.limits) > 1 else e.function
        inner = _Normalizer(self.domain, self.depth + 1)
        form = inner.form(body, cancel=True)
        if not form.numerator:
            return sp.Integer(0)
        total: sp.Expr = sp.Integer(0)
        inside, outside = _split_factors(form, index)
        for powers, coefficient in form.numerator.terms():
            free, bound = outside, inside
            for symbol, power in zip(form.numerator.ring.symbols, powers, strict=True):
                meant = form.meaning.get(symbol, sp.Integer(1)) ** power
                if meant.has(index):
                    bound *= meant
                else:
                    free *= meant
            rational = sp.Rational(coefficient.numerator, coefficient.denominator)
            total += rational * self.plain(free) * self._term(bound, index, lower, upper)
        return total

    def _term(self, body: sp.Expr, index: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
        deltas = [d for d in body.atoms(sp.KroneckerDelta) if d.has(index)]
        if deltas:
            i, j = deltas[0].args
            value = i if j == index else j
            if value.has(index) or not self._between(value, lower, upper):
                raise Refused("unsupported", "an index that may lie outside the sum")
            rest = body.xreplace({deltas[0]: sp.Integer(1)})
            return self.plain(rest.subs(index, value))
        if not body.has(index):
            return self.plain(body * (upper - lower + 1))
        if body.is_polynomial(index) and body.free_symbols == {index}:
            return self.plain(sp.expand(sp.summation(body, (index, lower, upper))))
        return self.generator(_canonical_sum(body, [(index, lower, upper)]))

    def _between(self, value: sp.Expr, lower: sp.Expr, upper: sp.Expr) -> bool:
        return all(self._sign(e) in (">", "≥", "=") for e in (value - lower, upper - value))

    # --- second pass: polynomials

    def form(self, expression: sp.Expr, cancel: bool = False) -> Form:
        watch_clock()
        plain = self.plain(expression)
        units = self._units(plain)
        symbols = sorted(plain.free_symbols | self._needed(), key=lambda s: int(s.name[1:]))
        ring = PolyRing([s.name for s in symbols] or ["g"], sp.QQ, sp.polys.orderings.lex)
        self.place = {symbol: ring.gens[k] for k, symbol in enumerate(symbols)}
        numerator, denominator = self.quotient(plain, units, ring)
        numerator, denominator = self._reduce(numerator, denominator, units, ring)
        if not denominator:
            raise Refused("undefined", "a denominator is zero")
        if cancel and numerator:
            numerator, denominator = numerator.cancel(denominator)
        meaning = {}
        for meant, symbol in self.generators.items():
            unit = units.get(symbol, 1)
            if symbol in self.roots:
                meant = sp.Pow(self.roots[symbol], sp.Rational(1, unit))
            elif unit > 1:
                meant = sp.exp(meant.as_base_exp()[1] / unit)
            meaning[sp.Symbol(symbol.name)] = meant
        return Form(numerator, denominator, meaning)

    def _needed(self) -> set[sp.Symbol]:
        """Generators that only a relation brings in."""
        found = set(self.sines.values()) | set(self.sines)
        while True:
            more = set(found)
            for symbol, base in list(self.roots.items()):
                more |= self.plain(base).free_symbols | {symbol}
            if more == found:
                return found
            found = more

    def _units(self, plain: sp.Expr) -> dict[sp.Symbol, int]:
        for base in list(self.roots.values()):
            self.plain(base)
        units = dict.fromkeys(self.powers, 1)
        plains = [plain, *(self.plain(base) for base in self.roots.values())]
        for e in plains:
            for raised in e.atoms(_Raised):
                symbol, power = raised.args[0], raised.args[1]
                unit = power.q if len(raised.args) == 2 else int(raised.args[2])
                units[symbol] = lcm(units[symbol], int(unit))
        return units

    def quotient(
        self, e: sp.Expr, units: dict[sp.Symbol, int], ring: PolyRing
    ) -> tuple[PolyElement, PolyElement]:
        one = ring.one
        if e.is_Rational:
            return ring.ground_new(sp.QQ(e.p, e.q)), one
        if e.is_Symbol:
            return self.place[e], one
        if isinstance(e, _Raised):
            symbol, power = e.args[0], e.args[1]
            unit = units[symbol]
            exponent = int(power * unit if len(e.args) == 2 else power * unit / e.args[2])
            place = self.place[symbol]
            return (place**exponent, one) if exponent >= 0 else (one, place**-exponent)
        if e.is_Pow:
            numerator, denominator = self.quotient(e.base, units, ring)
            power = int(e.exp)
            if abs(power) > 60:
                raise Refused("unsupported", "a power too large to expand")
            if power < 0:
                numerator, denominator, power = denominator, numerator, -power
            return numerator**power, denominator**power
        parts = [self.quotient(arg, units, ring) for arg in e.args]
        numerator, denominator = parts[0]
        for n, d in parts[1:]:
            if e.is_Mul:
                numerator, denominator = numerator * n, denominator * d
            elif d == denominator:
                numerator += n
            else:
                common = d.gcd(denominator) if len(d) + len(denominator) < 40 else ring.one
                mine, theirs = d.exquo(common), denominator.exquo(common)
                numerator, denominator = numerator * mine + n * theirs, denominator * mine
            if len(numerator) > MOST_TERMS:
                raise Refused("unsupported", "the formula expands to too many terms")
        return numerator, denominator

    def _reduce(
        self, numerator: PolyElement, denominator: PolyElement,
        units: dict[sp.Symbol, int], ring: PolyRing,
    ) -> tuple[PolyElement, PolyElement]:  # fmt: skip
        """Use that the square of a cosine is one less that of the sine, and what roots are."""
        relations = []
        for cosine, sine in self.sines.items():
            above = 1 - self.place[sine] ** 2
            relations.append((self.place[cosine], 2, above, ring.one))
        for symbol, base in self.roots.items():
            above, below = self.quotient(self.plain(base), units, ring)
            relations.append((self.place[symbol], units[symbol], above, below))
        for generator, degree, above, below in reversed(relations):
            numerator, more = _replace_power(numerator, generator, degree, above, below)
            denominator, less = _replace_power(denominator, generator, degree, above, below)
            numerator, denominator = numerator * less, denominator * more
        return numerator, denominator


class _Raised(sp.Function):
    """_Raised(g, p) or _Raised(g, p, q): a generator to the power p, or its q-th root to it."""

    nargs = (2, 3)

    @classmethod
    def eval(cls, *args: sp.Expr) -> None:
        return None


def _replace_power(
    p: PolyElement, generator: PolyElement, degree: int, above: PolyElement, below: PolyElement
) -> tuple[PolyElement, PolyElement]:
    """p with generator^degree replaced by above/below, times the second polynomial returned."""
    ring = p.ring
    place = ring.gens.index(generator)
    highest = max((powers[place] for powers in p.monoms()), default=0) // degree
    if highest == 0:
        return p, ring.one
    result = ring.zero
    for powers, coefficient in p.terms():
        times, rest = divmod(powers[place], degree)
        left = (*powers[:place], rest, *powers[place + 1 :])
        term = ring.from_dict({left: coefficient})
        result += term * above**times * below ** (highest - times)
    return result, below**highest


def _split_factors(form: Form, index: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """1/denominator as a part with the index and a part without."""
    inside: sp.Expr = sp.Integer(1)
    outside: sp.Expr = sp.Integer(1)
    constant, factors = form.denominator.factor_list()
    outside /= sp.Rational(constant.numerator, constant.denominator)
    for factor, power in factors:
        meant = form.back(factor)
        if meant.has(index):
            inside /= meant**power
        else:
            outside /= meant**power
    return inside, outside


def _canonical_sum(body: sp.Expr, limits: list[tuple[sp.Symbol, sp.Expr, sp.Expr]]) -> sp.Sum:
    """One sum over all indices, with the names of its indices chosen by rule."""
    merged = True
    while merged:
        merged = False
        for factor in sp.Mul.make_args(body):
            if isinstance(factor, sp.Sum) and not any(
                end.has(index) for _, *ends in factor.limits for end in ends for index, *_ in limits
            ):
                renamed = {old: sp.Symbol(f"m°{len(limits) + k}", integer=True, positive=True)
                           for k, (old, *_) in enumerate(factor.limits)}  # fmt: skip
                body = body / factor * factor.function.xreplace(renamed)
                limits = [*limits, *((renamed[o], a, b) for o, a, b in factor.limits)]
                merged = True
                break
    height = max((_height(s) for s in body.atoms(sp.Sum)), default=0)
    candidates = []
    for order in permutations(limits) if len(limits) <= 3 else [tuple(limits)]:
        names = {old: sp.Symbol(f"k°{height}°{k}", integer=True, positive=True)
                 for k, (old, *_) in enumerate(order)}  # fmt: skip
        limits_in_order = tuple((names[o], a, b) for o, a, b in order)
        candidates.append((body.xreplace(names), limits_in_order))
    body, ordered = min(candidates, key=str)
    return sp.Sum(body, *ordered)


def _height(e: sp.Sum) -> int:
    return 1 + max((_height(s) for s in e.function.atoms(sp.Sum)), default=0)


def _has_denominator(e: sp.Expr) -> bool:
    return any(p.exp.is_negative for p in e.atoms(sp.Pow) if p.exp.is_Number)
