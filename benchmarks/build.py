"""Says how fast books build: by this engine, by stock MyST-NB, by Jupyter Book, and the floor.

``make bench-build`` writes books of three lengths, builds each anew, again, and after edits, does
the same with the book itself, and writes down what that took. What the data holds already is not
measured again: remove the file to begin anew.
"""

import argparse
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import books
from benchmarks.processes import Cost, cost
from benchmarks.speed import machine

ROOT = Path(__file__).parents[1]
DATA = ROOT / "benchmarks" / "build.json"
WORK = ROOT / "build" / "bench"
JUPYTER_BOOK = "jupyter-book==1.0.4.post1"
VERSIONS = ("sphinx", "myst-nb", "ipykernel", "numpy", "matplotlib", "torch")
ENGINE = ("failures", "fresh_pages", "cells_run")
PAGES = (10, 50, 200)
OWN = "this book"
WAYS = ("engine", "stock", "jupyter-book", "no cells", "cells alone")
BUILDS = ("cold", "no-op", "prose edit", "cell edit", "package edit")
EDITS: dict[str, Callable[[Path], object]] = {
    "prose edit": books.edit_prose,
    "cell edit": books.edit_cell,
    "package edit": books.edit_package,
}
# Only the engine notices that code has changed: others show the change when all is built anew.
ANEW = {"stock": "-E", "jupyter-book": "--all"}
SPHINX = ("-m", "sphinx", "-c", ".", "-j", "auto")
Case = dict[str, Any]


def measurements(pages: list[int], own: bool) -> Iterator[tuple[str, str, str]]:
    """Yield what is measured, in order: a book, a way to build it, and which build."""
    for number in pages:
        for way in WAYS:
            for build in BUILDS if way in WAYS[:3] else BUILDS[:1]:
                yield f"{number} pages", way, build
    for way in WAYS if own else ():
        if way != "jupyter-book":
            for build in BUILDS[:2] if way == "engine" else BUILDS[:1]:
                yield OWN, way, build


def measure(book: str, way: str, build: str) -> Cost:
    """Build a book in some way, and return what it took. A cold build comes before the others."""
    folder = WORK / book.replace(" ", "-") / way.replace(" ", "-")
    if build == "cold":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if book != OWN:
            books.write_book(folder, int(book.split()[0]))
    if build in EDITS:
        EDITS[build](folder)
    where = ROOT if book == OWN else folder
    log = folder / f"{build}.log"
    if way == "cells alone":
        return warm(where, log)
    command = command_of(book, way, folder, build)
    if (book, build) == (OWN, "no-op"):  # the book shows this data, which has just changed
        cost(command, where, environment(way, where), log)
    return cost(command, where, environment(way, where), log)


def command_of(book: str, way: str, folder: Path, build: str) -> list[str]:
    """Return the command that builds a book."""
    anew = [ANEW[way]] if build == "package edit" and way in ANEW else []
    if way == "jupyter-book":
        return [str(jupyter_book() / "jupyter-book"), "build", "docs", *anew]
    off = ["-D", "nb_execution_mode=off"] if way == "no cells" else []
    if book == OWN and way != "engine":
        off += ["-D", f"extensions={','.join(extensions_of_the_book())}"]
    places = ["-d", folder / "doctrees", "-b", "html", "docs", folder / "html"]
    return [sys.executable, *SPHINX, *anew, *off, *map(str, places)]


def extensions_of_the_book() -> list[str]:
    """Return the extensions of the book but those of the engine."""
    listed = re.search(r"^extensions = \[(.*?)^\]", (ROOT / "conf.py").read_text(), re.M | re.S)
    if listed is None:
        raise LookupError("conf.py: the list of extensions is not there")
    names = re.findall(r'^ +"(.*)",', listed[1], re.MULTILINE)
    return [name for name in names if name not in ENGINE[1:]]


def environment(way: str, folder: Path) -> dict[str, str]:
    """Return the environment of a build, in which no other book or package is in the way."""
    extensions = ",".join(ENGINE) if way == "engine" else ""
    return os.environ | {"PYTHONPATH": str(folder), "EXTENSIONS": extensions, "NO_COLOR": "1"}


def warm(folder: Path, log: Path) -> Cost:
    """Run all cells in one process that has loaded all that they need."""
    paths = os.pathsep.join(map(str, [folder, folder / "docs"]))
    where = os.environ | {"PYTHONPATH": paths}
    command = [sys.executable, str(Path(__file__).with_name("warm.py")), "docs"]
    whole = cost(command, folder, where, log)
    took = json.loads(log.read_text().splitlines()[-1])
    return Cost(round(took["wall"], 2), round(took["cpu"], 2), whole.memory)


def jupyter_book() -> Path:
    """Return where the commands of Jupyter Book are, in a virtual environment of its own."""
    commands = ROOT / "build" / "jupyter-book" / "bin"
    if not (commands / ".ready").exists():
        tell(f"installing {JUPYTER_BOOK} into {commands.parent.relative_to(ROOT)}")
        subprocess.run([sys.executable, "-m", "venv", str(commands.parent)], check=True)
        # The same packages run the cells, else it would be these that are compared.
        cells = [f"{name}=={version(name)}" for name in ("numpy", "matplotlib", "torch")]
        install = [str(commands / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, JUPYTER_BOOK, *cells], check=True)
        (commands / ".ready").touch()
    return commands


def find(data: Mapping[str, Any], book: str, way: str, build: str = "cold") -> Case | None:
    """The measurement of a build, if it is in the data."""
    for case in data["builds"]:
        if (case["book"], case["way"], case["build"]) == (book, way, build):
            return dict(case)
    return None


def ratio(data: Mapping[str, Any], book: str, way: str, build: str, what: str) -> float | None:
    """How many times what the engine takes another way takes."""
    ours, theirs = (find(data, book, one, build) for one in ("engine", way))
    return theirs[what] / ours[what] if ours and theirs else None


def floor(data: Mapping[str, Any], book: str, what: str = "wall") -> float | None:
    """What Sphinx without the cells and all cells by themselves take together."""
    parts = [find(data, book, way) for way in WAYS[3:]]
    return sum(part[what] for part in parts if part) if all(parts) else None


def verdicts(data: Mapping[str, Any]) -> list[tuple[str, float, bool]]:
    """Each target in words, what was measured, and whether it is met."""
    own, long, longest = OWN, *(f"{number} pages" for number in PAGES[1:])
    lowest = floor(data, own)
    said = [
        (f"{own}, cold: at most 0.75 × its floor", own, "engine", "cold", "wall", lowest, 0.75),
        (f"{own}, no-op: at most 1.5 s", own, "engine", "no-op", "wall", 1, 1.5),
        (f"{longest}, no-op: at most 2 s", longest, "engine", "no-op", "wall", 1, 2),
        (
            f"{longest}, cold, without cells: at most 25 s of CPU",
            longest,
            "no cells",
            "cold",
            "cpu",
            1,
            25,
        ),
    ]
    growing = find(data, long, "engine")
    said += [
        (
            f"{longest}, cold: at most 4 × the CPU of {long}",
            longest,
            "engine",
            "cold",
            "cpu",
            growing and growing["cpu"],
            PAGES[2] / PAGES[1],
        )
    ]
    found = []
    for text, book, way, build, what, unit, limit in said:
        case = find(data, book, way, build)
        if case and unit:
            found.append((text, case[what] / unit, case[what] / unit <= limit))
    for text, book, what, limit in (
        (f"stock, {own}, cold: at least 3 × the time", own, "wall", 3),
        (f"stock, {long}, cold: at least 5 × the CPU", long, "cpu", 5),
    ):
        if times := ratio(data, book, "stock", "cold", what):
            found.append((text, times, times >= limit))
    return found


def verdict_table(data: Mapping[str, Any]) -> str:
    """The targets, a line each."""
    return "\n".join(
        f"{'met' if met else 'MISSED':8}{measured:6.2f}   {target}"
        for target, measured, met in verdicts(data)
    )


HEADER = f"{'book':10}{'build':13}{'way':13}{'time':>6}{'CPU':>6}{'MiB':>6}{'÷ ours':>7}{'CPU':>6}"


def row(data: Mapping[str, Any], case: Case) -> str:
    """One measurement in a line, and how many times that of the engine it is."""
    name, way, build = case["book"], case["way"], case["build"]
    start = f"{name:10}{build:13}{way:13}{case['wall']:6.1f}{case['cpu']:6.1f}{case['memory']:6.0f}"
    times = [ratio(data, name, way, build, what) for what in ("wall", "cpu")]
    if way in WAYS[1:3] and None not in times:
        start += f"{times[0]:7.1f}{times[1]:6.1f}"
    return start


def table(data: Mapping[str, Any]) -> str:
    """All measurements, a line each."""
    order = {which: place for place, which in enumerate(measurements([*PAGES], own=True))}
    cases = sorted(data["builds"], key=lambda c: order[c["book"], c["way"], c["build"]])
    return "\n".join([HEADER, *(row(data, case) for case in cases)])


def main() -> None:
    """Measure what the data lacks, and write it down after each build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, choices=PAGES, help="only the book of so many pages")
    parser.add_argument("--own", action="store_true", help="only the book itself")
    parser.add_argument("--output", type=Path, default=DATA, help="where to write the data")
    arguments = parser.parse_args()
    pages = [arguments.pages] if arguments.pages else [] if arguments.own else [*PAGES]
    head = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine(),
        "versions": {name: version(name) for name in VERSIONS} | dict([JUPYTER_BOOK.split("==")]),
    }
    found = json.loads(arguments.output.read_text()) if arguments.output.exists() else {}
    data = head | {"builds": found.get("builds", [])}
    missing: set[tuple[str, str]] = set()
    for book, way, build in measurements(pages, own=not arguments.pages):
        if find(data, book, way, build) or (book, way) in missing:
            continue
        try:
            took = measure(book, way, build)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as failure:
            tell(f"skipped {book}, {way}: {failure}")
            missing.add((book, way))
            continue
        data["builds"].append({"book": book, "way": way, "build": build, **asdict(took)})
        tell(row(data, data["builds"][-1]))
        arguments.output.write_text(json_text(data))
    tell(f"\n{table(data)}\n\n{verdict_table(data)}")


def json_text(data: Mapping[str, Any]) -> str:
    """The data as JSON, a build a line, so that a change is seen."""
    head = {name: value for name, value in data.items() if name != "builds"}
    lines = ",\n".join(f"  {json.dumps(case)}" for case in data["builds"])
    return f'{json.dumps(head, indent=1)[:-2]},\n "builds": [\n{lines}\n ]\n}}\n'


def tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
