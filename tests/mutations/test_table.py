"""The table of mutations is not out of date: each can be applied, and its tests are there. `make mutants` runs them."""

import subprocess
import sys

import pytest

from tests.mutations.mutants import ROOT, Mutation, fault_of, mutations

TABLE = mutations()
PROMISES = range(1, 11)
BEYOND = 0


@pytest.mark.parametrize("mutation", TABLE, ids=lambda each: each.protects)
def test_it_can_be_applied(mutation: Mutation) -> None:
    """What a mutation takes out stands in the code exactly once."""
    assert fault_of(mutation, ROOT / "reconciler") == ""
    assert all(edit.old != edit.new for edit in mutation.edits)


def test_every_promise_has_one() -> None:
    """No promise of the contract is without a proof that its tests can fail."""
    assert {mutation.promise for mutation in TABLE} - {BEYOND} == set(PROMISES)
    assert all(mutation.tests for mutation in TABLE)


def test_its_tests_are_there() -> None:
    """Every test that a mutation names is collected under that name."""
    names = sorted({test for mutation in TABLE for test in mutation.tests})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "--no-header", *names]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
