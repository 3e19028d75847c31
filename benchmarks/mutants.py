"""Whether the tests would notice: mlmath changed in one small way at a time, its tests run.

``make code-mutants`` makes each change that cosmic-ray knows (another number, operator, condition
or variable, a decorator less) in memory, and runs the tests of the changed module, then all the
others. A change that no test notices must stand in mutants.json with the reason. It may be stopped
at any time: what was noticed, or has its reason, is not tried again while its module is the same.
``make code-mutants SAMPLE=0.01`` tries one change of a hundred.
"""

import argparse
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import json
import math
import multiprocessing
import multiprocessing.connection
import os
import random
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.ast.ast_query import ASTQuery
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).parents[1]
DATA = ROOT / "benchmarks" / "mutants.json"
WORK = ROOT / "build" / "code-mutants.txt"
# The package's own file only names what the others hold.
MODULES = sorted({*ROOT.glob("mlmath/*.py")} - {ROOT / "mlmath" / "__init__.py"})

# Loaded once, before this process is copied for every mutant; mlmath itself never.
THIRD_PARTY = (
    "array_api_compat.torch",
    "array_api_strict",
    "dask.array",
    "hypothesis.extra.numpy",
    "jax",
    "mpmath",
    "onnx",
    "scipy.special",
    "torch",
)
# What the tests of mlmath.testing would notice beside them takes them a minute.
TESTS = sorted((ROOT / "tests" / "mlmath").glob("test_*.py"))
TESTS += [ROOT / "tests" / "mlmath" / "testing" / "test_contract.py"]
# It starts a cluster, for half a minute.
TESTS.remove(ROOT / "tests" / "mlmath" / "test_larger_than_memory.py")
# What they would notice beside the others takes twice as long as all the others.
SLOW = "jax or dask or long_chain"
# All tests take half a minute of a processor; a loop without end takes more, and so is noticed.
SECONDS = 100
NOTICED, SURVIVED = "noticed", "survived"


@dataclass(frozen=True)
class Mutant:
    """One small change of a module."""

    path: Path
    operator: str
    occurrence: int
    function: str
    line: int

    @cached_property
    def source(self) -> str:
        """The changed text of the module."""
        operator = cosmic_ray.plugins.get_operator(self.operator)()
        return str(mutate_code(self.path.read_text(), operator, self.occurrence))

    @cached_property
    def key(self) -> str:
        """What stays the same as long as the changed text does."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def change(self) -> dict[str, str]:
        """Where the change is, and the lines that differ, as they were and as they are."""
        was, becomes = self.path.read_text().splitlines(), self.source.splitlines()
        while was and becomes and was[-1] == becomes[-1]:
            del was[-1], becomes[-1]
        first = next(
            i for i, pair in enumerate(itertools.zip_longest(was, becomes)) if len({*pair}) > 1
        )
        return {
            "where": f"{self.path.stem}.{self.function}".rstrip("."),
            "was": " ".join(map(str.strip, was[first:])),
            "becomes": " ".join(map(str.strip, becomes[first:])),
        }


class Changed(importlib.machinery.SourceFileLoader, importlib.abc.MetaPathFinder):
    """Give a module another text than that of its file."""

    def __init__(self, path: Path, source: str) -> None:
        super().__init__(f"mlmath.{path.stem}", str(path))
        self.source = source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Find the one module, and leave the others to the usual finders."""
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def get_code(self, fullname: str) -> Any:
        """Compile the text, and never take the stored code of the file."""
        return compile(self.source, self.path, "exec")


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of the module but those in annotations, which nothing computes with."""
    nodes = list(ast_nodes(get_ast(path.read_text())))
    for name in cosmic_ray.plugins.operator_names():
        operator = cosmic_ray.plugins.get_operator(name)
        if operator.arguments():
            continue
        positions = (
            (node, line) for node in nodes for (line, _), _ in operator().mutation_positions(node)
        )
        for occurrence, (node, line) in enumerate(positions):
            if not annotates(node):
                function = ASTQuery(node).get_definition_name() or ""
                yield Mutant(path, name, occurrence, function, line)


def annotates(node: Any) -> bool:
    """Whether `node`, of parso's tree, belongs to an annotation or to the definition of a type."""
    while (outer := node.parent) is not None:
        if outer.type == "funcdef" and node is outer.annotation:
            return True
        if outer.type == "tfpdef" and node is outer.children[-1]:
            return True
        if outer.type == "annassign" and (
            node is outer.children[1] or "TypeAlias" in outer.children[1].get_code()
        ):
            return True
        node = outer
    return False


def run_tests(path: Path, source: str) -> None:
    """Run the tests with `source` as the module at `path`; end this process with their status."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.meta_path.insert(0, Changed(path, source))
    own = {path, ROOT / "tests" / "mlmath" / f"test_{path.stem.strip('_')}.py"}
    options = ["-x", "--doctest-modules", "--assert=plain", "-p", "no:cacheprovider"]
    options += ["-k", f"not ({SLOW})"]
    status = 0
    for among_own in (True, False):
        tests = [str(one) for one in [*MODULES, *TESTS] if (one in own) is among_own]
        status = status or int(pytest.main([*options, *tests]))
    os._exit(status)


def statuses(tried: Iterable[Mutant], processes: int) -> Iterator[tuple[Mutant, int]]:
    """With which status the tests of each mutant end, as they do."""
    fork = multiprocessing.get_context("fork")
    waiting = iter(tried)
    running: dict[Any, tuple[Any, Mutant]] = {}
    while True:
        for mutant in itertools.islice(waiting, processes - len(running)):
            process = fork.Process(target=run_tests, args=(mutant.path, mutant.source))
            process.start()
            running[process.sentinel] = process, mutant
        if not running:
            return
        for sentinel in multiprocessing.connection.wait(list(running)):
            process, mutant = running.pop(sentinel)
            process.join()
            yield mutant, process.exitcode


def is_noticed(mutant: Mutant, status: int) -> bool:
    """Whether a test has failed, or could not even be read; anything else than that is refused."""
    if status in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED, -signal.SIGXCPU):
        return True
    if status != pytest.ExitCode.OK:
        raise RuntimeError(f"{mutant}: the tests ended with status {status}")
    return False


def reason_of(mutant: Mutant, reasons: dict[tuple[str, ...], str]) -> str:
    """For which listed reason no test need notice the change; empty if none is listed."""
    return reasons.get(tuple(mutant.change().values()), "")


def main() -> int:
    """Try the mutants and name those that no test notices; 1 if one of them is not listed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=float, default=1, help="which part of the mutants to try")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="at the same time")
    options = parser.parse_args()
    os.chdir(ROOT)
    for name in THIRD_PARTY:
        importlib.import_module(name)
    unchanged = multiprocessing.get_context("fork").Process(
        target=run_tests, args=(MODULES[0], MODULES[0].read_text())
    )
    unchanged.start()
    unchanged.join()
    if unchanged.exitcode != 0:
        print("make code-mutants: the tests fail without any change")
        return 1

    every = [mutant for path in MODULES for mutant in mutants(path)]
    chosen = random.Random(0).sample(every, math.ceil(options.sample * len(every)))
    WORK.parent.mkdir(exist_ok=True)
    WORK.touch()
    outcomes = dict(line.split() for line in WORK.read_text().splitlines())
    listed = json.loads(DATA.read_text())["survivors"] if DATA.exists() else []
    reasons = {(one["where"], one["was"], one["becomes"]): one["reason"] for one in listed}

    def settled(mutant: Mutant) -> bool:
        outcome = outcomes.get(mutant.key)
        return outcome == NOTICED or (outcome == SURVIVED and reason_of(mutant, reasons) != "")

    # What survived before comes last.
    untried = [mutant for mutant in chosen if not settled(mutant)]
    untried.sort(key=lambda mutant: mutant.key in outcomes)
    with WORK.open("a", buffering=1) as work:
        for done, (mutant, status) in enumerate(statuses(untried, options.processes), 1):
            outcomes[mutant.key] = NOTICED if is_noticed(mutant, status) else SURVIVED
            work.write(f"{mutant.key} {outcomes[mutant.key]}\n")
            if not settled(mutant):
                place = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
                print(f"{place}: no test notices this ({done} of {len(untried)} tried):")
                print("  {was}\n  {becomes}".format(**mutant.change()), flush=True)
    survivors = [
        {**mutant.change(), "reason": reason_of(mutant, reasons)}
        for mutant in chosen
        if outcomes[mutant.key] == SURVIVED
    ]
    if options.sample == 1:
        data = {
            "mutants": len(every),
            "noticed": len(every) - len(survivors),
            "survivors": sorted(survivors, key=lambda one: list(one.values())),
        }
        DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return 0 if all(one["reason"] for one in survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
