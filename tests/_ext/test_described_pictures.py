"""Pictures carry their descriptions into the page."""

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Page\n\n"
DRAW = """```{{code-cell}} ipython3
from IPython.display import display
svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">{desc}<path d="M0 0"/></svg>'
display({{"image/svg+xml": svg}}, raw=True)
```
"""


def test_picture_stands_in_the_page_with_its_description_as_label(build):
    page = HEADER + DRAW.format(desc="<desc>Rises from 0 to 1 &amp; stays.</desc>")
    done = build({"index.md": page}, ["described_pictures"])
    assert done.status == 0
    html = done.page("index")
    assert '<svg class="drawn" role="img" aria-label="Rises from 0 to 1 &amp; stays."' in html
    assert "<desc>" not in html
    assert "<?xml" not in html[html.index("<body") :]


def test_picture_without_a_description_fails_the_build(build):
    done = build({"index.md": HEADER + DRAW.format(desc="")}, ["described_pictures"])
    assert done.status != 0
    assert [failure for failure in done.failures if "picture without a description" in failure]


def test_other_builders_get_the_description_as_alt_text(build):
    page = HEADER + DRAW.format(desc="<desc>Rises from 0 to 1.</desc>")
    settings = "nb_mime_priority_overrides = [('xml', 'image/svg+xml', 10)]\n"
    done = build({"index.md": page}, ["described_pictures"], "xml", settings)
    assert done.status == 0
    assert 'alt="Rises from 0 to 1."' in (done.folder / "index.xml").read_text(encoding="utf-8")
