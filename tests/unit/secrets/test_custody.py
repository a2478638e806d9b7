"""Where a secret stands, row by row: the tables of `secrets.custody` as tests."""

import re
from collections.abc import Callable
from itertools import product, takewhile

import pytest

from reconciler.model.secret import SecretState
from reconciler.model.webhook import SecretRecord
from reconciler.secrets.custody import lost_answer, state, verdict
from reconciler.secrets.custody.lost_answer import LostAnswer, LostSecret, after_lost_answer
from reconciler.secrets.custody.state import (
    FINGERPRINTED,
    Accepted,
    Asked,
    Forgotten,
    Happening,
    Holding,
    Ignored,
    Kept,
    Made,
    Move,
    Noted,
    Origin,
    Refused,
    Standing,
    advance,
    moved,
    standing_of,
    unverified_record,
)
from reconciler.secrets.custody.verdict import Evidence, Reason, Whereabouts, compare, insisted, placed, reasserted

MOVES: tuple[Move | None, ...] = ("removed", "value", "mask", None)
AT = "2026-11-21T12:00:00Z"
OURS, MADE, ISSUED = Origin.OURS, Origin.MADE, Origin.ISSUED
RECORDS = {
    Standing.NOTHING: None,
    Standing.UNKNOWN: SecretRecord(None, "a***", None, AT),
    Standing.DECLARED: SecretRecord("F", "a***", None, AT, sent=False),
    Standing.KNOWN: SecretRecord("F", None, None, AT),
    Standing.STORED: SecretRecord("F", None, "file:hook", AT),
    Standing.RESCUED: SecretRecord("F", None, "rescue:hook-1", AT),
    Standing.IN_DOUBT: SecretRecord(None, None, "file:hook", AT),
    Standing.OWED: SecretRecord(None, None, "file:hook", AT),
}


def holding(origin: Origin, standing: Standing) -> Holding:
    """A webhook's secret as it stands before a change."""
    record = RECORDS[standing]
    return Holding(origin, "env:HOOK" if origin is OURS else "file:hook", record, record)


@pytest.mark.parametrize("standing", RECORDS)
def test_what_a_record_says(standing: Standing) -> None:
    """Each standing has a record of its own; only an issued secret is owed, and only ours can be in doubt."""
    origin = ISSUED if standing is Standing.OWED else MADE
    assert standing_of(RECORDS[standing], origin) is standing


@pytest.mark.parametrize(("standing", "move"), [*product(RECORDS, MOVES)])
def test_a_vendor_that_shows_another_secret(standing: Standing, move: Move | None) -> None:
    """What was known is changed outside; what is in doubt, owed or never was recorded stays what it was."""
    tells = move is not None and standing in (*FINGERPRINTED, Standing.UNKNOWN, Standing.DECLARED)
    assert moved(standing, move) is (Standing.CHANGED_OUTSIDE if tells else standing)


RESCUED, LOST = RECORDS[Standing.RESCUED], SecretRecord(None, None, "file:hook", AT)
ROWS: list[tuple[Happening, Origin, Standing]] = [
    (Asked(AT), ISSUED, Standing.OWED),
    (Asked(AT), OURS, Standing.IN_DOUBT),
    (Asked(AT), MADE, Standing.IN_DOUBT),
    (Forgotten(AT), ISSUED, Standing.OWED),
    (Forgotten(AT), OURS, Standing.NOTHING),
    (Forgotten(AT), MADE, Standing.NOTHING),
    (Accepted(SecretRecord("F", None, None, AT)), OURS, Standing.KNOWN),
    (Accepted(SecretRecord("F", None, "file:hook", AT)), MADE, Standing.STORED),
    (Ignored(AT), OURS, Standing.IN_DOUBT),
    (Ignored(AT), MADE, Standing.IN_DOUBT),
    (Kept(SecretRecord("F", None, "file:hook", AT)), ISSUED, Standing.STORED),
    (Kept(SecretRecord("F", None, "rescue:hook-1", AT)), ISSUED, Standing.RESCUED),
    (Kept(LOST), ISSUED, Standing.OWED),
    (Noted(SecretRecord(None, "b***", None, AT)), ISSUED, Standing.UNKNOWN),
    (Noted(SecretRecord("F", None, None, AT, sent=False)), OURS, Standing.DECLARED),
]


@pytest.mark.parametrize("before", RECORDS)
@pytest.mark.parametrize(("happening", "origin", "after"), ROWS)
def test_what_happens_moves_the_standing(
    happening: Happening, origin: Origin, after: Standing, before: Standing
) -> None:
    """Whatever was known before, what happens decides what is known after."""
    assert advance(holding(origin, before), happening).standing is after


@pytest.mark.parametrize("before", RECORDS)
def test_what_the_file_says_is_noted_and_kept(before: Standing) -> None:
    """The file's value is marked as not sent; one that was noted earlier stays, with the latest mask."""
    noted = unverified_record(holding(OURS, before), "b***", "G", AT)
    assert noted == SecretRecord("G", "b***", None, AT, sent=False)
    assert unverified_record(holding(OURS, before)._replace(origin=None), "b***", "G", AT) is None
    declared = holding(OURS, Standing.DECLARED)
    assert unverified_record(declared, "b***", None, "later") == SecretRecord("F", "b***", None, AT, sent=False)
    assert unverified_record(holding(OURS, Standing.UNKNOWN), "b***", None, AT) == SecretRecord(None, "b***", None, AT)


@pytest.mark.parametrize(("origin", "before"), [*product(Origin, RECORDS)])
def test_a_refusal_restores_what_was_known(origin: Origin, before: Standing) -> None:
    """After a refusal the record is what it was before the vendor was asked, unless the sink has another by now."""
    asked = advance(holding(origin, before), Asked(AT))
    assert advance(asked, Refused()).record == RECORDS[before]
    made = advance(asked, Made(SecretRecord("N", None, "file:hook", AT)))
    assert advance(made, Refused()).record == asked.record
    assert advance(advance(made, Made(None)), Refused()).record == RECORDS[before]


def test_what_the_vendor_is_asked_for_is_owed_only_where_it_issues() -> None:
    """Only a vendor that issues secrets is asked for one; a secret that it showed was asked for, too."""
    assert [advance(holding(each, Standing.STORED), Asked(AT)).asked for each in (ISSUED, OURS, MADE)] == [1, 0, 0]
    assert advance(holding(ISSUED, Standing.NOTHING), Kept(LOST)).asked


def test_an_ignored_secret_is_told_until_it_is_accepted() -> None:
    """An answer that shows another secret is no success; a later one that shows ours is."""
    accepted = Accepted(SecretRecord("F", None, None, AT))
    ignored = advance(advance(holding(OURS, Standing.STORED), accepted), Ignored(AT))
    assert (ignored.ignored, ignored.sent, ignored.standing) == (True, True, Standing.IN_DOUBT)
    assert not advance(ignored, accepted).ignored


EVERY = [
    Evidence(origin, standing, move, recorded, there, shown and there, empty and there, equal, outstanding)
    for origin, standing, move in product(Origin, RECORDS, MOVES)
    for recorded, there, shown, empty, equal, outstanding in product((True, False), repeat=6)
    if recorded or standing is Standing.NOTHING
    if origin is (ISSUED if standing is Standing.OWED else origin)
    if standing is not Standing.IN_DOUBT or origin is not ISSUED
    if origin is ISSUED or not outstanding
]


def table_of(function: Callable[..., object]) -> list[list[str]]:
    """The rows of the table in a docstring, each cut where its head has its columns."""
    lines = (function.__doc__ or "").splitlines()
    rule = next(number for number, line in enumerate(lines) if line.strip().startswith("---"))
    starts = [found.start() for found in re.finditer(r"-+", lines[rule])]
    rows = takewhile(str.strip, lines[rule + 1 :])
    return [[row[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)] for row in rows]


def by_the_table(evidence: Evidence) -> Reason:
    """The reason of the first row that fits."""
    reasons = {each.name.replace("_", " ").lower(): each for each in Reason}
    fitting = (row for row in table_of(compare) if _fits(row[0], row[1], row[2], evidence))
    return reasons[next(fitting)[3].removeprefix("the ")]


def _fits(origin: str, standing: str, facts: str, evidence: Evidence) -> bool:
    origins = {"any": list(Origin), "ours, made": [OURS, MADE]}.get(origin) or [Origin(origin)]
    groups = {"any": list(RECORDS), "any other": list(RECORDS), "fingerprinted": list(FINGERPRINTED)}
    standings = groups.get(standing) or [Standing(each) for each in standing.split(", ")]
    told = {
        "": True,
        "outstanding": evidence.outstanding,
        "not equal": not evidence.equal,
        "moved": evidence.move is not None,
        "shown, equal": evidence.shown and evidence.equal,
        "shown": evidence.shown,
        "not recorded, not there": not (evidence.recorded or evidence.there),
        "recorded": evidence.recorded,
        "empty": evidence.empty,
    }[facts]
    return evidence.origin in origins and evidence.standing in standings and told


@pytest.mark.parametrize("origin", Origin)
def test_a_comparison_is_judged_as_its_table_says(origin: Origin) -> None:
    """Whatever was found out, the first row of the table that fits is the reason."""
    for evidence in EVERY:
        if evidence.origin is origin:
            assert compare(evidence) is by_the_table(evidence), evidence


@pytest.mark.parametrize(("reason", "origin"), [*product(Reason, Origin)])
def test_what_cannot_be_verified_is_sent_again_on_demand(reason: Reason, origin: Origin) -> None:
    """Only what we can send, or make, is asserted again."""
    sent = reason is Reason.UNVERIFIABLE and origin is not ISSUED
    assert insisted(reason, origin) is (Reason.INSISTED if sent else reason)


@pytest.mark.parametrize(
    ("reason", "origin", "tells", "there"), [*product(Reason, Origin, (True, False), (True, False))]
)
def test_what_is_only_as_applied_is_sent_again_on_demand(
    reason: Reason, origin: Origin, tells: bool, there: bool
) -> None:
    """Only ours, of a webhook that is there, where nobody can tell, and where the vendor takes another."""
    evidence = Evidence(origin, Standing.KNOWN, there=there, tells=tells)
    sent = reason is Reason.SAME and origin is OURS and there and not tells
    assert reasserted(reason, evidence, True) is (Reason.INSISTED if sent else reason)
    assert reasserted(reason, evidence, False) is reason


@pytest.mark.parametrize(("missing", "rescued", "at_hand"), [*product((True, False), repeat=3)])
@pytest.mark.parametrize(("origin", "standing"), [*product((MADE, ISSUED), FINGERPRINTED)])
def test_a_secret_that_is_the_same_is_looked_for_at_its_place(
    origin: Origin, standing: Standing, missing: bool, rescued: bool, at_hand: bool
) -> None:
    """What the vendor shows is stored again, what came from a reference is made anew, a rescued one stops."""
    expected = Reason.RESCUED if rescued else Reason.SAME
    if missing and origin is MADE and standing is Standing.KNOWN:
        expected = Reason.FROM_A_REFERENCE
    if missing and at_hand:
        expected = Reason.STORED_AGAIN
    where = Whereabouts(missing, rescued, at_hand)
    assert placed(Reason.SAME, origin, standing, where) is expected
    assert placed(Reason.NEW, origin, standing, where) is Reason.NEW


def test_every_reason_has_a_state() -> None:
    """New, same and unverifiable are told apart; all others are a change."""
    assert {reason.state for reason in Reason} == set(SecretState) - {SecretState.UNMANAGED}
    assert Reason.CUT_SHORT.state is SecretState.CHANGED


@pytest.mark.parametrize(("creates", "carried", "shown", "as_before", "fetchable"), [*product((True, False), repeat=5)])
@pytest.mark.parametrize("origin", [None, *Origin])
def test_what_a_lost_answer_leaves_known(
    origin: Origin | None, creates: bool, carried: bool, shown: bool, as_before: bool, fetchable: bool
) -> None:
    """An issued secret that no read shows is lost, or not fetched; one of ours that an update carried, nobody knows."""
    known = after_lost_answer(LostSecret(origin, creates, carried, shown, as_before, fetchable))
    if origin is ISSUED and (creates or carried) and not shown:
        lost = LostAnswer.ISSUED_AND_LOST if creates else LostAnswer.PERHAPS_REPLACED
        assert known is (LostAnswer.NOT_FETCHED if fetchable else lost)
    elif origin is ISSUED and carried and as_before:
        assert known is LostAnswer.NOT_REPLACED
    elif origin is not ISSUED and carried and not creates:
        assert known is LostAnswer.TAKEN_OR_NOT
    else:
        assert known is LostAnswer.SETTLED


@pytest.mark.parametrize("module", [state, verdict, lost_answer])
def test_the_decisions_do_no_io(module: object) -> None:
    """Where a secret stands is arithmetic, so that every row can be tried."""
    assert "[pure]" in (getattr(module, "__doc__", "") or "").partition("\n")[0]
