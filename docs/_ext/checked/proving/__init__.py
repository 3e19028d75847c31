"""Proves one step, left relation right, cheapest method first; or says at which point it fails."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy as sp

from .. import tree as t
from ..errors import Refused
from ..meaning import Env, Meaning
from ..normal import normal_form
from ..sampling import needed, points
from ..scope import Scope
from .data import Data, data_for
from .deciding import readable
from .indices import Indices, environment, instances
from .regions import base_domain
from .relating import relate
from .rounding import prove_rounding
from .steps import Proof, Step, is_literal
from .trying import POINTS, Trials

FEW = 3  # points are enough beside a proof by a method that decides
DECISIVE = ("identical", "normal form")
STRICT = {"<": "<", "≤": "<", ">": ">", "≥": ">"}


class Prover:
    """Proves steps of one formula in one scope."""

    def __init__(self, scope: Scope, source: str) -> None:
        self.scope = scope
        self.source = source
        self.domain = base_domain(scope)
        self._trials = Trials(scope, self.domain)
        self._brief = False  # is a counter-example of no interest, as data comes next?
        self._check_supposed()

    def text(self, node: t.Node) -> str:
        return self.source[slice(*node.span)].strip()

    def meaning(self) -> Meaning:
        """A meaning that has gathered nothing yet."""
        return Meaning(self.scope, self.source, self.domain)

    def _check_supposed(self) -> None:
        """What is supposed must be possible, or everything would follow from it."""
        if ("possible",) not in self.scope.cache:
            supposed = needed(self.scope, self.scope.hypotheses)
            possible = not self.domain.impossible and bool(
                not self.scope.hypotheses or points(self.scope, supposed, self.domain, 1)
            )
            self.scope.cache[("possible",)] = possible
        if not self.scope.cache[("possible",)]:
            raise Refused("vacuous", "nothing satisfies all that is supposed here")

    # --- a step, in general or at the data

    def prove(self, step: Step, rounding: bool = False) -> Proof:
        """In general if possible, else at the page's data with one side written out."""
        data = data_for(self.scope, step.left, step.right)
        literal = is_literal(step.left) or is_literal(step.right)
        try:
            self._brief = bool(data) and literal
            return self._prove_at(step, {}, rounding)
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
        proof = self._prove_at(step, data, rounding)
        return Proof("at the page's data", proof.method, proof.used)

    def _agrees(self, step: Step, data: Data) -> bool:
        try:
            self._trials.refute(step, data, {})
        except Refused:
            return False
        return True

    def _prove_at(self, step: Step, data: Data, rounding: bool = False) -> Proof:
        if step.relation == "≈" or rounding:
            return prove_rounding(step, self.meaning(), data)
        proofs = [self._prove_one(step, data, local) for local in instances(step, self.meaning())]
        return proofs[0]

    def _prove_one(self, step: Step, data: Data, indices: Indices) -> Proof:
        """Some points first, then algebra, then more points."""
        seen = self._confirmed(step, data, indices, 0, FEW)
        meaning = self.meaning()
        try:
            method = relate(step, meaning, environment(indices, meaning), data)
        except Refused as refused:
            if refused.category != "timeout":
                self._confirmed(step, data, indices, FEW, POINTS)  # a counter-example says more
            raise
        if method not in DECISIVE or not seen:
            seen += self._confirmed(step, data, indices, FEW, POINTS)
        if seen == 0:
            raise Refused("unsupported", f"no number could confirm {self.text(step.left)}")
        return Proof(self._how(step), method, tuple(meaning.used))

    def _how(self, step: Step) -> str:
        names = needed(self.scope, [step.left, step.right])
        names_in_order = [name for name in self.scope.variables if name in names]
        return "for all " + ", ".join(names_in_order) if names_in_order else "exactly"

    # --- at points

    def _confirmed(self, step: Step, data: Data, indices: Indices, first: int, last: int) -> int:
        """How many of the points with these numbers confirm the step; Refused if one does not."""
        try:
            return self._trials.refute(step, data, indices, first, last)
        except Refused as refused:
            if refused.category != "false" or self._brief:
                raise
            self._complain_if_proved(step, data, indices)
            difference = "" if data else self._difference(step, indices)
            raise Refused("false", refused.message + difference) from None

    def _complain_if_proved(self, step: Step, data: Data, indices: Indices) -> None:
        """A proof of what numbers refute means that this program is wrong somewhere."""
        meaning = self.meaning()
        try:
            relate(step, meaning, environment(indices, meaning), data, quick=True)
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

    def _difference(self, step: Step, indices: Indices) -> str:
        """left − right, if that is short enough to help."""
        meaning = self.meaning()
        try:
            env = environment(indices, meaning)
            left, right = (meaning.number(side, env) for side in (step.left, step.right))
            form = normal_form(meaning.reveal(left - right), meaning.domain)
        except (Refused, ArithmeticError, ValueError, TypeError, AttributeError):
            return ""
        text = readable(sp.expand(form.expression()))
        return f"; left − right = {text}" if len(text) < 60 else ""

    # --- bounds

    def check_tight(self, step: Step, proof: Proof) -> None:
        """Refuse a bound where a tighter one can be proved, such as tanh(x) < 2."""
        if step.relation not in STRICT or not proof.how.startswith("for all"):
            return
        strict = replace(step, relation=STRICT[step.relation])
        if strict != step and self._holds(strict):
            raise Refused("loose", f"the two are never equal: write {strict.relation}")
        rising = step.relation in "<≤"
        if is_literal(step.left) and not is_literal(step.right):
            tighter = self._moved(step.left, up=rising)
            if tighter and self._holds(replace(step, left=tighter)):
                raise Refused("loose", f"{self.text(step.left)} is not the tightest bound")
        if is_literal(step.right) and not is_literal(step.left):
            tighter = self._moved(step.right, up=not rising)
            if tighter and self._holds(replace(step, right=tighter)):
                raise Refused("loose", f"{self.text(step.right)} is not the tightest bound")

    def _holds(self, step: Step) -> bool:
        try:
            self._prove_at(step, {})
        except Refused:
            return False
        return True

    def _moved(self, bound: t.Node, up: bool) -> t.Node | None:
        """A literal bound, a little further up or down."""
        exact = self.meaning().number(bound, Env())
        if not exact.is_Rational or exact == 0:  # above 0 is not a bound: it says positive
            return None
        value = Fraction(exact.p, exact.q)
        return t.Number(value + abs(value) / 8 if up else value - abs(value) / 8)


__all__ = ["Proof", "Prover", "Step", "is_literal"]
