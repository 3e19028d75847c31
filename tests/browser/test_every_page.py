"""What holds of every page, on a wide screen and a phone, in light and in dark."""

from itertools import product

import pytest

from tests.browser.conftest import Reader, violations
from tests.building import ROOT

WRITTEN = sorted(path.relative_to(ROOT / "docs") for path in ROOT.glob("docs/**/*.md"))
PAGES = [*(str(path.with_suffix("")) for path in WRITTEN), "genindex", "py-modindex", "search"]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_never_wider_than_the_screen(reader: Reader, name: str) -> None:
    page = reader.open(name)
    for width in (1280, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(reader: Reader, name: str) -> None:
    page = reader.open(name)
    for width, scheme in product((1280, 390), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.reload(wait_until="networkidle")
        assert violations(page) == "", (width, scheme)


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
