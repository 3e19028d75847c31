"""Small books that the tests of the extensions build as a person would."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.building import ROOT, Build, run


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Build]:
    """Build a book of the given pages with the given extensions, warnings being errors."""

    def build_pages(
        pages: dict[str, str],
        extensions: list[str],
        builder: str = "html",
        settings: str = "",
        workers: int = 1,
        fresh: bool = True,
    ) -> Build:
        docs = tmp_path / "docs"
        for name, text in pages.items():
            path = docs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (tmp_path / "conf.py").write_text(
            f"import sys\nsys.path[:0] = [{str(ROOT / 'docs' / '_ext')!r}, {str(tmp_path)!r}]\n"
            f"extensions = ['myst_nb', 'failures', *{extensions!r}]\n"
            "nb_execution_mode = 'force'\nsuppress_warnings = ['mystnb.exec']\n"
            "html_theme = 'basic'\nexclude_patterns = []\n" + settings,
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "sphinx", "-c", ".", "-W", "--keep-going"]
        command += ["-E"] if fresh else []
        command += ["-j", str(workers), "-b", builder, "docs", f"build/{builder}"]
        return run(command, tmp_path, Path("build", builder))

    return build_pages
