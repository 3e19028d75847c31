"""What holds of every page, on a wide screen and a phone, in light and in dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Reader
from tests.building import ROOT

WRITTEN = sorted(path.relative_to(ROOT / "docs") for path in ROOT.glob("docs/**/*.md"))
PAGES = [*(str(path.with_suffix("")) for path in WRITTEN), "genindex", "py-modindex", "search"]


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_screen(reader: Reader, name: str, width: int) -> None:
    page = reader.open(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(reader: Reader, name: str, scheme: str, width: int) -> None:
    page = reader.open(name, scheme=scheme, width=width)
    found = Axe().run(page, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_page_opens_from_the_file_system(browser, book, name: str) -> None:
    asked: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.goto(f"file://{book}/{name}.html")
        assert page.locator("h1").count() >= 1
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert failed == []
