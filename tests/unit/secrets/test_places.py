"""A secret that is the same, and where it is: in its sink, in another, in a rescue file, or gone."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SecretError
from reconciler.model.secret import (
    Secret,
    SecretRecord,
    SecretRef,
    SecretSemantics,
    SecretSpec,
    SecretState,
    SecretStatus,
)
from reconciler.model.webhook import Desired, Entry, Fields, Remote
from reconciler.secrets.custody.check import Case, check
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.source import Resolver

VALUE, OLD = "the value of today", "the value of before"
PRINTS = Fingerprinter(Secret("a key, so that tests are quick"), "seed", ())
NOW = PRINTS.make(Secret(VALUE), "hook")
HOOK = Desired("hook", "p", "t", "https://x", (), Fields(), SecretSpec(sink=SecretRef("file", "hook")))
SHOWN_ONCE = SecretSemantics("issued", masked=True)


def remote(**known: Any) -> Remote:
    """The webhook at the vendor, with what it tells of its secret."""
    return Remote("wh_1", Fields(), **known)


class Shelf:
    """A folder with a sink and rescue files, and what the check says of a secret that was stored there."""

    def __init__(self, folder: Path) -> None:
        self.sink, self.rescues = folder / "hook", folder / "rescues"
        self.rescues.mkdir()
        self._folder = folder

    def look(self, stored: str, seen: Remote | None = None, mask: str | None = None) -> SecretStatus:
        """The status of an issued secret that the lock places in `stored`, and the file in `file:hook`."""
        entry = Entry("p", "t", "https://x", (), "wh_1", Fields(), SecretRecord(NOW, mask, stored))
        means = Means(Resolver(self._folder, {}), PRINTS, self.rescues)
        return check(Case(HOOK, seen or remote(), entry, SHOWN_ONCE), means)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """See `Shelf`."""
    return Shelf(tmp_path)


def test_a_rescued_secret_is_a_problem_until_it_was_moved(shelf: Shelf) -> None:
    """The rescue file is named; once it is in its place the lock learns that, and not before."""
    rescue = shelf.rescues / "hook-1"
    rescue.write_text(VALUE)
    with pytest.raises(SecretError, match=f"{rescue}, not in file:hook") as caught:
        shelf.look("rescue:hook-1")
    assert "put it there, then delete that file" in caught.value.hint
    assert shelf.look("rescue:hook-1", remote(secret=Secret(VALUE))).state is SecretState.CHANGED
    rescue.rename(shelf.sink)
    assert shelf.look("rescue:hook-1") == SecretStatus(SecretState.SAME, stored="file:hook", as_applied=True)
    shelf.sink.write_text(OLD)
    status = shelf.look("rescue:hook-1")
    assert (status.stored, status.note) == (None, "its rescue file is gone, and it is not in file:hook: put it there")


def test_a_secret_that_was_moved_to_another_sink_is_found_there(shelf: Shelf) -> None:
    """The lock learns the new place from the content, never from the name alone."""
    assert "stored in file:old, not in file:hook" in shelf.look("file:old").note
    shelf.sink.write_text(OLD)
    assert shelf.look("file:old").stored is None
    shelf.sink.write_text(VALUE + "\n")
    assert (shelf.look("file:old").stored, shelf.look("file:old").note) == ("file:hook", "")
    assert shelf.look("file:hook") == SecretStatus(SecretState.SAME, as_applied=True)


def test_the_beginning_of_the_stored_secret_is_a_mask(shelf: Shelf) -> None:
    """A vendor that cuts the secret short without a sign has not changed it."""
    shelf.sink.write_text(VALUE)
    assert shelf.look("file:hook", remote(secret=Secret(VALUE[:12]))).state is SecretState.SAME
    assert shelf.look("file:hook", remote(secret=Secret(VALUE[1:12]))).state is SecretState.CHANGED
    assert shelf.look("file:hook", remote(secret=Secret(VALUE + "!"))).state is SecretState.CHANGED


def test_a_mask_that_was_not_noted_is_to_be(shelf: Shelf) -> None:
    """Of an issued secret at a vendor that shows masks, where it fits: else a rotation outside goes unseen."""
    shelf.sink.write_text(VALUE)
    fitting = f"{VALUE[:4]}***{VALUE[-2:]}"
    assert shelf.look("file:hook", remote(mask=fitting)) == SecretStatus(
        SecretState.SAME, mask=fitting, as_applied=True
    )
    assert shelf.look("file:hook", remote(mask="a***")) == SecretStatus(SecretState.SAME, as_applied=True)
    assert shelf.look("file:hook", remote(mask="a***"), mask="a***") == SecretStatus(SecretState.SAME)
