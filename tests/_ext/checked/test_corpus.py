"""Every true statement passes, and every false one is refused for the right reason."""

import pytest

from tests._ext.checked.corpus import entries, judged


def cases(*files, refused=False):
    found = [e for file in files for e in entries(file) if bool(e.get("refused")) == refused]
    names = [f"{place}: {entry['claim'][:60]}" for place, entry in enumerate(found)]
    return pytest.mark.parametrize("entry", found, ids=names)


@cases("true.yaml", "true_more.yaml")
def test_a_true_statement_passes(entry):
    verdict = judged(entry)
    assert verdict.ok, f"{verdict.category}: {verdict.message}"


@cases("true.yaml", "true_more.yaml", refused=True)
def test_a_statement_refused_although_true_is_still_refused(entry):
    """When one of these begins to pass, its reason is to be taken away."""
    verdict = judged(entry)
    assert not verdict.ok
    assert verdict.category not in ("false", "coincidence", "vacuous"), verdict.message
    assert "the checker itself failed" not in verdict.message


@cases("false.yaml", "false_more.yaml")
def test_a_false_statement_is_refused_with_its_reason(entry):
    verdict = judged(entry)
    assert not verdict.ok
    wanted = entry.get("category", verdict.category)
    assert verdict.category in (wanted if isinstance(wanted, list) else [wanted]), verdict.message
    assert verdict.message
    assert "the checker itself failed" not in verdict.message
