"""How long an author waits: from saving a file to the new page, as `make live` shows it.

``make bench-live`` edits a chapter's prose, one of its cells, and the package that they import,
five times each, while Chromium shows the chapter, and prints the medians beside the budgets. It
works on a copy of the book.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from playwright.sync_api import Page, sync_playwright

from benchmarks.pages import ARGUMENTS, CHROMIUM, ROOT

CHAPTER = "lecture-02/vectors"
PORT = 8765
TIMES = 5
BUDGETS = {"prose": 0.6, "cell": 0.9, "mlmath": 1.2}
# What is edited is added to the end of the chapter.
ADDED = """
## Edited

Prose {prose}.

```{{code-cell}} ipython3
import mlmath.products

print("cell", "{cell}", "mlmath", getattr(mlmath.products, "EDITED", "none"))
```
"""
# The end of parsing: the reader sees the page, and what it loads late is on its way.
SHOWN = "performance.timeOrigin + performance.getEntriesByType('navigation')[0].domInteractive"
DONE = "performance.timeOrigin + performance.getEntriesByType('navigation')[0].loadEventEnd"
WORDS = "abcdefghijklmnopqrstuvwxyz"  # an author's edit has no number that nothing binds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder)
        for name in ("docs", "mlmath", "benchmarks", "conf.py", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, book / name)
        page = book / "docs" / f"{CHAPTER}.md"
        package = book / "mlmath" / "products.py"
        texts = page.read_text(encoding="utf-8"), package.read_text(encoding="utf-8")
        page.write_text(texts[0] + ADDED.format(prose="z", cell="z"), encoding="utf-8")
        command = [sys.executable, "-m", "live", "docs", "build/live", "--code", "mlmath"]
        live = subprocess.Popen(
            [*command, "--port", str(PORT)],
            cwd=book,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(book / "docs" / "_ext")},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            measure(live.stdout, page, package, *texts)
        finally:
            live.terminate()
            live.wait()


def measure(says: IO[str], page: Path, package: Path, chapter: str, code: str) -> None:
    def edit_prose(word: str) -> str:
        page.write_text(chapter + ADDED.format(prose=word, cell="z"), encoding="utf-8")
        return f"Prose {word}."

    def edit_cell(word: str) -> str:
        page.write_text(chapter + ADDED.format(prose="z", cell=word), encoding="utf-8")
        return f"\ncell {word} "

    def edit_package(word: str) -> str:
        package.write_text(f'{code}\nEDITED = "{word}"\n', encoding="utf-8")
        return f" mlmath {word}\n"

    edits = {"prose": edit_prose, "cell": edit_cell, "mlmath": edit_package}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        shown = browser.new_page()
        wait_for("waiting for a change", says)
        shown.goto(f"http://127.0.0.1:{PORT}/{CHAPTER}.html")
        for name, edit in edits.items():
            took = [time_one(edit, word, shown, says) for word in WORDS[:TIMES]]
            seen, done = (statistics.median(times) for times in zip(*took, strict=True))
            print(
                f"{name}: {seen:.2f} s until the page is there (at most {BUDGETS[name]} s wanted),"
            )
            print(f"    {done:.2f} s until all it loads is there", flush=True)
        browser.close()


def time_one(
    edit: Callable[[str], str], word: str, page: Page, says: IO[str]
) -> tuple[float, float]:
    """Return the seconds from saving an edit until the page is there, and all it loads."""
    saved = time.time()
    text = edit(word)
    page.wait_for_function(
        "text => document.readyState === 'complete' && document.body.textContent.includes(text)",
        arg=text,
        timeout=60_000,
    )
    times = page.evaluate(SHOWN) / 1000 - saved, page.evaluate(DONE) / 1000 - saved
    wait_for("waiting for a change", says)
    return times


def wait_for(words: str, says: IO[str]) -> None:
    for line in says:
        print("   ", line, end="", file=sys.stderr)
        if words in line:
            return
    raise SystemExit("make live has ended")


if __name__ == "__main__":
    main()
