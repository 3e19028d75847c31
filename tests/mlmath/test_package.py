"""What the package promises as a whole: its names, its docstrings, its price to import."""

import importlib
import inspect
import itertools
import subprocess
import sys
from importlib.resources import files

import pytest

import mlmath

MODULES = ["activations", "calculus", "graph", "images", "losses", "products", "training"]
FUNCTIONS = [name for name in mlmath.__all__ if inspect.isfunction(getattr(mlmath, name))]


def test_the_package_exports_what_its_modules_export():
    exported = {n for m in MODULES for n in importlib.import_module(f"mlmath.{m}").__all__}
    assert sorted(exported) == sorted(mlmath.__all__)
    assert all(hasattr(mlmath, name) for name in mlmath.__all__)


@pytest.mark.parametrize("name", mlmath.__all__)
def test_a_docstring_says_what_how_and_from_where(name):
    documented = getattr(mlmath, name)
    lines = inspect.getdoc(documented).splitlines()
    assert lines[0].endswith(".")
    assert lines[1] == ""
    sections = [above for above, below in itertools.pairwise(lines) if set(below) == {"-"}]
    order = ["Parameters", "Attributes", "Returns", "Raises", "Notes", "References", "Examples"]
    assert sections == [section for section in order if section in sections]
    assert {"Parameters", "Examples"} <= set(sections)
    if name in FUNCTIONS:
        # What is common to a module's functions stands once, above them.
        above = inspect.getdoc(sys.modules[documented.__module__])
        assert "Returns" in sections
        assert "Raises" in sections or "Error`` refuses" in " ".join(above.split())
        assert "References" in sections or "\nReferences\n----------\n" in above
        assert ".. math::" in lines
    text = "\n".join(lines)
    examples = text.split("Examples\n")[1]
    assert f">>> from mlmath import {name}" in examples or f", {name}\n" in examples


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_documented(name):
    function = getattr(mlmath, name)
    documented = inspect.getdoc(function).split("Returns\n")[0]
    for parameter in inspect.signature(function).parameters:
        assert any(
            parameter in line.split(" : ")[0].split(", ")
            for line in documented.splitlines()
            if " : " in line
        ), parameter


def test_importing_costs_numpy_and_little_more():
    code = (
        "import sys, numpy; before = set(sys.modules); import mlmath;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == {"mlmath", "array_api_compat"}


def test_using_it_imports_no_other_library():
    code = (
        "import sys, mlmath; mlmath.softmax([0, 1, 2]); mlmath.gradient(sum, [1, 2]);"
        "print(*{'torch', 'sympy', 'sphinx', 'matplotlib'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_the_types_are_shipped():
    assert files("mlmath").joinpath("py.typed").is_file()
