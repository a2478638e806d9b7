"""A manifest tried against a real account or server: create, read, change each field, drift, delete, and clean up.

Called by `cli.against`. It drives the same verbs over the same wire as an apply; after each write the webhook is read
back and held against what was sent, and what differs is a deviation, see `trial.types`. Whatever happens, what it made
is removed at the end, or named.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from reconciler.errors import Indeterminate, Interrupted, Rejected, VendorError, WhsyncError
from reconciler.model.diff import drift, record
from reconciler.model.equality import same
from reconciler.model.secret import Secret
from reconciler.model.webhook import EVENTS, SECRET, STATUS, Fields, Scope
from reconciler.providers.protocol import Progress, Rotates, Shows
from reconciler.run.runtime import Runtime
from reconciler.run.trial_bench import Bench, Stopped
from reconciler.run.trial_hand import STILL_THERE, Hand
from reconciler.trial.compare import restless
from reconciler.trial.conclude import concluded
from reconciler.trial.sample import UNKNOWN_EVENT, Sample, name_of, twists
from reconciler.trial.types import CREATE, Deviation, Kind, Left, TrialReport

RETIRE = "delete"


class Asked(NamedTuple):
    """What is to be tried.

    Args:
        name: the provider entry.
        scope: the place.
        sample: the values.
        label: what the webhook is called, for owner marks.
        secrets: two of ours; empty where the vendor takes none.
    """

    name: str
    scope: Scope
    sample: Sample
    label: str
    secrets: tuple[Secret, ...] = ()


def tried(runtime: Runtime, asked: Asked, told: Callable[[str], object]) -> TrialReport:
    """Try a manifest, and clean up.

    Args:
        runtime: with the account.
        asked: what is to be tried.
        told: hears of each webhook that is made or removed, in a sentence.
    """
    hand = Hand(runtime, asked.name, asked.scope, asked.label, told)
    bench, stopped, interrupted = Bench(hand), "", False
    try:
        _round(bench, asked)
    except Interrupted:
        interrupted, stopped = True, "it was interrupted"
    except Stopped as error:
        stopped = str(error)
    except WhsyncError as error:
        stopped = f"{error.summary}; {error.hint}" if error.hint else error.summary
    runtime.stop.clear()  # what was made is removed all the same; another signal leaves it, and its id is told
    told_of = {each.remote_id for each in bench.left}
    left = (*bench.left, *(each for each in hand.clean(bench.secret) if each.remote_id not in told_of))
    if any(each.kind is Kind.KEPT for each in bench.found):  # that it keeps what it deletes is told by itself
        left = tuple(each._replace(expected=each.expected or each.why == STILL_THERE) for each in left)
    config = runtime.loaded.providers[asked.name]
    lenses = hand.compiled.manifest.lenses() if hand.compiled is not None else {}
    report = TrialReport(
        type=hand.capabilities.type,
        title=config.vendor.title,
        base_url=config.base_url,
        scope=asked.scope,
        steps=tuple(bench.steps),
        found=concluded([*hand.found, *bench.found], bench.tried, lenses),
        untried=(*asked.sample.untried, *_unseen_secret(bench, asked)),
        left=left,
        stopped=stopped,
        interrupted=interrupted,
    )
    return runtime.redactor.over(report)


def _unseen_secret(bench: Bench, asked: Asked) -> tuple[tuple[str, str], ...]:
    """That nothing of the secret can be seen, so that its loss could not be, either."""
    why = "no read shows anything of it, so whether an update that does not send it keeps it cannot be seen"
    return ((SECRET, why),) if asked.secrets and bench.remote is not None and not bench.shows_secret.tells else ()


def _round(bench: Bench, asked: Asked) -> None:
    """All steps, in order. Raises Stopped, Interrupted, and WhsyncError where a read fails."""
    _find_room(bench, asked)
    _create(bench, asked)
    for pointer in sorted(asked.sample.second):
        bench.tried[pointer] = bench.change(pointer, asked.sample.second[pointer])
    _secrets(bench, asked)
    for pointer, leaf in twists(asked.sample, bench.hand.capabilities):
        bench.change(pointer, leaf, f"twist {name_of(pointer)}", counts=False)
    _unknown_event(bench, asked)
    _second(bench, asked)
    _drift(bench, asked)
    _delete(bench)


def _find_room(bench: Bench, asked: Asked) -> None:
    """The place can be read, has nothing that could be taken for ours, and gives back what it is given."""
    hand, first = bench.hand, asked.sample.first
    if hand.capabilities.retire == "none":
        raise Stopped("this API has no delete, so the webhook of a trial would stay for ever")
    if not bench.readable:
        bench.step("look", "skipped", "this API cannot be read")
        return
    there = hand.look().remotes
    hand.strangers = frozenset(each.remote_id for each in there)
    if hand.capabilities.read == "singleton" and there:
        raise Stopped("the account has its one webhook already, which a trial would change")
    if taken := [each.remote_id for each in there if hand.is_ours(each, first)]:
        raise Stopped(f"{', '.join(taken)} is what the trial's webhook would be; give another --hook-url or --set")
    bench.step("look", "done", f"{len(there)} there")


def _create(bench: Bench, asked: Asked) -> None:
    """Made with the first values, and read twice."""
    first, hand = asked.sample.first, bench.hand
    bench.make(first, asked.secrets[0] if asked.secrets else None)
    bench.wanted = bench.judge(CREATE, first, first.keys())
    _fetched(bench)
    if bench.remote is None:
        return
    again = bench.read("read")
    assert again is not None
    bench.found += restless(bench.remote.fields, again.fields, hand.capabilities)
    if bench.remote.mask != again.mask:
        what = "two reads in a row show different masks of the secret"
        bench.found.append(Deviation(Kind.RESTLESS, "read", SECRET, what, "secret: leave out `mask`"))
    bench.step("read")


def _fetched(bench: Bench) -> None:
    """The secret, by the call of its own that shows it."""
    hand = bench.hand
    if not hand.capabilities.secret.fetchable or not isinstance(hand.provider, Shows):
        return
    found = hand.drive(hand.provider.secret(hand.scope, bench.remote_id))
    if found is None or (bench.secret is not None and found != bench.secret):
        what = "the call that shows the secret shows " + ("none, or a mask" if found is None else "another one")
        bench.found.append(Deviation(Kind.SECRET_UNSEEN, "fetch", SECRET, what, "secret: {fetch: …}: correct `value`"))
    bench.step("fetch secret")


def _secrets(bench: Bench, asked: Asked) -> None:
    """Another secret of ours by an update, and another of the vendor's by its own call."""
    semantics, hand = bench.hand.capabilities.secret, bench.hand
    if len(asked.secrets) > 1 and semantics.settable_later and not semantics.takes:
        bench.secret = asked.secrets[1]
        request = hand.request(bench.remote_id, bench.remote, bench.wanted, frozenset({SECRET}), bench.secret)
        bench.rewrote("update secret", hand.provider.update, request)
    if (semantics.reissues or semantics.takes) and isinstance(hand.provider, Rotates):
        ours = asked.secrets[-1] if semantics.takes and asked.secrets else None
        request = hand.request(bench.remote_id, bench.remote, bench.wanted, frozenset({SECRET}), ours)
        bench.rewrote("rotate secret", hand.provider.rotate, request._replace(wants_issued=ours is None))


def _unknown_event(bench: Bench, asked: Asked) -> None:
    """What becomes of an event that nobody knows: refused, dropped in silence, or kept."""
    caps, compiled = bench.hand.capabilities, bench.hand.compiled
    kind = compiled.manifest.fields.events.codec.kind if compiled is not None else ""
    if EVENTS not in asked.sample.second or caps.fan_out or kind == "flags" or not bench.readable:
        return
    before, found = bench.wanted.events, len(bench.found)
    events = frozenset({UNKNOWN_EVENT}) if caps.one_event else before | {UNKNOWN_EVENT}
    bench.change(EVENTS, events, "unknown event", counts=False)
    if caps.events.closed:  # whsync itself refuses such a name, so what the vendor makes of it matters to nobody
        bench.found[found:] = [each._replace(counts=False) for each in bench.found[found:]]
    if bench.wanted.events != before and before:
        bench.change(EVENTS, before, "known events", counts=False)


def _second(bench: Bench, asked: Asked) -> None:
    """A second webhook with the same key beside the first, as a replacement makes it."""
    hand, caps = bench.hand, bench.hand.capabilities
    if caps.read != "list" or caps.fan_out or caps.retire != "delete":
        return
    fields = bench.wanted.over(asked.sample.first).only(asked.sample.first)
    request = hand.request(None, None, fields, frozenset(fields), bench.secret)
    done = bench.wrote("second", hand.provider.create, request)
    if done.refused is not None:
        bench.step("second", "refused", done.refused.summary)
        if done.sent and not caps.delete_first:
            _delete_first(bench, Kind.UNIQUE, f"is refused: {done.refused.summary}")
        return
    _beside(bench, done.progress)


def _beside(bench: Bench, progress: Progress | None) -> None:
    """What a second create made is removed again, unless it is the first webhook."""
    hand = bench.hand
    ids = [progress.remote_id] if progress else [each.remote_id for each in hand.newcomers()]
    if progress is not None and ids == [bench.remote_id]:
        _delete_first(bench, Kind.UPSERT, "is not made: the create changes the first one")
        bench.remote = bench.read("second")
    others = [each for each in ids if each != bench.remote_id]
    bench.step("second", "done", ", ".join(others) or "the same webhook")
    for remote_id in others:
        hand.note(remote_id)
        tuple(hand.clean_one(remote_id, bench.secret))  # what stays is tried again at the end, and told then


def _delete_first(bench: Bench, kind: Kind, what: str) -> None:
    """No second webhook stands beside the first; that matters where something can only be changed by a replacement."""
    caps = bench.hand.capabilities
    key, needed = " and ".join(map(name_of, caps.natural_key)), bool(caps.immutable) and not caps.delete_first
    sentence = f"a second webhook with the same {key} {what}"
    bench.found.append(Deviation(kind, "second", "", sentence, "replace: delete_first", needed))


def _drift(bench: Bench, asked: Asked) -> None:
    """A change by somebody else is seen as that change, and as no other."""
    hand, caps = bench.hand, bench.hand.capabilities
    seen = [each for each, done in bench.tried.items() if done and each not in caps.unreadable]
    if not seen or bench.remote is None:
        return
    pointer, have = seen[0], bench.wanted.get(seen[0])
    first, second = asked.sample.first[pointer], asked.sample.second[pointer]
    applied, value = (
        record(bench.remote.fields.only(bench.wanted)),
        second if same(pointer, first, have, caps) else first,
    )
    request = hand.request(
        bench.remote_id, bench.remote, Fields({pointer: value}).over(bench.wanted), frozenset({pointer}), bench.secret
    )
    done = bench.wrote("drift", hand.provider.update, request)
    now = bench.read("drift")
    if done.refused is not None or now is None:
        bench.step("drift", "skipped", done.refused.summary if done.refused is not None else "")
        return
    moved = {change.path for change in drift(now.fields, applied, caps)}
    if pointer not in moved:
        what = f"{name_of(pointer)} was changed by somebody else, and reads do not show it"
        bench.found.append(Deviation(Kind.HIDDEN, "drift", pointer, what, f"{name_of(pointer)}: correct `read`"))
    bench.remote = now
    bench.wanted = now.fields.only(bench.wanted).over(bench.wanted)
    bench.step("drift", "done", f"seen in {', '.join(sorted(map(name_of, moved)))}" if moved else "")


def _delete(bench: Bench) -> None:
    """Deleted, or switched off where that is all there is, and read once more."""
    hand, caps = bench.hand, bench.hand.capabilities
    hand.begin()
    try:
        hand.drive(hand.provider.retire(hand.request(bench.remote_id, bench.remote, Fields(), secret=bench.secret)))
    except (Rejected, Indeterminate) as error:
        _not_deleted(bench, error)
        return
    after = hand.seen(bench.remote_id) if bench.readable else None
    bench.step(RETIRE)
    if caps.retire == "deactivate":
        return
    if after is None:
        hand.forget(bench.remote_id)
        _gone(bench)
        return
    off = after.fields.get(STATUS) == "inactive"
    what = "what was deleted with success is still there" + (", switched off" if off else "")
    word = "retire: [{how: deactivate}]" if off else "retire: [{how: none, reason: …}]"
    bench.found.append(Deviation(Kind.KEPT, RETIRE, "", what, word))
    hand.forget(bench.remote_id)
    bench.left += (Left(bench.remote_id, what, expected=True),)


def _not_deleted(bench: Bench, error: VendorError) -> None:
    """It is not deleted as it stands: perhaps once it is switched off."""
    bench.step(RETIRE, "refused" if isinstance(error, Rejected) else "failed", error.summary)
    word = "retire: [{how: none, reason: …}]"
    with suppress(VendorError):
        bench.hand.retire(bench.remote_id, bench.remote, bench.secret)
        if bench.hand.seen(bench.remote_id) is None:
            word = "retire: [{how: delete, first: {/status: inactive}}]"
            bench.hand.forget(bench.remote_id)
    bench.found.append(Deviation(Kind.REFUSED, RETIRE, "", error.summary, word))


def _gone(bench: Bench) -> None:
    """What the vendor answers about a webhook that is not there any more: in words, and not with success."""
    hand, pointer = bench.hand, next((each for each, done in bench.tried.items() if done), None)
    if pointer is None or bench.remote is None:
        return
    request = hand.request(bench.remote_id, bench.remote, bench.wanted, frozenset({pointer}), bench.secret)
    done = bench.wrote("update what is gone", hand.provider.update, request)
    back = hand.seen(bench.remote_id) if bench.readable else None
    if done.progress is not None:
        what = "an update of a webhook that is gone is answered with success"
        what += ", and makes it again" if back is not None else ""
        bench.found.append(Deviation(Kind.ANSWER, "update what is gone", "", what, "update: {ok_when: …}", False))
    if back is None:
        hand.forget(bench.remote_id)
    bench.step("update what is gone", "refused" if done.refused is not None else "done")
