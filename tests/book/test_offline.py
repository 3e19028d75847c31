"""A book builds without a network."""

import subprocess

import pytest

from tests.book import small_book

# A network of its own, in which there is nothing, not even this machine.
ALONE = ("unshare", "--map-root-user", "--net")


@pytest.fixture
def book(tmp_path):
    try:
        subprocess.run([*ALONE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no network can be taken away here; unshare of util-linux would do it")
    small_book.write(tmp_path)
    return tmp_path


def test_a_book_builds_without_a_network(book, monkeypatch):
    done = small_book.build(book, monkeypatch, by=ALONE)
    assert done.status == 0, done.output


def test_a_page_that_needs_the_network_fails_without_one(book, monkeypatch):
    page = book / "docs" / "cells.md"
    cell = "import socket\n\nsocket.create_connection(('192.0.2.1', 80), timeout=3)"
    page.write_text(f"{page.read_text()}\n```{{code-cell}} ipython3\n{cell}\n```\n")
    done = small_book.build(book, monkeypatch, by=ALONE)
    assert done.status != 0
    [failure] = done.failures
    assert failure.startswith("docs/cells.md:")
    assert "Network is unreachable" in failure
