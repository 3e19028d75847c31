"""A browser that reads the built book, and sees when a page asks anybody else for anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route

from benchmarks.pages import BOOK, CHROMIUM, chromium, serving
from tests.building import built


@pytest.fixture(scope="session")
def book() -> Path:
    """The built book, which must be that of the sources as they are."""
    built(BOOK / "index.html", "make html")
    return BOOK


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the book is served: in a folder of a site, as on a host that has other books too."""
    shelf = tmp_path_factory.mktemp("site")
    (shelf / "books").mkdir()
    (shelf / "books" / "mlmath").symlink_to(book)
    with serving(shelf) as address:
        yield f"{address}/books/mlmath"


class Reader:
    """A person before the book: opens pages, and keeps all that went wrong meanwhile."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site = browser, site
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def open(
        self, name: str, *, scheme: str = "light", width: int = 1280, **settings: object
    ) -> Page:
        """Open the page `name`; `settings` are those of Playwright's new_context."""
        context = self.browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, **settings
        )
        self.contexts.append(context)
        context.route(lambda url: not url.startswith((self.site, "data:", "blob:")), self.refuse)
        page = context.new_page()
        page.on("requestfailed", self.note)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self.listen)
        page.goto(f"{self.site}/{name}.html")
        return page

    def refuse(self, route: Route) -> None:
        self.complaints.append(f"asked somebody else: {route.request.url}")
        route.abort()

    def note(self, request: Request) -> None:
        # What a reload or the end of the test has cut off has not failed.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url}")

    def listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text} ({message.location['url']})")


def violations(page: Page, of: str = "html") -> str:
    """What axe finds in the parts of the page that a selector names: a report, or nothing."""
    # To fetch the style sheets once more, it would look for them in the wrong place.
    options = {"preload": False, "resultTypes": ["violations"]}
    found = Axe().run(page, of, options)
    return found.generate_report() if found.violations_count else ""


@pytest.fixture
def reader(browser: Browser, site: str) -> Iterator[Reader]:
    """Opens pages; the test fails if one of them errs or asks another host for anything."""
    reader = Reader(browser, site)
    yield reader
    for context in reader.contexts:
        context.close()
    assert reader.complaints == []
