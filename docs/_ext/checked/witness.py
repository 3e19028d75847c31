"""The second opinion: a tree evaluated with many digits at one point, without any algebra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial
from typing import Any

from mpmath import mp, mpf

from . import tree as t
from .scope import Definition, Scope

DIGITS = 40
LARGE_EXPONENT = mpf(10) ** 60
LONGEST = 300


class NoValue(Exception):
    """The tree has no value at this point: `undefined` in mathematics, or not computed here."""

    def __init__(self, reason: str, undefined: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.undefined = undefined


def undefined(reason: str) -> NoValue:
    return NoValue(reason, undefined=True)


@dataclass(frozen=True)
class Grid:
    """A matrix of numbers."""

    rows: tuple[tuple[Any, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    def column(self) -> list[Any]:
        """The entries of a column or a row, in order."""
        if self.shape[1] == 1:
            return [row[0] for row in self.rows]
        if self.shape[0] == 1:
            return list(self.rows[0])
        raise NoValue("not a vector")


def column(items: list[Any]) -> Grid:
    return Grid(tuple((item,) for item in items))


class Smooth:
    """A smooth function drawn at random, in place of one that is only declared."""

    def __init__(self, numbers: list[Fraction]) -> None:
        self.a, self.b, self.c, self.d = numbers

    def __call__(self, x: Any, order: int = 0) -> Any:
        a, b, c, d = (_number(k) for k in (self.a, self.b, self.c, self.d))
        wave = a * b**order * mp.sin(b * x + order * mp.pi / 2)
        power = [c * x**3 + d * x * x, 3 * c * x * x + 2 * d * x, 6 * c * x + 2 * d, 6 * c]
        return wave + (power[order] if order < 4 else 0)


def _number(value: Any) -> Any:
    if isinstance(value, Fraction):
        return mpf(value.numerator) / value.denominator
    if isinstance(value, int):
        return mpf(value)
    return value


Local = dict[str, Any]


class Witness:
    """Evaluates trees of one scope at one point (names to fractions, columns, functions)."""

    def __init__(self, scope: Scope, point: dict[str, Any]) -> None:
        self.scope = scope
        self.point = point
        self.over: dict[str, Any] = {}  # values that replace what a name stands for

    def value(self, node: t.Node, digits: int = DIGITS) -> Any:
        """The value with so many digits and some more."""
        with mp.workdps(digits + 20):
            try:
                return self.of(node, {})
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise NoValue(str(error)) from None
            except RecursionError:
                raise NoValue("nested too deeply") from None

    def of(self, node: t.Node, local: Local) -> Any:
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise NoValue(f"{type(node).__name__} has no value")
        return method(node, local)

    def number(self, node: t.Node, local: Local) -> Any:
        value = self.of(node, local)
        if isinstance(value, Grid) and value.shape == (1, 1):
            value = value.rows[0][0]
        if isinstance(value, Grid | tuple):
            raise NoValue("a vector where a number is needed")
        if mp.isinf(value) or mp.isnan(value):
            raise undefined("∞ is not a number")
        return value

    def integer(self, node: t.Node, local: Local) -> int:
        value = self.number(node, local)
        if value != int(value):
            raise undefined("not a whole number")
        return int(value)

    @contextmanager
    def _replaced(self, name: str, value: Any) -> Iterator[None]:
        saved = dict(self.over)
        self.over[name] = value
        try:
            yield
        finally:
            self.over = saved

    # --- names

    def _number(self, node: t.Number, local: Local) -> Any:
        return _number(node.value)

    def _infinity(self, node: t.Infinity, local: Local) -> Any:
        return mp.inf

    def _name(self, node: t.Name, local: Local) -> Any:
        for place in (local, self.over):
            if node.text in place:
                return _deep(place[node.text])
        definition = self.scope.definition(node.text)
        if definition is not None:
            return self._defined(definition)
        if node.text in self.point:
            return _deep(self.point[node.text])
        if node.text == "e":
            return +mp.e
        if node.text == "\\pi":
            return +mp.pi
        raise NoValue(f"{node.text} has no value")

    def _defined(self, definition: Definition) -> Any:
        if definition.kind == "value":
            return self.of(definition.body, {})
        if definition.kind == "family" and len(definition.parameters) == 1:
            size = self._length(definition.parameters[0], definition.body, {})
            return column(
                [
                    self.number(definition.body, {definition.parameters[0]: mpf(k)})
                    for k in range(1, size + 1)
                ]
            )
        raise NoValue(f"{definition.name} has no value by itself")

    def _subscript(self, node: t.Subscript, local: Local) -> Any:
        indices = [self.integer(index, local) for index in node.indices]
        base = node.base
        if isinstance(base, t.Name) and base.text not in local and base.text not in self.over:
            definition = self.scope.definition(base.text)
            if definition is not None and definition.kind == "family":
                values = {p: mpf(k) for p, k in zip(definition.parameters, indices, strict=True)}
                return self.of(definition.body, values)
        value = self.of(base, local)
        if len(indices) == 1 and isinstance(value, Grid) and 1 not in value.shape:
            indices = [int(digit) for digit in str(indices[0])]  # 12 are the indices 1 and 2
        return self._pick(value, indices)

    def _pick(self, value: Any, indices: list[int]) -> Any:
        if any(k < 1 for k in indices):
            raise undefined("an index below 1")
        try:
            if isinstance(value, tuple) and len(indices) == 1:
                return value[indices[0] - 1]
            if isinstance(value, Grid) and len(indices) == 1:
                return value.column()[indices[0] - 1]
            if isinstance(value, Grid) and len(indices) == 2:
                return value.rows[indices[0] - 1][indices[1] - 1]
            if not isinstance(value, tuple) and indices and set(indices) == {1}:
                return value  # a matrix with one entry
        except IndexError:
            raise undefined("an index outside the vector") from None
        raise NoValue("the wrong number of indices")

    def _length(self, index: str, body: t.Node, local: Local) -> int:
        for node in body.walk():
            if not isinstance(node, t.Subscript):
                continue
            for place, item in enumerate(node.indices):
                if isinstance(item, t.Name) and item.text == index:
                    found = self._size(node, place, local)
                    if found:
                        return found
        raise NoValue(f"nothing tells how far {index} runs")

    def _size(self, node: t.Subscript, place: int, local: Local) -> int:
        base = node.base
        if isinstance(base, t.Name) and base.text not in local and base.text not in self.over:
            definition = self.scope.definition(base.text)
            if definition is not None and definition.kind == "family":
                return self._length(definition.parameters[place], definition.body, {})
        try:
            value = self.of(base, local)
        except NoValue:
            return 0
        if isinstance(value, tuple):
            return len(value)
        if isinstance(value, Grid):
            return max(value.shape) if len(node.indices) == 1 else value.shape[place]
        return 0

    # --- arithmetic

    def _add(self, node: t.Add, local: Local) -> Any:
        total = self.of(node.terms[0], local)
        for term in node.terms[1:]:
            total = _plus(total, self.of(term, local))
        return total

    def _negate(self, node: t.Negate, local: Local) -> Any:
        return _scaled(mpf(-1), self.of(node.body, local))

    def _multiply(self, node: t.Multiply, local: Local) -> Any:
        left, right = self.of(node.left, local), self.of(node.right, local)
        if isinstance(left, Grid) and isinstance(right, Grid):
            if node.sign == "\\cdot":
                return mp.fsum(a * b for a, b in zip(left.column(), right.column(), strict=True))
            return _matmul(left, right)
        return _scaled(right, left) if isinstance(left, Grid | tuple) else _scaled(left, right)

    def _divide(self, node: t.Divide, local: Local) -> Any:
        below = self.number(node.below, local)
        if below == 0:
            raise undefined("a division by zero")
        return _scaled(1 / below, self.of(node.above, local))

    def _power(self, node: t.Power, local: Local) -> Any:
        base = self.of(node.base, local)
        if isinstance(base, Grid | tuple):
            if isinstance(node.exponent, t.Name) and node.exponent.text == "T":
                return _transposed(base)
            if isinstance(base, tuple):
                raise NoValue("a power of a tuple")
            return _matrix_power(base, self.integer(node.exponent, local))
        if base == 0 and isinstance(node.exponent, t.Number) and node.exponent.value == 0:
            raise undefined("0 to the power 0")
        return power(base, self.number(node.exponent, local))

    def _transpose(self, node: t.Transpose, local: Local) -> Any:
        return _transposed(self.of(node.body, local))

    def _factorial(self, node: t.Factorial, local: Local) -> Any:
        value = self.integer(node.body, local)
        if not 0 <= value <= 2000:
            raise undefined("the factorial of a negative number")
        return mpf(factorial(value))

    def _binomial(self, node: t.Binomial, local: Local) -> Any:
        above, below = self.integer(node.above, local), self.integer(node.below, local)
        if below < 0 or above < 0:
            raise undefined("a binomial outside its range")
        return mpf(comb(above, below))

    def _root(self, node: t.Root, local: Local) -> Any:
        value = self.number(node.body, local)
        if value < 0:
            raise undefined("the root of a negative number")
        return mp.root(value, node.degree)

    def _absolute(self, node: t.Absolute, local: Local) -> Any:
        return abs(self.number(node.body, local))

    def _norm(self, node: t.Norm, local: Local) -> Any:
        value = self.of(node.body, local)
        items = value if isinstance(value, tuple) else value.column()
        return mp.sqrt(mp.fsum(item * item for item in items))

    # --- functions

    def _call(self, node: t.Call, local: Local) -> Any:
        function = node.function
        if isinstance(function, t.Prime) and isinstance(function.function, t.Name):
            return self._primed(function.function, function.order, node, local)
        if isinstance(function, t.Subscript):
            base = self.number(function.indices[0], local)
            return _log(self.number(node.arguments[0], local)) / _log(base)
        if not isinstance(function, t.Name):
            raise NoValue("a function without a name")
        values = [self.of(argument, local) for argument in node.arguments]
        return self._apply(function.text, values)

    def _apply(self, name: str, values: list[Any]) -> Any:
        definition = self.scope.definition(name)
        if definition is not None and definition.kind == "length":
            items = values[0] if isinstance(values[0], tuple) else values[0].column()
            return mpf(len(items))
        if definition is not None:
            return self.of(definition.body, dict(zip(definition.parameters, values, strict=True)))
        if name in self.point:
            return self.point[name](values[0])
        if name in ("\\max", "\\min"):
            return _largest(values, max if name == "\\max" else min)
        if name in ("tr", "\\det", "rank"):
            return _of_matrix(name, values[0])
        simple: dict[str, Callable[[Any], Any]] = {
            "\\exp": lambda x: power(+mp.e, x), "\\ln": _log, "\\log": _log, "\\sin": mp.sin,
            "\\cos": mp.cos, "\\tan": mp.tan, "\\sinh": mp.sinh, "\\cosh": mp.cosh,
            "\\tanh": mp.tanh,
        }  # fmt: skip
        if name not in simple:
            raise NoValue(f"{name} has no value")
        (value,) = values
        if isinstance(value, Grid | tuple) or mp.isinf(value):
            raise undefined("a function of ∞ or of a vector")
        return simple[name](value)

    def _primed(self, function: t.Name, order: int, node: t.Call, local: Local) -> Any:
        at = self.number(node.arguments[0], local)
        declared = self.point.get(function.text)
        if isinstance(declared, Smooth):
            return declared(at, order)
        return slope(lambda x: self._apply(function.text, [x]), at, order)

    def _cases(self, node: t.Cases, local: Local) -> Any:
        for value, condition in node.branches:
            if condition is None or self.holds(condition, local):
                return self.of(value, local)
        raise undefined("no case applies")

    def holds(self, condition: t.Node, local: Local) -> bool:
        """Is a relation true here? Used for conditions, which are compared exactly."""
        if isinstance(condition, t.Together):
            return all(self.holds(part, local) for part in condition.parts_)
        if isinstance(condition, t.Alternatives):
            return any(self.holds(part, local) for part in condition.parts_)
        if not isinstance(condition, t.Chain):
            raise NoValue("a condition that is no relation")
        sides = [self.number(side, local) for side in condition.sides]
        return all(
            _exactly(left, relation, right)
            for left, relation, right in zip(sides, condition.relations, sides[1:], strict=False)
        )

    # --- signs with a body

    def _big(self, node: t.Big, local: Local) -> Any:
        index = node.index.text
        _only_finite(node)
        if node.lower is None or node.upper is None:
            lower, upper = 1, self._length(index, node.body, local)
        else:
            lower, upper = self.integer(node.lower, local), self.integer(node.upper, local)
        if upper - lower >= LONGEST:
            raise NoValue("too many terms")
        values = [self.of(node.body, {**local, index: mpf(k)}) for k in range(lower, upper + 1)]
        if not values:
            return mpf(0 if node.kind == "sum" else 1)
        total = values[0]
        for value in values[1:]:
            total = _plus(total, value) if node.kind == "sum" else total * value
        return total

    def _at(self, node: t.Node, name: str, value: Any, local: Local) -> Any:
        """A body where a bound name has a value, inside definitions too."""
        with self._replaced(name, value):
            return self.number(node, {**local, name: value})

    def _limit(self, node: t.Limit, local: Local) -> Any:
        with mp.workdps(260):
            target = self.of(node.target, local)

            def near(side: int) -> Any:
                """The value that the body settles at as the variable comes from one side."""
                ways = [target + side * mpf(10) ** -k for k in (30, 40)]
                if mp.isinf(target):
                    ways = [mp.sign(target) * mpf(10) ** k for k in (30, 40)]
                first, last = (self._at(node.body, node.variable.text, way, local) for way in ways)
                if abs(first - last) <= mpf(10) ** -25 * max(1, abs(last)):
                    return last
                if abs(last) > mpf(10) ** 15 and abs(last) > 2 * abs(first) and first * last > 0:
                    return mp.inf * mp.sign(last)
                raise NoValue("the limit settles too slowly to be seen")

            if mp.isinf(target) or node.side:
                return near(node.side)
            below, above = near(-1), near(1)
            if compare(below, "=", above) == "false":
                raise undefined("the limits from both sides differ")
            return above

    def _integral(self, node: t.Integral, local: Local) -> Any:
        if node.lower is None or node.upper is None:
            raise NoValue("an integral without bounds")
        _only_finite(node)
        ends = [self.number(node.lower, local), self.number(node.upper, local)]
        if min(ends) < 0 < max(ends):
            ends.insert(1, mpf(0))  # where there is a corner, it is often here
        value, error = mp.quad(
            lambda x: self._at(node.body, node.variable.text, x, local), ends, error=True
        )
        if error > mpf(10) ** -30 * max(1, abs(value)):
            raise NoValue("the integral settles too slowly to be seen")
        return value

    def _derivative(self, node: t.Derivative, local: Local) -> Any:
        variable, *more = node.variables
        body: t.Node = node.body
        if more:  # inner derivatives first
            body = t.Derivative(node.body, tuple(more), node.partial)
        with mp.workdps(4 * mp.dps):
            held = {name: self.of(t.Name(name), local) for name in self._held(node)}
        saved = dict(self.over)
        self.over.update(held)
        try:
            return self._slope_of(body, variable, local)
        finally:
            self.over = saved

    def _held(self, node: t.Derivative) -> list[str]:
        """The defined names beside which the names of a partial derivative are written."""
        if not node.partial or not isinstance(node.body, t.Name):
            return []
        definition = self.scope.definition(node.body.text)
        if definition is None or definition.kind != "value":
            return []
        beside = []
        for part in definition.body.walk():
            other = self.scope.definition(part.text) if isinstance(part, t.Name) else None
            if other is not None and other.kind == "value":
                beside.append(other.name)
        moved = [v.text if isinstance(v, t.Name) else "" for v in node.variables]
        if not all(name in beside for name in moved):
            return []
        return [name for name in beside if name not in moved]

    def _slope_of(self, body: t.Node, variable: t.Node, local: Local) -> Any:
        at = None

        def along(x: Any) -> Any:
            return self._moved(body, variable, x, local)

        at = self.number(variable, local)
        return slope(along, at, 1, again=lambda: self.number(variable, local))

    def _moved(self, body: t.Node, variable: t.Node, x: Any, local: Local) -> Any:
        if isinstance(variable, t.Name):
            return self._at(body, variable.text, x, local)
        if not isinstance(variable, t.Subscript) or not isinstance(variable.base, t.Name):
            raise NoValue("nothing can be differentiated by this")
        name = variable.base.text
        indices = [self.integer(index, local) for index in variable.indices]
        value = self.of(variable.base, local)
        if isinstance(value, tuple):
            value = column(list(value))
        with self._replaced(name, _with_entry(value, indices, x)):
            return self.number(body, {k: v for k, v in local.items() if k != name})

    def _gradient(self, node: t.Gradient, local: Local) -> Any:
        if node.variable is not None:
            names = [node.variable.text]
            value = self.of(node.variable, local)
            if isinstance(value, Grid) and value.shape[1] > 1:
                return self._matrix_gradient(node.body, node.variable, value.shape, local)
        else:
            inside: set[str] = set()
            for part in node.body.walk():
                if isinstance(part, t.Name):
                    inside |= self.scope.depends_on(part.text)
            names = [
                v.name for v in self.scope.variables.values()
                if v.name in inside and v.kind == "real"
            ]  # fmt: skip
        entries = []
        for name in names:
            value = self.of(t.Name(name), local)
            if isinstance(value, Grid):
                if value.shape[1] > 1:
                    raise NoValue("a gradient by more than one vector")
                entries += [
                    self._slope_of(
                        node.body, t.Subscript(t.Name(name), (t.Number(Fraction(k + 1)),)), local
                    )
                    for k in range(value.shape[0])
                ]
            else:
                entries.append(self._slope_of(node.body, t.Name(name), local))
        return column(entries)

    def _matrix_gradient(
        self, body: t.Node, matrix: t.Name, shape: tuple[int, int], local: Local
    ) -> Grid:
        def entry(i: int, j: int) -> Any:
            place = (t.Number(Fraction(i + 1)), t.Number(Fraction(j + 1)))
            return self._slope_of(body, t.Subscript(matrix, place), local)

        return Grid(tuple(tuple(entry(i, j) for j in range(shape[1])) for i in range(shape[0])))

    def _bar(self, node: t.Bar, local: Local) -> Any:
        saved = dict(self.over)
        bound = dict(local)
        try:
            for name, node_value in node.bindings:
                value = self.number(node_value, local)
                if isinstance(name, t.Name):
                    bound[name.text] = self.over[name.text] = value
                elif isinstance(name, t.Subscript) and isinstance(name.base, t.Name):
                    grid = self.of(name.base, local)
                    indices = [self.integer(index, local) for index in name.indices]
                    self.over[name.base.text] = _with_entry(grid, indices, value)
                else:
                    raise NoValue("a bar that binds no name")
            return self.of(node.body, bound)
        finally:
            self.over = saved

    def _extreme(self, node: t.Extreme, local: Local) -> Any:
        lower, upper = mp.ninf, mp.inf
        if isinstance(node.domain, t.Interval):
            lower, upper = (self.of(end, local) for end in (node.domain.lower, node.domain.upper))
        elif not (isinstance(node.domain, t.Blackboard) and node.domain.letter == "R"):
            raise NoValue("a maximum over a set that is no interval")
        turn = -1 if node.kind.endswith("min") else 1
        place, best = _highest(
            lambda x: turn * self._at(node.body, node.variable.text, x, local), lower, upper,
            rounds=150 if node.kind.startswith("arg") else 75,
        )  # fmt: skip
        return place if node.kind.startswith("arg") else turn * best

    # --- matrices and tuples

    def _matrix(self, node: t.Matrix, local: Local) -> Any:
        return Grid(tuple(tuple(self.number(item, local) for item in row) for row in node.rows))

    def _tuple(self, node: t.Tuple, local: Local) -> Any:
        return tuple(self.number(item, local) for item in node.items)


def _only_finite(node: t.Big | t.Integral) -> None:
    for end in (node.lower, node.upper):
        if end is not None and any(isinstance(part, t.Infinity) for part in end.walk()):
            raise NoValue("a sum or an integral without an end")


def _with_entry(grid: Grid, indices: list[int], value: Any) -> Grid:
    """A matrix with one entry replaced; a column and a row need one index only."""
    if len(indices) == 1:
        indices = [1, *indices] if grid.shape[0] == 1 else [*indices, 1]
    (i, j), rows = indices, [list(row) for row in grid.rows]
    if not (1 <= i <= grid.shape[0] and 1 <= j <= grid.shape[1]):
        raise undefined("an index outside the vector")
    rows[i - 1][j - 1] = value
    return Grid(tuple(tuple(row) for row in rows))


def _deep(value: Any) -> Any:
    if isinstance(value, Grid):
        return Grid(tuple(tuple(_number(item) for item in row) for row in value.rows))
    if isinstance(value, tuple):
        return tuple(_number(item) for item in value)
    return _number(value)


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, Grid) and isinstance(right, Grid) and left.shape == right.shape:
        pairs = zip(left.rows, right.rows, strict=True)
        return Grid(tuple(tuple(a + b for a, b in zip(r, s, strict=True)) for r, s in pairs))
    left, right = unwrapped(left), unwrapped(right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return tuple(a + b for a, b in zip(left, right, strict=True))
    if isinstance(left, Grid | tuple) or isinstance(right, Grid | tuple):
        raise undefined("a sum of things of different shapes")
    if mp.isinf(left) or mp.isinf(right):
        raise undefined("∞ is not a number")
    return left + right


def unwrapped(value: Any) -> Any:
    """A matrix with one entry is that entry."""
    return value.rows[0][0] if isinstance(value, Grid) and value.shape == (1, 1) else value


def _scaled(factor: Any, value: Any) -> Any:
    if isinstance(value, Grid):
        return Grid(tuple(tuple(factor * item for item in row) for row in value.rows))
    if isinstance(value, tuple):
        return tuple(factor * item for item in value)
    if mp.isinf(factor) or (mp.isinf(value) and factor != -1):
        raise undefined("∞ is not a number")
    return factor * value


def _matmul(left: Grid, right: Grid) -> Any:
    if left.shape[1] != right.shape[0]:
        raise undefined("shapes that do not fit")
    columns = list(zip(*right.rows, strict=True))
    rows = tuple(
        tuple(mp.fsum(a * b for a, b in zip(row, col, strict=True)) for col in columns)
        for row in left.rows
    )
    return rows[0][0] if len(rows) == 1 == len(rows[0]) else Grid(rows)


def _transposed(value: Any) -> Grid:
    if isinstance(value, tuple):
        return column(list(value))
    return Grid(tuple(zip(*_as_grid(value).rows, strict=True)))


def _as_grid(value: Any) -> Grid:
    """A product that came out as one number is a matrix with one entry."""
    if isinstance(value, tuple):
        raise NoValue("a tuple where a matrix is needed")
    return value if isinstance(value, Grid) else Grid(((value,),))


def _matrix_power(base: Grid, exponent: int) -> Any:
    matrix = mp.matrix([list(row) for row in base.rows])
    if exponent == -1 and mp.det(matrix) == 0:
        raise undefined("the inverse of a singular matrix")
    result = matrix**exponent
    return Grid(tuple(tuple(result[i, j] for j in range(result.cols)) for i in range(result.rows)))


def _of_matrix(name: str, value: Any) -> Any:
    value = _as_grid(value)
    if name == "tr":
        return mp.fsum(row[k] for k, row in enumerate(value.rows))
    if name == "\\det":
        return mp.det(mp.matrix([list(row) for row in value.rows]))
    rows = [list(row) for row in value.rows]
    rank = 0
    for place in range(len(rows[0])):
        pivot = max(range(rank, len(rows)), key=lambda r: abs(rows[r][place]), default=None)
        if pivot is None or abs(rows[pivot][place]) < mpf(10) ** -25:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for r in range(rank + 1, len(rows)):
            factor = rows[r][place] / rows[rank][place]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[rank], strict=True)]
        rank += 1
    return mpf(rank)


def _largest(values: list[Any], pick: Callable[[list[Any]], Any]) -> Any:
    grids = [value for value in values if isinstance(value, Grid)]
    if not grids:
        return pick(values)
    rows, cols = grids[0].shape

    def entry(i: int, j: int) -> Any:
        return pick([v.rows[i][j] if isinstance(v, Grid) else v for v in values])

    return Grid(tuple(tuple(entry(i, j) for j in range(cols)) for i in range(rows)))


def _log(x: Any) -> Any:
    if isinstance(x, Grid | tuple):
        raise NoValue("the logarithm of a vector")
    if mp.isinf(x) or x <= 0:
        raise undefined("the logarithm of a number that is not positive")
    return mp.log(x)


def power(base: Any, exponent: Any) -> Any:
    """base^exponent over the reals; 0^n is 1 where a whole number n becomes 0, as in n x^(n-1)."""
    if exponent == int(exponent):
        if base == 0 and exponent < 0:
            raise undefined("a division by zero")
        if base == +mp.e and abs(exponent) > 10**6:
            return mp.exp(exponent)
        if abs(exponent) <= 10**6:
            return base ** int(exponent)
        if base <= 0:
            raise NoValue("a power too large to compute")
    if base < 0 or (base == 0 and exponent < 0):
        raise undefined("a power of a number that is not positive")
    if base == 0:
        return mpf(0)
    if abs(exponent) > LARGE_EXPONENT:
        raise NoValue("a power too large to compute")
    return mp.exp(exponent) if base == +mp.e else mp.exp(exponent * mp.log(base))


def slope(
    function: Callable[[Any], Any], at: Any, order: int, again: Callable[[], Any] | None = None
) -> Any:
    """The derivative by differences from both sides, which must agree."""
    if order > 1:
        return slope(lambda x: slope(function, x, order - 1), at, 1)
    digits = mp.dps
    if digits > 3000:
        raise NoValue("too many derivatives inside one another")
    with mp.workdps(3 * digits):
        if again is not None:
            at = again()
        step = mpf(10) ** -digits
        middle = function(at)
        above, below = (function(at + step) - middle) / step, (middle - function(at - step)) / step
        if abs(above - below) > mpf(10) ** (-digits // 2) * max(1, abs(above)):
            raise undefined("no derivative here: the slopes from both sides differ")
        return (above + below) / 2


def _highest(
    function: Callable[[Any], Any], lower: Any, upper: Any, rounds: int
) -> tuple[Any, Any]:
    """The highest value found on a grid, made better by narrowing in."""

    def place(u: Any) -> Any:
        if mp.isinf(lower) and mp.isinf(upper):
            return u / (1 - u * u) * 4
        if mp.isinf(upper):
            return lower + (1 + u) / (1 - u)
        if mp.isinf(lower):
            return upper - (1 - u) / (1 + u)
        return (lower + upper) / 2 + u * (upper - lower) / 2

    closed = 0 if mp.isinf(lower) or mp.isinf(upper) else 1
    grid = [mpf(k) / 40 for k in range(-40 + 1 - closed, 40 + closed)]
    values = []
    for u in grid:
        try:
            values.append(function(place(u)))
        except NoValue:
            values.append(mp.ninf)
    best = max(range(len(grid)), key=lambda k: values[k])
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    for _ in range(rounds):
        third = (high - low) / 3
        if function(place(low + third)) < function(place(high - third)):
            low += third
        else:
            high -= third
    middle = (low + high) / 2
    candidates = [(place(u), function(place(u))) for u in (middle, grid[best])]
    return max(candidates, key=lambda pair: pair[1])


def _exactly(left: Any, relation: str, right: Any) -> bool:
    """A condition decides on which side of a wall we are, however near."""
    return {"<": left < right, "≤": left <= right, ">": left > right, "≥": left >= right,
            "=": left == right, "≠": left != right}[relation]  # fmt: skip


def compare(left: Any, relation: str, right: Any) -> str:
    """Is `left relation right` true, false, or undecided within the digits there are?"""
    if relation == "≈":
        return "undecided"
    if mp.isinf(left) or mp.isinf(right):
        equal = left == right
        truth = {"=": equal, "≠": not equal, "<": left < right, ">": left > right,
                 "≤": left <= right, "≥": left >= right}  # fmt: skip
        return "true" if truth[relation] else "false"
    size = abs(left) + abs(right)
    near = abs(left - right) <= mpf(10) ** -30 * size
    roughly = near or abs(left - right) <= mpf(10) ** -24 * (1 + size)
    if relation in "=≠":
        if roughly and not near and size < mpf(10) ** -20:
            return "true" if relation == "=" else "undecided"
        if relation == "=":
            return "true" if roughly else "false"
        return "false" if near else "true"
    if relation in ">≥":
        left, right = right, left
    if relation in "<>":
        return "false" if near or left > right else "true"
    return "false" if not roughly and left > right else "true"
