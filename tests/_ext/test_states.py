"""What an author writes is told from what is installed, and every change of it is seen."""

import sys
import sysconfig
from pathlib import Path

import pytest
from states import ABSENT, UNKNOWN, code_digest, is_beside, is_of_a_package, state


@pytest.mark.parametrize("kind", ["stdlib", "purelib"])
def test_what_is_installed_is_of_a_package(kind):
    assert is_of_a_package(f"{sysconfig.get_path(kind)}/any/module.py")


@pytest.mark.parametrize("prefix", [sys.prefix, sys.base_prefix])
def test_a_book_may_lie_where_python_is_installed(prefix):
    assert is_beside(f"{prefix}/src/book/shop.py", Path(prefix, "src", "book"))


def test_a_folder_whose_name_goes_on_is_another():
    assert not is_of_a_package(f"{sysconfig.get_path('stdlib')}-of-the-book/shop.py")
    assert not is_beside("/books/one-more/shop.py", Path("/books/one"))


def test_a_state_changes_with_what_a_file_holds(tmp_path):
    path = tmp_path / "numbers.txt"
    assert state(f"file {path}") == ABSENT
    states = []
    for text in ("14", "135", "14"):
        path.write_text(text)
        states.append(state(f"file {path}"))
    assert states[0] == states[2] != states[1]


def test_what_cannot_be_read_is_absent(tmp_path):
    assert state(f"file {tmp_path}") == ABSENT
    assert state(f"file {tmp_path}/{'a' * 300}") == ABSENT


def test_the_unknown_state_never_holds():
    assert all(state(which) != was for which, was in UNKNOWN.items())


def test_code_is_the_same_whatever_its_comments_and_docstrings_say():
    plain, told, other = b"def f():\n    return 1", b'def f():\n    "One."\n    return 1  # 1', b"x"
    assert code_digest(plain) == code_digest(told) != code_digest(other)
