"""A bibliography is a list whose entries are its items."""

import re


def test_entries_are_items_of_the_list(build) -> None:
    entries = ".. [one] A book.\n.. [two] Another.\n\nSee [one]_ and [two]_.\n"
    done = build({"index.md": f"# Page\n\n```{{eval-rst}}\n{entries}```\n"}, ["listed_citations"])
    assert done.status == 0, done.output
    lists = re.findall(
        r'<div role="list" class="citation-list">(.*?)</div>\n</div>', done.page("index"), re.S
    )
    assert [entry.count('role="listitem"') for entry in lists] == [2]
    assert "doc-biblioentry" not in done.page("index")
