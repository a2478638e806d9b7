"""A token of a command that dies in mid-run: the command is asked again, once, and must speak for the same account."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Fault
from tests.cli.test_accounts import MINE, THEIRS, House, entry, house

REFUSED = Fault(401, done=False)
COMMAND = 'cmd:printf x >> asked && printf "token-of-a-command-%s" "$(cat asked)"'


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[House]:
    """A folder whose token is from a command that gives another one every time."""
    with house(run, tmp_path) as place:
        place._provider["auth"] = {"token": COMMAND}
        yield place


def asked(place: House) -> int:
    """How often the command was asked in the last run."""
    count = len((place.folder / "asked").read_text("utf-8"))
    (place.folder / "asked").unlink()
    return count


@pytest.mark.parametrize("call", ["POST /hooks", "GET /hooks"])
def test_the_run_goes_on(place: House, call: str) -> None:
    """A read and a write that are refused after others were not are made with the next token."""
    place.declare("x", "y")
    place("plan")
    asked(place)
    if call.startswith("GET"):
        place.apply()
        asked(place)
        place.declare("x", "y", description="two")
    place.vendor.faults[call] = [REFUSED]
    place.apply()
    assert asked(place) == 2
    assert len(place.vendor.rows) == 2
    assert place.actions() == {"x": "noop", "y": "noop"}


def test_a_second_refusal_is_an_error(place: House) -> None:
    """A vendor that refuses the next token, too, is believed; nothing was made, and nothing is left open."""
    place.declare("x")
    place.vendor.faults["POST /hooks"] = [REFUSED, REFUSED]
    assert "401" in place.apply(exit=1).stdout
    assert asked(place) == 2
    assert place.vendor.rows == []
    place.apply()
    assert len(place.vendor.rows) == 1


def test_a_command_that_fails_then(place: House) -> None:
    """Why there is no other token is told; what was refused was not done."""
    place._provider["auth"] = {"token": "cmd:test ! -e asked && printf x > asked && printf token-of-a-command"}
    place.declare("x")
    place.vendor.faults["POST /hooks"] = [REFUSED]
    told = place.apply(exit=1).stdout
    assert "the vendor no longer takes the credentials, and new ones cannot be used" in told
    assert "ended with the exit code 1" in told
    assert place.vendor.rows == []
    assert asked(place) == 1
    place.apply()
    assert len(place.vendor.rows) == 1


def test_another_accounts_token(place: House) -> None:
    """The next token must be of the account that the run began with: with a stranger's nothing is written."""
    place.declare("x")
    place.apply()
    assert entry(place)["account_id"] == MINE
    place.declare("x", "y")
    place.vendor.faults["POST /hooks"] = [REFUSED]
    place.vendor.meanwhile = lambda: place.vendor.enter(THEIRS)
    told = place.apply(exit=1).stdout
    assert "they are not known to be those of the same account" in told
    assert "wrong_account" in told
    assert place.vendor.writes() == ["POST /hooks"]
    assert place.vendor.rows == []
