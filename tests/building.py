"""Runs builds as a person would, for tests that look at what came out."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def built(path: Path, command: str) -> Path:
    """Return what a command has built, which must be that of the sources as they are."""
    name = path.relative_to(ROOT)
    if not path.exists():
        pytest.fail(f"{name} is not there; run {command} first")
    patterns = "docs/**/*.md", "docs/_static/**/*.*", "mlmath/**/*.py"
    for source in (found for pattern in patterns for found in ROOT.glob(pattern)):
        if source.stat().st_mtime > path.stat().st_mtime:
            pytest.fail(f"{name} is older than {source.relative_to(ROOT)}; run {command} first")
    return path


@dataclass
class Build:
    """What a finished build left: its exit status, all that it printed, and its pages."""

    status: int
    output: str
    folder: Path

    def page(self, name: str) -> str:
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")

    @property
    def failures(self) -> list[str]:
        """The lines that repeat the failures at the end of the build."""
        _, *listed = re.split(r"^\d+ failures?:\n", self.output, flags=re.MULTILINE)
        return listed[-1].split("\n\n")[0].splitlines() if listed else []


def build_book(
    folder: Path,
    pages: dict[str, str],
    extensions: list[str],
    builder: str = "html",
    settings: str = "",
    workers: int = 1,
    fresh: bool = True,
) -> Build:
    """Write a book into a folder and build it, warnings being errors."""
    write_book(folder, pages, extensions, settings)
    return run(sphinx(builder, workers, fresh), folder, Path("build", builder))


def write_book(folder: Path, pages: dict[str, str], extensions: list[str], settings: str) -> None:
    for name, text in pages.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "conf.py").write_text(
        f"import sys\nsys.path[:0] = [{str(ROOT / 'docs' / '_ext')!r}, {str(folder)!r}]\n"
        f"extensions = ['myst_nb', 'failures', *{extensions!r}]\n"
        "nb_execution_mode = 'force'\nsuppress_warnings = ['mystnb.exec']\n"
        "html_theme = 'basic'\nexclude_patterns = []\n" + settings,
        encoding="utf-8",
    )


def sphinx(builder: str, workers: int, fresh: bool) -> list[str]:
    command = [sys.executable, "-m", "sphinx", "-c", ".", "-W", "--keep-going"]
    command += ["-E"] if fresh else []
    return [*command, "-j", str(workers), "-b", builder, "docs", f"build/{builder}"]


def environment() -> dict[str, str]:
    """Return the surroundings of a build; in those of a test ipykernel would not do its all."""
    known = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return known | {"NO_COLOR": "1"}


def run(command: list[str], folder: Path, built: Path) -> Build:
    """Run a command in a folder, as a person would, and keep what it prints."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    return Build(done.returncode, done.stdout, folder / built)
