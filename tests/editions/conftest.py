"""What the editions that are built say, each read once."""

from pathlib import Path

import pytest

from benchmarks.pages import CHROMIUM
from tests.building import ROOT, built
from tests.editions.reading import Said, html_pages

EPUB = ROOT / "build" / "epub" / "mlmath.epub"
PDF = ROOT / "build" / "pdf" / "mlmath.pdf"
HTML = ROOT / "build" / "html"


@pytest.fixture(scope="session")
def html() -> dict[str, Said]:
    built(HTML / "index.html", "make html")
    return html_pages(HTML)


@pytest.fixture(scope="session")
def epub() -> Path:
    return built(EPUB, "make epub")


@pytest.fixture(scope="session")
def pdf() -> Path:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (on Debian: apt-get install chromium)")
    return built(PDF, "make pdf")
