"""The table of secret states, row by row, as a user sees them in a plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SecretError
from reconciler.model.secret import NOT_THE_FILES, Secret, SecretRef, SecretSemantics, SecretSpec, SecretState
from reconciler.model.webhook import Desired, Entry, Fields, Remote, SecretRecord
from reconciler.secrets.custody.check import Case, Insistence, check, worth_fetching
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.source import Resolver

VALUE, OLD = "the value of today", "the value of before"
FINGERPRINTER = Fingerprinter(Secret("a key, so that tests are quick"), "seed", ())
NOW, BEFORE = (FINGERPRINTER.make(Secret(text), "hook") for text in (VALUE, OLD))

OURS = SecretSpec(source=SecretRef("env", "HOOK"))
ISSUED = SecretSpec(sink=SecretRef("file", "hook"))
MADE = SecretSpec(sink=SecretRef("file", "hook"), generate=32)
HANDED, MADE_AND_HANDED = (SecretSpec(sink=SecretRef("cmd", "keep"), generate=size) for size in (None, 32))
"""To where nobody can look."""


def remote(**known: Any) -> Remote:
    """The webhook at the vendor, with what it tells of its secret."""
    return Remote("wh_1", Fields(), **known)


def entry(*record: SecretRecord) -> Entry:
    """The lock's entry, with or without a record of a secret."""
    return Entry("p", "t", "https://x", (), "wh_1", Fields(), record[0] if record else None)


def recorded(fingerprint: str | None, mask: str | None = None, stored: str | None = None) -> Entry:
    """An entry whose secret has this fingerprint."""
    return entry(SecretRecord(fingerprint, mask, stored))


def declared(fingerprint: str, mask: str | None = None) -> Entry:
    """An entry that holds what the file said, and was not sent."""
    return entry(SecretRecord(fingerprint, mask, sent=False))


def state(
    spec: SecretSpec | None, seen: Remote | None, known: Entry | None, *, variable: str | None = VALUE, **options: Any
) -> tuple[str, bool, str, str | None]:
    """State, drift, note and fingerprint of one webhook's secret."""
    semantics = options.pop("semantics", SecretSemantics("either", reissues=True))
    environment = {} if variable is None else {"HOOK": variable}
    desired = Desired("hook", "p", "t", "https://x", (), Fields(), spec)
    means = Means(Resolver(Path("."), environment), FINGERPRINTER, Path("rescues"), options.pop("offline", False))
    insistence = Insistence.REASSERT if options.pop("reassert", False) else Insistence.NONE
    status = check(Case(desired, seen, known, semantics, insistence, **options), means)
    assert VALUE not in json.dumps(status)
    assert OLD not in json.dumps(status)
    return status.state.value, status.drifted, status.note, status.fingerprint


SHOWN, SHOWN_OLD = {"secret": Secret(VALUE)}, {"secret": Secret(OLD)}

ROWS: list[tuple[SecretSpec | None, Remote | None, Entry | None, str, bool, str]] = [
    (None, None, None, "unmanaged", False, ""),
    (None, remote(has_secret=True), recorded(NOW), "unmanaged", False, ""),
    # ours: nothing recorded
    (OURS, None, None, "new", False, ""),
    (OURS, remote(**SHOWN), None, "same", False, ""),
    (OURS, remote(**SHOWN_OLD), None, "changed", False, "the vendor has another value"),
    (OURS, remote(has_secret=False), None, "new", False, "the vendor has none"),
    (OURS, remote(has_secret=True), None, "unverifiable", False, "whsync rotate hook"),
    (OURS, remote(mask="****"), None, "unverifiable", False, "never shows it"),
    (OURS, remote(mask=VALUE), None, "unverifiable", False, "never shows it"),
    (OURS, remote(), entry(), "new", False, "not managed so far"),
    (OURS, None, entry(), "new", False, "not managed so far"),
    (OURS, remote(), recorded(None), "unverifiable", False, "whsync rotate hook"),
    (OURS, None, recorded(None), "unverifiable", False, "whsync rotate hook"),
    (OURS, remote(**SHOWN), recorded(None), "same", False, ""),
    (OURS, remote(has_secret=False), recorded(None), "new", False, "the vendor has none"),
    (OURS, remote(), recorded(None, stored="env:HOOK"), "changed", False, "its last change was cut short"),
    (OURS, None, recorded(None, stored="env:HOOK"), "changed", False, "its last change was cut short"),
    (OURS, remote(**SHOWN), recorded(None, stored="env:HOOK"), "same", False, ""),
    (OURS, remote(mask="b***"), recorded(None, "a***"), "changed", True, "changed outside: the vendor's mask differs"),
    (OURS, remote(mask="a***"), recorded(None, "a***"), "unverifiable", False, "whsync rotate hook"),
    # ours: what the file said was noted, and nobody knows what the vendor has
    (OURS, remote(), declared(NOW), "unverifiable", False, "not known to be the file's: the vendor never shows it"),
    (OURS, None, declared(NOW), "unverifiable", False, "whsync apply --own-secrets"),
    (OURS, remote(), declared(BEFORE), "changed", False, "the reference resolves to another value"),
    (OURS, None, declared(BEFORE), "changed", False, "the reference resolves to another value"),
    (OURS, remote(**SHOWN), declared(BEFORE), "same", False, ""),
    (OURS, remote(**SHOWN_OLD), declared(NOW), "changed", False, "the vendor has another value"),
    (OURS, remote(has_secret=False), declared(NOW), "new", False, "the vendor has none"),
    (OURS, remote(mask="b***"), declared(NOW, "a***"), "changed", True, "changed outside: the vendor's mask differs"),
    (MADE, remote(), declared(BEFORE), "unverifiable", False, "not known to be the file's"),
    (ISSUED, remote(), declared(BEFORE), "unverifiable", False, "issues a new one and stores it"),
    # ours: a fingerprint recorded
    (OURS, remote(), recorded(BEFORE), "changed", False, "the reference resolves to another value"),
    (OURS, None, recorded(BEFORE), "changed", False, "the reference resolves to another value"),
    (OURS, remote(has_secret=False), recorded(BEFORE), "changed", False, "the reference resolves to another value"),
    (OURS, remote(has_secret=False), recorded(NOW), "changed", True, "removed at the vendor"),
    (OURS, remote(mask="b***"), recorded(NOW, "a***"), "changed", True, "changed outside: the vendor's mask differs"),
    (OURS, remote(**SHOWN_OLD), recorded(NOW), "changed", True, "changed outside"),
    (OURS, remote(mask="a***"), recorded(NOW, "a***"), "same", False, ""),
    (OURS, remote(mask="a***"), recorded(NOW), "same", False, ""),
    (OURS, remote(), recorded(NOW, "a***"), "same", False, ""),
    (OURS, remote(has_secret=True), recorded(NOW), "same", False, ""),
    (OURS, remote(**SHOWN), recorded(NOW), "same", False, ""),
    (OURS, None, recorded(NOW), "same", False, ""),
    # issued by the vendor
    (ISSUED, None, None, "new", False, ""),
    (ISSUED, remote(**SHOWN), None, "new", False, "will be stored"),
    (ISSUED, remote(mask="****"), None, "unverifiable", False, "whsync rotate hook"),
    (ISSUED, remote(**SHOWN), entry(), "new", False, "will be stored"),
    (ISSUED, remote(), entry(), "unverifiable", False, "issues a new one and stores it"),
    (ISSUED, None, entry(), "unverifiable", False, "whsync rotate hook"),
    (ISSUED, remote(), recorded(None), "unverifiable", False, "whsync rotate hook"),
    (ISSUED, remote(**SHOWN), recorded(None, stored="file:hook"), "new", False, "will be stored"),
    (ISSUED, remote(**SHOWN_OLD), recorded(NOW), "changed", True, "changed outside; it will be stored again"),
    (
        ISSUED,
        remote(mask="b***"),
        recorded(NOW, "a***"),
        "changed",
        True,
        "changed outside; the stored copy is no longer valid",
    ),
    (ISSUED, remote(has_secret=False), recorded(NOW), "changed", True, "removed at the vendor"),
    (HANDED, remote(**SHOWN), recorded(NOW, stored="cmd:keep"), "same", False, ""),
    (HANDED, remote(mask="a***"), recorded(NOW, "a***", "cmd:keep"), "same", False, ""),
    (HANDED, None, recorded(NOW, stored="cmd:keep"), "same", False, ""),
    (ISSUED, remote(mask="b***"), recorded(None, "a***"), "changed", True, "the stored copy is no longer valid"),
    (ISSUED, remote(has_secret=False), recorded(None, "a***"), "changed", True, "removed at the vendor"),
    (ISSUED, remote(has_secret=False), recorded(None), "unverifiable", False, "whsync rotate hook"),
    (ISSUED, remote(mask="a***"), recorded(None, "a***"), "unverifiable", False, "whsync rotate hook"),
    (ISSUED, remote(), recorded(NOW), "same", False, "it came from a reference and is not in file:hook: put it there"),
    (ISSUED, remote(**SHOWN), recorded(NOW), "changed", False, "it will be stored there"),
    (ISSUED, None, recorded(NOW, stored="file:hook"), "same", False, "gone from file:hook"),
    (ISSUED, None, recorded(NOW, stored="file:old"), "same", False, "stored in file:old, not in file:hook"),
    (ISSUED, remote(**SHOWN), recorded(NOW, stored="file:hook"), "changed", False, "it will be stored there"),
    (ISSUED, remote(**SHOWN), recorded(NOW, stored="file:old"), "changed", False, "it will be stored there"),
    # made by whsync
    (MADE, None, None, "new", False, ""),
    (MADE, remote(), None, "unverifiable", False, "whsync rotate hook"),
    (MADE, remote(has_secret=False), None, "new", False, "the vendor has none"),
    (MADE, remote(), entry(), "new", False, "not managed so far"),
    (MADE, remote(), recorded(None), "unverifiable", False, "whsync rotate hook"),
    (MADE, remote(), recorded(None, stored="file:hook"), "changed", False, "its last change was cut short"),
    (MADE, None, recorded(None, stored="file:hook"), "changed", False, "its last change was cut short"),
    (MADE, remote(has_secret=False), recorded(NOW), "changed", True, "removed at the vendor"),
    (MADE, remote(mask="b***"), recorded(NOW, "a***"), "changed", True, "changed outside: the vendor's mask differs"),
    (MADE, remote(**SHOWN_OLD), recorded(NOW), "changed", True, "changed outside"),
    (MADE, remote(mask="b***"), recorded(None, "a***"), "changed", True, "the vendor's mask differs"),
    (MADE, remote(mask="a***"), recorded(None, "a***"), "unverifiable", False, "whsync rotate hook"),
    (MADE_AND_HANDED, remote(**SHOWN), recorded(NOW, stored="cmd:keep"), "same", False, ""),
    (MADE_AND_HANDED, None, recorded(NOW, stored="cmd:keep"), "same", False, ""),
    (MADE, remote(**SHOWN), recorded(NOW), "changed", False, "it came from a reference, so it is made anew"),
    (MADE, None, recorded(NOW), "changed", False, "it came from a reference, so it is made anew"),
    (MADE, remote(**SHOWN), recorded(NOW, stored="file:hook"), "same", False, "gone from file:hook"),
]


@pytest.mark.parametrize(("spec", "seen", "known", "match", "drifted", "note"), ROWS)
def test_the_table(
    spec: SecretSpec | None, seen: Remote | None, known: Entry | None, match: str, drifted: bool, note: str
) -> None:
    """Each row has its state, says why in its note, and carries the fingerprint of what would be sent or noted."""
    found = state(spec, seen, known)
    assert found[:2] == (match, drifted)
    assert note in found[2]
    assert (found[2] == "") == (note == "")
    noted_already = known is not None and known.secret is not None and known.secret.fingerprint is not None
    to_note = match == "unverifiable" and not noted_already
    assert (found[3] == NOW) == (spec is OURS and (match in ("new", "changed") or to_note))


@pytest.mark.parametrize("spec", [OURS, ISSUED, MADE])
@pytest.mark.parametrize("seen", [None, remote(mask="b***"), remote(has_secret=False)])
def test_offline_nothing_is_resolved(spec: SecretSpec, seen: Remote | None) -> None:
    """A plan without network and credentials needs no secret and says what it did not compare."""
    assert state(spec, seen, None, offline=True, variable=None) == ("new", False, "", None)
    for known in (entry(), recorded(NOW), recorded(None)):
        expected = ("unverifiable", False, "not compared offline", None)
        assert state(spec, seen, known, offline=True, variable=None) == expected


@pytest.mark.parametrize("known", [None, entry(), recorded(None), recorded(NOW)])
def test_a_reference_that_cannot_be_resolved_is_an_error(known: Entry | None) -> None:
    """It is never taken for `same`, nor for a secret to be removed."""
    with pytest.raises(SecretError, match="HOOK is not set"):
        state(OURS, remote(), known, variable=None)


def test_secrets_that_go_to_a_sink_need_no_variable() -> None:
    """A secret that the vendor issues or whsync makes is compared without resolving anything."""
    known = recorded(NOW, stored="file:hook")
    assert state(ISSUED, remote(), known, variable=None)[0] == "same"
    assert state(MADE, remote(), known, variable=None)[0] == "same"


def test_a_vendor_that_sets_secrets_only_at_creation_is_told_apart() -> None:
    """Where an update cannot set the secret, the way to own it is a replacement."""
    fixed = SecretSemantics("supplied", settable_later=False)
    assert "`whsync rotate hook` replaces the webhook" in state(OURS, remote(), None, semantics=fixed)[2]


@pytest.mark.parametrize(("spec", "match"), [(OURS, SecretState.CHANGED), (ISSUED, SecretState.UNVERIFIABLE)])
def test_asserting_again_sends_what_cannot_be_verified(spec: SecretSpec, match: SecretState) -> None:
    """`--reassert` sends our own secret again where nobody can look; what only the vendor knows stays as it is."""
    assert state(spec, remote(), recorded(None), reassert=True)[0] == match
    telling = remote(mask="ab***"), recorded(NOW, mask="ab***")
    assert state(spec, *telling, reassert=True)[0] == SecretState.SAME


@pytest.mark.parametrize("mask", [None, "********", "-", "[REDACTED]", "hidden", "<hidden by us>"])
def test_asserting_again_sends_what_is_only_as_applied(mask: str | None) -> None:
    """Ours is sent again; one that whsync made would be another, and one only set at creation takes a new webhook."""
    known, seen = recorded(NOW, mask=mask, stored="file:hook"), remote(mask=mask)
    assert state(OURS, seen, known, reassert=True)[0] == SecretState.CHANGED
    assert state(MADE, seen, known, reassert=True)[0] == SecretState.SAME
    assert state(ISSUED, seen, known, reassert=True)[0] == SecretState.SAME
    fixed = SecretSemantics("supplied", settable_later=False)
    assert state(OURS, seen, known, reassert=True, semantics=fixed)[0] == SecretState.SAME


@pytest.mark.parametrize(
    ("seen", "mask", "shown"),
    [
        (remote(), None, SecretState.UNVERIFIABLE),
        (remote(mask="********"), "********", SecretState.UNVERIFIABLE),
        (remote(mask="ab***"), None, SecretState.UNVERIFIABLE),
        (remote(has_secret=True), None, SecretState.UNVERIFIABLE),
        (None, None, SecretState.UNVERIFIABLE),
        (remote(mask="ab***"), "ab***", SecretState.SAME),
        (remote(secret=Secret(VALUE)), None, SecretState.SAME),
    ],
)
def test_nobody_calls_a_secret_the_same_that_nobody_can_compare(
    seen: Remote | None, mask: str | None, shown: SecretState
) -> None:
    """Only a value, or a mask that another secret would change, proves anything; else it is as applied."""
    desired = Desired("hook", "p", "t", "https://x", (), Fields(), OURS)
    means = Means(Resolver(Path("."), {"HOOK": VALUE}), FINGERPRINTER, Path("rescues"), False)
    status = check(Case(desired, seen, recorded(NOW, mask=mask), SecretSemantics("either"), Insistence.NONE), means)
    assert (status.state, status.shown) == (SecretState.SAME, shown)


@pytest.mark.parametrize(("spec", "rotates"), [(OURS, True), (MADE, True), (ISSUED, False)])
def test_rotate_is_named_only_where_it_works(spec: SecretSpec, rotates: bool) -> None:
    """A vendor that sets ours but issues no second one of its own is not said to."""
    semantics = SecretSemantics("either")
    assert ("whsync rotate hook" in state(spec, remote(), None, semantics=semantics)[2]) is rotates
    elsewhere = state(spec, remote(), recorded(NOW, stored="file:old"), semantics=semantics)[2]
    assert ("whsync rotate" in elsewhere) is (spec is MADE)


@pytest.mark.parametrize(
    ("spec", "seen", "known", "reassert", "asks"),
    [
        (ISSUED, remote(), None, False, True),
        (ISSUED, remote(), entry(), False, True),
        (ISSUED, remote(), recorded(None), False, True),
        (OURS, remote(), None, False, True),
        (ISSUED, remote(mask="b***"), recorded(NOW, "a***"), False, True),
        (ISSUED, remote(), recorded(NOW), True, True),
        (HANDED, remote(), recorded(NOW, stored="cmd:keep"), False, False),
        (ISSUED, remote(), recorded(NOW), False, True),
        (ISSUED, remote(), recorded(NOW, stored="file:hook"), False, True),
        (ISSUED, remote(), recorded(NOW, stored="file:old"), False, True),
        (HANDED, remote(mask="a***"), recorded(NOW, "a***", "cmd:keep"), False, False),
        (ISSUED, remote(**SHOWN), None, False, False),
        (ISSUED, remote(has_secret=False), None, False, False),
        (ISSUED, None, None, False, False),
        (MADE, remote(), None, True, False),
        (None, remote(), None, True, False),
    ],
)
def test_a_secret_is_fetched_only_where_that_tells_more(
    spec: SecretSpec | None, seen: Remote | None, known: Entry | None, reassert: bool, asks: bool
) -> None:
    """One more call for a webhook is made where its secret is not known yet, looks different, or is to be verified."""
    desired = Desired("hook", "p", "t", "https://x", (), Fields(), spec)
    resolver = Resolver(Path("."), {})
    insistence = Insistence.REASSERT if reassert else Insistence.NONE
    case = Case(desired, seen, known, SecretSemantics("issued", fetchable=True), insistence)
    assert worth_fetching(case, resolver) is asks
    assert not worth_fetching(case._replace(semantics=SecretSemantics("issued")), resolver)


SHOWN_ONCE = SecretSemantics("issued", masked=True)
OWED = recorded(None, stored="file:hook")


@pytest.mark.parametrize(
    ("semantics", "way"),
    [
        (SecretSemantics("issued", reissues=True), "`whsync rotate hook`"),
        (SecretSemantics("issued", fetchable=True), "once the vendor shows it"),
        (SHOWN_ONCE, "`whsync adopt hook --id wh_1`"),
    ],
)
def test_an_owed_secret_is_an_error_until_it_is_settled(semantics: SecretSemantics, way: str) -> None:
    """The way out is one that the vendor has; nothing is owed where it shows the secret, or where it has no webhook."""
    cases: tuple[tuple[Entry | None, dict[str, Any]], ...]
    cases = ((OWED, {}), (None, {"unheard": True}), (recorded(NOW), {"unheard": True}))
    for known, more in cases:
        with pytest.raises(SecretError, match="its secret is owed: file:hook may not have") as caught:
            state(ISSUED, remote(mask="a***"), known, semantics=semantics, **more)
        assert way in caught.value.hint
        assert state(ISSUED, remote(**SHOWN), known, semantics=semantics, **more)[0] == "new"
    with pytest.raises(SecretError, match="owed"):
        state(ISSUED, None, OWED, semantics=semantics, unread=True)
    assert state(ISSUED, None, OWED, semantics=semantics)[0] == "unverifiable"
    assert state(ISSUED, remote(), recorded(None), semantics=semantics)[0] == "unverifiable"


WAYS = ("`whsync rotate hook`", "`whsync adopt hook --id wh_1`", "`whsync apply --prune --target hook`")


@pytest.mark.parametrize(
    ("semantics", "ways"),
    [
        (SecretSemantics("issued", reissues=True, replaceable=True), WAYS[:2]),
        (SecretSemantics("issued", replaceable=True), WAYS[1:]),
        (SHOWN_ONCE, WAYS[1:2]),
    ],
)
@pytest.mark.parametrize("seen", [remote(mask="b***"), remote(has_secret=False), remote(**SHOWN_OLD)])
def test_an_issued_secret_that_somebody_changed_has_a_way_out(
    seen: Remote, semantics: SecretSemantics, ways: tuple[str, ...]
) -> None:
    """Every way that the vendor has is named, and no other; none is needed where the vendor shows the secret."""
    desired = Desired("hook", "p", "t", "https://x", (), Fields(), ISSUED)
    means = Means(Resolver(Path("."), {}), FINGERPRINTER, Path("rescues"))
    told = check(Case(desired, seen, recorded(NOW, "a***", "file:hook"), semantics), means).way_out
    assert tuple(way for way in WAYS if way in told) == (() if seen.secret else ways)


def test_the_way_to_own_an_issued_secret_exists_at_the_vendor() -> None:
    """Where it issues no second one, replacing the webhook is named, unless it cannot be deleted."""
    for replaceable in (True, False):
        semantics = SecretSemantics("issued", replaceable=replaceable)
        assert (WAYS[2] in state(ISSUED, remote(), None, semantics=semantics)[2]) is replaceable


def test_secrets_that_we_send_are_never_owed() -> None:
    """They can be sent, or made, again."""
    for spec in (OURS, MADE):
        assert state(spec, remote(), None, unheard=True)[0] == "unverifiable"


SHOWS = {
    "readable": SecretSemantics("supplied", readable=True),
    "masked": SecretSemantics("supplied", masked=True),
    "flagged": SecretSemantics("supplied", flagged=True),
    "hidden": SecretSemantics("supplied"),
    "issued": SecretSemantics("issued", readable=True),
}


@pytest.mark.parametrize(
    ("vendor", "known", "gone"),
    [
        ("readable", recorded(NOW), True),
        ("readable", recorded(None), False),
        ("readable", declared(NOW), False),
        ("masked", recorded(NOW, "a***"), True),
        ("masked", recorded(NOW), False),
        ("masked", recorded(None, "a***"), True),
        ("hidden", recorded(NOW, "a***"), False),
        ("flagged", recorded(NOW), False),
        ("issued", recorded(NOW, stored="file:hook"), False),
    ],
)
def test_nothing_is_shown_where_something_was(vendor: str, known: Entry, gone: bool) -> None:
    """A secret counts as removed where its vendor shows secrets, or showed a mask; not where it never shows any."""
    spec = ISSUED if vendor == "issued" else OURS
    _, drifted, note, _ = state(spec, remote(), known, semantics=SHOWS[vendor])
    assert (drifted, note == "removed at the vendor") == (gone, gone)


@pytest.mark.parametrize(
    ("vendor", "words"),
    [
        ("readable", "the vendor did not show it this time; "),
        ("masked", "the vendor shows no more than a mask of it; "),
        ("flagged", "the vendor says no more than whether there is one; "),
        ("hidden", "the vendor never shows it; "),
    ],
)
def test_what_is_said_of_a_vendor_is_true_of_it(vendor: str, words: str) -> None:
    """That a vendor never shows a secret is said of those alone that never do."""
    note = state(OURS, remote(has_secret=True), None, semantics=SHOWS[vendor])[2]
    assert note.startswith(f"{NOT_THE_FILES}: {words}")
