"""Small changes of mlmath are made in memory, and what no test notices is told from the rest."""

import subprocess
import sys

import pytest

from benchmarks.mutants import MODULES, ROOT, Changed, Mutant, is_noticed, mutants

LOSSES = ROOT / "mlmath" / "losses.py"
ACTIVATIONS = ROOT / "mlmath" / "activations.py"


@pytest.fixture(scope="module")
def of_losses() -> list[Mutant]:
    return list(mutants(LOSSES))


def test_every_module_but_the_list_of_names_is_changed():
    names = {path.stem for path in MODULES}
    assert {"_array", "activations", "training"} <= names
    assert "__init__" not in names


def test_a_mutant_differs_in_the_lines_that_it_names(of_losses):
    mutant = next(one for one in of_losses if one.operator.endswith("BinaryOperator_Sub_Add"))
    change = mutant.change()
    assert mutant.source != LOSSES.read_text()
    assert change["was"] != change["becomes"]
    assert change["was"] in LOSSES.read_text()
    assert change["where"].startswith("losses.")


def test_annotations_are_not_changed():
    assert "int | tuple[int, ...] | None" in ACTIVATIONS.read_text()
    assert [one for one in mutants(ACTIVATIONS) if "_BitOr_" in one.operator] == []


def test_a_changed_module_is_imported_instead_of_its_file(of_losses):
    mutant = next(one for one in of_losses if one.operator.endswith("BinaryOperator_Sub_Add"))
    code = (
        "import sys; from pathlib import Path; from benchmarks.mutants import Changed\n"
        "path, source = Path(sys.argv[1]), sys.argv[2]\n"
        "sys.meta_path.insert(0, Changed(path, source))\n"
        "import mlmath; print(mlmath.mse([1], [2]))"
    )
    command = [sys.executable, "-c", code, str(LOSSES), mutant.source]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(run.stdout) != 1
    assert Changed(LOSSES, mutant.source).name == "mlmath.losses"


@pytest.mark.parametrize(("status", "noticed"), [(0, False), (1, True), (2, True), (-24, True)])
def test_a_failed_test_a_failed_import_and_an_endless_loop_notice(of_losses, status, noticed):
    assert is_noticed(of_losses[0], status) is noticed


def test_another_end_of_the_tests_is_no_verdict(of_losses):
    with pytest.raises(RuntimeError, match="ended with status 4"):
        is_noticed(of_losses[0], 4)
