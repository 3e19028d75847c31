"""What an author sees while writing, in a small book that is served and built as files change."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.building import ROOT

PAGE = """\
---
file_format: mystnb
kernelspec: {name: python3}
---
# Page

Some words.

```{code-cell}
import beside

print("cell", 1, beside.value)
```

```{math}
:define:
:code: beside.double
f(x) = 2x
```

$f(3) = 6$
"""
MODULE = "value = 'old'\n\n\ndef double(x):\n    return 2 * x\n"
CONF = f"""\
import os, sys
sys.path[:0] = [{str(ROOT / "docs" / "_ext")!r}, os.getcwd()]
os.environ["PYTHONPATH"] = os.getcwd()
extensions = ["myst_nb", "failures", "fresh_pages", "cells_run", "cell_errors", "checked.book"]
nb_execution_mode = "force"
nb_execution_allow_errors = True
suppress_warnings = ["mystnb.exec"]
html_theme = "basic"
myst_enable_extensions = ["dollarmath"]
"""
SECONDS = 60


@dataclass
class Book:
    """A book that is being written."""

    root: Path
    port: int
    process: subprocess.Popen[bytes]

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def read(self, page: str = "index.html") -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{page}") as answer:
                text: str = answer.read().decode()
                return text
        except URLError:
            return ""

    def view(self) -> ClientConnection:
        """Connect as the page in a browser does."""
        address = f"ws://127.0.0.1:{self.port}/live/index.html?since={time.time()}"
        return connect(address)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def hear(words: str, browser: ClientConnection) -> None:
    """Wait until the browser is told this."""
    while words not in str(browser.recv(SECONDS)):
        pass


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "package").mkdir()
    (tmp_path / "beside.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "live", "docs", "build", "--port", str(port)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT / "docs" / "_ext")},
        start_new_session=True,  # as in a terminal of its own
    )
    book = Book(tmp_path, port, process)
    try:
        wait_until(lambda: "Some words" in book.read())
        yield book
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)


def test_a_page_follows_its_words_its_cells_and_what_they_import(book: Book) -> None:
    assert "cell 1 old" in book.read()
    with book.view() as browser:
        book.edit("docs/index.md", "Some words", "Other words")
        wait_until(lambda: "Other words" in book.read())
        hear('"reload":true', browser)
    book.edit("docs/index.md", '"cell", 1', '"cell", 2')
    wait_until(lambda: "cell 2 old" in book.read())
    book.edit("beside.py", "'old'", "'new'")
    wait_until(lambda: "cell 2 new" in book.read())


def test_pages_that_nobody_looks_at_follow_too(book: Book) -> None:
    (book.root / "docs" / "other.md").write_text("---\norphan: true\n---\n# Other\n")
    wait_until(lambda: "Other" in book.read("other.html"))
    with book.view():
        book.edit("docs/other.md", "# Other", "# Second")
        wait_until(lambda: "Second" in book.read("other.html"))


def test_every_setting_counts_at_once(book: Book) -> None:
    book.edit("conf.py", "html_theme", "html_title = 'A good title'\nhtml_theme")
    wait_until(lambda: "A good title" in book.read())


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("docs/index.md", "f(3) = 6", "f(3) = 7", "docs/index.md:21: the step is false"),
        ("beside.py", "2 * x", "3 * x", "docs/index.md:18: "),
        ("docs/index.md", '"cell", 1', "1 / 0", "docs/index.md:12: ZeroDivisionError"),
        ("conf.py", "html_theme", "html_theme = = ", "conf.py"),
    ],
)
def test_what_is_wrong_stands_on_the_page_until_it_is_repaired(
    book: Book, name: str, old: str, new: str, problem: str
) -> None:
    with book.view() as browser:
        book.edit(name, old, new)
        hear(problem, browser)
        book.edit(name, new, old)
        hear('"problems":[]', browser)


def test_nothing_is_left_when_it_ends(book: Book) -> None:
    mine = {book.process.pid, *descendants(book.process.pid)}
    assert len(mine) > 2
    book.process.send_signal(signal.SIGINT)
    book.process.wait(SECONDS)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in mine))


def descendants(pid: int) -> set[int]:
    """Return the processes that a process has started, and those that they have."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return {int(child) for child in children}.union(*map(descendants, map(int, children)))
