"""Reads LaTeX strictly: one tree or one error, never a guess."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from lark import Lark, Token
from lark import Tree as Parsed
from lark.exceptions import UnexpectedToken

from . import tree as t
from .errors import Unparsable
from .words import Words

RELATIONS = {"EQ": "=", "LT": "<", "GT": ">", "LE": "≤", "GE": "≥", "NE": "≠", "APPROX": "≈"}
# These may be raised to a power before their argument, as in \sin^2 x.
RAISABLE = {"\\ln", "\\log", "\\sin", "\\cos", "\\tan", "\\tanh", "\\sinh", "\\cosh"}
BUILT_IN = {"tr", "rank"}


class Names(Protocol):
    """What the reader must know of the scope."""

    def is_function(self, text: str) -> bool: ...

    def is_name(self, text: str) -> bool: ...


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer=Words,
        propagate_positions=True,
        maybe_placeholders=False,
        cache=True,
    )


def read(source: str, names: Names) -> t.Node:
    """The tree of a formula, or Unparsable with the column."""
    if not source.strip():
        raise Unparsable(source, 0, "an empty formula")
    return _Builder(source, names).node(_parse(source))


@cache
def _parse(source: str) -> Parsed[Any]:
    try:
        parsed: Parsed[Any] = _parser().parse(source)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise Unparsable(source, len(source), "the formula stops too early") from None
        column = error.token.start_pos or 0
        raise Unparsable(source, column, f"unexpected {error.token.value}") from None
    child: Parsed[Any] = parsed.children[0]
    return child


class _Builder:
    """Turns the parser's tree into ours, from the top down."""

    def __init__(self, source: str, names: Names) -> None:
        self.source = source
        self.names = names

    def node(self, parsed: Parsed[Any]) -> t.Node:
        build = getattr(self, "_" + parsed.data, None)
        if build is None:
            raise self._fail(parsed, "this cannot stand here")
        return build(parsed)

    def _fail(self, parsed: Parsed[Any], reason: str) -> Unparsable:
        return Unparsable(self.source, parsed.meta.start_pos, reason)

    # --- statements

    def _implication(self, parsed: Parsed[Any]) -> t.Node:
        parts = tuple(self.node(part) for part in parsed.children[::2])
        if len(parts) == 1:
            return parts[0]
        arrows = tuple(_first(arrow).type for arrow in parsed.children[1::2])
        return t.Implication(parts, arrows, span=_span(parsed))

    def _alternatives(self, parsed: Parsed[Any]) -> t.Node:
        parts = self._all(parsed)
        return parts[0] if len(parts) == 1 else t.Alternatives(parts, span=_span(parsed))

    def _together(self, parsed: Parsed[Any]) -> t.Node:
        parts = self._all(parsed)
        return parts[0] if len(parts) == 1 else t.Together(parts, span=_span(parsed))

    _condition = _together

    def _all(self, parsed: Parsed[Any]) -> tuple[t.Node, ...]:
        return tuple(self.node(p) for p in parsed.children if isinstance(p, Parsed))

    def _chain(self, parsed: Parsed[Any]) -> t.Node:
        sides = tuple(replace(self.node(side), span=_span(side)) for side in parsed.children[::2])
        relations = tuple(RELATIONS[_first(sign).type] for sign in parsed.children[1::2])
        return t.Chain(sides, relations, span=_span(parsed)) if relations else sides[0]

    def _approaches(self, parsed: Parsed[Any]) -> t.Node:
        body, value, variable, target = (p for p in parsed.children if isinstance(p, Parsed))
        limit = self._limit_of(parsed, variable, target, self.node(body))
        return t.Chain((limit, self.node(value)), ("=",), span=_span(parsed))

    def _membership(self, parsed: Parsed[Any]) -> t.Node:
        *items, domain = self._all(parsed)
        return t.Membership(tuple(items), domain, span=_span(parsed))

    # --- sets

    def _blackboard(self, parsed: Parsed[Any]) -> t.Node:
        letter = str(parsed.children[0])
        if letter not in "RZN":
            raise self._fail(parsed, f"no set is called {letter}")
        if len(parsed.children) == 1:
            return t.Blackboard(letter, span=_span(parsed))
        script = parsed.children[-1].children
        inner = next(part for part in script if isinstance(part, Parsed))
        runs = _runs(inner)
        if runs is None:
            shape: tuple[t.Node, ...] = (self.node(inner),)
        else:
            if any(operation not in ("", "\\times") for operation, _ in runs):
                raise self._fail(parsed, "write a shape as m \\times n")
            shape = tuple(self._product_of([("", factors)], inner) for _, factors in runs)
        return t.Blackboard(letter, shape, span=_span(parsed))

    def _finite_set(self, parsed: Parsed[Any]) -> t.Node:
        return t.FiniteSet(self._all(parsed), span=_span(parsed))

    def _range_set(self, parsed: Parsed[Any]) -> t.Node:
        *first, last = self._all(parsed)
        return t.RangeSet(first[0], last, span=_span(parsed))

    def _interval(self, parsed: Parsed[Any]) -> t.Node:
        opening, lower, _, upper, closing = parsed.children
        return t.Interval(
            self.node(lower), self.node(upper), _first(opening).type == "LPAR",
            _first(closing).type == "RPAR", span=_span(parsed),
        )  # fmt: skip

    # --- sums and products

    def _signed_sum(self, parsed: Parsed[Any]) -> t.Node:
        terms: list[t.Node] = []
        negative, sign = False, None
        for part in parsed.children:
            if isinstance(part, Token):
                negative, sign = part.type == "MINUS", part
                continue
            term = self.node(part)
            if not terms and not negative and sign and not isinstance(term, t.Infinity):
                raise self._fail(part, "a + with nothing before it")
            if terms and _ends_in_extreme(terms[-1]):
                raise self._fail(part, "where does the maximum end? write brackets")
            if negative and isinstance(term, t.Number) and term.value == 0:
                raise self._fail(part, "-0 is 0; is something missing?")
            terms.append(t.Negate(term, span=term.span) if negative else term)
        return terms[0] if len(terms) == 1 else t.Add(tuple(terms), span=_span(parsed))

    def _product(self, parsed: Parsed[Any]) -> t.Node:
        return self._product_of(_runs_of(parsed), parsed)

    def _product_of(self, runs: list[tuple[str, list[Parsed[Any]]]], where: Parsed[Any]) -> t.Node:
        """A product read from the left; a big sign or a derivative takes all that follows it."""
        value: t.Node | None = None
        divided = False
        while runs:
            (operation, factors), *runs = runs
            if divided:
                raise self._fail(where, "a/b c can be read in two ways; write brackets")
            operand, single, took_rest, open_call = self._run(factors, runs, where)
            if took_rest:
                runs = []
            if open_call and runs:
                raise self._fail(
                    where, "where does the argument of the function end? write brackets"
                )
            if value is None:
                value = operand
            elif operation == "/":
                if not single:
                    raise self._fail(
                        where, "what is below the / can be read in two ways; write brackets"
                    )
                value = t.Divide(value, operand, span=_join(value, operand))
                divided = True
            else:
                value = _times(value, operand, operation)
        if value is None:
            raise self._fail(where, "an empty product")
        return value

    def _run(
        self,
        factors: list[Parsed[Any]],
        rest: list[tuple[str, list[Parsed[Any]]]],
        where: Parsed[Any],
    ) -> tuple[t.Node, bool, bool, bool]:
        """Factors side by side: the product, is it one factor, took it the rest, is a call open."""
        value: t.Node | None = None
        count = 0
        while factors:
            head, *factors = factors
            if head.data in ("big", "limit", "extreme", "integral") or _is_derivative_head(head):
                if not factors:
                    raise Unparsable(self.source, head.meta.end_pos, "nothing follows")
                if head.data == "fraction" and rest:
                    raise self._fail(where, "where does the derivative end? write brackets")
                operand = self._headed(head, [("", factors), *rest], where)
                return _product_or(value, operand), count == 0, True, False
            if value is not None and _is_numeral(head):
                raise self._fail(head, "a numeral after a factor; write \\cdot between them")
            if isinstance(value, t.Number) and value.value == 0:
                raise self._fail(head, "0 beside a factor; is a sign missing?")
            if isinstance(value, t.Number) and _is_numeral_fraction(head):
                raise self._fail(head, "a mixed number can be read as a product; write + or \\cdot")
            open_call = False
            function = self._function(head)
            if function is not None:
                operand, factors, open_call = self._call(function, head, factors)
            elif head.data == "nabla":
                operand, factors = self._nabla_of(head, factors)
            else:
                operand = self.node(head)
            if open_call and factors:
                raise self._fail(
                    head, "where does the argument of the function end? write brackets"
                )
            value = _product_or(value, operand)
            count += 1
        if value is None:
            raise self._fail(where, "an empty product")
        return value, count == 1, False, open_call

    def _headed(
        self, head: Parsed[Any], runs: list[tuple[str, list[Parsed[Any]]]], where: Parsed[Any]
    ) -> t.Node:
        span = (head.meta.start_pos, where.meta.end_pos)
        if head.data == "integral":
            return self._integral_of(head, runs, where)
        body = self._product_of(runs, where)
        if head.data == "big":
            return self._big_of(head, body, span)
        if head.data == "limit":
            *_, variable, target = (p for p in head.children if isinstance(p, Parsed))
            return self._limit_of(head, variable, target, body)
        if head.data == "extreme":
            return self._extreme_of(head, body, span)
        derivative = self._derivative(head)
        if derivative is None:
            raise self._fail(head, "a derivative that cannot be read")
        partial, _, variables = derivative
        return t.Derivative(body, variables, partial, span=span)

    # --- functions

    def _function(self, parsed: Parsed[Any]) -> t.Node | None:
        """The function that a factor names, or None."""
        if parsed.data == "function":
            return t.Name(str(parsed.children[0]), span=_span(parsed))
        if parsed.data == "name" and self._is_function(str(parsed.children[0])):
            return t.Name(str(parsed.children[0]), span=_span(parsed))
        if parsed.data == "subscript":
            base = parsed.children[0]
            if base.data == "function" and str(base.children[0]) == "\\log":
                index = self._indices(parsed.children[-1])
                return t.Subscript(t.Name("\\log"), index, span=_span(parsed))
            node = self._subscript(parsed)
            if isinstance(node, t.Name) and self._is_function(node.text):
                return node
            if isinstance(node, t.Subscript) and isinstance(node.base, t.Name):
                return node if self._is_function(node.base.text) else None
        if parsed.data == "prime":
            inner = self._function(parsed.children[0])
            if inner is None:
                raise self._fail(parsed, "a prime is the derivative of a function; this is none")
            return t.Prime(inner, len(str(parsed.children[-1])), span=_span(parsed))
        if parsed.data == "power":
            base = parsed.children[0]
            if base.data == "function":
                return self._function(base)
            if self._function(base) is not None:
                raise self._fail(parsed, "a power of a function can be read in two ways")
        return None

    def _is_function(self, text: str) -> bool:
        return text in BUILT_IN or self.names.is_function(text)

    def _call(
        self, function: t.Node, head: Parsed[Any], factors: list[Parsed[Any]]
    ) -> tuple[t.Node, list[Parsed[Any]], bool]:
        if not factors:
            if isinstance(function, t.Name) and self.names.is_function(function.text):
                return function, [], False  # the function itself, as in "the derivative of f"
            if isinstance(function, t.Prime):
                return function, [], False
            raise Unparsable(self.source, head.meta.end_pos, "a function without its argument")
        argument, *rest = factors
        raised = argument.data == "power"
        inner = argument.children[0] if raised else argument
        open_call = False
        if inner.data == "group":
            group = self.node(inner)
            call: t.Node = t.Call(
                function, group.parts(), span=(head.meta.start_pos, inner.meta.end_pos)
            )
            if raised:
                call = self._raise(call, argument)
        elif raised and head.data == "function" and inner.data not in ("name", "number"):
            raise self._fail(argument, "is the argument raised, or the value? write brackets")
        elif argument.data in ("big", "limit"):
            if not rest:
                raise Unparsable(self.source, argument.meta.end_pos, "nothing follows")
            operand, rest = self._headed(argument, [("", rest)], rest[-1]), []
            call, open_call = t.Call(function, (operand,), span=_join(function, operand)), True
        else:
            nested = self._function(argument)
            if nested is not None:
                operand, rest, open_call = self._call(nested, argument, rest)
            else:
                operand, open_call = self.node(argument), True
            span = (head.meta.start_pos, operand.span[1])
            call, open_call = t.Call(function, (operand,), span=span), True
        if head.data == "power":
            call = self._power_of_function(call, head)
        return call, rest, open_call

    def _power_of_function(self, call: t.Node, head: Parsed[Any]) -> t.Node:
        raised = self._raise(call, head)
        function = call.function if isinstance(call, t.Call) else None
        if (
            not isinstance(function, t.Name)
            or function.text not in RAISABLE
            or not isinstance(raised, t.Power)
            or not isinstance(raised.exponent, t.Number)
        ):
            raise self._fail(head, "a power of a function can be read in two ways; write brackets")
        return raised

    def _nabla_of(
        self, head: Parsed[Any], factors: list[Parsed[Any]]
    ) -> tuple[t.Node, list[Parsed[Any]]]:
        if not factors:
            raise Unparsable(self.source, head.meta.end_pos, "the gradient of what?")
        argument, *rest = factors
        names = [p for p in head.children if isinstance(p, Token) and p.type == "NAME"]
        variable = _name_of(names[0]) if names else None
        function = self._function(argument)
        if function is not None:
            body, rest, _ = self._call(function, argument, rest)
        else:
            body = self.node(argument)
        if rest:
            raise self._fail(head, "where does the gradient end? write brackets")
        return t.Gradient(_ungroup(body), variable, span=(head.meta.start_pos, body.span[1])), rest

    # --- signs that take a body

    def _big_of(self, head: Parsed[Any], body: t.Node, span: tuple[int, int]) -> t.Node:
        limits = head.children[1]
        kind = "sum" if str(head.children[0]) == "\\sum" else "product"
        index, *bounds = self._limits(limits)
        if not isinstance(index, t.Name):
            raise self._fail(limits, "the index must be a name")
        lower, upper = bounds or (None, None)
        return t.Big(kind, index, lower, upper, body, span=span)

    def _limits(self, limits: Parsed[Any]) -> list[t.Node]:
        found = [
            self._leaf(part) if isinstance(part, Token) else self.node(part)
            for part in limits.children
            if isinstance(part, Parsed) or part.type == "NAME"
        ]
        return [_ungroup(node) for node in found]

    def _limit_of(
        self, where: Parsed[Any], variable: Parsed[Any], target: Parsed[Any], body: t.Node
    ) -> t.Node:
        name = self.node(variable)
        if not isinstance(name, t.Name):
            raise self._fail(variable, "the variable of a limit must be a name")
        inner = target.children[0]
        side = 0
        script = _script_of(inner)
        base = _single_factor(inner)
        if base is not None and script is not None and script.data in ("from_above", "from_below"):
            side = 1 if script.data == "from_above" else -1
            value = self.node(base.children[0])
        else:
            value = self.node(inner)
        return t.Limit(body, name, value, side, span=(where.meta.start_pos, body.span[1]))

    def _extreme_of(self, head: Parsed[Any], body: t.Node, span: tuple[int, int]) -> t.Node:
        variable, *domain = [
            self._leaf(part) if isinstance(part, Token) else self.node(part)
            for part in head.children
            if isinstance(part, Parsed) or part.type == "NAME"
        ]
        if not isinstance(variable, t.Name):
            raise self._fail(head, "the variable of a maximum must be a name")
        kind = str(head.children[0]).lstrip("\\")
        return t.Extreme(kind, variable, domain[0] if domain else None, body, span=span)

    def _integral_of(
        self, head: Parsed[Any], runs: list[tuple[str, list[Parsed[Any]]]], where: Parsed[Any]
    ) -> t.Node:
        operation, last = runs[-1]
        if len(last) < 2 or last[-1].data != "name" or _letter(last[-2]) != "d":
            raise self._fail(where, "an integral ends with d and its variable")
        variable = _name_of(_first(last[-1]))
        kept = [*runs[:-1], (operation, last[:-2])]
        if not last[:-2]:
            raise self._fail(where, "write what is integrated before d")
        bounds = [self._script(p) for p in head.children if isinstance(p, Parsed)]
        lower, upper = bounds or (None, None)
        span = (head.meta.start_pos, where.meta.end_pos)
        return t.Integral(self._product_of(kept, where), variable, lower, upper, span=span)

    # --- powers, scripts, subscripts

    def _power(self, parsed: Parsed[Any]) -> t.Node:
        base = parsed.children[0]
        return self._raise(self.node(base), parsed)

    def _raise(self, base: t.Node, parsed: Parsed[Any]) -> t.Node:
        script = parsed.children[-1]
        if script.data == "transpose_script":
            return t.Transpose(_ungroup(base), span=_span(parsed))
        return t.Power(_ungroup(base), self._script(script), span=_span(parsed))

    def _script(self, script: Parsed[Any]) -> t.Node:
        if script.data in ("from_above", "from_below", "transpose_script"):
            raise self._fail(script, "this sign cannot be raised here")
        inner = next(part for part in script.children if isinstance(part, Parsed))
        return self.node(inner)

    def _simple(self, parsed: Parsed[Any]) -> t.Node:
        return self.node(parsed.children[0])

    def _subscript(self, parsed: Parsed[Any]) -> t.Node:
        base = self.node(parsed.children[0])
        indices = self._indices(parsed.children[-1])
        if isinstance(base, t.Name) and len(indices) == 1:
            text = f"{base.text}_{self.source[slice(*indices[0].span)]}"
            if self.names.is_name(text):
                return t.Name(text, span=_span(parsed))
        return t.Subscript(_ungroup(base), indices, span=_span(parsed))

    def _indices(self, parsed: Parsed[Any]) -> tuple[t.Node, ...]:
        if parsed.data == "one_index":
            return (self._leaf(_first(parsed)),)
        sums = [part for part in parsed.children if isinstance(part, Parsed)]
        if len(sums) == 1:
            runs = _runs(sums[0])
            if runs and len(runs) == 1 and all(factor.data == "name" for factor in runs[0][1]):
                return tuple(self.node(factor) for factor in runs[0][1])
        return tuple(self.node(part) for part in sums)

    def _prime(self, parsed: Parsed[Any]) -> t.Node:
        function = self._function(parsed)
        if function is None:
            raise self._fail(parsed, "a prime is the derivative of a function; this is none")
        return function

    def _factorial(self, parsed: Parsed[Any]) -> t.Node:
        return t.Factorial(_ungroup(self.node(parsed.children[0])), span=_span(parsed))

    # --- atoms

    def _leaf(self, token: Token) -> t.Node:
        if token.type == "NAME":
            return _name_of(token)
        span = (token.start_pos or 0, token.end_pos or 0)
        _, point, digits = str(token).partition(".")
        return t.Number(Fraction(str(token)), len(digits) if point else None, span=span)

    def _number(self, parsed: Parsed[Any]) -> t.Node:
        return self._leaf(_first(parsed))

    _name = _number

    def _infinity(self, parsed: Parsed[Any]) -> t.Node:
        return t.Infinity(span=_span(parsed))

    def _partial(self, parsed: Parsed[Any]) -> t.Node:
        raise self._fail(parsed, "a \\partial outside a derivative")

    def _function_alone(self, parsed: Parsed[Any]) -> t.Node:
        raise self._fail(parsed, "a function without its argument")

    def _group(self, parsed: Parsed[Any]) -> t.Node:
        items = self._all(parsed.children[1])
        return t.Group(tuple(items), span=_span(parsed))

    def _braced(self, parsed: Parsed[Any]) -> t.Node:
        return self.node(parsed.children[1])

    def _absolute(self, parsed: Parsed[Any]) -> t.Node:
        return t.Absolute(self._all(parsed)[0], span=_span(parsed))

    def _norm(self, parsed: Parsed[Any]) -> t.Node:
        return t.Norm(self._all(parsed)[0], span=_span(parsed))

    def _binomial(self, parsed: Parsed[Any]) -> t.Node:
        above, below = self._all(parsed)
        return t.Binomial(above, below, span=_span(parsed))

    def _root(self, parsed: Parsed[Any]) -> t.Node:
        *degree, body = self._all(parsed)
        if not degree:
            return t.Root(body, 2, span=_span(parsed))
        if not isinstance(degree[0], t.Number) or degree[0].value.denominator != 1:
            raise self._fail(parsed, "the degree of a root must be a numeral")
        return t.Root(body, int(degree[0].value), span=_span(parsed))

    def _fraction(self, parsed: Parsed[Any]) -> t.Node:
        derivative = self._derivative(parsed)
        if derivative is not None:
            partial, body, variables = derivative
            if body is None:
                raise self._fail(parsed, "the derivative of what?")
            return t.Derivative(body, variables, partial, span=_span(parsed))
        above, below = self._all(parsed)
        return t.Divide(above, below, span=_span(parsed))

    def _derivative(
        self, parsed: Parsed[Any]
    ) -> tuple[bool, t.Node | None, tuple[t.Node, ...]] | None:
        """For dy/dx, d/dx and their kind: is it partial, of what, by which names."""
        above, below = (_only_run(part) for part in parsed.children if isinstance(part, Parsed))
        if not above or not below:
            return None
        mark, order = self._mark(above[0])
        if mark is None or self._mark(below[0])[0] != mark:
            return None
        variables: list[t.Node] = []
        for sign, factor in zip(below[::2], [*below[1::2], None], strict=False):
            if factor is None or self._mark(sign) != (mark, 1):
                return None
            variables += self._repeated(factor)
        if len(variables) != order:
            raise self._fail(parsed, "the orders above and below the line differ")
        body = self._product_of([("", above[1:])], parsed) if above[1:] else None
        return mark == "∂", None if body is None else _ungroup(body), tuple(variables)

    def _mark(self, factor: Parsed[Any]) -> tuple[str | None, int]:
        """Is this factor d or \\partial, and to which order?"""
        order = 1
        if factor.data == "power":
            base, exponent = factor.children[0], _number_of(factor.children[-1])
            if exponent is None or not isinstance(base, Parsed):
                return None, 0
            factor, order = base, exponent
        if factor.data == "partial":
            return "∂", order
        return ("d", order) if _letter(factor) == "d" else (None, 0)

    def _repeated(self, factor: Parsed[Any]) -> list[t.Node]:
        if factor.data == "power":
            times = _number_of(factor.children[-1])
            if times is not None:
                return [self.node(factor.children[0])] * times
        return [self.node(factor)]

    def _nabla(self, parsed: Parsed[Any]) -> t.Node:
        raise self._fail(parsed, "the gradient of what?")

    def _bar(self, parsed: Parsed[Any]) -> t.Node:
        body, *bindings = (p for p in parsed.children if isinstance(p, Parsed))
        pairs = [self._all(binding) for binding in bindings]
        places = tuple((name, value) for name, value in pairs)
        return t.Bar(self.node(body), places, span=_span(parsed))

    def _matrix(self, parsed: Parsed[Any]) -> t.Node:
        rows = tuple(self._all(row) for row in parsed.children if isinstance(row, Parsed))
        if len({len(row) for row in rows}) != 1:
            raise self._fail(parsed, "the rows of the matrix differ in length")
        return t.Matrix(rows, span=_span(parsed))

    def _cases(self, parsed: Parsed[Any]) -> t.Node:
        branches: list[tuple[t.Node, t.Node | None]] = []
        for branch in parsed.children:
            if not isinstance(branch, Parsed):
                continue
            value, *condition = self._all(branch)
            if branches and branches[-1][1] is None:
                raise self._fail(branch, "a case after 'otherwise'")
            branches.append((value, condition[0] if condition else None))
        return t.Cases(tuple(branches), span=_span(parsed))


def _name_of(token: Token) -> t.Name:
    return t.Name(str(token), span=(token.start_pos or 0, token.end_pos or 0))


def _first(parsed: Parsed[Any]) -> Token:
    return next(part for part in parsed.children if isinstance(part, Token))


def _ends_in_extreme(node: t.Node) -> bool:
    while isinstance(node, t.Negate | t.Multiply):
        node = node.body if isinstance(node, t.Negate) else node.right
    return isinstance(node, t.Extreme)


def _span(parsed: Parsed[Any]) -> tuple[int, int]:
    return parsed.meta.start_pos, parsed.meta.end_pos


def _join(left: t.Node, right: t.Node) -> tuple[int, int]:
    return left.span[0], right.span[1]


def _ungroup(node: t.Node) -> t.Node:
    """Brackets around one thing are that thing, brackets around several are a tuple."""
    if isinstance(node, t.Group):
        if len(node.items) == 1:
            return _ungroup(node.items[0])
        return t.Tuple(node.items, span=node.span)
    return node


def _times(left: t.Node, right: t.Node, operation: str) -> t.Node:
    if operation == "\\times" or operation == "\\cdot":
        return t.Multiply(_ungroup(left), _ungroup(right), operation, span=_join(left, right))
    return t.Multiply(_ungroup(left), _ungroup(right), "", span=_join(left, right))


def _product_or(value: t.Node | None, operand: t.Node) -> t.Node:
    return _ungroup(operand) if value is None else _times(value, operand, "")


def _runs(parsed: object) -> list[tuple[str, list[Parsed[Any]]]] | None:
    """The runs of a product with the sign before each, None for anything but a product."""
    if not isinstance(parsed, Parsed) or parsed.data != "product":
        return None
    return _runs_of(parsed)


def _runs_of(parsed: Parsed[Any]) -> list[tuple[str, list[Parsed[Any]]]]:
    runs, operation = [], ""
    for part in parsed.children:
        if isinstance(part, Token):
            operation = str(part)
        else:
            runs.append((operation, [p for p in part.children if isinstance(p, Parsed)]))
    return runs


def _only_run(argument: Parsed[Any]) -> list[Parsed[Any]] | None:
    """The factors of an argument that is nothing but factors side by side."""
    if argument.data in ("name", "number"):
        return [argument]
    runs = _runs(argument.children[1]) if argument.data == "braced" else None
    return runs[0][1] if runs and len(runs) == 1 else None


def _single_factor(parsed: Parsed[Any]) -> Parsed[Any] | None:
    runs = _runs(parsed)
    return runs[0][1][0] if runs and len(runs) == 1 and len(runs[0][1]) == 1 else None


def _script_of(parsed: Parsed[Any]) -> Parsed[Any] | None:
    factor = _single_factor(parsed)
    if factor is None or factor.data != "power":
        return None
    script = factor.children[-1]
    return script if isinstance(script, Parsed) else None


def _letter(parsed: Parsed[Any]) -> str | None:
    return str(parsed.children[0]) if parsed.data == "name" else None


def _number_of(script: object) -> int | None:
    """The numeral that a script is, if it is one."""
    if isinstance(script, Parsed):
        if script.data == "number" and "." not in str(script.children[0]):
            return int(str(script.children[0]))
        inner = [part for part in script.children if isinstance(part, Parsed)]
        if len(inner) == 1:
            return _number_of(inner[0])
    return None


def _is_numeral(parsed: Parsed[Any]) -> bool:
    if parsed.data in ("power", "factorial"):
        return _is_numeral(parsed.children[0])
    return parsed.data == "number"


def _is_numeral_fraction(parsed: Parsed[Any]) -> bool:
    if parsed.data != "fraction":
        return False
    runs = [_only_run(part) for part in parsed.children if isinstance(part, Parsed)]
    return all(run is not None and len(run) == 1 and _is_numeral(run[0]) for run in runs)


def _is_derivative_head(parsed: Parsed[Any]) -> bool:
    """Is it d/dx, still looking for what it applies to?"""
    if parsed.data != "fraction":
        return False
    above, below = (_only_run(part) for part in parsed.children if isinstance(part, Parsed))
    if not above or not below or len(above) != 1 or len(below) < 2:
        return False
    mark = above[0].children[0] if above[0].data == "power" else above[0]
    first = below[0]
    if mark.data == "partial":
        return first.data == "partial"
    return _letter(mark) == "d" and _letter(first) == "d"
