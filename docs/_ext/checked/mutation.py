"""Proves the proof: changes each formula of the book in every small way, and wants each refused.

`sphinx-build -b mutants` reads the pages without running their cells, changes one token of one
formula at a time, and checks the page from there on as if the author had written it so. A mutant
is refused when any formula of the page is. Those that pass have to stand, with a reason why they
are still true, in the file that `checked_survivors` names; a new one fails the build. The figures
are written beside it, for the book to show.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging

from . import Scope
from . import tree as t
from .defining import called_name
from .mutants import fuzz, mutants
from .pages import Formula, judge, known_parts, said
from .records import records

logger = logging.getLogger(__name__)
# What can be false, and what claims nothing: a mere term.
CLASSES = {"formulas": ("claim", "number", "define", "given"), "terms": ("mention",)}
MUTATED = ("claim", "define", "given", "number")
INTRODUCING = ("define", "given")
ONE = t.Number(Fraction(1))
MINUS_ONE = t.Negate(ONE)
# These claim nothing, so they cannot be false; what rests on them can, and is checked.
REASONS = {
    "mention": "a term alone claims nothing, and this one too stands in a checked formula",
    "define": "a definition alone claims nothing, and no later formula rests on the change",
    "given": "a value for an example claims nothing, and no later formula rests on the change",
}


@dataclass(frozen=True, order=True)
class Mutant:
    """One small change of one formula of one page, with which the page still passes."""

    page: str
    kind: str  # what the formula says: claim, number, define, given or mention
    formula: str
    changed: str


def mutate(page: str, script: list[Formula], sample: float) -> tuple[Counter[str], list[Mutant]]:
    """Return how many mutants of each kind were tried on a page, and those that pass."""
    chance = random.Random(page)
    tried, passing = Counter[str](), []
    scope = Scope()
    scope.known = known_parts(script)
    for place, formula in enumerate(script):
        if formula.kind in MUTATED:
            kind = said(scope, formula)
            for changed, _ in chain(mutants(formula.latex), fuzz(formula.latex)):
                if chance.random() < sample:
                    mutant = replace(formula, latex=changed)
                    passed = passes(scope.copy(), mutant, script[place + 1 :])
                    if passed and reads_same(scope, formula, mutant):
                        continue
                    tried[kind] += 1
                    if passed:
                        passing.append(Mutant(page, kind, formula.latex, changed))
        judge(scope, formula)
    return tried, passing


def reads_same(scope: Scope, formula: Formula, mutant: Formula) -> bool:
    """Tell whether a mutant is the formula again: other spaces, the bars of a norm spelled anew,
    or divided by one where the page multiplies by one.
    """
    first, second = (
        plain(scope.read(f.latex, called_name(f.latex) if f.kind == "define" else ()))
        for f in (formula, mutant)
    )
    return first == second


def plain(node: t.Node) -> t.Node:
    """Return the formula, divided by one wherever it multiplies by one."""
    node = t.rebuilt(node, plain)
    if isinstance(node, t.Multiply) and node.right in (ONE, MINUS_ONE):
        return t.Divide(node.left, node.right)
    return node


def passes(scope: Scope, mutant: Formula, rest: list[Formula]) -> bool:
    """Tell whether a page passes from the mutant on."""
    if not judge(scope, mutant).ok:
        return False
    if mutant.kind not in INTRODUCING:  # what follows does not rest on it
        return True
    return all(judge(scope, formula).ok for formula in rest)


class MutantsBuilder(Builder):
    """Tries the mutants of every page, with progress, and compares what passes with the list."""

    name = "mutants"
    epilog = ""

    def get_outdated_docs(self) -> set[str]:
        return self.env.found_docs

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return ""

    def write_documents(self, docnames: AbstractSet[str]) -> None:
        scripts = {page: found["script"] for page, found in records(self.env).items()}
        sample = float(self.config.checked_sample)
        tried, passing = Counter[str](), []
        started = time.monotonic()
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            jobs = {
                pool.submit(mutate, page, script, sample): page for page, script in scripts.items()
            }
            for number, job in enumerate(as_completed(jobs), 1):
                count, survivors = job.result()
                tried += count
                passing += survivors
                seconds = time.monotonic() - started
                print(
                    f"{number} of {len(jobs)} pages, {jobs[job]}: {count.total()} mutants,"
                    f" {len(survivors)} pass; {seconds:.0f} s",
                    file=sys.stderr,
                )
        self.compare(tried, passing)

    def compare(self, tried: Counter[str], passing: list[Mutant]) -> None:
        """Warn of each mutant that passes without a reason; after a whole run, keep the record."""
        path = record_file(self.app)
        known = {key(entry): entry["reason"] for entry in read_record(path)["survivors"]}
        survivors = [asdict(mutant) for mutant in sorted(set(passing))]
        for entry in survivors:
            entry["reason"] = known.get(key(entry)) or REASONS.get(entry["kind"], "")
        for entry in survivors:
            if not entry["reason"]:
                logger.warning(
                    "a mutant passes and is not listed as still true: %s    instead of: %s",
                    " ".join(entry["changed"].split()),
                    " ".join(entry["formula"].split()),
                    location=entry["page"],
                )
        figures = {name: sums(tried, passing, kinds) for name, kinds in CLASSES.items()}
        for name, (count, refused) in figures.items():
            print(f"{count} mutants of {name}, {refused} refused", file=sys.stderr)
        if float(self.config.checked_sample) == 1:
            record = {**figures, "survivors": survivors}
            text = json.dumps(record, indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")


def sums(tried: Counter[str], passing: list[Mutant], kinds: tuple[str, ...]) -> tuple[int, int]:
    """Return how many mutants of these kinds were tried, and how many refused."""
    count = sum(tried[kind] for kind in kinds)
    return count, count - sum(mutant.kind in kinds for mutant in passing)


def record_file(app: Sphinx) -> Path:
    return Path(app.confdir, app.config.checked_survivors)


def read_record(path: Path) -> dict[str, Any]:
    """Return the record of the last whole run, or an empty one."""
    if not path.is_file():
        return {**dict.fromkeys(CLASSES, (0, 0)), "survivors": []}
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def key(entry: dict[str, str]) -> tuple[str, str, str]:
    return entry["page"], entry["formula"], entry["changed"]
