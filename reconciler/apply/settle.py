"""Finds out what became of a write whose answer was lost, by reading; never by sending it again. Called by `carry`."""

from typing import NamedTuple

from reconciler.change import Action, Change
from reconciler.diff import diff
from reconciler.errors import Kind, WhsyncError
from reconciler.lock import Lock
from reconciler.match import Matched, match
from reconciler.model import SECRET, Certainty, Desired, Entry, Remote
from reconciler.observe import observe
from reconciler.runtime import Runtime
from reconciler.survey import Situation

AGAIN = "run the apply again: it reads first"


class Verdict(NamedTuple):
    """What reading showed.

    Args:
        says: what is not as it should be, for the user; empty where the write took effect whole.
        hint: the way out.
        open: nobody knows still; the intent stays open.
        gone: the webhook is proven to be away, as a retirement wanted.
        found: the webhook as read, where it may be recorded.
        kind: the problem's kind, where it is another than the lost answer's.
    """

    says: str = ""
    hint: str = ""
    open: bool = False
    gone: bool = False
    found: Remote | None = None
    kind: Kind | None = None


def settle(
    change: Change, desired: Desired | None, entry: Entry | None, situation: Situation, runtime: Runtime
) -> Verdict:
    """Read the place of `change` once more and judge; a failed read leaves the question open."""
    matched = _look(change, desired, entry, situation, runtime)
    retiring = change.action in (Action.DELETE, Action.DEACTIVATE)
    match (retiring, matched.certainty if matched else Certainty.UNKNOWN):
        case (True, Certainty.ABSENT):
            return Verdict(gone=True)
        case (True, Certainty.PRESENT):
            return Verdict("reading shows that it is still there", AGAIN)
        case (False, Certainty.ABSENT):
            return Verdict("reading shows that it was not applied", AGAIN)
        case (False, Certainty.PRESENT) if matched and matched.remote and desired and matched.problem is None:
            return _judge(change, desired, matched.remote, runtime)
        case (_, Certainty.UNREADABLE):
            return Verdict("this API cannot be read, so nobody knows", _by_hand(change), open=True)
        case _:
            return Verdict("reading it back failed as well", AGAIN, open=True)


def _judge(change: Change, desired: Desired, remote: Remote, runtime: Runtime) -> Verdict:
    about = runtime.loaded.providers[desired.provider].vendor.about
    wrong = [field.path.lstrip("/") for field in diff(desired.fields, remote.fields, None, about)]
    spec = desired.secret
    issued = spec is not None and spec.source is None and spec.generate is None
    if change.action is Action.REPLACE:
        return Verdict(f"its replacement is there; the old one ({change.remote_id}) may be too", AGAIN, found=remote)
    if wrong:
        return Verdict(f"reading shows it there with another {', '.join(wrong)}", AGAIN, found=remote)
    if change.action is Action.CREATE and issued and remote.secret is None:
        return Verdict(
            "it was made, and its secret was in the answer that was lost",
            f"`whsync rotate {change.name}` where the vendor can, else ask the vendor for a new secret",
            found=remote,
            kind="secret",
        )
    if change.action is not Action.CREATE and SECRET in change.sends:
        return Verdict("its fields are as wanted; whether the secret was taken cannot be read", AGAIN)
    return Verdict(found=remote)


def _look(
    change: Change, desired: Desired | None, entry: Entry | None, situation: Situation, runtime: Runtime
) -> Matched | None:
    source = desired or entry
    if source is None:
        return None
    ids = frozenset(filter(None, (change.remote_id, entry.remote_id if entry else None)))
    try:
        observed = observe({(source.provider, source.scope): ids}, runtime)
    except WhsyncError:
        return None
    others = {name: other for name, other in situation.lock.entries.items() if name != change.name}
    lock = Lock({**others, change.name: entry} if entry else others)
    abouts = {name: config.vendor.about for name, config in runtime.loaded.providers.items()}
    matching = match([desired] if desired else [], observed.places, lock, abouts)
    return matching.matched.get(change.name) or matching.orphans.get(change.name)


def _by_hand(change: Change) -> str:
    if change.action is Action.CREATE:
        return (
            f"look at the vendor: if it is there, `whsync adopt {change.name} --id ID`; "
            f"if not, `whsync state rm {change.name}`; then apply again"
        )
    return f"look at the vendor, or send it again: `whsync apply --reassert --target {change.name}`"
