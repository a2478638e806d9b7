"""Finds out what became of a write whose answer was lost, by reading; never by sending it again.

Called by `apply.change`.
"""

from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Kind, WhsyncError
from reconciler.matching.types import Matched
from reconciler.model.action import Action
from reconciler.model.diff import diff, visible
from reconciler.model.further import which_of
from reconciler.model.secret import Secret, SecretSemantics
from reconciler.model.webhook import SECRET, Certainty, Desired, Entry, Remote
from reconciler.planning.explain import ways_out
from reconciler.planning.types import Change
from reconciler.run.apply_input import ApplyInput
from reconciler.run.observe import fetch
from reconciler.run.runtime import Runtime
from reconciler.run.search import search
from reconciler.secrets.custody.lost_answer import LostAnswer, LostSecret, after_lost_answer
from reconciler.secrets.custody.state import origin_of
from reconciler.secrets.custody.ways_out import owed
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
        code: the problem's code, where it is another than the lost answer's.
    """

    says: str = ""
    hint: str = ""
    open: bool = False
    gone: bool = False
    found: Remote | None = None
    kind: Kind | None = None
    code: Code | None = None


class LostWrite(NamedTuple):
    """A change whose answer was lost.

    Args:
        desired: the webhook of the file; None for an orphan.
        entry: what the lock has, or would have, of it.
        intent: what was intended, once it was.
    """

    change: Change
    desired: Desired | None
    entry: Entry | None
    intent: Intended | None

    @property
    def reissues(self) -> bool:
        """Whether the vendor was asked to replace the secret that it issued."""
        return self._issued and SECRET in self.change.sends

    @property
    def carries_further(self) -> bool:
        """Whether it was to set a further secret."""
        return any(map(which_of, self.change.sends))

    @property
    def awaits_a_secret(self) -> bool:
        """Whether the lost answer held a secret that the vendor issued."""
        return self.reissues or (self._issued and self.change.action is Action.CREATE)

    @property
    def _issued(self) -> bool:
        return self.desired is not None and self.desired.secret is not None and self.desired.secret.issued


def settle(lost: LostWrite, given: ApplyInput, runtime: Runtime) -> Verdict:
    """Read the place of the change once more and judge; a failed read leaves the question open."""
    if lost.change.action is Action.REPLACE:
        return Verdict("the next run finishes the replacement, begins it, or asks", AGAIN, open=True)
    matched, desired = _look(lost, given, runtime), lost.desired
    retiring = lost.change.action in (Action.DELETE, Action.DEACTIVATE)
    match (retiring, matched.certainty if matched else Certainty.UNKNOWN):
        case (True, Certainty.ABSENT):
            return Verdict(gone=True)
        case (True, Certainty.PRESENT):
            return Verdict("reading shows that it is still there", AGAIN)
        case (False, Certainty.ABSENT) if matched and matched.problem is None:
            return Verdict("reading shows that it was not applied", AGAIN)
        case (False, Certainty.PRESENT) if matched and matched.remote and desired and matched.problem is None:
            return _judge(lost, desired, _with_secret(lost, desired, matched.remote, runtime), given, runtime)
        case (_, Certainty.UNREADABLE):
            return Verdict("this API cannot be read, so nobody knows", _by_hand(lost, given), open=True)
        case (_, Certainty.ABSENT):
            return Verdict("reading cannot tell it apart, so nobody knows", _by_hand(lost, given), open=True)
        case _:
            return Verdict("reading it back failed as well", AGAIN, open=True)


def _judge(lost: LostWrite, desired: Desired, remote: Remote, given: ApplyInput, runtime: Runtime) -> Verdict:
    """What reading shows of a webhook that is there: its fields, then its secret."""
    capabilities = runtime.loaded.providers[desired.provider].vendor.capabilities
    wanted = desired.fields if lost.change.action.makes else desired.kept
    compared = visible(wanted, remote.fields, capabilities)
    if lost.change.action is not Action.CREATE:  # what was sent and is not shown may not have arrived
        compared = compared.over(wanted.only(lost.change.sends))
    wrong = [field.path.lstrip("/") for field in diff(compared, remote.fields, None, capabilities)]
    known = after_lost_answer(_lost_secret(lost, desired, remote, capabilities.secret, given))
    if known is LostAnswer.SETTLED and lost.carries_further and lost.change.action is not Action.CREATE:
        known = LostAnswer.TAKEN_OR_NOT
    if wrong:
        carried = lost.carries_further or (SECRET in lost.change.sends and not lost.reissues)
        open_still = lost.change.action is not Action.CREATE and carried
        return Verdict(f"reading shows it there with another {', '.join(wrong)}", AGAIN, found=remote, open=open_still)
    return _in_words(known, lost, desired, remote, capabilities.secret)


def _lost_secret(
    lost: LostWrite, desired: Desired, remote: Remote, semantics: SecretSemantics, given: ApplyInput
) -> LostSecret:
    entry = given.matched(lost.change.name).entry
    before = entry.secret.in_force if entry and entry.secret else None
    compares = lost.reissues and before is not None and remote.secret is not None
    return LostSecret(
        origin_of(desired.secret) if desired.secret else None,
        creates=lost.change.action is Action.CREATE,
        carried=SECRET in lost.change.sends,
        shown=remote.secret is not None,
        as_before=bool(compares and remote.secret and given.fingerprinter.matches(remote.secret, before or "")),
        fetchable=semantics.fetchable,
    )


def _in_words(
    known: LostAnswer, lost: LostWrite, desired: Desired, remote: Remote, semantics: SecretSemantics
) -> Verdict:
    """What is known of the secret, and the way out; only the user may ask for another, since that ends the old one."""
    name, creates = lost.change.name, lost.change.action is Action.CREATE
    again = f"{command('rotate', name)} issues a new one and stores it"
    match known:
        case LostAnswer.NOT_FETCHED if creates:
            says = "it was made, and its secret could not be read"
            return Verdict(says, AGAIN, found=remote, kind="secret", code=Code.SECRET_UNSETTLED)
        case LostAnswer.NOT_FETCHED:
            says = "whether its secret was replaced could not be read"
            return Verdict(says, AGAIN, kind="secret", code=Code.SECRET_UNSETTLED)
        case LostAnswer.ISSUED_AND_LOST:
            error = owed(name, remote.remote_id, desired.secret and desired.secret.sink, semantics)
            says = "it was made, and its secret was in the answer that was lost"
            return Verdict(says, error.hint, found=remote, kind="secret", code=error.code)
        case LostAnswer.PERHAPS_REPLACED:
            grace = f"; if so, the old one stays valid for {semantics.grace}" if semantics.grace else ""
            says = f"whether its secret was replaced cannot be read{grace}"
            return Verdict(says, again, kind="secret", code=Code.SECRET_UNSETTLED)
        case LostAnswer.NOT_REPLACED:
            return Verdict("reading shows that its secret was not replaced", again, found=remote)
        case LostAnswer.TAKEN_OR_NOT:
            return Verdict("its fields are as wanted; whether the secret was taken cannot be read", AGAIN, open=True)
        case LostAnswer.SETTLED:
            return Verdict(found=remote)


def _with_secret(lost: LostWrite, desired: Desired, remote: Remote, runtime: Runtime) -> Remote:
    """The webhook with the secret that the vendor issued, where a call of its own shows what the lost answer held."""
    semantics = runtime.loaded.providers[desired.provider].vendor.capabilities.secret
    if not (lost.awaits_a_secret and semantics.fetchable and remote.secret is None):
        return remote
    try:
        secret = fetch({desired.name: ((desired.provider, desired.scope), remote.remote_id)}, runtime)[desired.name]
    except WhsyncError:
        return remote
    return remote._replace(secret=secret) if isinstance(secret, Secret) else remote


def _look(lost: LostWrite, given: ApplyInput, runtime: Runtime) -> Matched | None:
    """The webhook as another read matches it; None where that fails."""
    change, desired, entry, intent = lost
    source = desired or entry
    if source is None:
        return None
    ids = frozenset(filter(None, (change.remote_id, entry.remote_id if entry else None)))
    others = {name: other for name, other in given.lock.entries.items() if name != change.name}
    intents = {change.name: intent} if intent is not None and desired is not None else {}
    lock = Lock({**others, change.name: entry} if entry else others, intents)
    place, wanted = (source.provider, source.scope), [desired] if desired else []
    try:
        _, matching = search({place: ids}, wanted, lock, {change.name}, runtime)
    except WhsyncError:
        return None
    return matching.matched.get(change.name) or matching.orphans.get(change.name)


def _by_hand(lost: LostWrite, given: ApplyInput) -> str:
    """What the user can do where nobody can look."""
    name, entry = lost.change.name, lost.entry
    if lost.change.action is Action.CREATE and not (entry and entry.parts):  # else some of its parts are there already
        return (
            f"look at the vendor: if it is there, {command('adopt', name, '--id', 'ID')}; "
            f"if not, {command('state', 'rm', name)}; then apply again"
        )
    return ways_out(name, lost.desired, entry, given.matched(name).inherited)
