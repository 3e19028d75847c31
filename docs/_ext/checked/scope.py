"""What names mean on a page: declarations, definitions and data, each section with its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import tree as t
from .errors import Refused, failed
from .reading import read
from .words import KNOWN_FUNCTIONS

CONSTANTS = {"e", "\\pi"}
GENERIC = re.compile(
    r"^(?P<name>.+?)_\{?1\}?\s*,\s*(?P=name)?.*?\\[lc]?dots\s*,\s*(?P=name)_\{?(?P<size>\w+)\}?$"
)


@dataclass(frozen=True)
class Variable:
    """A declared name: a number (no shape), a column (one size) or a matrix (two)."""

    name: str
    kind: str = "real"  # real, integer or natural
    shape: tuple[t.Node, ...] = ()

    def free_names(self) -> set[str]:
        return {name for size in self.shape for name in names_in(size)}


@dataclass(frozen=True)
class Definition:
    """A name with what it stands for.

    `kind`: value, function (called), family (indexed), or length (of the vector it is called with).
    """

    name: str
    kind: str
    parameters: tuple[str, ...]
    body: t.Node
    source: str = ""

    def free_names(self) -> set[str]:
        return set(names_in(self.body)) - set(self.parameters)


@dataclass
class Layer:
    """The names of one page or of one section of it."""

    variables: dict[str, Variable] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    definitions: dict[str, Definition] = field(default_factory=dict)
    givens: dict[str, t.Node] = field(default_factory=dict)
    hypotheses: list[t.Node] = field(default_factory=list)

    def copy(self) -> Layer:
        return Layer(
            dict(self.variables),
            set(self.functions),
            dict(self.definitions),
            dict(self.givens),
            list(self.hypotheses),
        )

    def names(self) -> set[str]:
        return {*self.variables, *self.functions, *self.definitions}


class Scope:
    """One page, and what its names mean at the place that the reader has reached.

    A name keeps its meaning from one section to the next, until a section gives it another; all
    that was said through the old meaning is forgotten with it. Within a section no name is
    introduced twice. Values that are given, and what is supposed of a name that was there before,
    hold for one section.
    """

    def __init__(self) -> None:
        self._layer = Layer()
        self._fresh: set[str] = set()  # the names that this section has introduced
        self._supposed: list[t.Node] = []  # what this section supposes of older names
        self.known: set[t.Node] = set()  # every subtree of every formula of the page
        self.version = 0  # changes whenever a name or a hypothesis does
        self.cache: dict[object, Any] = {}
        self._extra_functions: set[str] = set()

    def copy(self) -> Scope:
        """Return the scope as it is now; what the copy learns, this one does not."""
        twin = Scope()
        twin._layer = self._layer.copy()
        twin._fresh, twin._supposed = set(self._fresh), list(self._supposed)
        twin.known, twin.version = set(self.known), self.version
        return twin

    def section(self) -> None:
        """Begin a section."""
        self._fresh = set()
        self._supposed = []
        self._layer.givens.clear()
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self.cache.clear()

    # --- what is known

    @property
    def variables(self) -> dict[str, Variable]:
        return self._layer.variables

    @property
    def givens(self) -> dict[str, t.Node]:
        return self._layer.givens

    @property
    def hypotheses(self) -> list[t.Node]:
        return [*self._layer.hypotheses, *self._supposed]

    def variable(self, name: str) -> Variable | None:
        return self._layer.variables.get(name)

    def definition(self, name: str) -> Definition | None:
        return self._layer.definitions.get(name)

    def is_declared_function(self, text: str) -> bool:
        return text in self._layer.functions

    def is_function(self, text: str) -> bool:
        definition = self.definition(text)
        if definition is not None:
            return definition.kind in ("function", "length")
        return self.is_declared_function(text) or text in self._extra_functions

    def is_name(self, text: str) -> bool:
        return text in self._layer.names()

    def depends_on(self, name: str) -> set[str]:
        """The declared names that a name is made of, itself if it is declared."""
        definition = self.definition(name)
        if definition is None:
            return {name}
        found: set[str] = set()
        for node in definition.body.walk():
            if isinstance(node, t.Name) and node.text not in definition.parameters:
                found |= self.depends_on(node.text)
        return found

    # --- reading and collecting

    def read(self, source: str, functions: Iterable[str] = ()) -> t.Node:
        self._extra_functions = set(functions)
        key = ("read", source, *self._extra_functions)
        try:
            if key not in self.cache:
                self.cache[key] = read(source, self)
            return self.cache[key]
        except Refused:
            raise
        except Exception as error:
            raise failed(error) from error
        finally:
            self._extra_functions = set()

    def remember(self, node: t.Node) -> None:
        """Make the parts of a formula known, so that they may be mentioned."""
        self.known.update(node.walk())

    # --- introducing names

    def _new(self, name: str) -> None:
        if name in CONSTANTS or name == "d":
            raise Refused("redefinition", f"{name} has its own meaning and cannot be declared")
        if name in self._fresh:
            raise Refused("redefinition", f"{name} already has a meaning in this section")
        self._forget(name)
        self._fresh.add(name)
        self._changed()

    def _forget(self, name: str) -> None:
        """Forget a name, and everything that was said through it."""
        layer = self._layer
        layer.variables.pop(name, None)
        layer.functions.discard(name)
        layer.definitions.pop(name, None)
        layer.givens.pop(name, None)
        layer.hypotheses = [h for h in layer.hypotheses if name not in names_in(h)]
        self._supposed = [h for h in self._supposed if name not in names_in(h)]
        through = [d.name for d in layer.definitions.values() if name in d.free_names()]
        through += [v.name for v in layer.variables.values() if name in v.free_names()]
        for other in through:
            self._forget(other)

    def define(self, definition: Definition) -> None:
        self._new(definition.name)
        self._layer.definitions[definition.name] = definition

    def undefine(self, name: str) -> None:
        """Take back a definition that did not pass."""
        self._changed()
        self._layer.definitions.pop(name, None)
        self._fresh.discard(name)

    def give(self, name: str, value: t.Node) -> None:
        if self.variable(name) is None:
            raise Refused("undeclared", f"{name} is not declared, so it cannot be given a value")
        self._changed()
        self._layer.givens[name] = value

    def declare(self, text: str) -> None:
        """Declare names and what is known of them.

        `x`; `x, y`; `x > 0`; `0 < s < 1`; `n \\in \\mathbb{N}` (1, 2, ...); `v \\in \\mathbb{R}^3`;
        `A \\in \\mathbb{R}^{2 \\times 3}`; `x_1, \\dots, x_n`; `i \\in \\{1, \\dots, n\\}`;
        `f: differentiable` (as often as needed); `\\ell: length` (of a vector).
        """
        name, colon, kind = text.partition(":")
        if colon:
            self._declare_function(name.strip(), kind.strip())
            return
        generic = GENERIC.match(text.strip())
        if generic:
            self._declare_vector(generic["name"].strip(), self.read(generic["size"]))
            return
        try:
            node = self.read(text)
        except Refused:
            if "," not in text:
                raise
            for part in text.split(","):
                self.declare(part)
            return
        if isinstance(node, t.Chain):
            node = self._declare_indexed(node, text)
        self._declare_node(node)

    def _declare_indexed(self, chain: t.Chain, text: str) -> t.Node:
        """In `w_1 > 0`, w_1 is a name of its own unless w is known."""
        new = [
            text_of(node)
            for node in chain.walk()
            if isinstance(node, t.Subscript) and not self._has_meaning(text_of(node).split("_")[0])
        ]
        for name in dict.fromkeys(new):
            self._add(Variable(name))
        return self.read(text) if new else chain

    def _declare_function(self, name: str, kind: str) -> None:
        if kind not in ("differentiable", "length"):
            message = f"a function can be declared differentiable or length, not {kind}"
            raise Refused("unsupported", message)
        node = self.read(name)
        if not isinstance(node, t.Name):
            raise Refused("unparsable", f"{name} is not a name")
        if kind == "length":  # the number of entries of a vector
            self.define(Definition(node.text, "length", ("v",), t.Name("v")))
            return
        self._new(node.text)
        self._layer.functions.add(node.text)

    def _declare_vector(self, name: str, size: t.Node) -> None:
        if isinstance(size, t.Name) and not self.is_name(size.text):
            self._add(Variable(size.text, "natural"))
        self._add(Variable(name, "real", (size,)))

    def _add(self, variable: Variable) -> None:
        self._new(variable.name)
        self._layer.variables[variable.name] = variable

    def _declare_node(self, node: t.Node) -> None:
        if isinstance(node, t.Name):
            self._add(Variable(node.text))
        elif isinstance(node, t.Subscript):
            self._add(Variable(text_of(node)))
        elif isinstance(node, t.Membership):
            for item in node.items:
                self._declare_member(item, node.set)
        elif isinstance(node, t.Chain):
            self._suppose(node)
        else:
            raise Refused("unsupported", "only names and what is supposed of them can be declared")

    def _declare_member(self, item: t.Node, domain: t.Node) -> None:
        name = text_of(item)
        if isinstance(domain, t.Blackboard):
            kind = {"R": "real", "Z": "integer", "N": "natural"}[domain.letter]
            for size in domain.shape:
                if isinstance(size, t.Name) and not self.is_name(size.text):
                    self._add(Variable(size.text, "natural"))
            self._add(Variable(name, kind, domain.shape))
        elif isinstance(domain, t.RangeSet):
            self._add(Variable(name, "integer"))
            self._layer.hypotheses.append(
                t.Chain((domain.lower, t.Name(name), domain.upper), ("≤", "≤"))
            )
        elif isinstance(domain, t.Interval):
            self._add(Variable(name))
            relations = ("<" if domain.lower_open else "≤", "<" if domain.upper_open else "≤")
            sides = (domain.lower, t.Name(name), domain.upper)
            self._layer.hypotheses.append(_finite(t.Chain(sides, relations)))
        else:
            raise Refused(
                "unsupported", "a name can be declared in R, Z, N, a range or an interval"
            )

    def _suppose(self, chain: t.Chain) -> None:
        new = [name for name in names_in(chain) if not self._has_meaning(name)]
        for name in new:
            self._add(Variable(name))
        self._changed()
        (self._layer.hypotheses if new else self._supposed).append(chain)

    def _has_meaning(self, text: str) -> bool:
        return self.is_name(text) or text in CONSTANTS or text in KNOWN_FUNCTIONS


def _finite(chain: t.Chain) -> t.Chain:
    """An interval without the ends that are infinite."""
    sides, relations = list(chain.sides), list(chain.relations)
    if _is_infinite(sides[-1]):
        sides, relations = sides[:-1], relations[:-1]
    if _is_infinite(sides[0]):
        sides, relations = sides[1:], relations[1:]
    if not relations:
        raise Refused("unsupported", "write x \\in \\mathbb{R}")
    return t.Chain(tuple(sides), tuple(relations))


def _is_infinite(node: t.Node) -> bool:
    return isinstance(node, t.Infinity) or (
        isinstance(node, t.Negate) and isinstance(node.body, t.Infinity)
    )


def names_in(node: t.Node) -> list[str]:
    """The names that a formula uses, each once, in order."""
    return list(dict.fromkeys(part.text for part in node.walk() if isinstance(part, t.Name)))


def text_of(node: t.Node) -> str:
    """The name that a node is, as the scope keeps it."""
    if isinstance(node, t.Name):
        return node.text
    if isinstance(node, t.Subscript) and isinstance(node.base, t.Name) and len(node.indices) == 1:
        index = node.indices[0]
        if isinstance(index, t.Name):
            return f"{node.base.text}_{index.text}"
        if isinstance(index, t.Number) and index.value.denominator == 1:
            return f"{node.base.text}_{index.value}"
    raise Refused("unsupported", "only a name can be introduced")
