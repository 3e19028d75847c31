"""Proves one step, left relation right, cheapest method first; or says at which point it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from mpmath import mp

from . import tree as t
from .domain import Domain
from .errors import Refused
from .kernels import UNDEFINED, Array, Choose
from .limits import near_is_defined
from .meaning import Condition, Env, Meaning, Value, variable_value
from .normal import normal_form
from .sampling import free_names, needed, points
from .scope import Scope
from .signs import enclose, is_nonzero, sign
from .witness import DIGITS, Grid, NoValue, Witness, column, compare, unwrapped
from .worker import heavy

POINTS = 6
FEW = 3  # points are enough beside a proof by a method that decides
DECISIVE = ("identical", "normal form")
MOST_REGIONS = 80
MOST_INDICES = 64
STRICT = {"<": "<", "≤": "<", ">": ">", "≥": ">"}
REVERSED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠", "≈": "≈"}


@dataclass(frozen=True)
class Proof:
    how: str
    method: str
    used: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One relation of a chain, with the names of indices that it is claimed for."""

    left: t.Node
    relation: str
    right: t.Node


class Prover:
    """Proves steps of one formula in one scope."""

    def __init__(self, scope: Scope, source: str) -> None:
        self.scope = scope
        self.source = source
        self.domain = base_domain(scope)
        self._brief = False  # is a counter-example of no interest, as data comes next?
        self._values: dict[tuple[Any, ...], tuple[t.Node, Any]] = {}
        self.check_supposed()

    def text(self, node: t.Node) -> str:
        return self.source[slice(*node.span)].strip()

    def check_supposed(self) -> None:
        """What is supposed must be possible, or everything would follow from it."""
        if ("possible",) not in self.scope.cache:
            supposed = needed(self.scope, self.scope.hypotheses)
            possible = not self.domain.impossible and bool(
                not self.scope.hypotheses or points(self.scope, supposed, self.domain, 1)
            )
            self.scope.cache[("possible",)] = possible
        if not self.scope.cache[("possible",)]:
            raise Refused("vacuous", "nothing satisfies all that is supposed here")

    # --- a step

    def prove(self, step: Step, rounding: bool = False) -> Proof:
        """In general if possible, else at the page's data with one side written out."""
        data = self.data_for(step)
        literal = is_literal(step.left) or is_literal(step.right)
        try:
            self._brief = bool(data) and literal
            return self.prove_general(step, {}, rounding)
        except Refused as refused:
            if not data or refused.category not in ("false", "unsupported", "undefined", "timeout"):
                raise
            general = refused
        finally:
            self._brief = False
        if not literal:
            if general.category == "false" and self._agrees(step, data):
                raise Refused(
                    "coincidence",
                    f"{self.text(step.left)} and {self.text(step.right)} agree only here",
                )
            raise general
        proof = self.prove_general(step, data, rounding)
        return Proof("at the page's data", proof.method, proof.used)

    def check_tight(self, step: Step, proof: Proof) -> None:
        """Refuse a bound where a tighter one can be proved, such as tanh(x) < 2."""
        if step.relation not in STRICT or not proof.how.startswith("for all"):
            return
        strict = replace(step, relation=STRICT[step.relation])
        if strict != step and self._holds(strict):
            raise Refused("loose", f"the two are never equal: write {strict.relation}")
        for side, other in (("left", "right"), ("right", "left")):
            bound = getattr(step, side)
            if is_literal(bound) and not is_literal(getattr(step, other)):
                tighter = self._moved(bound, inwards=(side == "left") == (step.relation in "<≤"))
                if tighter and self._holds(replace(step, **{side: tighter})):
                    raise Refused("loose", f"{self.text(bound)} is not the tightest bound")

    def _holds(self, step: Step) -> bool:
        try:
            self.prove_general(step, {}, rounding=False)
        except Refused:
            return False
        return True

    def _moved(self, bound: t.Node, inwards: bool) -> t.Node | None:
        """A literal bound, a little further up (`inwards` on the left) or down."""
        exact = Meaning(self.scope, self.source, self.domain).number(bound, Env())
        if not exact.is_Rational or exact == 0:  # above 0 is not a bound: it says positive
            return None
        value = Fraction(exact.p, exact.q)
        return t.Number(value + abs(value) / 8 if inwards else value - abs(value) / 8)

    def data_for(self, step: Step) -> dict[str, t.Node]:
        names = needed(self.scope, [step.left, step.right])
        return {name: value for name, value in self.scope.givens.items() if name in names}

    def _agrees(self, step: Step, data: dict[str, t.Node]) -> bool:
        try:
            self.refute(step, data, {})
        except Refused:
            return False
        return True

    def prove_general(self, step: Step, data: dict[str, t.Node], rounding: bool) -> Proof:
        if step.relation == "≈" or rounding:
            return self.prove_rounding(step, data)
        proofs = [self._prove_one(step, data, local) for local in self.instances(step)]
        return proofs[0]

    def _prove_one(self, step: Step, data: dict[str, t.Node], local: dict[str, Any]) -> Proof:
        seen = self._confirmed(step, data, local, 0, FEW)
        meaning = Meaning(self.scope, self.source, self.domain)
        try:
            env = self.environment(meaning, local)
            method = self.relate(step, meaning, env, data)
        except Refused as refused:
            if refused.category != "timeout":
                self._confirmed(step, data, local, FEW, POINTS)  # a counter-example says more
            raise
        if method not in DECISIVE or not seen:
            seen += self._confirmed(step, data, local, FEW, POINTS)
        if seen == 0:
            raise Refused("unsupported", f"no number could confirm {self.text(step.left)}")
        return Proof(self._how(step), method, tuple(meaning.used))

    def _confirmed(
        self, step: Step, data: dict[str, t.Node], local: dict[str, Any], first: int, last: int
    ) -> int:
        """How many of the points with these numbers confirm the step; Refused if one does not."""
        try:
            return self.refute(step, data, local, first, last)
        except Refused as refused:
            if refused.category != "false" or self._brief:
                raise
            self._complain_if_proved(step, data, local)
            message = refused.message + self._difference(step, data, local)
            raise Refused("false", message) from None

    def _complain_if_proved(
        self, step: Step, data: dict[str, t.Node], local: dict[str, Any]
    ) -> None:
        """A proof of what numbers refute means that this program is wrong somewhere."""
        meaning = Meaning(self.scope, self.source, self.domain)
        try:
            self.relate(step, meaning, self.environment(meaning, local), data, quick=True)
        except (
            Refused,
            ArithmeticError,
            ValueError,
            TypeError,
            AttributeError,
            NotImplementedError,
        ):
            return
        raise Refused(
            "witness", f"proof and numbers disagree on {self.text(step.left)} {step.relation} …"
        )

    def _difference(self, step: Step, data: dict[str, t.Node], local: dict[str, Any]) -> str:
        """left − right, if that is short enough to help."""
        meaning = Meaning(self.scope, self.source, self.domain)
        try:
            env = self.environment(meaning, local)
            left, right = (meaning.number(side, env) for side in (step.left, step.right))
            form = normal_form(meaning.reveal(left - right), meaning.domain)
        except (Refused, ArithmeticError, ValueError, TypeError, AttributeError):
            return ""
        text = _readable(sp.expand(form.expression()))
        return f"; left − right = {text}" if len(text) < 60 and not data else ""

    def _how(self, step: Step) -> str:
        variables = self.scope.variables
        names = [n for n in needed(self.scope, [step.left, step.right]) if n in variables]
        names = [n for n in variables if n in names]
        return "for all " + ", ".join(names) if names else "exactly"

    # --- free indices

    def free_indices(self, nodes: list[t.Node]) -> list[str]:
        """Undeclared names that stand only as indices: the claim is made for all values."""
        bound = {n.index.text for node in nodes for n in node.walk() if isinstance(n, t.Big)}
        found: list[str] = []
        for node in nodes:
            for part in node.walk():
                if isinstance(part, t.Subscript):
                    for index in part.indices:
                        known = not isinstance(index, t.Name) or self.scope.is_name(index.text)
                        if not known and index.text not in [*found, *bound]:
                            found.append(index.text)
        return found

    def instances(self, step: Step) -> Iterator[dict[str, Any]]:
        """The values of the free indices, or ("generic", size) for one of a letter's size."""
        sides = [step.left, step.right]
        meaning = Meaning(self.scope, self.source, self.domain)
        ranges: list[list[Any]] = []
        names = self.free_indices(sides)
        for name in names:
            size = None
            for side in sides:
                size = size or meaning.range_of(name, side, Env())
            if size is None:
                ranges.append([("whole",)])
            elif size.is_Integer:
                ranges.append([Fraction(k) for k in range(1, int(size) + 1)])
            else:
                ranges.append([("generic", size)])
        combinations = list(product(*ranges))
        if len(combinations) > MOST_INDICES:
            raise Refused("unsupported", "too many values of the indices")
        for values in combinations:
            yield dict(zip(names, values, strict=True))

    def environment(self, meaning: Meaning, local: dict[str, Any]) -> Env:
        env = Env()
        for name, value in local.items():
            if isinstance(value, Fraction):
                env = env.bind(name, sp.Integer(int(value)))
                continue
            positive = {"positive": True} if value[0] == "generic" else {}
            symbol = sp.Symbol(name, integer=True, **positive)
            env = env.bind(name, symbol)
            if value[0] == "generic":
                meaning.domain = meaning.domain.assume(symbol - 1, "≥").assume(
                    value[1] - symbol, "≥"
                )
        return env

    # --- numbers first

    def refute(
        self,
        step: Step,
        data: dict[str, t.Node],
        local: dict[str, Any],
        first: int = 0,
        last: int = POINTS,
    ) -> int:
        """How many points confirm the step; Refused("false") at a point where it fails."""
        sides = [step.left, step.right]
        names = needed(self.scope, sides)
        drawn = points(self.scope, names | self._sizes(local), self.domain, POINTS)
        if not drawn:
            raise Refused("vacuous", "no point of the domain could be found to try the claim at")
        confirmed = 0
        if names <= data.keys() and not self._sizes(local):
            drawn = drawn[:1]  # they are all the same
        for point in drawn[first:last]:
            point = self._with_data(point, data)
            for indices in self._indices_at(local, point):
                try:
                    left, right = (self._value(side, point, indices) for side in sides)
                except NoValue as none:
                    if none.undefined:
                        where = self._where(point, indices, sides)
                        raise Refused("undefined", f"not defined{where}: {none.reason}") from None
                    continue
                confirmed += self._compared(left, step, right, point, indices)
        return confirmed

    def _value(self, side: t.Node, point: dict[str, Any], indices: dict[str, Fraction]) -> Any:
        """The number that a side is; the middle of a chain is computed once."""
        key = (id(side), str(point), str(indices))
        if key not in self._values:
            witness = Witness(self.scope, {**point, **indices})
            self._values[key] = side, witness.value(side)  # the side keeps its id
        return self._values[key][1]

    def _sizes(self, local: dict[str, Any]) -> set[str]:
        return {
            str(s) for value in local.values() if isinstance(value, tuple) and value[0] == "generic"
            for s in value[1].free_symbols
        }  # fmt: skip

    def _indices_at(
        self, local: dict[str, Any], point: dict[str, Any]
    ) -> Iterator[dict[str, Fraction]]:
        ranges: list[list[Fraction]] = []
        for value in local.values():
            if isinstance(value, Fraction):
                ranges.append([value])
            elif value[0] == "whole":
                ranges.append([Fraction(2), Fraction(5)])
            else:
                values = {s: sp.Integer(int(point[str(s)])) for s in value[1].free_symbols}
                size = int(value[1].xreplace(values))
                ranges.append([Fraction(k) for k in range(1, size + 1)])
        for values in product(*ranges):
            yield dict(zip(local, values, strict=True))

    def _with_data(self, point: dict[str, Any], data: dict[str, t.Node]) -> dict[str, Any]:
        point = dict(point)
        for name, value in data.items():
            found = Witness(self.scope, point).value(value)
            variable = self.scope.variable(name)
            if isinstance(found, tuple) and variable is not None and variable.shape:
                found = column(list(found))
            point[name] = found
        return point

    def _compared(
        self, left: Any, step: Step, right: Any, point: dict[str, Any], indices: dict[str, Fraction]
    ) -> int:
        where = self._where(point, indices, [step.left, step.right])
        pairs = _pairs(left, right)
        if pairs is None:
            raise Refused("false", f"the shapes differ: {_shown(left)} and {_shown(right)}{where}")
        undecided = 0
        for a, b in pairs:
            with mp.workdps(DIGITS):
                result = compare(a, step.relation, b)
            if result == "false":
                raise Refused("false", f"left {_shown(a)}, right {_shown(b)}{where}")
            undecided += result == "undecided"
        return 0 if undecided else 1

    def _where(
        self, point: dict[str, Any], indices: dict[str, Fraction], sides: list[t.Node]
    ) -> str:
        names = (
            set(indices).union(*(free_names(self.scope, side) for side in sides)) if sides else None
        )
        shown = [
            f"{name} = {_shown(value)}"
            for name, value in {**indices, **point}.items()
            if not callable(value) and (names is None or name in names)
        ]
        return " at " + ", ".join(shown) if shown else ""

    # --- then algebra

    def relate(
        self, step: Step, meaning: Meaning, env: Env, data: dict[str, t.Node], quick: bool = False
    ) -> str:
        """The method by which the step is proved; Refused if it is not."""
        for side in (step.left, step.right):
            if isinstance(side, t.Extreme):
                return self._extreme(step, side, meaning, env)
        infinite = self._infinite(step, meaning, env)
        if infinite:
            return infinite
        left, right = meaning.of(step.left, env), meaning.of(step.right, env)
        put = self._substitution(meaning, data)
        pairs = list(self._entries(left, right, step, meaning))
        pairs = [(put(meaning.reveal(a)), put(meaning.reveal(b))) for a, b in pairs]
        if not data:
            self._same_bodies(step, meaning, env)
        self.defined(meaning, put)
        methods = {self.compare(a, step, b, meaning.domain, quick) for a, b in pairs}
        return max(methods, key=_rank) if methods else "nothing to prove"

    def _infinite(self, step: Step, meaning: Meaning, env: Env) -> str:
        """A limit that is infinite; ∞ is equal to nothing else."""
        sides = (step.left, step.right)
        if not any(_is_infinity(side) for side in sides):
            return ""
        for side, other in (sides, sides[::-1]):
            if _is_infinity(other) and isinstance(side, t.Limit) and step.relation == "=":
                if meaning.of(side, env) == meaning.of(other, env):
                    self.defined(meaning, lambda e: e)
                    return "limit"
                raise Refused("false", f"the limit is not {self.text(other)}")
        raise Refused("undefined", "∞ is not a number; only a limit may be ∞")

    def _substitution(self, meaning: Meaning, data: dict[str, t.Node]) -> Any:
        if not data:
            return lambda e: e
        pairs: dict[Any, Any] = {}
        for name, node in data.items():
            variable = self.scope.variable(name)
            symbol = meaning.variable(variable, Env())
            value = meaning.of(node, Env())
            pairs.update(_matching(symbol, value, name))
        return lambda e: e.xreplace(pairs)

    def _entries(
        self, left: Value, right: Value, step: Step, meaning: Meaning
    ) -> Iterator[tuple[sp.Expr, sp.Expr]]:
        if isinstance(left, sp.Expr) and isinstance(right, sp.Expr):
            yield left, right
            return
        if step.relation not in ("=", "≈"):
            raise Refused("unsupported", f"{step.relation} between vectors")
        if isinstance(left, tuple) and isinstance(right, tuple):
            if len(left) != len(right):
                raise Refused(
                    "false", f"{len(left)} numbers on the left, {len(right)} on the right"
                )
            yield from zip(left, right, strict=True)
            return
        if not isinstance(left, Array) or not isinstance(right, Array):
            raise Refused("false", "a number, a column and a tuple are different things")
        if any(sp.expand(a - b) != 0 for a, b in zip(left.shape, right.shape, strict=True)):
            shapes = " and ".join(f"{a.rows} × {a.cols}" for a in (left, right))
            raise Refused("false", f"the shapes differ: {shapes}")
        if left.is_concrete and right.is_concrete:
            for i, j in left.places():
                yield left.entry(i, j), right.entry(i, j)
            return
        places = []
        for size in left.shape:
            places.append(sp.Integer(1) if size == 1 else meaning._index(sp.Integer(1), size))
        yield left.entry(*places), right.entry(*places)

    def _same_bodies(self, step: Step, meaning: Meaning, env: Env) -> None:
        """Derivatives, limits and values of the same kind: what they are taken of must agree."""
        left, right = as_derivative(step.left), as_derivative(step.right)
        if type(left) is not type(right):
            return
        if isinstance(left, t.Derivative) and isinstance(right, t.Derivative):
            if left.variables == right.variables:
                self._agree(left.body, right.body, meaning, env)
        elif isinstance(left, t.Bar) and isinstance(right, t.Bar):
            if left.bindings == right.bindings:
                self._agree(left.body, right.body, meaning, env)
        elif isinstance(left, t.Limit) and isinstance(right, t.Limit):
            self._limits_agree(left, right, meaning, env)

    def _agree(self, left: t.Node, right: t.Node, meaning: Meaning, env: Env) -> None:
        inner = Meaning(self.scope, self.source, meaning.domain)
        values = inner.of(left, env), inner.of(right, env)
        for a, b in self._entries(*values, Step(left, "=", right), inner):
            try:
                self.compare(inner.reveal(a), Step(left, "=", right), inner.reveal(b), inner.domain)
            except Refused:
                message = f"{self.text(left)} and {self.text(right)} are not the same"
                raise Refused("coincidence", message) from None

    def _limits_agree(self, left: t.Limit, right: t.Limit, meaning: Meaning, env: Env) -> None:
        if left.target != right.target or left.side != right.side:
            raise Refused("coincidence", "two limits at different places that happen to agree")
        renamed = right if left.variable == right.variable else None
        if renamed is None:
            raise Refused("unsupported", "limits with different variables")
        inner = Meaning(self.scope, self.source, meaning.domain)
        (first, small), (second, other) = inner.limit_body(left, env), inner.limit_body(right, env)
        for a, b in zip(first, second, strict=True):
            from .limits import settle

            a = settle(a, small, inner.domain)
            b = settle(b.subs(other, small), small, inner.domain)
            if not normal_form(a - b, inner.domain).is_zero:
                message = f"{self.text(left.body)} and {self.text(right.body)} are not the same"
                raise Refused("coincidence", message)

    # --- definedness

    def defined(self, meaning: Meaning, put: Any) -> None:
        """Every condition must hold on the whole domain."""
        done: set[Condition] = set()
        for condition in meaning.conditions:
            if condition in done:
                continue
            done.add(condition)
            domain = meaning.domain
            for wall, relation in condition.guard:
                domain = domain.assume(put(wall), relation)
            if domain.impossible:
                continue
            if not self._condition(put(meaning.reveal(condition.expression)), condition, domain):
                need = {"≠": "not 0", ">": "positive", "≥": "not negative", "=": "0"}[
                    condition.need
                ]
                what = self.text(condition.node)
                raise Refused(
                    "undefined",
                    f"{what} may be undefined: {_readable(condition.expression)} must be {need}",
                )

    def _condition(self, expression: sp.Expr, condition: Condition, domain: Domain) -> bool:
        if condition.near is not None and expression.has(condition.near[0]):
            return near_is_defined(expression, condition.need, condition.near[0], domain)
        for region, (part,) in regions([expression], domain):
            found = sign(part, region)
            fine = {
                "≠": found in ("<", ">") or is_nonzero(part, region),
                ">": found == ">",
                "≥": found in (">", "≥", "="),
                "=": found == "=",
            }[condition.need]
            if not fine:
                return False
        return True

    # --- comparing two numbers

    def compare(
        self, left: sp.Expr, step: Step, right: sp.Expr, domain: Domain, quick: bool = False
    ) -> str:
        if left.has(sp.oo, -sp.oo) or right.has(sp.oo, -sp.oo):
            raise Refused("undefined", "∞ is not a number; only a limit may be ∞")
        if left == right and step.relation in "=≤≥" and not left.has(Choose, UNDEFINED):
            return "identical"
        methods = {
            self._compare_in(a, step, b, region, quick)
            for region, (a, b) in regions([left, right], domain)
        }
        return max(methods, key=_rank) if methods else "no case"

    def _compare_in(
        self, left: sp.Expr, step: Step, right: sp.Expr, domain: Domain, quick: bool
    ) -> str:
        if left.has(UNDEFINED) or right.has(UNDEFINED):
            raise Refused(
                "undefined", "some value of the domain falls into no case, or on a corner"
            )
        difference = left - right
        if step.relation == "=":
            return self._zero(difference, step, domain, quick)
        wanted = {"<": "<", ">": ">", "≤": "<≤=", "≥": ">≥=", "≠": "<>"}[step.relation]
        found = sign(difference, domain, enough=wanted)
        if found and found in wanted:
            return "sign"
        if step.relation == "≠" and is_nonzero(difference, domain):
            return "sign"
        raise Refused(
            "unsupported",
            f"could not prove {self.text(step.left)} {step.relation} {self.text(step.right)}",
        )

    def _zero(self, difference: sp.Expr, step: Step, domain: Domain, quick: bool) -> str:
        difference = domain.at(difference)
        if difference == 0:
            return "identical"
        form = normal_form(difference, domain)
        if form.is_zero:
            return "normal form"
        rest = f"left − right = {_readable(form.expression())}"
        if not form.expression().free_symbols and sign(difference, domain) in ("<", ">"):
            raise Refused("false", f"{self.text(step.left)} is not {self.text(step.right)}: {rest}")
        if not quick and self._simplifies(form.expression()):
            return "simplify"
        raise Refused(
            "unsupported",
            f"could not prove {self.text(step.left)} = {self.text(step.right)}; {rest}",
        )

    def _simplifies(self, difference: sp.Expr) -> bool:
        if difference.has(sp.Sum) or _is_polynomial(difference):
            return False  # the normal form has decided
        return heavy("simplify", difference) == 0

    # --- roundings

    def prove_rounding(self, step: Step, data: dict[str, t.Node]) -> Proof:
        """A printed decimal is a rounding of the other side to the digits shown."""
        meaning = Meaning(self.scope, self.source, self.domain)
        numeral, exact = step.right, step.left
        if None in _places(numeral):
            numeral, exact = exact, numeral
        shown, value = meaning.of(numeral, Env()), meaning.of(exact, Env())
        put = self._substitution(meaning, data)
        places = list(_places(numeral))
        pairs = list(self._entries(value, shown, Step(exact, "≈", numeral), meaning))
        if len(places) != len(pairs) or None in places:
            raise Refused("unsupported", "after ≈ write numerals only")
        self.defined(meaning, put)
        for (a, b), digits in zip(pairs, places, strict=True):
            self._rounds(put(meaning.reveal(a)), b, digits or 0, meaning.domain)
        self._witness_rounding(numeral, exact, places, data)
        return Proof("to the digits shown", "interval", tuple(meaning.used))

    def _rounds(self, value: sp.Expr, shown: sp.Expr, digits: int, domain: Domain) -> None:
        found = [domain.at(part) for _, (part,) in regions([value], domain)]
        for part in found:
            if part.free_symbols:
                raise Refused("unsupported", "only a number can be rounded")
            interval = enclose(part - shown)
            half = sp.Rational(1, 2 * 10**digits)
            if interval is None:
                raise Refused("unsupported", "a value that cannot be enclosed")
            if sign(half - (part - shown), domain) not in (">", "≥", "=") or sign(
                half + (part - shown), domain
            ) not in (">", "≥", "="):
                nearest = sp.N(part, 20)
                raise Refused(
                    "false",
                    f"the value is {nearest}, which does not round to {_decimal(shown, digits)}",
                )

    def _witness_rounding(
        self, numeral: t.Node, exact: t.Node, places: list[int | None], data: dict[str, t.Node]
    ) -> None:
        point = self._with_data({}, data)
        try:
            witness = Witness(self.scope, point)
            pairs = _pairs(witness.value(exact), witness.value(numeral))
        except NoValue as none:
            raise Refused("witness", f"no number confirms the rounding: {none.reason}") from None
        with mp.workdps(DIGITS):
            for (a, b), digits in zip(pairs or [], places, strict=True):
                if abs(a - b) > mp.mpf(10) ** -(digits or 0) / 2 * (1 + mp.mpf(10) ** -20):
                    raise Refused("witness", "proof and numbers disagree on a rounding")

    # --- largest and smallest values

    def _extreme(self, step: Step, side: t.Extreme, meaning: Meaning, env: Env) -> str:
        """A bound that holds everywhere and is attained."""
        other = step.right if side is step.left else step.left
        if step.relation != "=":
            raise Refused("unsupported", "a maximum can only be said to equal something")
        symbol = meaning.fresh("x")
        meaning.domain = self._extreme_domain(side, symbol, meaning, env)
        value = meaning.number(other, env)
        body = meaning.number(
            side.body, env.bind(side.variable.text, symbol).hide(side.variable.text, symbol)
        )
        self.defined(meaning, lambda e: e)
        if side.kind.startswith("arg"):
            return self._place_of_extreme(side, body, symbol, value, meaning)
        turn = 1 if side.kind == "max" else -1
        for region, (gap,) in regions([turn * (value - body)], meaning.domain):
            if sign(gap, region) not in (">", "≥", "="):
                raise Refused("unsupported", f"could not prove that {self.text(other)} is a bound")
        for place in self._candidates(body, value, symbol, meaning.domain):
            try:
                if self.compare(
                    body.subs(symbol, place), Step(side, "=", other), value, meaning.domain
                ):
                    return "a bound that is attained"
            except Refused:
                continue
        raise Refused(
            "false", f"{self.text(other)} is a bound, but it was not found to be attained"
        )

    def _extreme_domain(
        self, side: t.Extreme, symbol: sp.Symbol, meaning: Meaning, env: Env
    ) -> Domain:
        domain = meaning.domain
        if isinstance(side.domain, t.Interval):
            for end, turn, is_open in (
                (side.domain.lower, 1, side.domain.lower_open),
                (side.domain.upper, -1, side.domain.upper_open),
            ):
                value = meaning.of(end, env)
                if value not in (sp.oo, -sp.oo):
                    domain = domain.assume(turn * (symbol - value), ">" if is_open else "≥")
            return domain
        if (
            isinstance(side.domain, t.Blackboard)
            and side.domain.letter == "R"
            and not side.domain.shape
        ):
            return domain
        raise Refused(
            "unsupported", "a maximum over a set that is no interval; write x \\in \\mathbb{R}"
        )

    def _place_of_extreme(
        self, side: t.Extreme, body: sp.Expr, symbol: sp.Symbol, place: sp.Expr, meaning: Meaning
    ) -> str:
        turn = 1 if side.kind == "argmax" else -1
        bounds = meaning.domain.of(symbol)
        if not (bounds.lower <= place <= bounds.upper) or place in (
            bounds.lower if bounds.lower_open else None, bounds.upper if bounds.upper_open else None
        ):  # fmt: skip
            raise Refused("false", f"{_readable(place)} is outside the domain")
        best = body.subs(symbol, place)
        for relation in "<>":
            domain = meaning.domain.assume(symbol - place, relation)
            if domain.impossible:
                continue
            for region, (gap,) in regions([turn * (best - body)], domain):
                if sign(gap, region) != ">":
                    raise Refused("unsupported", "could not prove that this is the only such place")
        return "larger than everywhere else"

    def _candidates(
        self, body: sp.Expr, value: sp.Expr, symbol: sp.Symbol, domain: Domain
    ) -> Iterator[sp.Expr]:
        """Places where the extreme may be attained: simple ones, ends, roots of the difference."""
        bounds = domain.of(symbol)
        tried = [sp.Integer(0), sp.Integer(1), sp.Integer(-1), sp.Rational(1, 2), sp.Integer(2)]
        tried += [end for end in (bounds.lower, bounds.upper) if end.is_finite]
        for part, _ in [(choice.args[0], 0) for choice in body.atoms(Choose)]:
            tried += _roots(part, symbol)
        if not body.has(Choose):
            tried += _roots(value - body, symbol)
        for place in tried:
            inside = bounds.lower <= place <= bounds.upper
            at_open = (place == bounds.lower and bounds.lower_open) or (
                place == bounds.upper and bounds.upper_open
            )
            if inside and not at_open:
                yield place


def base_domain(scope: Scope) -> Domain:
    """The domain of the declared names, from what is supposed of them."""
    key = ("domain",)
    if key not in scope.cache:
        scope.cache[key] = _base_domain(scope)
    return scope.cache[key]


def _base_domain(scope: Scope) -> Domain:
    domain = Domain()
    for hypothesis in scope.hypotheses:
        meaning = Meaning(scope, "", domain)
        if not isinstance(hypothesis, t.Chain):
            raise Refused("unsupported", "only relations can be supposed")
        sides = [meaning.number(side, Env()) for side in hypothesis.sides]
        for left, relation, right in zip(sides, hypothesis.relations, sides[1:], strict=False):
            if relation not in REVERSED or relation == "≈":
                raise Refused("unsupported", f"{relation} cannot be supposed")
            if (left - right).has(Choose):
                raise Refused("unsupported", "cases cannot be supposed")
            domain = domain.assume(left - right, relation)
    return domain


def regions(expressions: list[sp.Expr], domain: Domain) -> Iterator[tuple[Domain, list[sp.Expr]]]:
    """The parts of a domain on which no case is open, with the expressions as they are there."""
    budget = [MOST_REGIONS]
    yield from _regions([sp.sympify(e) for e in expressions], domain, budget)


def _regions(
    expressions: list[sp.Expr], domain: Domain, budget: list[int]
) -> Iterator[tuple[Domain, list[sp.Expr]]]:
    expressions = [_split_absolute(domain.at(e)) for e in expressions]
    choices = {c for e in expressions for c in e.atoms(Choose) if not c.args[0].has(Choose)}
    if not choices:
        yield domain, expressions
        return
    wall = min((c.args[0] for c in choices), key=lambda w: (sp.count_ops(w), str(w)))
    found = sign(wall, domain)
    for place, relation in enumerate("<=>"):
        if found in ("<", "=", ">") and found != relation:
            continue
        if (found == "≥" and relation == "<") or (found == "≤" and relation == ">"):
            continue
        budget[0] -= 1
        if budget[0] < 0:
            raise Refused("unsupported", "too many cases")
        inner = domain if found == relation else domain.assume(wall, relation)
        if inner.impossible:
            continue
        replaced = {c: c.args[place + 1] for c in choices if c.args[0] == wall}
        yield from _regions([e.xreplace(replaced) for e in expressions], inner, budget)


def _split_absolute(e: sp.Expr) -> sp.Expr:
    return e.replace(sp.Abs, lambda x: Choose(x, -x, sp.Integer(0), x)) if e.has(sp.Abs) else e


def as_derivative(node: t.Node) -> t.Node:
    """f'(x) is the derivative of f(x) by x."""
    if isinstance(node, t.Call) and isinstance(node.function, t.Prime) and len(node.arguments) == 1:
        argument = node.arguments[0]
        if isinstance(argument, t.Name):
            body = t.Call(node.function.function, node.arguments, span=node.span)
            return t.Derivative(body, (argument,) * node.function.order, False, span=node.span)
    return node


def is_literal(node: t.Node) -> bool:
    """Is everything in it written out, with no name but those of constants and known functions?"""
    names = {part.text for part in node.walk() if isinstance(part, t.Name)}
    return all(name in ("e", "\\pi", "T") or (name.startswith("\\") and name[1:] in (
        "ln", "log", "exp", "max", "min", "sin", "cos", "tan", "tanh", "sinh", "cosh", "det"
    )) for name in names)  # fmt: skip


def _is_infinity(node: t.Node) -> bool:
    if isinstance(node, t.Negate):
        node = node.body
    return isinstance(node, t.Infinity)


def _matching(symbol: Value, value: Value, name: str) -> dict[sp.Expr, sp.Expr]:
    one = sp.Integer(1)
    if isinstance(symbol, Array):
        if isinstance(value, tuple):
            value = Array.of([[item] for item in value])
        if not isinstance(value, Array) or not value.is_concrete:
            raise Refused("undefined", f"the value given for {name} has the wrong shape")
        if symbol.is_concrete and symbol.shape != value.shape:
            raise Refused("undefined", f"the value given for {name} has the wrong shape")
        pairs = {symbol.entry(i, j): value.entry(i, j) for i, j in value.places()}
        if not symbol.is_concrete:
            raise Refused("unsupported", f"{name} has no fixed size, so it cannot be given a value")
        return pairs
    if isinstance(value, Array | tuple):
        raise Refused("undefined", f"the value given for {name} is no number")
    del one
    return {symbol: value}


def _pairs(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    left, right = unwrapped(left), unwrapped(right)
    if isinstance(left, Grid) and isinstance(right, Grid):
        if left.shape != right.shape:
            return None
        return [
            pair
            for r, s in zip(left.rows, right.rows, strict=True)
            for pair in zip(r, s, strict=True)
        ]
    if isinstance(left, tuple) and isinstance(right, tuple):
        return list(zip(left, right, strict=True)) if len(left) == len(right) else None
    if isinstance(left, Grid | tuple) or isinstance(right, Grid | tuple):
        return None
    return [(left, right)]


def _shown(value: Any) -> str:
    if isinstance(value, Grid):
        return "(" + "; ".join(", ".join(_shown(item) for item in row) for row in value.rows) + ")"
    if isinstance(value, tuple):
        return "(" + ", ".join(_shown(item) for item in value) + ")"
    if isinstance(value, Fraction):
        return str(value)
    with mp.workdps(25):
        text = str(mp.nstr(value, 12))
    return text.removesuffix(".0")


def _readable(e: sp.Expr) -> str:
    text = str(e).replace("**", "^").replace("°", "")
    return text if len(text) < 120 else text[:117] + "..."


def _decimal(value: sp.Expr, digits: int) -> str:
    return f"{float(value):.{digits}f}"


def _places(node: t.Node) -> Iterator[int | None]:
    """The number of decimals of each numeral of a number, column or tuple; None for all else."""
    if isinstance(node, t.Number):
        yield node.places or 0
    elif isinstance(node, t.Negate):
        yield from _places(node.body)
    elif isinstance(node, t.Matrix):
        for row in node.rows:
            for item in row:
                yield from _places(item)
    elif isinstance(node, t.Tuple):
        for item in node.items:
            yield from _places(item)
    elif isinstance(node, t.Transpose):
        yield from _places(node.body)
    else:
        yield None


def _is_polynomial(e: sp.Expr) -> bool:
    symbols = e.free_symbols
    return bool(symbols) and e.is_rational_function(*symbols) and not e.has(sp.Function)


def _roots(e: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    """Simple roots, of a polynomial in the symbol or in e to it."""
    try:
        form = normal_form(e, Domain())
    except Refused:
        return []
    used = [g for g, meant in form.meaning.items() if meant.has(symbol)]
    if max(form.numerator.degrees(), default=0) > 4:
        return []
    if len(used) != 1 or len(form.numerator.ring.symbols) != 1:
        return []
    roots = [r for r in sp.roots(form.numerator.as_expr(), used[0]) if r.is_real]
    meant = form.meaning[used[0]]
    if meant == symbol:
        return roots
    if isinstance(meant, sp.exp) and (meant.args[0] / symbol).is_Rational:
        return [sp.log(r) * symbol / meant.args[0] for r in roots if r.is_positive]
    return []


def _rank(method: str) -> int:
    order = ("identical", "no case", "normal form", "sign", "limit", "interval", "simplify")
    return order.index(method) if method in order else len(order)


__all__ = ["Proof", "Prover", "Step", "variable_value"]
