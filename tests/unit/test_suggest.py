"""Commands in hints: what a user pastes does what the hint says, whatever webhooks are called."""

import shlex

import pytest

from reconciler.matching import problems
from reconciler.model.secret import SecretSemantics
from reconciler.model.webhook import Entry, Fields
from reconciler.secrets.custody.ways_out import owed
from reconciler.support.hints import command

NAMES = ["ledger", "ci[api]", "my hook; rm x", "it's", "$HOME", "a`b"]


def pasted(hint: str, first: str) -> list[str]:
    """The words that a shell makes of the hint's command that begins so."""
    return shlex.split(hint[hint.index(f"`whsync {first}") :].split("` ", maxsplit=1)[0].removesuffix("`")[1:])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_word(name: str) -> None:
    """A shell takes each word for one; only those that need it are quoted."""
    assert pasted(command("state", "rm", name), "state") == ["whsync", "state", "rm", name]
    assert command("rotate", "ledger") == "`whsync rotate ledger`"
    assert command("rotate", "ci[api]") == "`whsync rotate 'ci[api]'`"


@pytest.mark.parametrize("name", NAMES)
def test_hints_hold_for_every_name(name: str) -> None:
    """Ids come from vendors, names from people; neither ends a command early."""
    problem = problems.nowhere(name, Entry("p", "p", "https://p.test", (), "1", Fields(), at=""))
    assert pasted(problem.hint, "state") == ["whsync", "state", "rm", name]
    told = owed(name, f"id of {name}", "file:x", SecretSemantics("issued"))
    assert pasted(told.hint, "adopt") == ["whsync", "adopt", name, "--id", f"id of {name}"]
