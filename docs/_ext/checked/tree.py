"""What a formula is once it is read: small frozen nodes that know their place in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import cached_property


@dataclass(frozen=True)
class Node:
    """A piece of a formula. Two nodes are equal when they read the same, wherever they stand."""

    span: tuple[int, int] = field(default=(0, 0), compare=False, kw_only=True)

    def parts(self) -> tuple[Node, ...]:
        """The nodes directly inside this one."""
        return self._parts

    def walk(self) -> tuple[Node, ...]:
        """This node and every node inside it."""
        return self._walk

    @cached_property
    def _parts(self) -> tuple[Node, ...]:
        return tuple(node for spec in fields(self) for node in _nodes(getattr(self, spec.name)))

    @cached_property
    def _walk(self) -> tuple[Node, ...]:
        return (self, *(node for part in self._parts for node in part.walk()))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same node, with every node directly inside it changed."""

    def inside(value: object) -> object:
        if isinstance(value, Node):
            return change(value)
        return tuple(map(inside, value)) if isinstance(value, tuple) else value

    new = {spec.name: inside(getattr(node, spec.name)) for spec in fields(node)}
    return type(node)(**new)


@dataclass(frozen=True)
class Number(Node):
    """A numeral; `places` counts the digits after the point, None where there is no point."""

    value: Fraction
    places: int | None = None


@dataclass(frozen=True)
class Name(Node):
    text: str


@dataclass(frozen=True)
class Infinity(Node):
    pass


@dataclass(frozen=True)
class Subscript(Node):
    base: Node
    indices: tuple[Node, ...]


@dataclass(frozen=True)
class Prime(Node):
    """The derivative of a named function, taken `order` times."""

    function: Node
    order: int


@dataclass(frozen=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Add(Node):
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Negate(Node):
    body: Node


@dataclass(frozen=True)
class Multiply(Node):
    """A product of two, and the sign between them: a dot, a cross or nothing."""

    left: Node
    right: Node
    sign: str = ""


@dataclass(frozen=True)
class Divide(Node):
    above: Node
    below: Node


@dataclass(frozen=True)
class Power(Node):
    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transpose(Node):
    body: Node


@dataclass(frozen=True)
class Absolute(Node):
    body: Node


@dataclass(frozen=True)
class Norm(Node):
    body: Node


@dataclass(frozen=True)
class Factorial(Node):
    body: Node


@dataclass(frozen=True)
class Binomial(Node):
    above: Node
    below: Node


@dataclass(frozen=True)
class Root(Node):
    body: Node
    degree: int


@dataclass(frozen=True)
class Derivative(Node):
    """The derivative of `body` with respect to each of `variables` in turn."""

    body: Node
    variables: tuple[Node, ...]
    partial: bool


@dataclass(frozen=True)
class Gradient(Node):
    body: Node
    variable: Node | None = None


@dataclass(frozen=True)
class Bar(Node):
    """`body` where each name of `bindings` has the value beside it."""

    body: Node
    bindings: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True)
class Big(Node):
    """A sum or a product; without bounds the index runs over the whole of what it indexes."""

    kind: str
    index: Name
    lower: Node | None
    upper: Node | None
    body: Node


@dataclass(frozen=True)
class Limit(Node):
    """`side` is -1 from below, 1 from above, 0 from both sides."""

    body: Node
    variable: Name
    target: Node
    side: int


@dataclass(frozen=True)
class Integral(Node):
    body: Node
    variable: Name
    lower: Node | None
    upper: Node | None


@dataclass(frozen=True)
class Extreme(Node):
    """The largest or smallest value over a domain, or (`arg`) the place where it is taken."""

    kind: str
    variable: Name
    domain: Node | None
    body: Node


@dataclass(frozen=True)
class Cases(Node):
    """Values with their conditions; the condition None is what holds otherwise."""

    branches: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Matrix(Node):
    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Tuple(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Group(Node):
    """Brackets as they were written; only reading.py sees them."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Chain(Node):
    """`sides[0] relations[0] sides[1] relations[1] ...`"""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Together(Node):
    parts_: tuple[Node, ...]


@dataclass(frozen=True)
class Alternatives(Node):
    parts_: tuple[Node, ...]


@dataclass(frozen=True)
class Implication(Node):
    parts_: tuple[Node, ...]
    arrows: tuple[str, ...]


@dataclass(frozen=True)
class Blackboard(Node):
    """The set of all reals, integers, ..., or of vectors and matrices of them."""

    letter: str
    shape: tuple[Node, ...] = ()


@dataclass(frozen=True)
class FiniteSet(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True)
class RangeSet(Node):
    lower: Node
    upper: Node


@dataclass(frozen=True)
class Interval(Node):
    lower: Node
    upper: Node
    lower_open: bool
    upper_open: bool


@dataclass(frozen=True)
class Membership(Node):
    items: tuple[Node, ...]
    set: Node


# A formula of one of these kinds says something; every other is a term.
STATEMENTS = (Chain, Together, Alternatives, Implication, Membership)
