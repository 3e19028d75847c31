"""Keeps the comma behind a formula on the formula's line.

To a browser a formula in a sentence is a box, behind which a line may end: the next one then
begins with a comma, or holds a lone full stop. Here the two are put into one element, and the
book's styles forbid a break in it; within the formula lines may end as before.
"""

import re
from itertools import takewhile

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

PUNCTUATION = re.compile(r"[.,;:!?)\]’”]+")


class KeepPunctuation(SphinxPostTransform):
    formats = ("html",)
    default_priority = 900  # when all other nodes are in their places

    def run(self, **kwargs: object) -> None:
        for formula in list(self.document.findall(nodes.math)):
            keep(formula)


def keep(formula: nodes.math) -> None:
    """Put a formula, a mark without text behind it, and the punctuation in one element."""
    parent = formula.parent
    place = parent.index(formula)
    marks = list(takewhile(lambda node: not node.astext(), parent[place + 1 :]))
    end = place + 1 + len(marks)
    if end == len(parent) or not isinstance(text := parent[end], nodes.Text):
        return
    if signs := PUNCTUATION.match(text):
        kept = nodes.inline("", "", formula, *marks, nodes.Text(signs[0]), classes=["kept"])
        parent[place : end + 1] = [kept, nodes.Text(text[signs.end() :])]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(KeepPunctuation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
