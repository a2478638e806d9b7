"""What is known to be true of one webhook while it is changed, and the events that tell it.

Used by `apply.change`.

A line is durable once its method returns, and a secret is in its sink before the line that speaks of it: so the lock
never claims what the sink or the vendor may not have.

One idea, so longer than most: all that is told of one change, in the order in which it becomes true.
"""

from collections.abc import Callable, Iterable

from reconciler.apply.leavers import Leavers
from reconciler.apply.outcome import Noting, bound_entry, entry_after, entry_as_read, entry_not_converged, switched_off
from reconciler.apply.words import astray, not_converged, still_there
from reconciler.codes import Code
from reconciler.errors import Interrupted, Problem, SecretError, WhsyncError
from reconciler.matching.types import Matched
from reconciler.model.action import Action, FieldChange
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record as recorded
from reconciler.model.further import called, which_of
from reconciler.model.noted import Digests
from reconciler.model.provenance import AccountNote
from reconciler.model.secret import shown_url
from reconciler.model.webhook import URL, Desired, Entry, Fields, Remote
from reconciler.planning.types import Change
from reconciler.providers.protocol import Progress
from reconciler.run.runtime import utc_now
from reconciler.secrets.custody.several import Custodies
from reconciler.state.event import Applied, Event, Failed, Intended, Recorded, Removed, Skipped, Withdrawn

Emit = Callable[[Event], None]
"""Returns once the event is durable, or raises Halted."""


class Unrecordable(SecretError):
    """What is true at the vendor cannot stand in the lock."""

    code = Code.ID_HOLDS_SECRET


class ChangeRecorder:
    """One change's events.

    Args:
        matched: what is known of it, its entry in the lock among it.
        custody: of the webhook's secrets.
        hide: masks every secret of this run in a text.
        capabilities: what the vendor can show.
        digests: of this webhook's values.
        cover: hides in what is shown of this webhook what its file hides.
        account: what the lock is to note of whose credentials write, and how they do.

    Attributes:
        entry: what the lock has, or would have, of the webhook.
        intent: what was intended, once it was.
        unseen: what was sent and no answer has shown.
        leavers: the remote webhooks that are to go.
        unproven: any of that, or an issued secret's mask, is to be read back before the change counts as done.
        replacing: a webhook is there twice until the old one is gone, so the intent that names that one stays open.
    """

    def __init__(
        self,
        change: Change,
        desired: Desired | None,
        matched: Matched,
        custody: Custodies,
        *,
        emit: Emit,
        hide: Callable[[str], str],
        digests: Digests,
        capabilities: Capabilities,
        account: AccountNote,
        cover: Callable[[Fields], Fields],
    ) -> None:
        self.entry = matched.entry
        self._account = account
        self._alone = matched.entry is not None and matched.entry.delete_first
        self.intent: Intended | None = None
        self.unseen: tuple[str, ...] = ()
        self.leavers = Leavers(matched)
        self.unproven = False
        self.replacing = False
        self._change, self._desired, self._custody = change, desired, custody
        self._emit, self._hide, self._noting = emit, hide, Noting(capabilities, hide, digests)
        self._cover = cover
        self._partly = False
        self._wrong: dict[str, str] = {}
        self._longer = False
        self._notes: tuple[str, ...] = ()

    # Before and between the calls

    def intend(self, remote_id: str | None, action: Action | None = None) -> None:
        """The next call is a write, `action` where it is only a part of the change.

        A secret that it may replace is in doubt from now on.
        """
        change, source = self._change, self._desired or self.entry
        assert source is not None
        if self._custody.replaces and self.entry is not None:
            self._custody.doubt()
            self._record_secret(self.entry)
        fields = self._desired.fields if self._desired else self.entry.applied if self.entry else Fields()
        place, now = (source.provider, source.type, source.account, source.scope), utc_now()
        key = recorded(fields.only(self._desired.key if self._desired else ()))
        self.intent = Intended(
            change.name, action or change.action, *place, remote_id, shown_url(fields.url), now, self._account.id, key
        )
        self._emit(self.intent)

    def trust_again(self) -> None:
        """A secret that the vendor was not asked to replace after all is again what it was."""
        if self._custody.replaces and self.entry is not None:
            self._custody.trust_again()
            self._record_secret(self.entry)
            self._tell_stored()

    def found(self, desired: Desired, remote: Remote) -> None:
        """Before an update: what the lock does not know yet of what is there, a secret that is shown among it."""
        shown = self._custody.find(remote)
        if self.entry is None:
            self._record(self._custody.in_entry(bound_entry(desired, remote, None, utc_now(), self._noting)))
        elif shown:
            self.entry = self._custody.in_entry(self.entry)
        self._tell_stored()

    def bind(self, desired: Desired, remote: Remote | None, made: bool = False) -> None:
        """It is the webhook `remote`, perhaps just made, and the secret is what the custody knows.

        Raises:
            Unrecordable: its id holds a secret.
        """
        remote = remote._replace(fields=self._cover(remote.fields)) if remote is not None else None
        bound = bound_entry(desired, remote, self.entry, utc_now(), self._noting, made)
        self._set(self._custody.in_entry(bound))

    def deleted_first(self, ids: Iterable[str]) -> None:
        """The vendor answered that the old webhook of a replacement is gone; there is none until another is made."""
        self._emit(Removed(self._change.name, Action.DELETE, utc_now()))
        self.entry = None
        self.asks_to_leave(ids)

    def remark(self, note: str) -> None:
        """Tell this where the change is told to be done."""
        self._notes += (note,)

    def is_refused_beside(self) -> None:
        """The vendor takes no second one beside the old one: the lock knows it, for the next plan."""
        self._alone = True
        if self.entry is not None:
            self._record(self.entry)

    def stands_twice(self, twice: bool) -> None:
        """Note whether a replacement stands beside the old webhook: so long, the intent that names that one stays."""
        self.replacing = twice

    def superseded(self, desired: Desired, new: Remote) -> None:
        """The lock knows the new webhook before the old one goes."""
        self.bind(desired, new)
        assert self.entry is not None
        self._record(self.entry)

    def checkpoint(self, progress: Progress) -> None:
        """Something became true at the vendor: the secret into its sink first, then all of it into the journal.

        Raises:
            Unrecordable: an id holds a secret; the issued one is in its sink all the same.
        """
        self._take(progress)
        assert self.entry is not None
        self._record(self.entry)

    def _take(self, progress: Progress) -> None:
        assert self._desired is not None
        self._partly = True
        self._custody.hear(progress)
        progress = progress._replace(fields=self._cover(progress.fields))
        read = self._change.action is Action.UPDATE and self._change.observed is not None
        done = entry_after(self._desired, progress, utc_now(), self._noting, read)
        self._set(self._custody.in_entry(done))
        self._tell_stored()

    def _set(self, entry: Entry) -> None:
        """Let `entry` be what the lock would have; not if an id in it holds a secret of this run, one just issued, say.

        Raises:
            Unrecordable: it does.
        """
        parts = (*entry.parts, *entry.orphan_parts)
        ids = filter(None, (entry.remote_id, *(part.remote_id for part in parts)))
        if any(self._hide(each) != each for each in ids):
            summary = "its id at the vendor holds a secret, and the lock holds ids, so it is not recorded"
            raise Unrecordable(summary, "delete it there, give it another secret, and apply again")
        self.entry = self._completed(entry)

    def _completed(self, entry: Entry) -> Entry:
        """An entry with what is leaving, and with whose credentials wrote it."""
        entry = self.leavers.in_entry(entry, wanted=self._desired is not None)
        before = (self.entry.account_id, self.entry.manifest) if self.entry else (None, None)
        told = (self._account.id or before[0], self._account.manifest or before[1])
        return entry._replace(account_id=told[0], manifest=told[1], delete_first=self._alone)

    def asks_to_leave(self, ids: Iterable[str]) -> None:
        """The vendor answered that these are gone; the lock says that they were asked to go, until reading shows it."""
        self.leavers.ask(ids)
        if self.entry is not None:
            self._record(self.entry)

    def _record_secret(self, entry: Entry) -> None:
        self._record(self._custody.in_entry(entry))

    def _record(self, entry: Entry) -> None:
        self.entry = self._completed(entry)
        self._emit(Recorded(self._change.name, self.entry))

    def _tell_stored(self) -> None:
        """The entry first: alone, the news of a webhook that the lock does not have yet would be lost with this run."""
        stored = self._custody.take_stored() if self.entry is not None else ()
        if stored and self.entry is not None:
            self._record(self.entry)
        for each in stored:
            self._emit(each)

    # At the end

    def finish(self, progress: Progress) -> None:
        """All calls were answered. What only a read shows keeps the change open, until it is `proven` or `close`d.

        Raises:
            Unrecordable: as `checkpoint` does.
        """
        self._take(progress)
        assert self._desired is not None
        assert self.entry is not None
        kept = self._cover(progress.fields)
        self._wrong = {each: self._astray(each, kept) for each in progress.ignored}
        self.unseen = tuple(pointer for pointer in progress.unseen if pointer in self._desired.fields)
        self.conclude()

    @property
    def wants_proof(self) -> bool:
        """Whether reading tells more of the webhook itself."""
        return bool(self.unseen) or self._custody.unseen

    def conclude(self) -> None:
        """Close, unless reading tells more."""
        if self.wants_proof or self.leavers.asked:
            self.await_proof()
        else:
            self.close()

    def await_proof(self) -> None:
        """Keep what is known, and the change open, until it was read back."""
        self.unproven = True
        if self.entry is not None:
            self._record(self.entry)

    def left(self, gone: Iterable[str], there: Iterable[str]) -> None:
        """Reading shows which of those that were asked to go are gone, and which are there all the same."""
        self.leavers.settle(gone, there)
        if self.entry is not None:
            self.entry = self._completed(self.entry)

    def proven(self, shown: Remote, wrong: Iterable[FieldChange]) -> None:
        """It was read back: what is shown is what is true, and `wrong` is not as the file wants it."""
        assert self.entry is not None
        assert self._desired is not None
        shown = shown._replace(fields=self._cover(shown.fields))
        self._wrong |= {field.path: self._astray(field.path, shown.fields) for field in wrong}
        self._custody.see(shown)
        noted = self._noting.of(shown.fields, self._desired, whole=True)
        self.entry = entry_as_read(self.entry, shown.fields.only(self._desired.fields), noted)
        self.entry = self._custody.in_entry(self.entry)
        self.close()

    def close(self, note: str = "", trouble: Problem | None = None) -> None:
        """The change is done, or done with trouble that the exit code must tell."""
        assert self.entry is not None
        if self._wrong and self._desired is not None:
            self.entry = entry_not_converged(self.entry, self._desired, self._wrong)
        self._tell_stored()
        owes = self._custody.owes(self.entry.remote_id)
        trouble = self._custody.trouble or trouble or (self.problem(owes) if owes else self._not_converged())
        if trouble is None:
            notes = (*self._custody.notes, *self._notes, *filter(None, [note]))
            self._emit(Applied(self._change.name, self._change.action, self.entry, utc_now(), notes))
        else:
            self._partly = self._desired is not None
            self._record(self.entry)
            self.fail(trouble)

    def retired(self) -> None:
        """It is gone, or switched off for good."""
        name, action = self._change.name, self._change.action
        if action is Action.DELETE or self.entry is None:
            self._emit(Removed(name, action, utc_now()))
        else:
            self._emit(Applied(name, action, switched_off(self.entry, utc_now()), utc_now()))

    def skip(self) -> None:
        """The run was interrupted before anything of the change was sent."""
        said = Skipped if self.intent is None else Withdrawn
        self._emit(said(self._change.name, self._change.action, "the run was interrupted"))

    def stop(self, error: Interrupted) -> None:
        """The run was interrupted before the next call: what went before makes it a failure, and nothing a skip."""
        if self._partly or self.replacing:
            self.fail(self.problem(error))
        else:
            self.skip()

    def leave_open(self, error: Unrecordable) -> None:
        """Something was done that the lock cannot say: the intent stays, so that it is not done again."""
        self.fail(self._custody.trouble or self.problem(error), indeterminate=True)

    def fail(self, problem: Problem, indeterminate: bool = False) -> None:
        """The change did not succeed, or not whole."""
        open_still, problem = indeterminate or self.replacing, self._custody.explained(problem)
        self._emit(Failed(self._change.name, self._change.action, problem, open_still, utc_now(), self._partly))

    def problem(self, error: WhsyncError) -> Problem:
        """An error as this webhook's problem."""
        return error.of(self._change.name, self._change.provider)

    def _not_converged(self) -> Problem | None:
        if self.leavers.undone:
            return self.problem(still_there(self._change.name, self.leavers.undone, replaced=self._desired is not None))
        ignored = {each: f"{called(which_of(each) or '')} did not take effect" for each in self._custody.ignored}
        wrong = {**self._wrong, **ignored}
        return self.problem(not_converged(wrong, self._change.sends, self._longer)) if wrong else None

    def _astray(self, pointer: str, kept: Fields) -> str:
        wanted = self._desired.fields if self._desired else Fields()
        shown, asked = kept.get(pointer), wanted.get(pointer)
        self._longer |= pointer == URL and str(shown).startswith(str(asked)) and shown != asked
        return astray(pointer, wanted, kept.get(pointer), pointer in self._change.sends)
