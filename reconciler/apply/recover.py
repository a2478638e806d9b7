"""Finds out what became of a write whose answer was lost, by reading; never by sending it again. Called by `carry`."""

from typing import NamedTuple

from reconciler.errors import Kind, WhsyncError
from reconciler.matching.types import Matched
from reconciler.model.action import Action
from reconciler.model.diff import diff
from reconciler.model.secret import Secret, SecretSemantics
from reconciler.model.webhook import SECRET, Certainty, Desired, Entry, Part, Remote
from reconciler.planning.explain import ways_out
from reconciler.planning.types import Change
from reconciler.run.observe import fetch
from reconciler.run.runtime import Runtime
from reconciler.run.search import search
from reconciler.run.survey import ApplyInput
from reconciler.secrets.custody.unsettled import owed
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.support.hints import command

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
    change: Change,
    desired: Desired | None,
    entry: Entry | None,
    intent: Intended | None,
    apply_input: ApplyInput,
    runtime: Runtime,
) -> Verdict:
    """Read the place of `change` once more and judge; a failed read leaves the question open."""
    if change.action is Action.REPLACE:
        return Verdict("the next run finishes the replacement, begins it, or asks", AGAIN, open=True)
    matched = _look(change, desired, entry, intent, apply_input, runtime)
    retiring = change.action in (Action.DELETE, Action.DEACTIVATE)
    match (retiring, matched.certainty if matched else Certainty.UNKNOWN):
        case (True, Certainty.ABSENT):
            return Verdict(gone=True)
        case (True, Certainty.PRESENT):
            return Verdict("reading shows that it is still there", AGAIN)
        case (False, Certainty.ABSENT) if matched and matched.problem is None:
            return Verdict("reading shows that it was not applied", AGAIN)
        case (False, Certainty.PRESENT) if matched and matched.remote and desired and matched.problem is None:
            return _judge(change, desired, _with_secret(change, desired, matched.remote, runtime), apply_input, runtime)
        case (_, Certainty.UNREADABLE | Certainty.ABSENT):
            return Verdict(
                "this API cannot be read, so nobody knows",
                _by_hand(change, desired, entry, apply_input.matched(change.name).inherited),
                open=True,
            )
        case _:
            return Verdict("reading it back failed as well", AGAIN, open=True)


def _judge(change: Change, desired: Desired, remote: Remote, apply_input: ApplyInput, runtime: Runtime) -> Verdict:
    capabilities = runtime.loaded.providers[desired.provider].vendor.capabilities
    wrong = [field.path.lstrip("/") for field in diff(desired.fields, remote.fields, None, capabilities)]
    issued = desired.secret is not None and desired.secret.issued
    sent = change.action is not Action.CREATE and SECRET in change.sends and not issued
    if wrong:
        return Verdict(f"reading shows it there with another {', '.join(wrong)}", AGAIN, found=remote, open=sent)
    if change.action is Action.CREATE and issued and remote.secret is None:
        hint = owed(change.name, remote.remote_id, desired.secret and desired.secret.sink, capabilities.secret).hint
        if capabilities.secret.fetchable:
            return Verdict("it was made, and its secret could not be read", AGAIN, found=remote, kind="secret")
        return Verdict("it was made, and its secret was in the answer that was lost", hint, found=remote, kind="secret")
    if _reissues(change, desired):
        return _judge_rotation(change, remote, capabilities.secret, apply_input)
    if sent:
        return Verdict("its fields are as wanted; whether the secret was taken cannot be read", AGAIN, open=True)
    return Verdict(found=remote)


def _judge_rotation(change: Change, remote: Remote, semantics: SecretSemantics, apply_input: ApplyInput) -> Verdict:
    """Whether the vendor has issued another secret; asking again is the user's decision, since it ends the old one."""
    entry = apply_input.matched(change.name).entry
    again = f"{command('rotate', change.name)} issues a new one and stores it"
    before = entry.secret.fingerprint if entry and entry.secret else None
    if remote.secret is None and semantics.fetchable:
        return Verdict("whether its secret was replaced could not be read", AGAIN, kind="secret")
    if remote.secret is None:
        grace = f"; if so, the old one stays valid for {semantics.grace}" if semantics.grace else ""
        return Verdict(f"whether its secret was replaced cannot be read{grace}", again, kind="secret")
    if before is not None and apply_input.fingerprinter.matches(remote.secret, before):
        return Verdict("reading shows that its secret was not replaced", again, found=remote)
    return Verdict(found=remote)


def _reissues(change: Change, desired: Desired) -> bool:
    return desired.secret is not None and desired.secret.issued and SECRET in change.sends


def _with_secret(change: Change, desired: Desired, remote: Remote, runtime: Runtime) -> Remote:
    """The webhook with the secret that the vendor issued, where a call of its own shows what the lost answer held."""
    semantics = runtime.loaded.providers[desired.provider].vendor.capabilities.secret
    lost = desired.secret is not None and desired.secret.issued
    lost = lost and (change.action is Action.CREATE or _reissues(change, desired))
    if not (lost and semantics.fetchable and remote.secret is None):
        return remote
    try:
        secret = fetch({desired.name: ((desired.provider, desired.scope), remote.remote_id)}, runtime)[desired.name]
    except WhsyncError:
        return remote
    return remote._replace(secret=secret) if isinstance(secret, Secret) else remote


def _look(
    change: Change,
    desired: Desired | None,
    entry: Entry | None,
    intent: Intended | None,
    apply_input: ApplyInput,
    runtime: Runtime,
) -> Matched | None:
    source = desired or entry
    if source is None:
        return None
    ids = frozenset(filter(None, (change.remote_id, entry.remote_id if entry else None)))
    others = {name: other for name, other in apply_input.lock.entries.items() if name != change.name}
    intents = {change.name: intent} if intent is not None and desired is not None else {}
    lock = Lock({**others, change.name: entry} if entry else others, intents)
    place, wanted = (source.provider, source.scope), [desired] if desired else []
    try:
        _, matching = search({place: ids}, wanted, lock, {change.name}, runtime)
    except WhsyncError:
        return None
    return matching.matched.get(change.name) or matching.orphans.get(change.name)


def _by_hand(change: Change, desired: Desired | None, entry: Entry | None, inherited: tuple[Part, ...]) -> str:
    if change.action is Action.CREATE and not (entry and entry.parts):  # else some of its parts are there already
        return (
            f"look at the vendor: if it is there, {command('adopt', change.name, '--id', 'ID')}; "
            f"if not, {command('state', 'rm', change.name)}; then apply again"
        )
    return ways_out(change.name, desired, entry, inherited)
