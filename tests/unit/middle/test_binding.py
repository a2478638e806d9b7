"""Binding a webhook to a remote one that the user names: the rules of `whsync adopt`, over values alone."""

from typing import Any

import pytest

from reconciler.errors import UsageError, WhsyncError
from reconciler.matching.binding import Binding, binding, bound, pick
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.events import EventCatalogue
from reconciler.model.secret import SecretRef, SecretSpec
from reconciler.model.webhook import EVENTS, Fields, Observation, Part, SecretRecord
from reconciler.secrets.digests import ValueDigests
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.event import Applied, Recorded, Renamed
from reconciler.state.lock import Lock
from tests.unit.middle.build import capabilities, entry, fields, lock, remote, webhook

DIGESTS = ValueDigests(Fingerprinter(None, "seed", ()), "w")
NOW = "2026-11-21T12:00:00Z"
BLIND = capabilities(read="none", fan_out=True, events=EventCatalogue(frozenset({"three"})))
"""A vendor that cannot be read and has one subscription an event."""


def wanted(remote_id: str = "r1", held: Lock | None = None, api: Capabilities | None = None, **more: Any) -> Binding:
    """The webhook `w`, the only one of the files, to be bound to `remote_id`."""
    return binding(webhook(**more), remote_id, api or capabilities(), frozenset({"w"}), held or Lock())


@pytest.mark.parametrize("remote_id", ["", " ", ",", " , "])
def test_an_empty_id_is_wrong_usage(remote_id: str) -> None:
    """Nothing is bound to nothing."""
    with pytest.raises(UsageError, match="empty"):
        wanted(remote_id)


@pytest.mark.parametrize(("remote_id", "fine"), [("one", True), ("three", True), ("four", True), ("five,one", False)])
def test_events_are_taken_on_trust_only_where_they_could_be_true(remote_id: str, fine: bool) -> None:
    """Where nobody can look, an event must be known to the files, to the vendor's documents or to the lock."""
    held = Lock({"w": entry("four", parts=(Part("four"),))})
    if fine:
        assert wanted(remote_id, held, BLIND).remote_id == remote_id
        return
    with pytest.raises(UsageError, match="five is no event of w") as caught:
        wanted(remote_id, held, BLIND)
    assert "--id one,two" in caught.value.hint


@pytest.mark.parametrize(
    ("holder", "fine"),
    [
        (entry("r1"), False),
        (entry("other", parts=(Part("one", "r1"),)), False),
        (entry("r1", scope=(("repo", "x"),)), True),
        (entry("r2"), True),
    ],
)
def test_a_remote_webhook_has_one_name(holder: Any, fine: bool) -> None:
    """What another name has, whole or in part, in the same place, is not taken from it."""
    held = Lock({"other": holder})
    if fine:
        assert wanted("r1", held).former == ()
        return
    with pytest.raises(WhsyncError, match="r1 already belongs to other") as caught:
        wanted("r1", held)
    assert caught.value.kind == "ambiguous"


def test_a_former_name_gives_way() -> None:
    """A name that the webhook had, and that left the files, does not hold the remote one against it."""
    made = wanted("r1", Lock({"old": entry("r1", protect=True)}), was=("old", "older"))
    assert made.former == ("old",)
    assert made.desired.protect is True
    assert bound(made, remote(), Lock({"old": entry("r1")}), NOW, DIGESTS).renamed == (Renamed("w", "old"),)


def test_protection_that_the_files_decide_is_theirs() -> None:
    """The lock's protection counts only where the files say nothing."""
    assert wanted("r1", Lock({"w": entry("r1", protect=True)}), protect=False).desired.protect is False


def test_picked_among_what_was_read() -> None:
    """The one with the id; the only one where there can be no other; none where nobody can look."""
    seen = Observation((remote("r1"), remote("r2")))
    assert pick(wanted("r2"), seen) == remote("r2")
    assert pick(wanted("any", api=capabilities(read="singleton")), seen) == remote("r1")
    assert pick(wanted("r1"), Observation(readable=False)) is None


@pytest.mark.parametrize(("read", "hint"), [("list", "`whsync plan` lists"), ("by_id", "cannot list")])
def test_what_is_not_there_is_not_bound(read: str, hint: str) -> None:
    """An id that the vendor does not have is not found, and the hint says where to look."""
    with pytest.raises(WhsyncError, match="v has no webhook r9") as caught:
        pick(wanted("r9", api=capabilities(read=read)), Observation((remote("r1"),)))
    assert (caught.value.kind, hint in caught.value.hint) == ("not_found", True)


def test_the_lock_says_what_the_vendor_holds() -> None:
    """What is recorded is the vendor's side of the managed fields, so that the next plan shows every difference."""
    there = remote("r1", fields(url="https://old.test/x", description="theirs"))
    done = bound(wanted(), there, Lock(), NOW, DIGESTS)
    assert done.event == Applied("w", Action.ADOPT, done.entry, NOW)
    assert set(done.entry.applied) == {"/url", "/events"}
    assert (done.entry.remote_id, done.entry.applied.url, done.entry.at) == ("r1", "https://old.test/x", NOW)


def test_a_secret_that_nobody_knows_is_recorded_as_such() -> None:
    """A secret that the vendor does not show gets a record without a fingerprint, with the mask that is seen now."""
    spec = SecretSpec(sink=SecretRef("file", "./s"))
    done = bound(wanted(secret=spec), remote(mask="ab…"), Lock(), NOW, DIGESTS)
    assert done.entry.secret == SecretRecord(None, "ab…", None, NOW)


def test_what_nobody_can_read_is_recorded_as_named() -> None:
    """Events are recorded as parts with the ids that the user gave; no URL, so that the next apply sends it."""
    done = bound(wanted("two=7, one", api=BLIND), None, Lock(), NOW, DIGESTS)
    assert done.entry.parts == (Part("one"), Part("two", "7"))
    assert (done.entry.remote_id, done.entry.applied) == ("one,two", Fields({EVENTS: frozenset({"one", "two"})}))


@pytest.mark.parametrize(("name", "was"), [("w", ()), ("old", ("old",))])
def test_a_replacement_that_is_half_done_stays_open(name: str, was: tuple[str, ...]) -> None:
    """Binding the new webhook of a replacement keeps the intent, under whichever name, until the old one is gone."""
    held = lock(name, Action.REPLACE)
    held = Lock(held.entries, {name: held.intents[name]._replace(remote_id="r0")})
    done = bound(wanted("r1", held, was=was), remote("r1"), held, NOW, DIGESTS)
    assert (done.replaces, done.event) == ("r0", Recorded("w", done.entry))
    assert bound(wanted("r0", held, was=was), remote("r0"), held, NOW, DIGESTS).replaces is None
