"""A book has the same bytes wherever, whenever and by how many workers it is built."""

import shutil
import subprocess

import pytest

from tests.book import small_book

# A library loaded before all others, in which the day is another one.
ANOTHER_DAY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
  int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real(clock, now);
  if (clock == CLOCK_REALTIME) now->tv_sec += 400 * 24 * 60 * 60;
  return failed;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The book as it is built on one day in one folder by one worker."""
    folder = tmp_path_factory.mktemp("here")
    small_book.write(folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        done = small_book.build(folder, monkeypatch, PYTHONHASHSEED="1")
    assert done.status == 0, done.output
    return done


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "another folder"
    small_book.write(folder)
    return folder


def differing(one, other):
    first, second = (small_book.contents(done.folder) for done in (one, other))
    return sorted(
        name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
    )


def test_folder_hash_seed_and_number_of_workers_change_no_byte(built, elsewhere, monkeypatch):
    other = small_book.build(elsewhere, monkeypatch, workers=2, PYTHONHASHSEED="2")
    assert other.status == 0, other.output
    assert differing(built, other) == []


@pytest.mark.skipif(shutil.which("cc") is None, reason="another day takes a C compiler")
def test_the_day_changes_no_byte(built, elsewhere, monkeypatch):
    library = elsewhere.with_name("day.so")
    compiler = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"]
    subprocess.run(compiler, input=ANOTHER_DAY, text=True, check=True)
    other = small_book.build(elsewhere, monkeypatch, LD_PRELOAD=str(library))
    assert other.status == 0, other.output
    assert differing(built, other) == []


def test_the_engine_leaves_the_bytes_that_stock_execution_leaves(built, elsewhere, monkeypatch):
    stock = small_book.build(elsewhere, monkeypatch, extensions=[])
    assert stock.status == 0, stock.output
    assert differing(built, stock) == []


def test_a_build_with_nothing_to_do_changes_no_byte(elsewhere, monkeypatch):
    first = small_book.build(elsewhere, monkeypatch)
    before = small_book.contents(first.folder)
    again = small_book.build(elsewhere, monkeypatch)
    assert "no targets are out of date" in again.output
    after = small_book.contents(again.folder)
    assert [name for name in before if before[name] != after.get(name)] == []
