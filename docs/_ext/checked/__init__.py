"""Checked mathematics: LaTeX formulas that are proved, step by step, or refused with the reason.

scope = Scope()                            # one page
scope.declare("x")
check(scope, r"\\sigma(x) = \\frac{1}{1 + e^{-x}}", kind="define")
check(scope, r"\\sigma'(x) = \\sigma(x)(1 - \\sigma(x))", kind="claim").ok
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import tree as t
from .comparing import compare_with_code
from .defining import called_name, check_body, definition_of, give, is_built_in
from .errors import CATEGORIES, Refused, failed
from .implying import prove_implication
from .kernels import Array
from .meaning import Env
from .proving import Proof, Prover, Step, is_literal
from .proving.definedness import check_defined
from .scope import CONSTANTS, Scope
from .worker import DEFAULT_LIMIT, clock, stop

_one_at_a_time = threading.Lock()  # mpmath keeps its precision in one place for all threads
KINDS = ("claim", "define", "given", "number", "mention")


@dataclass(frozen=True)
class StepVerdict:
    """One proved step: its two sides as written, and how far and by what it was proved."""

    left: str
    relation: str
    right: str
    how: str
    method: str
    used: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What became of a formula. `shown` is what to print; failures have a message."""

    ok: bool
    kind: str
    latex: str
    steps: tuple[StepVerdict, ...] = ()
    category: str = ""
    message: str = ""
    shown: str = ""


def check(
    scope: Scope,
    latex: str,
    *,
    kind: str = "claim",
    code: Callable[..., Any] | None = None,
    time_limit: float = DEFAULT_LIMIT,
) -> Verdict:
    """Check one formula. `kind`:

    claim:   every step of the chain must hold for all declared values, or at the data given.
    define:  the first name is introduced; with `code`, its values are compared with the formula.
    given:   `x = 3` is data until the section ends.
    number:  `18 = term`: the term has this value at the data; decimals are roundings of it.
    mention: a name, or a piece of a formula that is checked somewhere on the page.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    with _one_at_a_time:
        return _checked(scope, latex, kind, code, time_limit)


def _checked(
    scope: Scope, latex: str, kind: str, code: Callable[..., Any] | None, time_limit: float
) -> Verdict:
    try:
        with clock(time_limit):
            steps = _CHECKS[kind](scope, latex, code)
    except Refused as refused:
        return Verdict(False, kind, latex, (), refused.category, refused.message)
    except Exception as error:  # noqa: BLE001 - whatever slips, the build goes on
        failure = failed(error)
        return Verdict(False, kind, latex, (), failure.category, failure.message)
    shown = steps[0].left if kind == "number" and steps else latex
    return Verdict(True, kind, latex, tuple(steps), shown=shown)


def remember(scope: Scope, latex: str, *, kind: str = "claim") -> None:
    """Make the parts of a formula known to mentions that stand before it on the page."""
    try:
        scope.remember(scope.read(latex, called_name(latex) if kind == "define" else ()))
    except Refused:
        return  # it will be refused where it stands


def _claim(scope: Scope, latex: str, code: object) -> list[StepVerdict]:
    node = scope.read(latex)
    steps = _prove(scope, latex, node)
    scope.remember(node)
    return steps


def _prove(scope: Scope, latex: str, node: t.Node) -> list[StepVerdict]:
    prover = Prover(scope, latex)
    if isinstance(node, t.Chain):
        return _prove_chain(prover, node)
    if isinstance(node, t.Together):
        return [step for part in node.parts_ for step in _prove(scope, latex, part)]
    if isinstance(node, t.Implication):
        pairs = zip(node.parts_, node.arrows, node.parts_[1:], strict=False)
        return [_arrow(prover, *pair) for pair in pairs]
    if isinstance(node, t.Membership):
        return [_membership(prover, item, node) for item in node.items]
    raise Refused("unsupported", "a claim is a relation; to mention a term use kind 'mention'")


def _arrow(prover: Prover, premise: t.Node, arrow: str, conclusion: t.Node) -> StepVerdict:
    proof = prove_implication(prover, premise, arrow, conclusion)
    sign = {"IMPLIES": "⟹", "IFF": "⟺"}[arrow]
    return _verdict(prover, premise, sign, conclusion, proof)


def _prove_chain(prover: Prover, chain: t.Chain) -> list[StepVerdict]:
    steps = []
    count = len(chain.relations)
    for place, relation in enumerate(chain.relations):
        step = Step(chain.sides[place], relation, chain.sides[place + 1])
        try:
            proof = prover.prove(step)
            prover.check_tight(step, proof)
        except Refused as refused:
            raise _numbered(refused, place, count) from None
        steps.append(_verdict(prover, step.left, relation, step.right, proof))
    _only_one_way(chain, steps)
    return steps


def _only_one_way(chain: t.Chain, steps: list[StepVerdict]) -> None:
    """Refuse `x^2 = 9 = 3x` at x = 3: two terms that agree only through a number."""
    reached = False  # has a number been reached at the data?
    for place, step in enumerate(steps):
        at_data = step.how == "at the page's data"
        if reached and at_data and not is_literal(chain.sides[place + 1]):
            raise Refused("coincidence", f"{step.right} agrees with the other terms only here")
        reached = reached or (at_data and is_literal(chain.sides[place + 1]))


def _numbered(refused: Refused, place: int, count: int) -> Refused:
    which = "the step" if count == 1 else f"step {place + 1} of {count}"
    words = {
        "false": "is false", "coincidence": "is a coincidence", "undefined": "is not defined",
        "unsupported": "is not supported", "timeout": "takes too long",
        "witness": "is not confirmed", "loose": "is not tight",
    }  # fmt: skip
    if refused.category not in words:
        return refused
    return Refused(refused.category, f"{which} {words[refused.category]}: {refused.message}")


def _verdict(
    prover: Prover, left: t.Node, relation: str, right: t.Node, proof: Proof
) -> StepVerdict:
    texts = prover.text(left), prover.text(right)
    return StepVerdict(texts[0], relation, texts[1], proof.how, proof.method, proof.used)


def _membership(prover: Prover, item: t.Node, node: t.Membership) -> StepVerdict:
    if not isinstance(item, t.Name) and item not in prover.scope.known:
        raise Refused(
            "unbound", f"{prover.text(item)} occurs in no formula that is checked on this page"
        )
    if not isinstance(node.set, t.Blackboard) or node.set.letter != "R":
        raise Refused("unsupported", "only the shape of a vector can be claimed")
    meaning = prover.meaning()
    value = meaning.of(item, Env())
    shape = [meaning.number(size, Env()) for size in node.set.shape]
    found = (
        list(value.shape)
        if isinstance(value, Array)
        else [len(value)]
        if isinstance(value, tuple)
        else []
    )
    if isinstance(value, Array) and len(shape) == 1 and value.cols == 1:
        found = found[:1]
    if found != shape:
        raise Refused(
            "false", f"{prover.text(item)} has the shape {tuple(found)}, not {tuple(shape)}"
        )
    check_defined(meaning)
    proof = Proof("exactly", "shape", tuple(meaning.used))
    return _verdict(prover, item, "∈", node.set, proof)


def _define(scope: Scope, latex: str, code: object) -> list[StepVerdict]:
    node = scope.read(latex, called_name(latex))
    if not isinstance(node, t.Chain) or node.relations[0] != "=":
        raise Refused("unsupported", "a definition is written as name = term")
    definition = definition_of(scope, node.sides[0], node.sides[1], latex)
    if is_built_in(node.sides[0]):  # its meaning is known, so this is a claim about it
        steps = _prove_chain(Prover(scope, latex), node)
        if callable(code):
            compare_with_code(scope, definition, code)
        scope.remember(node)
        return steps
    check_body(scope, definition, latex)
    scope.define(definition)
    try:
        if callable(code):
            compare_with_code(scope, definition, code)
        rest = t.Chain(node.sides[1:], node.relations[1:], span=node.span)
        steps = _prove_chain(Prover(scope, latex), rest) if rest.relations else []
    except Refused:
        scope.undefine(definition.name)
        raise
    scope.remember(node)
    return steps


def _given(scope: Scope, latex: str, code: object) -> list[StepVerdict]:
    node = scope.read(latex)
    if not isinstance(node, t.Chain):
        raise Refused("unsupported", "data is written as name = value")
    give(scope, node, latex)
    scope.remember(node)
    return []


def _number(scope: Scope, latex: str, code: object) -> list[StepVerdict]:
    node = scope.read(latex)
    if not isinstance(node, t.Chain) or node.relations not in (("=",), ("≈",)):
        raise Refused("unbound", "a number is bound by writing number = term")
    left, right = node.sides
    if not _is_numeral(left):
        raise Refused("unbound", "the left side must be a number written out")
    if _is_numeral(right):
        raise Refused("unbound", "a number must be bound to a term, not to a number")
    prover = Prover(scope, latex)
    step = Step(left, node.relations[0], right)
    proof = prover.prove(step, rounding=_has_point(left))
    scope.remember(node)
    return [_verdict(prover, left, step.relation, right, proof)]


def _is_numeral(node: t.Node) -> bool:
    return all(
        isinstance(part, t.Number | t.Negate | t.Divide | t.Matrix | t.Tuple | t.Transpose)
        for part in node.walk()
    )


def _has_point(node: t.Node) -> bool:
    return any(isinstance(part, t.Number) and part.places for part in node.walk())


def _mention(scope: Scope, latex: str, code: object) -> list[StepVerdict]:
    node = scope.read(latex)
    if isinstance(node, t.Chain | t.Implication | t.Membership | t.Together | t.Alternatives):
        raise Refused("unbound", "this claims something; write it as a claim")
    bare = node.body if isinstance(node, t.Negate) else node
    if isinstance(bare, t.Number):
        raise Refused("unbound", f"the number {latex.strip()} is bound to nothing")
    bound = {n.index.text for n in node.walk() if isinstance(n, t.Big)}
    bound |= {
        n.variable.text for n in node.walk() if isinstance(n, t.Limit | t.Extreme | t.Integral)
    }
    for part in node.walk():
        if isinstance(part, t.Name) and part.text not in bound and not _is_known(scope, part, node):
            raise Refused("undeclared", f"{part.text} is not declared")
    if isinstance(node, t.Name) or node in scope.known:
        return []
    raise Refused("unbound", f"{latex.strip()} occurs in no formula that is checked on this page")


def _is_known(scope: Scope, name: t.Name, node: t.Node) -> bool:
    if scope.is_name(name.text) or name.text in CONSTANTS or name in scope.known:
        return True
    return any(isinstance(part, t.Call) and part.function == name for part in node.walk())


_CHECKS: dict[str, Callable[[Scope, str, object], list[StepVerdict]]] = {
    "claim": _claim,
    "define": _define,
    "given": _given,
    "number": _number,
    "mention": _mention,
}

__all__ = ["CATEGORIES", "KINDS", "Scope", "StepVerdict", "Verdict", "check", "remember", "stop"]
