"""A page that cannot be read is one failure, and the others are read all the same."""

import pytest

HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Page\n\n"
INDEX = "# Book\n\n```{toctree}\nwrong\nwell\n```\n"


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("wrong", "failure"),
    [
        ("---\nkernelspec: [\n---\n\n# Page\n", "docs/wrong.md:1: Malformed YAML"),
        (HEAD.replace("\n  name: python3", " python3"), "docs/wrong.md:1: NotebookValidationError"),
        (
            HEAD + "```{code-cell}\n:tags: [a\n\n1\n```\n",
            "docs/wrong.md:9: MystMetadataParsingError",
        ),
    ],
)
def test_a_page_that_cannot_be_read_is_named_and_the_others_are_read(
    build, wrong, failure, workers
):
    pages = {"index.md": INDEX, "wrong.md": wrong, "well.md": "# Well\n\n{nothing}`x`\n"}
    done = build(pages, ["cells_run", "page_errors"], workers=workers)
    assert done.status != 0
    assert "Traceback" not in done.output
    well, found = done.failures
    assert well.startswith("docs/well.md:3: ")
    assert found.startswith(failure)


def test_a_page_in_another_encoding_is_named_and_passes_when_mended(build, tmp_path):
    extensions = ["cells_run", "page_errors"]
    build({"index.md": INDEX, "well.md": "# Well\n"}, [])
    (tmp_path / "docs" / "wrong.md").write_bytes("# Prix coûtant\n".encode("latin-1"))
    done = build({}, extensions, fresh=False)
    assert "Traceback" not in done.output
    assert len(done.failures) == 1
    assert done.failures[0].startswith("docs/wrong.md:1: UnicodeDecodeError")
    mended = build({"wrong.md": "# Prix coûtant\n"}, extensions, fresh=False)
    assert mended.status == 0
    assert "Prix coûtant" in mended.page("index")
