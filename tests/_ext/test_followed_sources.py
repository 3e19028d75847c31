"""An edit of the code that pages run is seen by the next build, without building all anew."""

CELL = (
    "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Page\n\n"
    "```{code-cell} ipython3\nfrom example import answer\nprint('the answer is', answer)\n```\n"
)
SETTINGS = "import os\nos.environ['PYTHONPATH'] = os.path.dirname(__file__)\n"


def test_page_follows_the_code_that_it_imports(build, tmp_path):
    settings = SETTINGS + "followed_sources = ['example.py']\n"
    (tmp_path / "example.py").write_text("answer = 14\n", encoding="utf-8")
    first = build({"index.md": CELL}, ["followed_sources"], settings=settings, fresh=False)
    assert "the answer is 14" in first.page("index")
    (tmp_path / "example.py").write_text("answer = 135\n", encoding="utf-8")
    second = build({}, ["followed_sources"], settings=settings, fresh=False)
    assert "the answer is 135" in second.page("index")


def test_page_is_not_read_again_when_nothing_has_changed(build, tmp_path):
    settings = SETTINGS + "followed_sources = ['example.py']\n"
    (tmp_path / "example.py").write_text("answer = 14\n", encoding="utf-8")
    build({"index.md": CELL}, ["followed_sources"], settings=settings, fresh=False)
    again = build({}, ["followed_sources"], settings=settings, fresh=False)
    assert "0 added, 0 changed, 0 removed" in again.output
