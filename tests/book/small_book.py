"""A small book with all that a large one has, for tests that build it under other circumstances."""

import os
import sys
from pathlib import Path

from tests.building import ROOT, Build, run

HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
ENGINE = ["failures", "fresh_pages", "cells_run"]
CELLS = """# Cells

Let $f(x) = x^2$; see [](drawn.md), and {numref}`fig-drawn`.

```{math}
:label: square
f(x) = x^2
```

```{code-cell} ipython3
import numpy as np

from shop.prices import total

print(sorted({"b", "a", "c"}), total([1, 2]))
np.arange(3)
```

```{code-cell} ipython3
{name: len(name) for name in ("one", "three")}
```
"""
DRAWN = """# Drawn

Equation {eq}`square`.

```{code-cell} ipython3
---
mystnb:
  figure:
    name: fig-drawn
    caption: A line.
---
import matplotlib.pyplot as plt

from pictures import show

figure, axes = plt.subplots()
axes.plot([1, 2, 3])
show(figure, "A line.")
```

```{code-cell} ipython3
plt.plot([3, 1, 2]);
```
"""
REFERENCE = """# Reference

```{eval-rst}
.. automodule:: shop.prices
   :members:
```
"""
PAGES = {
    "docs/index.md": "# Book\n\n```{toctree}\ncells\ndrawn\nreference\n```\n",
    "docs/cells.md": HEAD + CELLS,
    "docs/drawn.md": HEAD + DRAWN,
    "docs/reference.md": REFERENCE,
    "shop/__init__.py": "",
    "shop/prices.py": '''"""Prices."""


def total(prices: list[float], **more: float) -> float:
    """The sum of all prices."""
    return sum(prices) + sum(more.values())


class Shop:
    """A shop."""

    def open(self) -> bool:
        """Whether it is open."""
        return True
''',
    "conf.py": f"""
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [{str(ROOT / "docs" / "_ext")!r}, here]
os.environ["PYTHONPATH"] = os.pathsep.join([here, {str(ROOT / "docs")!r}])
project = "Small"
extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx_autodoc_typehints", "strict_katex", "lean_icons",
    "notebooks", "cell_errors", *filter(None, os.environ["EXTENSIONS"].split(",")),
]
cells_run_modules = ["matplotlib.figure", "matplotlib.backends.backend_svg", "numpy"]
nb_execution_mode = "force"
nb_execution_allow_errors = True
suppress_warnings = ["mystnb.exec"]
numfig = True
myst_enable_extensions = ["amsmath", "dollarmath"]
katex_prerender = True
html_math_renderer = "strict_katex"
katex_css_path = "katex/katex.min.css"
html_theme = "pydata_sphinx_theme"
""",
}


def write(folder: Path) -> None:
    for name, text in PAGES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def build(
    folder: Path,
    monkeypatch,
    extensions: list[str] = ENGINE,
    workers: int = 1,
    by: tuple[str, ...] = (),
    **environment: str,
) -> Build:
    """Build the book in a folder, with more in the environment, by a command that runs another."""
    command = [*by, sys.executable, "-m", "sphinx", "-c", ".", "-W", "--keep-going"]
    command += ["-j", str(workers), "-d", "build/doctrees", "-b", "html", "docs", "build/html"]
    for name, value in ({"EXTENSIONS": ",".join(extensions)} | environment).items():
        monkeypatch.setenv(name, value)
    return run(command, folder, Path("build", "html"))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a built book."""
    return {
        os.path.relpath(path, folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
