"""Small books that the tests of the extensions build as a person would."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.building import Build, build_book


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Build]:
    """Build a book of the given pages with the given extensions, warnings being errors."""
    return partial(build_book, tmp_path)
