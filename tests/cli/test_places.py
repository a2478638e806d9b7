"""One place under several names: no webhook is bound to two names, and none is deleted for another."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.forge import Yard, serving

PATH, NUMBER = {"scope": {"project": "grp/api"}}, {"scope": {"project": "42"}}


@pytest.fixture
def yard(run: Run, tmp_path: Path, stack: ExitStack) -> Yard:
    """A folder and its forge, by a manifest that knows nothing of the names of projects."""
    return Yard(run, tmp_path, stack.enter_context(serving()))


def test_a_number_for_a_path(yard: Yard) -> None:
    """A new name at another spelling of the place adopts, and the old name is not pruned: the user is told why."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    yard.write(new=NUMBER)
    assert yard.actions("--prune", exit=1) == {"new": "adopt", "ci": "orphan"}
    done = yard("apply", "--yes", "--prune", exit=1)
    assert "whsync state rm ci" in done.stdout + done.stderr
    assert yard.forge.ids == [(42, "1")]
    yard("state", "rm", "ci", "--yes")
    assert yard.actions("--prune") == {"new": "noop"}


def test_two_host_names_of_one_server(yard: Yard) -> None:
    """So it is where the server has two names, each with an entry of its own."""
    yard.write(ci=PATH)
    yard("apply", "--yes")
    new = {"new": {"base_url": f"http://localhost:{yard.forge.port}"}}
    yard.write(new, moved={**PATH, "provider": "new"})
    done = yard("apply", "--yes", "--prune", exit=1)
    assert "may be the remote webhook of moved" in done.stdout + done.stderr
    assert yard.forge.ids == [(42, "1")]


def test_ids_that_each_project_counts(yard: Yard) -> None:
    """Where two webhooks have one id and each its URL, pruning one works as ever."""
    yard.forge.counts = True
    yard.write(api=PATH, web={"scope": {"project": "grp/web"}, "url": "https://ci.acme.com/web"})
    yard("apply", "--yes")
    assert yard.forge.ids == [(42, "1"), (43, "1")]
    yard.write(api=PATH)
    yard("apply", "--yes", "--prune")
    assert yard.forge.ids == [(42, "1")]
