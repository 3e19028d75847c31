"""What a tree means: SymPy expressions, with every condition under which they are defined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sympy as sp

from . import tree as t
from .domain import Domain
from .errors import Refused
from .kernels import UNDEFINED, Array, Choose, Unknown
from .scope import Definition, Scope, Variable
from .worker import watch_clock

Value = sp.Expr | Array | tuple
LARGEST_SUM = 200
LARGEST_BITS = 20_000
LARGEST_FACTORIAL = 1000
LARGEST_POWER = 8
# For each relation of a to 0: does it hold where a is negative, zero, positive?
HOLDS = {
    "<": (True, False, False), "≤": (True, True, False), "=": (False, True, False),
    "≠": (True, False, True), "≥": (False, True, True), ">": (False, False, True),
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """`expression need 0` must hold (under the signs of `guard`), or `node` is not defined."""

    expression: sp.Expr
    need: str  # ≠ > ≥ or natural
    node: t.Node
    guard: tuple[tuple[sp.Expr, str], ...] = ()
    near: tuple[sp.Symbol, sp.Expr] | None = None  # only needed for small values of the symbol


@dataclass(frozen=True)
class Env:
    """Names bound inside a formula, and names whose definitions are not looked into."""

    local: dict[str, Value] = field(default_factory=dict)
    opaque: dict[str, Value] = field(default_factory=dict)

    def bind(self, name: str, value: Value) -> Env:
        return Env({**self.local, name: value}, self.opaque)

    def hide(self, name: str, value: Value) -> Env:
        return Env(self.local, {**self.opaque, name: value})

    def look(self, name: str) -> Value | None:
        return self.local[name] if name in self.local else self.opaque.get(name)


def unsupported(message: str) -> Refused:
    return Refused("unsupported", message)


class Meaning:
    """Gives trees their meaning in one scope; gathers conditions and local symbols as it goes."""

    def __init__(self, scope: Scope, source: str, domain: Domain) -> None:
        self.scope = scope
        self.source = source
        self.domain = domain
        self.conditions: list[Condition] = []
        self.used: list[str] = []
        self._guard: tuple[tuple[sp.Expr, str], ...] = ()
        self._near: tuple[sp.Symbol, sp.Expr] | None = None
        self._count = 0
        self._hidden: dict[sp.IndexedBase, Array] = {}  # what the entries of hidden vectors are

    # --- helpers

    def text(self, node: t.Node) -> str:
        return self.source[slice(*node.span)] or type(node).__name__

    def _need(self, expression: sp.Expr, need: str, node: t.Node) -> None:
        if expression.is_Number:
            holds = {"≠": expression != 0, ">": expression > 0, "≥": expression >= 0}.get(need)
            if holds:
                return
        self.conditions.append(Condition(expression, need, node, self._guard, self._near))

    def fresh(self, hint: str, **assumptions: bool) -> sp.Symbol:
        self._count += 1
        return sp.Symbol(f"{hint}°{self._count}", real=True, **assumptions)

    def number(self, node: t.Node, env: Env) -> sp.Expr:
        value = self.of(node, env)
        if isinstance(value, Array) and value.shape == (1, 1):
            value = value.entry(sp.Integer(1), sp.Integer(1))
        if not isinstance(value, sp.Expr):
            raise unsupported(f"{self.text(node)} must be a number here")
        if value.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
            raise Refused(
                "undefined", f"∞ is not a number, so {self.text(node)} cannot be computed with"
            )
        return value

    def of(self, node: t.Node, env: Env) -> Value:
        watch_clock()
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise unsupported(f"{type(node).__name__} cannot stand here")
        return method(node, env)

    # --- names

    def _number(self, node: t.Number, env: Env) -> Value:
        return sp.Rational(node.value.numerator, node.value.denominator)

    def _infinity(self, node: t.Infinity, env: Env) -> Value:
        return sp.oo

    def _name(self, node: t.Name, env: Env) -> Value:
        found = env.look(node.text)
        if found is not None:
            return found
        variable = self.scope.variable(node.text)
        if variable is not None:
            return self.variable(variable, env)
        definition = self.scope.definition(node.text)
        if definition is not None:
            return self._defined(definition, env)
        if node.text == "e":
            return sp.E
        if node.text == "\\pi":
            return sp.pi
        raise Refused("undeclared", f"{node.text} is not declared")

    def variable(self, variable: Variable, env: Env) -> Value:
        return variable_value(variable, lambda size: self.number(size, Env()))

    def _defined(self, definition: Definition, env: Env) -> Value:
        self._use(definition.name)
        inner = Env({}, env.opaque)
        if definition.kind == "value":
            return self.of(definition.body, inner)
        if definition.kind == "family" and len(definition.parameters) == 1:
            index = definition.parameters[0]
            size = self.range_of(index, definition.body, inner)
            if size is not None:
                return Array(
                    size, sp.Integer(1),
                    lambda i, _: self.number(definition.body, inner.bind(index, i)),
                )  # fmt: skip
        raise unsupported(f"{definition.name} is not a number or a vector by itself")

    def _use(self, name: str) -> None:
        if name not in self.used:
            self.used.append(name)

    def _subscript(self, node: t.Subscript, env: Env) -> Value:
        indices = [self.number(index, env) for index in node.indices]
        if isinstance(node.base, t.Name) and env.look(node.base.text) is None:
            definition = self.scope.definition(node.base.text)
            if definition is not None and definition.kind == "family":
                return self._member(definition, indices, node, env)
        base = self.of(node.base, env)
        if isinstance(base, tuple):
            return self._item(base, indices, node)
        if not isinstance(base, Array):
            raise Refused("undeclared", f"{self.text(node)} is not declared")
        if len(indices) == 1 and base.cols == 1:
            indices = [indices[0], sp.Integer(1)]
        elif len(indices) == 1 and base.rows == 1:
            indices = [sp.Integer(1), indices[0]]
        indices = [sp.Integer(k) for k in two_digits(node, base.shape)] or indices
        if len(indices) == 1 and self._two_digits(node):
            raise Refused("unparsable", f"{self.text(node)} can be read in two ways; write a comma")
        if len(indices) != 2:
            raise Refused("undefined", f"{self.text(node)} has the wrong number of indices")
        for index, size in zip(indices, base.shape, strict=True):
            self._within(index, size, node)
        return base.entry(*indices)

    def _two_digits(self, node: t.Subscript) -> bool:
        only = node.indices[0]
        return isinstance(only, t.Number | t.Multiply)

    def _within(self, index: sp.Expr, size: sp.Expr, node: t.Node) -> None:
        if index.is_Integer and size.is_Integer and not 1 <= index <= size:
            raise Refused("undefined", f"{self.text(node)} is outside: the size is {size}")
        self._need(index - 1, "≥", node)
        self._need(size - index, "≥", node)

    def _item(self, base: tuple, indices: list[sp.Expr], node: t.Subscript) -> Value:
        if len(indices) != 1 or not indices[0].is_Integer:
            raise unsupported(f"{self.text(node)} needs one numeral as its index")
        if not 1 <= indices[0] <= len(base):
            raise Refused("undefined", f"{self.text(node)} is outside: the size is {len(base)}")
        return base[int(indices[0]) - 1]

    def _member(
        self, definition: Definition, indices: list[sp.Expr], node: t.Node, env: Env
    ) -> Value:
        if len(indices) != len(definition.parameters):
            raise Refused("undefined", f"{self.text(node)} has the wrong number of indices")
        self._use(definition.name)
        local = dict(zip(definition.parameters, indices, strict=True))
        return self.of(definition.body, Env(local, env.opaque))

    def range_of(self, index: str, body: t.Node, env: Env) -> sp.Expr | None:
        """How far an index runs, judged by the vectors it stands under; None if nothing tells."""
        sizes: list[sp.Expr] = []
        for node in body.walk():
            if not isinstance(node, t.Subscript) or not isinstance(node.base, t.Name | t.Multiply):
                continue
            for place, item in enumerate(node.indices):
                if isinstance(item, t.Name) and item.text == index:
                    size = self._size(node, place, env)
                    if size is not None and size not in sizes:
                        sizes.append(size)
        if len(sizes) > 1:
            raise Refused("undefined", f"the index {index} runs over vectors of different sizes")
        return sizes[0] if sizes else None

    def _size(self, node: t.Subscript, place: int, env: Env) -> sp.Expr | None:
        base = node.base
        if isinstance(base, t.Name) and env.look(base.text) is None:
            definition = self.scope.definition(base.text)
            if definition is not None and definition.kind == "family":
                return self.range_of(
                    definition.parameters[place], definition.body, Env({}, env.opaque)
                )
        before = list(self.conditions)
        value = self.of(base, env)
        self.conditions = before
        if isinstance(value, tuple):
            return sp.Integer(len(value))
        if not isinstance(value, Array):
            return None
        if len(node.indices) == 1:
            return value.rows if value.cols == 1 else value.cols
        return value.shape[place] if place < 2 else None

    # --- arithmetic

    def _add(self, node: t.Add, env: Env) -> Value:
        total = self.of(node.terms[0], env)
        for term in node.terms[1:]:
            total = self._plus(total, self.of(term, env), node)
        return total

    def _plus(self, left: Value, right: Value, node: t.Node) -> Value:
        if isinstance(left, Array) and isinstance(right, Array):
            if left.shape != right.shape:
                raise Refused("undefined", f"the shapes in {self.text(node)} differ")
            return Array(*left.shape, lambda i, j: left.entry(i, j) + right.entry(i, j))
        if isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
            return tuple(a + b for a, b in zip(left, right, strict=True))
        if isinstance(left, sp.Expr) and isinstance(right, sp.Expr):
            self._finite(node, left, right)
            return left + right
        raise Refused("undefined", f"a number and a vector cannot be added in {self.text(node)}")

    def _finite(self, node: t.Node, *values: sp.Expr) -> None:
        if any(value.has(sp.oo, -sp.oo) for value in values):
            raise Refused(
                "undefined", f"∞ is not a number, so {self.text(node)} cannot be computed"
            )

    def _negate(self, node: t.Negate, env: Env) -> Value:
        if isinstance(node.body, t.Infinity):
            return -sp.oo
        return self._scale(sp.Integer(-1), self.of(node.body, env), node)

    def _scale(self, factor: sp.Expr, value: Value, node: t.Node) -> Value:
        if isinstance(value, Array):
            return value.map(lambda entry: factor * entry)
        if isinstance(value, tuple):
            return tuple(factor * item for item in value)
        self._finite(node, factor, value)
        return factor * value

    def _multiply(self, node: t.Multiply, env: Env) -> Value:
        left, right = self.of(node.left, env), self.of(node.right, env)
        if isinstance(left, sp.Expr):
            return self._scale(left, right, node)
        if isinstance(right, sp.Expr):
            return self._scale(right, left, node)
        if not isinstance(left, Array) or not isinstance(right, Array):
            raise unsupported(f"{self.text(node)} is a product of tuples; write vectors")
        if node.sign == "\\times":
            raise unsupported("a cross product of vectors")
        if node.sign == "\\cdot":
            return self._dot(left, right, node)
        return self._matrix_product(left, right, node)

    def _dot(self, left: Array, right: Array, node: t.Node) -> Value:
        if left.cols == 1 == right.cols and left.rows == right.rows:
            one = sp.Integer(1)
            return self.sum_over(lambda j: left.entry(j, one) * right.entry(j, one), left.rows)
        raise Refused(
            "undefined", f"{self.text(node)}: a dot stands between two columns of one size"
        )

    def _matrix_product(self, left: Array, right: Array, node: t.Node) -> Value:
        if left.cols != right.rows:
            shapes = f"{left.rows} × {left.cols} and {right.rows} × {right.cols}"
            raise Refused("undefined", f"the shapes in {self.text(node)} do not fit: {shapes}")

        def entry(i: sp.Expr, k: sp.Expr) -> sp.Expr:
            return self.sum_over(lambda j: left.entry(i, j) * right.entry(j, k), left.cols)

        product = Array(left.rows, right.cols, entry)
        one = sp.Integer(1)
        return entry(one, one) if product.shape == (1, 1) else product

    def sum_over(self, term: Callable[[sp.Expr], sp.Expr], size: sp.Expr) -> sp.Expr:
        if size.is_Integer:
            return sp.Add(*(term(sp.Integer(j)) for j in range(1, int(size) + 1)))
        index = self._index(sp.Integer(1), size)
        return sp.Sum(term(index), (index, 1, size))

    def _index(self, lower: sp.Expr, upper: sp.Expr) -> sp.Symbol:
        """A new whole number between two ends, known to the domain."""
        positive = {"positive": True} if lower.is_positive else {}
        index = self.fresh("j", integer=True, **positive)
        self.domain = self.domain.assume(index - lower, "≥").assume(upper - index, "≥")
        return index

    def _divide(self, node: t.Divide, env: Env) -> Value:
        below = self.number(node.below, env)
        self._nonzero(below, node)
        above = self.of(node.above, env)
        if isinstance(above, sp.Expr):
            self._finite(node, above)
            return above / below
        return self._scale(1 / below, above, node)

    def _nonzero(self, below: sp.Expr, node: t.Node) -> None:
        if below.is_zero:
            raise Refused("undefined", f"{self.text(node)} divides by zero")
        self._need(below, "≠", node)

    def _power(self, node: t.Power, env: Env) -> Value:
        base = self.of(node.base, env)
        if isinstance(base, Array | tuple):
            return self._array_power(base, node, env)
        exponent = self.number(node.exponent, env)
        self._finite(node, base)
        if exponent.is_Integer:
            if exponent < 0 or exponent == 0:
                self._nonzero(base, node)
            if (
                base.is_Rational
                and abs(exponent) * (abs(base.p) * base.q).bit_length() > LARGEST_BITS
            ):
                raise unsupported(f"{self.text(node)} is too large to write out")
        elif exponent.is_integer:
            if not exponent.is_nonnegative and base != sp.E and not base.is_positive:
                self._need(exponent, "≥", node)
        elif base != sp.E:
            self._need(base, "≥" if exponent.is_positive else ">", node)
        return base**exponent

    def _array_power(self, base: Array | tuple, node: t.Power, env: Env) -> Value:
        exponent = node.exponent
        if isinstance(exponent, t.Name) and exponent.text == "T" and not self.scope.is_name("T"):
            return self._transposed(base)
        number = self.number(exponent, env)
        if isinstance(base, tuple) or not base.is_concrete or base.rows != base.cols:
            raise unsupported(f"{self.text(node)}: only a square matrix of given size has powers")
        if number == -1:
            matrix = base.matrix()
            determinant = matrix.det()
            self._nonzero(determinant, node)
            return Array.of((matrix.adjugate() / determinant).tolist())
        if number.is_Integer and 1 <= number <= LARGEST_POWER:
            return Array.of((base.matrix() ** int(number)).tolist())
        raise unsupported(f"the power {self.text(node)}")

    def _transpose(self, node: t.Transpose, env: Env) -> Value:
        return self._transposed(self.of(node.body, env))

    def _transposed(self, value: Value) -> Value:
        if isinstance(value, tuple):  # (1, 2)^T is a column
            return Array.of([[item] for item in value])
        if isinstance(value, Array):
            return Array(value.cols, value.rows, lambda i, j: value.entry(j, i))
        raise unsupported("a number cannot be transposed")

    # --- functions

    def _call(self, node: t.Call, env: Env) -> Value:
        function = node.function
        if isinstance(function, t.Prime):
            return self._primed(function, node, env)
        if isinstance(function, t.Subscript):
            return self._call_subscript(function, node, env)
        definition = self.scope.definition(function.text)
        if definition is not None:
            return self._apply(definition, node, [self.of(a, env) for a in node.arguments], env)
        if self.scope.is_declared_function(function.text):
            (argument,) = self._numbers(node, env, 1)
            return Unknown(sp.Symbol(function.text), 0, argument)
        return self._built_in(function.text, node, env)

    def _call_subscript(self, function: t.Subscript, node: t.Call, env: Env) -> Value:
        if isinstance(function.base, t.Name) and function.base.text == "\\log":
            (argument,) = self._numbers(node, env, 1)
            base = self.number(function.indices[0], env)
            self._need(argument, ">", node)
            self._need(base, ">", node)
            self._nonzero(sp.log(base), node)
            return sp.log(argument) / sp.log(base)
        raise unsupported(f"{self.text(node)}: a family of functions")

    def _apply(self, definition: Definition, node: t.Node, values: list[Value], env: Env) -> Value:
        if len(values) != len(definition.parameters):
            raise Refused("undefined", f"{self.text(node)} has the wrong number of arguments")
        self._use(definition.name)
        if definition.kind == "length":
            if not isinstance(node.arguments[0], t.Name):
                raise unsupported(f"{self.text(node)}: the length is taken of a name")
            return self._length(values[0], node)
        local = dict(zip(definition.parameters, values, strict=True))
        return self.of(definition.body, Env(local, env.opaque))

    def _length(self, value: Value, node: t.Node) -> sp.Expr:
        if isinstance(value, tuple):
            return sp.Integer(len(value))
        if isinstance(value, Array) and 1 in value.shape:
            return value.rows if value.cols == 1 else value.cols
        raise Refused("undefined", f"{self.text(node)} needs a vector")

    def _numbers(self, node: t.Call, env: Env, count: int) -> list[sp.Expr]:
        if len(node.arguments) != count:
            raise Refused("undefined", f"{self.text(node)} has the wrong number of arguments")
        return [self.number(argument, env) for argument in node.arguments]

    def _primed(self, prime: t.Prime, node: t.Call, env: Env) -> Value:
        (argument,) = self._numbers(node, env, 1)
        if not isinstance(prime.function, t.Name):
            raise unsupported(f"the derivative {self.text(prime)}")
        name = prime.function.text
        if self.scope.is_declared_function(name):
            return Unknown(sp.Symbol(name), prime.order, argument)
        symbol = self.fresh("x")
        definition = self.scope.definition(name)
        before = len(self.conditions)
        if definition is not None:
            body = self._apply(definition, node, [symbol], env)
        else:
            inner = t.Call(prime.function, (t.Name("°x"),), span=node.span)
            body = self.of(inner, env.bind("°x", symbol))
        if not isinstance(body, sp.Expr):
            raise unsupported(f"the derivative {self.text(prime)}")
        for _ in range(prime.order):
            body = self._differentiate(body, symbol, node)
        new = self.conditions[before:]
        self.conditions[before:] = [self._moved(c, symbol, argument) for c in new]
        return body.subs(symbol, argument)

    def _moved(self, condition: Condition, symbol: sp.Symbol, value: sp.Expr) -> Condition:
        guard = tuple((wall.subs(symbol, value), sign) for wall, sign in condition.guard)
        expression = condition.expression.subs(symbol, value)
        return Condition(expression, condition.need, condition.node, guard, condition.near)

    def _built_in(self, name: str, node: t.Call, env: Env) -> Value:
        if name in ("\\max", "\\min"):
            return self._largest(node, env, largest=name == "\\max")
        if name in ("\\det", "tr", "rank"):
            return self._of_matrix(name, node, env)
        simple = {"\\exp": sp.exp, "\\sin": sp.sin, "\\cos": sp.cos, "\\tan": sp.tan,
                  "\\sinh": sp.sinh, "\\cosh": sp.cosh, "\\tanh": sp.tanh,
                  "\\ln": sp.log, "\\log": sp.log}  # fmt: skip
        if name not in simple:
            raise Refused("undeclared", f"{name} is not declared")
        (argument,) = self._numbers(node, env, 1)
        if name in ("\\ln", "\\log"):
            if argument.is_nonpositive:
                raise Refused("undefined", f"{self.text(node)} is not defined")
            self._need(argument, ">", node)
        if name == "\\tan":
            self._nonzero(sp.cos(argument), node)
        if name in ("\\sinh", "\\cosh", "\\tanh"):
            return simple[name](argument).rewrite(sp.exp)
        return simple[name](argument)

    def _largest(self, node: t.Call, env: Env, largest: bool) -> Value:
        values = [self.of(argument, env) for argument in node.arguments]
        if any(isinstance(value, tuple) for value in values):
            raise unsupported(f"{self.text(node)} of tuples")
        arrays = [value for value in values if isinstance(value, Array)]
        if arrays:
            shape = arrays[0].shape
            if any(a.shape != shape for a in arrays) or len(values) < 2:
                raise unsupported(f"{self.text(node)} of arrays")

            def entry(i: sp.Expr, j: sp.Expr) -> sp.Expr:
                return _most(
                    [v.entry(i, j) if isinstance(v, Array) else v for v in values], largest
                )

            return Array(*shape, entry)
        self._finite(node, *values)
        return _most(values, largest)

    def _of_matrix(self, name: str, node: t.Call, env: Env) -> Value:
        (value,) = (self.of(argument, env) for argument in node.arguments)
        if not isinstance(value, Array):
            raise unsupported(f"{self.text(node)} needs a matrix")
        if name != "rank" and value.rows != value.cols:
            raise Refused("undefined", f"{self.text(node)} needs a square matrix")
        if name == "tr":
            return self.sum_over(lambda i: value.entry(i, i), value.rows)
        if not value.is_concrete:
            raise unsupported(f"{self.text(node)} needs a matrix of given size")
        matrix = value.matrix()
        if name == "\\det":
            return sp.expand(matrix.det(method="berkowitz"))
        if any(not entry.is_Rational for entry in matrix):
            raise unsupported(f"{self.text(node)} needs a matrix of numbers")
        return sp.Integer(matrix.rank())

    def _absolute(self, node: t.Absolute, env: Env) -> Value:
        value = self.of(node.body, env)
        if isinstance(value, sp.Expr):
            self._finite(node, value)
            return Choose(value, -value, sp.Integer(0), value)
        raise unsupported(f"write \\lVert \\rVert or \\det for {self.text(node)}")

    def _norm(self, node: t.Norm, env: Env) -> Value:
        value = self.of(node.body, env)
        one = sp.Integer(1)
        if isinstance(value, Array) and value.cols == 1:
            return sp.sqrt(self.sum_over(lambda i: value.entry(i, one) ** 2, value.rows))
        if isinstance(value, tuple):
            return sp.sqrt(sp.Add(*(item**2 for item in value)))
        raise unsupported(f"the norm of {self.text(node.body)}")

    def _factorial(self, node: t.Factorial, env: Env) -> Value:
        value = self.number(node.body, env)
        if value.is_Integer and value > LARGEST_FACTORIAL:
            raise unsupported(f"{self.text(node)} is too large to write out")
        if value.is_Integer and value >= 0:
            return sp.factorial(value)
        if not value.is_integer:
            raise Refused("undefined", f"{self.text(node)} needs a whole number")
        self._need(value, "≥", node)
        return sp.factorial(value)

    def _binomial(self, node: t.Binomial, env: Env) -> Value:
        above, below = self.number(node.above, env), self.number(node.below, env)
        if not (above.is_integer and below.is_integer):
            raise Refused("undefined", f"{self.text(node)} needs whole numbers")
        if above.is_Integer and above > LARGEST_FACTORIAL:
            raise unsupported(f"{self.text(node)} is too large to write out")
        if below.is_Integer and 0 <= below <= LARGEST_POWER and not above.is_Integer:
            self._need(above, "≥", node)  # where above is smaller than below, a factor is 0
            factors = [above - k for k in range(int(below))]
            return sp.Mul(*factors) / sp.factorial(below)
        for expression in (below, above - below):
            if not (expression.is_Integer and expression >= 0):
                self._need(expression, "≥", node)
        return sp.binomial(above, below)

    def _root(self, node: t.Root, env: Env) -> Value:
        value = self.number(node.body, env)
        if node.degree < 2:
            raise Refused("undefined", f"{self.text(node)} has no such degree")
        if value.is_negative:
            raise Refused("undefined", f"{self.text(node)} is not real")
        self._need(value, "≥", node)
        return value ** sp.Rational(1, node.degree)

    def _cases(self, node: t.Cases, env: Env) -> Value:
        walls: list[sp.Expr] = []
        tests = [
            self._condition(c, env, walls) if c is not None else None for _, c in node.branches
        ]
        if len(walls) > 4:
            raise unsupported("more than four different walls in the cases")
        return self._split(node, env, walls, tests, ())

    def _condition(
        self, condition: t.Node, env: Env, walls: list[sp.Expr]
    ) -> list[tuple[int, str]]:
        """A condition as relations of walls to 0; new walls are added to the list."""
        chains = condition.parts_ if isinstance(condition, t.Together) else (condition,)
        tests = []
        for chain in chains:
            if not isinstance(chain, t.Chain):
                raise unsupported(f"the condition {self.text(condition)}")
            sides = [self.number(side, env) for side in chain.sides]
            for left, relation, right in zip(sides, chain.relations, sides[1:], strict=False):
                wall = left - right
                if relation not in HOLDS:
                    raise unsupported(f"{relation} in a condition")
                if -wall in walls:
                    wall, relation = (
                        -wall,
                        {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}.get(relation, relation),
                    )
                if wall not in walls:
                    walls.append(wall)
                tests.append((walls.index(wall), relation))
        return tests

    def _split(
        self, node: t.Cases, env: Env, walls: list[sp.Expr],
        tests: list[list[tuple[int, str]] | None], signs: tuple[int, ...],
    ) -> sp.Expr:  # fmt: skip
        """The value for each combination of signs of the walls."""
        if len(signs) < len(walls):
            wall = walls[len(signs)]
            branches, saved = [], self._guard
            for sign, relation in enumerate("<=>"):
                self._guard = (*saved, (wall, relation))
                branches.append(self._split(node, env, walls, tests, (*signs, sign)))
            self._guard = saved
            return Choose(wall, *branches)
        hits = [
            value
            for (value, _), test in zip(node.branches, tests, strict=True)
            if test is not None and all(HOLDS[relation][signs[wall]] for wall, relation in test)
        ]
        if not hits and node.branches[-1][1] is None:
            hits = [node.branches[-1][0]]
        if not hits:
            return UNDEFINED
        values = [self.number(value, env) for value in hits]
        for other in values[1:]:
            if other != values[0]:
                self.conditions.append(
                    Condition(other - values[0], "=", node, self._guard, self._near)
                )
        return values[0]

    # --- signs with a body

    def _big(self, node: t.Big, env: Env) -> Value:
        index = node.index.text
        if self.scope.is_name(index):
            raise Refused("redefinition", f"the index {index} already has a meaning here")
        if index in env.local:
            raise Refused("redefinition", f"the index {index} is used twice")
        if node.lower is None:
            lower: sp.Expr = sp.Integer(1)
            size = self.range_of(index, node.body, env)
            if size is None:
                raise Refused("undeclared", f"nothing tells how far {index} runs; write its bounds")
            upper = size
        else:
            self._only_finite(node)
            lower, upper = self.number(node.lower, env), self.number(node.upper, env)
        if not (lower.is_integer and upper.is_integer):
            raise Refused("undefined", f"the bounds of {self.text(node)} must be whole numbers")
        if lower.is_Integer and upper.is_Integer:
            return self._written_out(node, int(lower), int(upper), env)
        if node.kind == "product":
            raise unsupported("a product of unknown length")
        self._need(upper - lower + 1, "≥", node)
        symbol = self._index(lower, upper)
        body = self.number(node.body, env.bind(index, symbol))
        return sp.Sum(body, (symbol, lower, upper))

    def _only_finite(self, node: t.Big | t.Integral) -> None:
        for end in (node.lower, node.upper):
            if end is not None and any(isinstance(part, t.Infinity) for part in end.walk()):
                raise unsupported(f"{self.text(node)} has no end; write it as a limit")

    def _written_out(self, node: t.Big, lower: int, upper: int, env: Env) -> Value:
        if upper < lower:
            raise Refused("undefined", f"{self.text(node)} has no terms")
        if upper - lower >= LARGEST_SUM:
            raise unsupported(f"a sum of more than {LARGEST_SUM} terms")
        values = [
            self.of(node.body, env.bind(node.index.text, sp.Integer(k)))
            for k in range(lower, upper + 1)
        ]
        total = values[0]
        for value in values[1:]:
            if node.kind == "product":
                if not isinstance(total, sp.Expr) or not isinstance(value, sp.Expr):
                    raise unsupported("a product of vectors")
                total = total * value
            else:
                total = self._plus(total, value, node)
        return total

    def _limit(self, node: t.Limit, env: Env) -> Value:
        from .limits import limit

        body, small = self.limit_body(node, env)
        result = limit(body[0], small, self.domain)
        if len(body) > 1 and limit(body[1], small, self.domain) != result:
            raise Refused("undefined", f"the limits from both sides differ in {self.text(node)}")
        return result

    def limit_body(self, node: t.Limit, env: Env) -> tuple[list[sp.Expr], sp.Symbol]:
        """The body with the variable replaced by what goes to the target, from one side or both."""
        target = self.of(node.target, env)
        if not isinstance(target, sp.Expr):
            raise unsupported(f"the limit {self.text(node)}")
        small = self.fresh("h", positive=True)
        if target in (sp.oo, -sp.oo):
            ways = [1 / small if target == sp.oo else -1 / small]
        else:
            ways = [target + side * small for side in ((node.side,) if node.side else (-1, 1))]
        bodies = []
        saved = self._near
        for way in ways:
            self._near = (small, way)
            bodies.append(self.number(node.body, self._bound(node.variable.text, way, env)))
        self._near = saved
        return bodies, small

    def _bound(self, name: str, value: Value, env: Env) -> Env:
        """Let a name that a sign binds stand for a value, even inside definitions."""
        return env.bind(name, value).hide(name, value)

    def _integral(self, node: t.Integral, env: Env) -> Value:
        from .limits import integral

        if node.lower is None or node.upper is None:
            raise unsupported("an integral without bounds")
        self._only_finite(node)
        lower, upper = self.number(node.lower, env), self.number(node.upper, env)
        symbol = self.fresh("t")
        if not (lower.is_number and upper.is_number and lower <= upper):
            raise unsupported("an integral whose bounds are not numbers in order")
        self.domain = self.domain.assume(symbol - lower, "≥").assume(upper - symbol, "≥")
        body = self.number(node.body, self._bound(node.variable.text, symbol, env))
        return integral(body, symbol, lower, upper)

    # --- derivatives

    def _derivative(self, node: t.Derivative, env: Env) -> Value:
        if node.body in node.variables:
            raise Refused("vacuous", f"{self.text(node)}: the slope of a name along itself is 1")
        return self.derive(node, node.body, env)

    def derive(self, node: t.Derivative, body: t.Node, env: Env) -> sp.Expr:
        back: list[tuple[sp.Expr, sp.Expr]] = []
        symbols = []
        for variable in node.variables:
            env, symbol, actual = self._differentiable(variable, env, node)
            symbols.append(symbol)
            if actual is not None:
                back.append((symbol, actual))
        self._unambiguous(node)
        fixed = self._held(node)
        for name in fixed or []:
            actual = self.number(t.Name(name), env)
            symbol = sp.Symbol(name + "°", real=True)
            env = env.hide(name, symbol)
            back.append((symbol, actual))
        before = len(self.conditions)
        value = self.number(body, env)
        for variable, symbol in zip(node.variables, symbols, strict=True):
            if fixed is None:
                self._only_through(value, variable, symbol, node)
            value = self._differentiate(value, symbol, node)
        for symbol, actual in back:
            new = self.conditions[before:]
            self.conditions[before:] = [self._moved(c, symbol, actual) for c in new]
        return self.reveal(value.subs(back) if back else value)

    def _differentiable(
        self, variable: t.Node, env: Env, node: t.Node
    ) -> tuple[Env, sp.Expr, sp.Expr | None]:
        """The symbol to differentiate by, and the value to put back where it stood for one."""
        if isinstance(variable, t.Name):
            found = env.look(variable.text)
            if isinstance(found, sp.Symbol | sp.Indexed):
                return env, found, None
            if found is None and self.scope.definition(variable.text) is not None:
                symbol = sp.Symbol(variable.text + "°", real=True)
                return env.hide(variable.text, symbol), symbol, self.number(variable, env)
            value = self.number(variable, env)
            if isinstance(value, sp.Symbol):
                return env, value, None
            if found is not None and isinstance(found, sp.Expr):
                symbol = self.fresh("x")
                return self._bound(variable.text, symbol, env), symbol, found
        elif isinstance(variable, t.Subscript) and isinstance(variable.base, t.Name):
            base = variable.base.text
            if self.scope.variable(base) is not None or env.look(base) is not None:
                value = self.number(variable, env)
                if isinstance(value, sp.Indexed | sp.Symbol):
                    return env, value, None
            else:
                actual = self.number(variable, env)
                whole = self.of(variable.base, env)
                if isinstance(whole, Array) and whole.cols == 1:
                    entries = sp.IndexedBase(base + "°", real=True)
                    hidden = Array(whole.rows, whole.cols, lambda i, _: entries[i])
                    env = env.hide(base, hidden)
                    symbol = self.number(variable, env)
                    self._hidden[entries] = whole
                    return env, symbol, actual
        raise unsupported(
            f"nothing can be differentiated by {self.text(variable)} in {self.text(node)}"
        )

    def reveal(self, value: sp.Expr) -> sp.Expr:
        """Put back the entries that stood for defined vectors while it was differentiated."""
        while self._hidden:
            hidden = [atom for atom in value.atoms(sp.Indexed) if atom.base in self._hidden]
            if not hidden:
                break
            one = sp.Integer(1)
            watch_clock()
            value = value.xreplace(
                {a: self._hidden[a.base].entry(a.indices[0], one) for a in hidden}
            )
        return value

    def _held(self, node: t.Derivative) -> list[str] | None:
        """For ∂y/∂u where y is written with u and v: v, which is held; None for all else."""
        definition = None
        if node.partial and isinstance(node.body, t.Name):
            definition = self.scope.definition(node.body.text)
        if definition is None or definition.kind != "value":
            return None
        inside = {n.text for n in definition.body.walk() if isinstance(n, t.Name)}
        names = {v.text for v in node.variables if isinstance(v, t.Name)}
        defined = {n for n in inside if (d := self.scope.definition(n)) and d.kind == "value"}
        if len(names) != len(set(node.variables)) or not names <= defined:
            return None
        return sorted(defined - names)

    def _unambiguous(self, node: t.Derivative) -> None:
        """Refuse ∂z/∂x where z names x and also names something made of x."""
        if not node.partial or not isinstance(node.body, t.Name):
            return
        definition = self.scope.definition(node.body.text)
        if definition is None:
            return
        for variable in node.variables:
            name = _base_name(variable)
            inside = {n.text for n in definition.body.walk() if isinstance(n, t.Name)}
            others = {n for n in inside - {name} if name in self.scope.depends_on(n)}
            if name in inside and others:
                raise unsupported(
                    f"{self.text(node)} can be read in two ways:"
                    f" {sorted(others)[0]} depends on {name} too"
                )

    def _only_through(
        self, value: sp.Expr, variable: t.Node, symbol: sp.Expr, node: t.Node
    ) -> None:
        """Refuse dy/du where y depends on what u is made of, but not through u alone."""
        name = _base_name(variable)
        if self.scope.definition(name) is None:
            return
        free = {str(s) for s in value.free_symbols if not s.is_integer}
        if free & (self.scope.depends_on(name) - {name}):
            raise unsupported(
                f"{self.text(node)}: write {self.text(node.body)} in terms of {name} first"
            )

    def _differentiate(self, value: sp.Expr, symbol: sp.Expr, node: t.Node) -> sp.Expr:
        if isinstance(symbol, sp.Symbol) and symbol.is_integer:
            raise Refused("undefined", f"{self.text(node)}: {symbol} is a whole number")
        for choice in value.atoms(Choose):
            wall = choice.args[0]
            if wall.has(symbol):
                self._need(wall, "≠", node)
        for power in value.atoms(sp.Pow):
            if power.exp.is_Rational and not power.exp.is_Integer and power.base.has(symbol):
                self._need(power.base, "≠", node)
        if value.has(UNDEFINED):
            raise Refused(
                "undefined", f"{self.text(node)} differentiates what is not defined everywhere"
            )
        if value.has(sp.factorial, sp.binomial):
            raise unsupported(f"{self.text(node)}: the derivative of a factorial")
        return value.diff(symbol)

    def _gradient(self, node: t.Gradient, env: Env) -> Value:
        body = self.number(node.body, env)
        if node.variable is not None:
            wanted = self.of(node.variable, env)
            if not isinstance(wanted, Array):
                raise unsupported(f"{self.text(node)}: the gradient is taken by a vector")
        else:
            by = self._variables_of(body)
            if isinstance(by, list):
                entries = [[self._differentiate(body, symbol, node)] for symbol in by]
                return Array.of(entries)
            wanted = by
        return wanted.map(lambda entry: self._differentiate(body, entry, node))

    def _variables_of(self, body: sp.Expr) -> list[sp.Symbol] | Array:
        """What a gradient is taken by: one vector, or the numbers in the order of declaration."""
        vectors = {str(entry.base.label) for entry in body.atoms(sp.Indexed)}
        labels = {s for entry in body.atoms(sp.Indexed) for s in entry.base.free_symbols}
        names = {str(s) for s in body.free_symbols if isinstance(s, sp.Symbol) and s not in labels}
        numbers = [v for v in self.scope.variables.values() if v.name in names and v.kind == "real"]
        if len(vectors) == 1 and not numbers:
            variable = self.scope.variable(vectors.pop())
            value = self.variable(variable, Env())
            if isinstance(value, Array) and value.cols == 1:
                return value
        if vectors or not numbers:
            raise unsupported("a gradient by more than one vector; write \\nabla_x")
        return [sp.Symbol(v.name, real=True) for v in numbers]

    def _bar(self, node: t.Bar, env: Env) -> Value:
        pairs: list[tuple[sp.Expr, sp.Expr]] = []
        for name, value in node.bindings:
            env, symbol, _ = self._differentiable(name, env, node)
            at = self.number(value, env)
            if symbol.is_integer and not at.is_integer:
                raise Refused("undefined", f"{self.text(name)} must be a whole number")
            pairs.append((symbol, at))
        before = len(self.conditions)
        body = self.of(node.body, env)
        new = self.conditions[before:]
        for symbol, value in pairs:
            new = [self._moved(condition, symbol, value) for condition in new]
        self.conditions[before:] = new

        def put(entry: sp.Expr) -> sp.Expr:
            return self._checked(entry.xreplace(dict(pairs)), node)

        if isinstance(body, Array):
            return body.map(put)
        return tuple(put(item) for item in body) if isinstance(body, tuple) else put(body)

    def _checked(self, value: sp.Expr, node: t.Node) -> sp.Expr:
        if value.has(sp.nan, sp.zoo, UNDEFINED):
            raise Refused("undefined", f"{self.text(node)} is not defined")
        return value

    def entries(self, value: Value) -> Iterator[sp.Expr]:
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, Array):
            if value.is_concrete:
                for i, j in value.places():
                    yield value.entry(i, j)
        else:
            yield value

    # --- matrices and tuples

    def _matrix(self, node: t.Matrix, env: Env) -> Value:
        return Array.of([[self.number(item, env) for item in row] for row in node.rows])

    def _tuple(self, node: t.Tuple, env: Env) -> Value:
        return tuple(self.number(item, env) for item in node.items)


def two_digits(node: t.Subscript, shape: tuple[sp.Expr, sp.Expr]) -> list[int]:
    """In a matrix with fewer than ten rows and columns, 12 are the indices 1 and 2."""
    only = node.indices[0]
    small = all(size.is_Integer and 1 < size < 10 for size in shape)
    if len(node.indices) != 1 or not isinstance(only, t.Number) or only.places or not small:
        return []
    return [int(digit) for digit in str(only.value)] if 11 <= only.value <= 99 else []


def variable_value(variable: Variable, size_of: Callable[[t.Node], sp.Expr]) -> Value:
    """The symbol, or the array of symbols, that a declared name stands for."""
    if not variable.shape:
        if variable.kind == "natural":
            return sp.Symbol(variable.name, integer=True, positive=True)
        if variable.kind == "integer":
            return sp.Symbol(variable.name, integer=True)
        return sp.Symbol(variable.name, real=True)
    sizes = [size_of(size) for size in variable.shape]
    if any(size.is_Number and not (size.is_Integer and size > 0) for size in sizes):
        raise Refused("undefined", f"{variable.name} has no such shape")
    kinds = {"integer": True} if variable.kind != "real" else {"real": True}
    if variable.kind == "natural":
        kinds["positive"] = True
    base = sp.IndexedBase(variable.name, **kinds)
    if len(sizes) == 1:
        return Array(sizes[0], sp.Integer(1), lambda i, _: base[i])
    if len(sizes) == 2:
        return Array(sizes[0], sizes[1], lambda i, j: base[i, j])
    raise unsupported(f"{variable.name} has more than two axes; define it by its indices")


def _most(values: list[sp.Expr], largest: bool) -> sp.Expr:
    best = values[0]
    for value in values[1:]:
        wall = best - value
        best = Choose(wall, value, value, best) if largest else Choose(wall, best, value, value)
    return best


def _base_name(node: t.Node) -> str:
    if isinstance(node, t.Subscript):
        node = node.base
    return node.text if isinstance(node, t.Name) else ""
