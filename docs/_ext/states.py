"""Tells whether that on which a page depends is still as it was when the page was made.

What a page depends on is named by its kind and its place: `code mlmath/graph.py` for what Python
code does, `text mlmath/graph.py` for every letter of it, `file data.csv` for a file that may be
absent, `installed packages` for Python and all versions.
"""

import ast
import hashlib
import os
import platform
import sys
import sysconfig
from functools import cache
from pathlib import Path

# Packages are known by their versions; the system's files are nobody's. Not all that lies below
# Python's prefix is a package: that may be /usr, and the book may lie in /usr/src.
PACKAGES = {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
FOLDERS = {*PACKAGES, *map(os.path.realpath, PACKAGES), "/proc", "/sys", "/dev"}
ELSEWHERE = tuple(f"{folder}{os.sep}" for folder in FOLDERS)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
ABSENT = "absent"
UNKNOWN = {"file /": "unknown"}  # a state that never holds


def is_of_a_package(path: str) -> bool:
    return path.startswith(ELSEWHERE)


def is_beside(path: str, root: Path) -> bool:
    """Tell whether a file lies in the folder of the book, and is of no package installed there."""
    return path.startswith(f"{root}{os.sep}") and not is_of_a_package(path)


def state(which: str) -> str:
    """Return what changes when that on which a page depends changes."""
    kind, _, path = which.partition(" ")
    if kind == "installed":
        return installed()
    try:
        found = os.stat(path)
        return state_of_file(kind, path, found.st_mtime_ns, found.st_size)
    except OSError:
        return ABSENT


@cache
def state_of_file(kind: str, path: str, changed: int, size: int) -> str:
    text = Path(path).read_bytes()
    return code_digest(text) if kind == "code" else digest(text)


def code_digest(text: bytes) -> str:
    """Return the digest of what Python code does, whatever its comments and docstrings say."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return digest(text)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return digest(ast.dump(tree).encode())


def installed() -> str:
    """Return the digest of Python's version and those of all installed packages."""
    folders = [folder for folder in map(Path, sys.path) if folder.is_dir()]
    names = sorted({path.name for folder in folders for path in folder.glob("*.dist-info")})
    return digest("\n".join([sys.version, platform.machine(), *names]).encode())


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
