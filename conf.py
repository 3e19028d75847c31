"""How Sphinx builds the book: `sphinx-build -c . docs build/html`, or simply `make html`."""

import os
import sys
import tomllib
import warnings
from pathlib import Path
from types import SimpleNamespace

from sphinx.deprecation import RemovedInSphinx10Warning

ROOT = Path(__file__).parent
# The book shows the package beside it, never an installed one.
for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "_ext"):
    sys.path.insert(0, str(folder))
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "docs")])
os.environ["PYTHONWARNINGS"] = "error::DeprecationWarning:__main__"

warnings.filterwarnings("ignore", category=RemovedInSphinx10Warning, module="sphinx_autodoc")

# Every page has the same card, ogp_image: matplotlib, which would draw others, need not load.
sys.modules["sphinxext.opengraph._social_cards"] = SimpleNamespace(
    create_social_card=None, DEFAULT_SOCIAL_CONFIG={}
)

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
    "sphinxext.opengraph",
    # The book's own, in docs/_ext; each says in its first lines why it exists.
    "failures",
    "fresh_pages",
    "cells_run",
    "cell_errors",
    "import_errors",
    "page_errors",
    "doctest_errors",
    "silent_examples",
    "tabbed_cells",
    "strict_katex",
    "described_pictures",
    "listed_citations",
    "lean_icons",
    "exercises",
    "interactive",
    "editions",
    "checked.book",
    "kept_punctuation",
    "notebooks",
]

nb_execution_mode = "force"
nb_execution_allow_errors = True  # cell_errors makes each a failure, and the next cell has its turn
cells_run_modules = [
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "numpy",
    "torch",
]
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

notebooks = ["lecture-*/*", "how-to/*"]
checked_survivors = "docs/mutants.json"
checked_exempt = [r"chapters? \d+", r"\b[LS]\d\d\b", r"Lecture \d+"]

numfig = True
math_numfig = True
bibtex_bibfiles = ["docs/references.bib"]
bibtex_default_style = "plain"
copybutton_selector = "div:not(.output) > div.highlight pre"
copybutton_prompt_text = r">>> ?|\.\.\. ?|\$ "
copybutton_prompt_is_regexp = True

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
html_js_files = ["book.js", ("copy-formulas.js", {"defer": "defer"})]
html_favicon = "docs/_static/mark.svg"
# Where the book is hosted: only links that are shared elsewhere must name that.
html_baseurl = os.environ.get("BOOK_URL", "")
ogp_site_url = html_baseurl
ogp_image = "_static/card.png"
ogp_enable_meta_description = True
html_math_renderer = "strict_katex"
katex_prerender = True
katex_css_path = "katex/katex.min.css"
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "mlmath", "image_light": "_static/mark.svg", "image_dark": "_static/mark.svg"},
    "search_as_you_type": True,
    "show_prev_next": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
}
