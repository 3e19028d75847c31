"""Proves `premise ⟺ conclusion` and `premise ⟹ conclusion`: solutions, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import sympy as sp

from . import tree as t
from .domain import Bounds, Domain
from .errors import Refused
from .meaning import Env, Meaning
from .normal import normal_form
from .proving import Proof, Prover, is_literal
from .proving.deciding import compare
from .proving.definedness import check_defined
from .proving.trying import where
from .sampling import needed, points, supposed_of
from .signs import is_nonzero, sign
from .witness import NoValue, Witness
from .witness import compare as compare_numbers

Relation = tuple[sp.Expr, str]


def prove_implication(prover: Prover, premise: t.Node, arrow: str, conclusion: t.Node) -> Proof:
    """One arrow. A premise that nothing satisfies proves nothing: it is refused as vacuous."""
    given, wanted = _alternatives(premise), _alternatives(conclusion)
    meaning = prover.meaning()
    env = Env()
    left = [_relations(meaning, chain, env) for chain in given]
    check_defined(meaning)
    meaning.conditions.clear()
    right = [_relations(meaning, chain, env) for chain in wanted]
    for domain in _supposing(left, meaning.domain) if arrow == "IMPLIES" else [meaning.domain]:
        meaning.domain = domain
        check_defined(meaning)
    if not any(e.free_symbols for branch in left for e, _ in branch):
        raise Refused("vacuous", "the premise says nothing about any name")
    _check_numbers(prover, premise, arrow, conclusion)
    if not any(_is_possible(branch, prover) for branch in left):
        raise Refused("vacuous", "no point of the domain was found that satisfies the premise")
    left, right = _about_names(left), _about_names(right)
    method = _equivalent(left, right, prover.domain)
    if not method:
        method = _by_cells(left, right, arrow, prover.domain)
    if not method:
        method = _by_solutions(left, right, prover)
    if not method and arrow == "IFF":
        method = _by_solutions(right, left, prover, "the conclusion")
    if not method and arrow == "IMPLIES":
        method = _by_supposing(left, right, prover)
    if not method:
        raise Refused("unsupported", "could not prove that one follows from the other")
    return Proof(_how(prover, premise, conclusion), method, tuple(meaning.used))


def _supposing(left: list[list[Relation]], domain: Domain) -> list[Domain]:
    """The domain where one or the other alternative of the premise holds."""
    found = []
    for branch in left:
        inner = domain
        for expression, relation in branch:
            inner = inner.assume(expression, relation)
        if not inner.impossible:
            found.append(inner)
    return found or [domain]


def _about_names(branches: list[list[Relation]]) -> list[list[Relation]]:
    """Leave out what surely holds and names nothing, such as 28/14 = 2 in y = 28/14 = 2."""
    found = []
    for branch in branches:
        kept = [(e, r) for e, r in branch if e.free_symbols or not _true_at(e, r)]
        found.append(kept or branch)
    return found


def _how(prover: Prover, premise: t.Node, conclusion: t.Node) -> str:
    names = needed(prover.scope, [premise, conclusion])
    return "for all " + ", ".join(n for n in prover.scope.variables if n in names)


def _alternatives(node: t.Node) -> list[list[t.Chain]]:
    """A statement as alternatives of relations that hold together."""
    branches = node.parts_ if isinstance(node, t.Alternatives) else (node,)
    found = []
    for branch in branches:
        chains = branch.parts_ if isinstance(branch, t.Together) else (branch,)
        if not all(isinstance(chain, t.Chain) for chain in chains):
            raise Refused("unsupported", "between arrows stand relations")
        found.append([chain for chain in chains if isinstance(chain, t.Chain)])
    return found


def _relations(meaning: Meaning, chains: list[t.Chain], env: Env) -> list[Relation]:
    found = []
    for chain in chains:
        sides = [meaning.number(side, env) for side in chain.sides]
        for left, relation, right in zip(sides, chain.relations, sides[1:], strict=False):
            if relation == "≈":
                raise Refused("unsupported", "≈ beside an arrow")
            found.append((left - right, relation))
    return found


def _check_numbers(prover: Prover, premise: t.Node, arrow: str, conclusion: t.Node) -> None:
    """Truth at points of the domain, and at the solutions that are written on either side."""
    names = needed(prover.scope, [premise, conclusion])
    drawn = points(prover.scope, names, prover.domain, 16)
    if not drawn:
        raise Refused("vacuous", "no point of the domain could be found to try the claim at")
    for point in [*drawn, *_solution_points(prover, drawn[0], premise, conclusion)]:
        witness = Witness(prover.scope, point)
        try:
            first, second = (_truth(witness, node) for node in (premise, conclusion))
        except NoValue:
            continue
        if (first and not second) or (arrow == "IFF" and first != second):
            raise Refused("false", f"one side holds and the other does not{where(point)}")


def _solution_points(prover: Prover, point: dict[str, Any], *nodes: t.Node) -> list[dict[str, Any]]:
    """Points at which a side of the form `name = value` holds, where the domain allows them."""
    found = []
    chains = [part for node in nodes for part in node.walk() if isinstance(part, t.Chain)]
    for chain in chains:
        name, value = chain.sides[0], chain.sides[1]
        if not isinstance(name, t.Name) or name.text not in point or not is_literal(value):
            continue
        try:
            moved = {**point, name.text: Witness(prover.scope, point).value(value)}
            witness = Witness(prover.scope, moved)
            if all(_truth(witness, h) for h in supposed_of(prover.scope, moved)):
                found.append(moved)
        except NoValue:
            continue
    return found


def _truth(witness: Witness, node: t.Node) -> bool:
    """Is a statement true at a point, with equality up to the digits there are?"""
    if isinstance(node, t.Together):
        return all(_truth(witness, part) for part in node.parts_)
    if isinstance(node, t.Alternatives):
        return any(_truth(witness, part) for part in node.parts_)
    if not isinstance(node, t.Chain):
        raise Refused("unsupported", "between arrows stand relations")
    sides = [witness.value(side) for side in node.sides]
    return all(
        compare_numbers(a, relation, b) == "true"
        for a, relation, b in zip(sides, node.relations, sides[1:], strict=False)
    )


def _equivalent(left: list[list[Relation]], right: list[list[Relation]], domain: Domain) -> str:
    """Two relations whose differences are one another times what is never 0."""
    if len(left) != 1 or len(right) != 1 or len(left[0]) != 1 or len(right[0]) != 1:
        return ""
    (first, relation), (second, other) = left[0][0], right[0][0]
    if second == 0 or first == 0:
        return ""
    try:
        ratio = normal_form(first / second, domain)
    except Refused:
        return ""
    quotient = ratio.expression()
    if not ratio.numerator:
        return ""
    numerator, denominator = ratio.numerator.cancel(ratio.denominator)
    quotient = ratio.back(numerator) / ratio.back(denominator)
    if relation in "=≠":
        if (
            relation == other
            and is_nonzero(quotient, domain)
            and is_nonzero(ratio.back(denominator), domain)
        ):
            return "the same up to a factor"
        return ""
    found = sign(quotient, domain)
    flipped = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}.get(other, "")
    if (found == ">" and relation == other) or (found == "<" and relation == flipped):
        return "the same up to a factor"
    return ""


def _by_cells(
    left: list[list[Relation]], right: list[list[Relation]], arrow: str, domain: Domain
) -> str:
    """Polynomials in one name: the truth at all their roots, and at one place between each two."""
    relations = [relation for branch in (*left, *right) for relation in branch]
    symbols = {s for e, _ in relations for s in e.free_symbols}
    if len(symbols) != 1 or domain.values:
        return ""
    symbol = symbols.pop()
    if not isinstance(symbol, sp.Symbol) or symbol.is_integer or not symbol.is_real:
        return ""
    supposed = [(e, r) for e, r in domain.facts if e.has(symbol)]
    places = _cells([e for e, _ in (*relations, *supposed)], symbol)
    if places is None:
        return ""
    for place in places:
        values = [
            any(all(_true_at(e.subs(symbol, place), r) for e, r in branch) for branch in side)
            for side in ([supposed], left, right)
        ]
        inside, first, second = values
        if inside and ((first and not second) or (arrow == "IFF" and first != second)):
            raise Refused("false", f"one side holds and the other does not at {symbol} = {place}")
    return "roots and all between"


def _cells(polynomials: list[sp.Expr], symbol: sp.Symbol) -> list[sp.Expr] | None:
    """All roots, and numbers between them, below and above; None if they cannot be written."""
    roots: set[sp.Expr] = set()
    for expression in polynomials:
        if expression.free_symbols - {symbol} or not expression.is_polynomial(symbol):
            return None
        polynomial = sp.Poly(expression, symbol)
        if polynomial.is_zero or not all(c.is_Rational for c in polynomial.all_coeffs()):
            return None
        for factor, _ in polynomial.factor_list()[1]:
            if factor.degree() > 2:
                return None
            roots.update(root for root in sp.roots(factor) if root.is_real)
    ordered = sorted(roots, key=lambda root: root.evalf(40))
    if not ordered:
        return [sp.Integer(0)]
    between = [(low + high) / 2 for low, high in pairwise(ordered)]
    return [ordered[0] - 1, *ordered, *between, ordered[-1] + 1]


def _by_solutions(
    left: list[list[Relation]],
    right: list[list[Relation]],
    prover: Prover,
    what: str = "the premise",
) -> str:
    """An equation in one name, and the list of its solutions."""
    if len(left) != 1 or len(left[0]) != 1 or left[0][0][1] != "=":
        return ""
    equation = left[0][0][0]
    solved = [found for branch in right if (found := _solution(branch)) is not None]
    if len(solved) != len(right):
        return ""
    symbols = {symbol for symbol, _ in solved}
    if len(symbols) != 1:
        return ""
    symbol = symbols.pop()
    values = [value for _, value in solved]
    count = _count_roots(equation, symbol, prover.domain)
    if count is None:
        return ""
    if count == 0:
        raise Refused("vacuous", f"nothing in the domain satisfies {what}")
    inside = [value for value in values if _inside(value, prover.domain.of(symbol))]
    for value in inside:
        if not normal_form(equation.subs(symbol, value), prover.domain).is_zero:
            raise Refused("false", f"{symbol} = {value} does not satisfy {what}")
    if len(inside) != len(values):
        raise Refused("false", f"{symbol} = {values[0]} is outside the domain")
    if _distinct(inside) != len(inside):
        raise Refused("false", "a solution is listed twice")
    if count != len(inside):
        raise Refused("false", f"{what} has {count} solutions, not {len(inside)}")
    return "all solutions counted"


def _solution(branch: list[Relation]) -> tuple[sp.Symbol, sp.Expr] | None:
    if len(branch) != 1 or branch[0][1] != "=":
        return None
    difference = sp.expand(branch[0][0])
    symbols = [s for s in difference.free_symbols if isinstance(s, sp.Symbol)]
    if len(symbols) != 1 or difference.has(sp.Indexed):
        return None
    slope = difference.diff(symbols[0])
    if not slope.is_Rational or slope == 0:
        return None
    return symbols[0], -difference.subs(symbols[0], 0) / slope


def _count_roots(equation: sp.Expr, symbol: sp.Symbol, domain: Domain) -> int | None:
    """How many numbers of the domain satisfy an equation in the symbol or in e to it."""
    if equation.free_symbols != {symbol} or domain.values:
        return None
    if any(fact.has(symbol) and fact.diff(symbol).has(symbol) for fact, _ in domain.facts):
        return None
    if any(rel == "≠" and fact.has(symbol) for fact, rel in domain.facts) or symbol.is_integer:
        return None
    form = normal_form(equation, domain)
    if not form.numerator:
        return None
    numerator, _ = form.numerator.cancel(form.denominator)
    used = [g for g in form.meaning if numerator.as_expr().has(g)]
    if len(used) != 1:
        return None
    meant, bounds = form.meaning[used[0]], domain.of(symbol)
    if isinstance(meant, sp.exp) and (meant.args[0] / symbol).is_Rational:
        if bounds != Bounds():
            return None
        bounds = Bounds(sp.Integer(0))
    elif meant == sp.log(symbol):
        if bounds != Bounds(sp.Integer(0)):
            return None
        bounds = Bounds()
    elif meant != symbol:
        return None
    polynomial = sp.Poly(numerator.as_expr(), used[0])
    count = polynomial.count_roots(bounds.lower, bounds.upper)
    for end, is_open in ((bounds.lower, bounds.lower_open), (bounds.upper, bounds.upper_open)):
        if end.is_finite and is_open and polynomial.eval(end) == 0:
            count -= 1
    return int(count)


def _inside(value: sp.Expr, bounds: Bounds) -> bool:
    low = bounds.lower < value if bounds.lower_open else bounds.lower <= value
    high = value < bounds.upper if bounds.upper_open else value <= bounds.upper
    return bool(low) and bool(high)


def _distinct(values: list[sp.Expr]) -> int:
    distinct: list[sp.Expr] = []
    for value in values:
        if all(sign(value - other, Domain()) in ("<", ">") for other in distinct):
            distinct.append(value)
    return len(distinct)


def _by_supposing(left: list[list[Relation]], right: list[list[Relation]], prover: Prover) -> str:
    """Suppose each alternative of the premise; then the one conclusion must hold."""
    if len(right) != 1:
        return ""
    possible = 0
    for branch in left:
        domain = prover.domain
        for expression, relation in branch:
            domain = domain.assume(expression, relation)
        if domain.impossible or any(_contradicts(e, r, prover.domain) for e, r in branch):
            continue
        if not _has_point(prover, branch):
            return ""
        possible += 1
        for expression, relation in right[0]:
            try:
                compare(expression, relation, sp.Integer(0), replace(domain))
            except Refused:
                return ""
    if not possible:
        raise Refused("vacuous", "nothing satisfies the premise")
    return "supposing the premise"


def _contradicts(expression: sp.Expr, relation: str, domain: Domain) -> bool:
    """Does the relation surely hold nowhere?"""
    found = sign(expression, domain)
    impossible = {"<": ">≥=", "≤": ">", ">": "<≤=", "≥": "<", "=": "<>", "≠": "="}[relation]
    return bool(found) and found in impossible


def _is_possible(branch: list[Relation], prover: Prover) -> bool:
    """Does some point of the domain surely satisfy an alternative of the premise?"""
    if len(branch) == 1 and branch[0][1] == "=":
        symbols = [s for s in branch[0][0].free_symbols if isinstance(s, sp.Symbol)]
        count = _count_roots(branch[0][0], symbols[0], prover.domain) if len(symbols) == 1 else None
        if count is not None:
            return count > 0
    return _has_point(prover, branch)


def _has_point(prover: Prover, branch: list[Relation]) -> bool:
    """Is there surely a point of the domain where a premise holds?"""
    domain = prover.domain
    for expression, relation in branch:
        domain = domain.assume(expression, relation)
    if domain.impossible:
        return False
    names = {str(s) for e, _ in branch for s in e.free_symbols} & set(prover.scope.variables)
    for point in points(prover.scope, needed(prover.scope, [t.Name(n) for n in names]), domain, 6):
        values = {}
        for name, value in point.items():
            if hasattr(value, "numerator"):
                for symbol in {s for e, _ in branch for s in e.free_symbols if str(s) == name}:
                    values[symbol] = sp.Rational(value.numerator, value.denominator)
        if any(_is_at(values, branch, domain) for values in _moved_onto(branch, values, domain)):
            return True
    return False


def _is_at(values: dict[sp.Symbol, sp.Expr], branch: list[Relation], domain: Domain) -> bool:
    """Does a premise surely hold at a point, which surely lies in the domain?"""
    put = {symbol: value.subs(values) for symbol, value in domain.values.items()}
    if any(symbol.is_integer and not value.is_integer for symbol, value in put.items()):
        return False
    return all(_true_at(e.subs(put).subs(values), r) for e, r in branch)


def _moved_onto(
    branch: list[Relation], values: dict[sp.Symbol, sp.Expr], domain: Domain
) -> Iterator[dict[sp.Symbol, sp.Expr]]:
    """A point, and what becomes of it when one name after the other solves an equation."""
    yield values
    for equation in (e for e, relation in branch if relation == "="):
        for symbol in sorted(values, key=str):
            rest = {s: v for s, v in values.items() if s != symbol}
            line = equation.subs(rest)
            bound = symbol in domain.values or any(v.has(symbol) for v in domain.values.values())
            if bound or symbol.is_integer or line.free_symbols != {symbol}:
                continue
            facts = [(e.subs(rest), r) for e, r in domain.facts if e.has(symbol)]
            if line.is_polynomial(symbol) and 1 <= sp.degree(line, symbol) <= 2:
                for root in sp.roots(sp.Poly(line, symbol)):
                    if root.is_real and all(_true_at(e.subs(symbol, root), r) for e, r in facts):
                        yield {**rest, symbol: root}


def _true_at(value: sp.Expr, relation: str) -> bool:
    found = sign(value, Domain()) if value.is_number else ""
    wanted = {"<": "<", ">": ">", "≤": "<=", "≥": ">=", "=": "=", "≠": "<>"}[relation]
    return bool(found) and found in wanted


__all__ = ["prove_implication"]
