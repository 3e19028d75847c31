"""The benchmark of builds measures what it says: like books, like edits, all processes."""

import os
import re
import subprocess
import sys

import pytest

from benchmarks import books, build
from benchmarks.processes import cost


@pytest.fixture
def book(tmp_path):
    books.write_book(tmp_path, 12)
    return tmp_path


def contents(folder):
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_page_is_like_one_of_a_lecture(book):
    for number in range(12):
        page = (book / f"docs/page{number:03}.md").read_text()
        assert 18 <= len(re.findall(r"\$\$.*?\$\$|\$.*?\$", page, re.DOTALL)) <= 24
        assert page.count("{code-cell}") == 6
        assert page.count("plt.plot(x, y)") == 1
        assert ("torch" in page) == (number % 3 == 0)
        assert f"from measured.part{number % 10} import" in page


@pytest.mark.parametrize("edit", build.EDITS.values(), ids=build.EDITS)
def test_an_edit_changes_one_file(book, edit):
    before = contents(book)
    path = edit(book)
    after = contents(book)
    assert [name for name in after if before[name] != after[name]] == [path]


def test_an_edit_of_nothing_is_refused(book):
    with pytest.raises(LookupError, match=r"page003\.md"):
        books.replace(book / "docs/page003.md", "not there", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has used")
def test_the_work_of_a_process_that_nobody_waits_for_counts(tmp_path):
    work = "import os, time\nif os.fork() == 0:\n    os.setsid()\n"
    busy = "    while time.process_time() < 0.5: pass\n    os._exit(0)\n"
    command = [sys.executable, "-c", f"{work}{busy}time.sleep(4)"]
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:  # counts not
        took = cost(command, tmp_path, os.environ, tmp_path / "log")
        other.kill()
    assert 0.4 < took.cpu < 1.5
    assert took.wall > 4
    assert took.memory > 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has used")
def test_a_build_that_fails_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match="failed"):
        cost([sys.executable, "-c", "1 / 0"], tmp_path, os.environ, tmp_path / "log")


def made_up(**seconds):
    """All builds: the engine takes one second, the other ways what is said, else two."""
    which = build.measurements([*build.PAGES], own=True)
    took = [
        (where, way, kind, seconds.get(way, 1 if way == "engine" else 2))
        for where, way, kind in which
    ]
    return {
        "builds": [
            {"book": where, "way": way, "build": kind, "wall": s, "cpu": s, "memory": 1}
            for where, way, kind, s in took
        ]
    }


def test_goals_are_met_or_missed_by_what_was_measured():
    met = {text: is_met for text, _, is_met in build.verdicts(made_up())}
    assert len(met) == 7
    assert [text for text, is_met in met.items() if not is_met] == [
        "stock, this book, cold: at least 3 × the time",
        "stock, 50 pages, cold: at least 5 × the CPU",
    ]
    assert all(is_met for _, _, is_met in build.verdicts(made_up(stock=6)))


def test_what_was_not_measured_is_left_out():
    data = {"builds": [case for case in made_up()["builds"] if case["book"] == "10 pages"]}
    assert build.verdicts(data) == []
    assert len(build.table(data).splitlines()) == 1 + len(data["builds"])


def test_the_book_is_built_by_stock_without_the_engine():
    named = build.extensions_of_the_book()
    assert "myst_nb" in named
    assert not {"fresh_pages", "cells_run"}.intersection(named)
