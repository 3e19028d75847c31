"""What a reader waits for: the bytes, the time and the jumps of each chapter's first view.

``make bench-pages`` opens the built chapters in Chromium, prints what it finds beside the budget,
and writes it down as data.
"""

import functools
import gzip
import http.server
import json
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "build" / "html"
DATA = ROOT / "benchmarks" / "pages.json"
CHAPTERS = ("vectors", "images", "derivatives", "chain-rule", "sigmoid", "activations", "training")

# The shell is Chromium without all that surrounds a page.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
# Without the last ones, Chromium itself looks for updates in the network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What a host does not compress, because it is compressed.
COMPRESSED = (".woff2", ".png")
VIEWS = 5


@dataclass(frozen=True)
class View:
    """A first view: `kibibytes` over the wire, `milliseconds` until all is there, layout shift."""

    chapter: str
    kibibytes: float
    formulas: int
    milliseconds: float
    shift: float

    def missed(self) -> list[str]:
        """Which budgets are not kept."""
        # For a page of up to 240 formulas; a longer one may take longer.
        limit = 600 * max(1, self.formulas / 240)
        kept = {
            "400 KiB": self.kibibytes <= 400,
            f"{limit:.0f} ms": self.milliseconds <= limit,
            "a shift of 0.01": self.shift < 0.01,
        }
        return [budget for budget, is_kept in kept.items() if not is_kept]


class Silent(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line about each."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder` on this machine, and give its address."""
    handler = functools.partial(Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


def view(browser: Browser, site: str, chapter: str) -> View:
    """Open a chapter as somebody does who has never seen a page of the book."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        return _view(context, site, chapter)


def _view(context: BrowserContext, site: str, chapter: str) -> View:
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry =>"
        " { window.shift += entry.value })).observe({ type: 'layout-shift', buffered: true })"
    )
    came: list[Any] = []
    page.on("response", lambda response: came.append(response))
    page.goto(f"{site}/lecture-02/{chapter}.html", wait_until="networkidle")
    sizes = [
        len(body) if response.url.endswith(COMPRESSED) else len(gzip.compress(body))
        for response in came
        if (body := response.body())
    ]
    return View(
        chapter,
        round(sum(sizes) / 1024, 1),
        page.locator(".katex").count(),
        page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"),
        page.evaluate("window.shift"),
    )


def main() -> int:
    """Measure all chapters; 1 if a budget is missed."""
    if not BOOK.exists():
        print("make bench-pages: build/html is not there; run make html first")
        return 1
    if CHROMIUM is None:
        print("make bench-pages: Chromium is wanted (on Debian: apt-get install chromium)")
        return 1
    found = []
    with serving(BOOK) as site, chromium() as browser:
        for chapter in CHAPTERS:
            views = [view(browser, site, chapter) for _ in range(VIEWS)]
            time = statistics.median(one.milliseconds for one in views)
            found.append(View(**asdict(views[0]) | {"milliseconds": round(time)}))
            one = found[-1]
            print(
                f"{chapter:12} {one.kibibytes:6.1f} KiB {one.formulas:4} formulas"
                f" {one.milliseconds:5.0f} ms  shift {one.shift:.4f}"
                f"  {'; '.join(f'over {budget}' for budget in one.missed()) or 'kept'}"
            )
        version = browser.version
    data = {"chromium": version, "chapters": [asdict(one) for one in found]}
    DATA.write_text(json.dumps(data, indent=1) + "\n")
    return 1 if any(one.missed() for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
