"""How Sphinx builds the book: `sphinx-build -c . docs build/html`, or simply `make html`."""

import os
import sys
import tomllib
import warnings
from pathlib import Path

from sphinx.deprecation import RemovedInSphinx10Warning

ROOT = Path(__file__).parent
# The book shows the package beside it, never an installed one.
for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "_ext"):
    sys.path.insert(0, str(folder))
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "docs")])
os.environ["PYTHONWARNINGS"] = "error::DeprecationWarning:__main__"

warnings.filterwarnings("ignore", category=RemovedInSphinx10Warning, module="sphinx_autodoc")

project = "Mathematics of machine learning, checked"
author = "The mlmath authors"
project_copyright = "2026, the mlmath authors"
language = "en"
root_doc = "index"
exclude_patterns = ["_ext", "*.py"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_autodoc_typehints",
    "sphinxcontrib.bibtex",
    "sphinx_copybutton",
    "sphinx_design",
    # The book's own, in docs/_ext; each says in its first lines why it exists.
    "failures",
    "followed_sources",
    "cell_errors",
    "doctest_errors",
    "silent_examples",
    "strict_katex",
    "described_pictures",
    "editions",
    "checked.book",
]

# Execute always: a cache that does not know of an edit in mlmath would serve old numbers.
nb_execution_mode = "force"
nb_execution_allow_errors = True  # cell_errors makes each a failure, and the next cell has its turn
followed_sources = ["mlmath/*.py", "mlmath/testing/*.py", "docs/*.py", "benchmarks/*.json"]
nb_execution_timeout = 120
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
suppress_warnings = ["mystnb.exec"]  # cell_errors says it with file and line
myst_enable_extensions = [
    "amsmath",
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
]
myst_heading_anchors = 3
myst_dmath_double_inline = True

checked_survivors = "docs/mutants.json"
checked_exempt = [r"Exercise \d+", r"chapters? \d+", r"\b[LS]\d\d\b", r"Lecture \d+"]

numfig = True
math_numfig = False
bibtex_bibfiles = ["docs/references.bib"]
bibtex_default_style = "plain"
copybutton_exclude = ".linenos, .gp, .go"

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_admonition_for_references = False
typehints_use_rtype = False
typehints_defaults = "comma"

version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
epub_basename = "mlmath"
epub_cover = ("_static/cover.svg", "epub-cover.html")
epub_description = "One lecture, in which every formula is proved and every cell is run."
epub_contributor = author
epub_identifier = epub_uid = "mlmath-book"
epub_tocscope = "includehidden"
epub_show_urls = "no"

html_theme = "pydata_sphinx_theme"
html_title = "mlmath"
html_static_path = ["docs/_static"]
html_css_files = ["book.css"]
html_math_renderer = "strict_katex"
katex_prerender = True
katex_css_path = "katex/katex.min.css"
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
}
