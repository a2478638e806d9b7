"""One change from intent to outcome, in a worker's thread. Called by `apply`, for every change.

The order is always: secret at hand, intent on disk, a secret that whsync made in its sink, call, an issued secret in
its sink, what is now true in the journal. So the lock never claims a secret that the sink or the vendor may not have.
"""

from collections.abc import Callable
from typing import NamedTuple

from reconciler.apply.keep import Keeper
from reconciler.apply.outcome import bound_entry, entry_after, unverified_record
from reconciler.apply.settle import settle
from reconciler.change import Action, Change
from reconciler.errors import Indeterminate, Interrupted, Problem, Rejected, WhsyncError
from reconciler.event import Applied, Event, Failed, Intended, Recorded, Removed, Renamed, Skipped
from reconciler.model import SECRET, STATUS, Desired, Entry, Fields, Remote
from reconciler.providers.protocol import Order, Progress, Provider, Rotates, Steps
from reconciler.runtime import Runtime, utc_now
from reconciler.secret import Match, Secret, shown_url
from reconciler.survey import Situation, order


class Halted(Exception):
    """The journal took no more events; the worker must not send anything."""


class Desk(NamedTuple):
    """What every carrier of one apply shares; `emit` returns once the event is durable, or raises Halted."""

    situation: Situation
    runtime: Runtime
    emit: Callable[[Event], None]


class Carrier:
    """Carries one change out and reports what became true."""

    def __init__(self, change: Change, desk: Desk) -> None:
        self._change = change
        self._desk = desk
        self._desired: Desired | None = desk.situation.desired.get(change.name)
        self._matched = desk.situation.matched(change.name)
        self._entry: Entry | None = self._matched.entry
        record = self._entry.secret if self._entry else None
        self._keeper = Keeper(change, self._desired, record, desk.situation, desk.runtime)
        self._intent: Intended | None = None
        self._replacing = False
        self._trouble: Problem | None = None
        self._notes: tuple[str, ...] = ()

    def carry_out(self, obstacle: WhsyncError | None) -> None:
        """Do it all; every outcome is an event, and only `Halted` is raised."""
        if self._desk.runtime.stop.is_set():
            self._desk.emit(Skipped(self._change.name, self._change.action, "the run was interrupted"))
            return
        try:
            if obstacle is not None:
                raise obstacle
            self._do()
        except Indeterminate as error:
            self._settle(error)
        except WhsyncError as error:
            self._fail(self._problem(error))
        except Halted:
            raise
        except Exception as error:  # noqa: BLE001 - a worker that died silently would look like success
            self._fail(self._problem(WhsyncError(f"an unforeseen {type(error).__name__}")), indeterminate=True)

    def _do(self) -> None:
        if self._change.renamed_from is not None:
            self._desk.emit(Renamed(self._change.name, self._change.renamed_from))
        if self._matched.superseded is not None and self._desired is not None and self._matched.remote is not None:
            self._note_replaced(self._desired, self._matched.remote)
            self._retire_old(self._matched.superseded)
        match self._change.action:
            case Action.FORGET:
                self._desk.emit(Removed(self._change.name, Action.FORGET, utc_now()))
            case Action.DELETE | Action.DEACTIVATE:
                self._retire()
            case Action.CREATE | Action.REPLACE:
                self._create()
            case _ if self._change.sends:
                self._update()
            case _:
                self._bind()

    # The verbs

    def _create(self) -> None:
        secret = self._keeper.to_send()
        old = self._matched.remote if self._change.action is Action.REPLACE else None
        self._intend(old.remote_id if old else None)
        self._keep_made(secret)
        progress = self._drive(self._provider.create(self._order(None, secret)))
        if old is not None:
            self._checkpoint(progress)
            self._retire_old(old)
        self._finish(progress)

    def _retire_old(self, old: Remote) -> None:
        """A replacement is done once the old webhook is gone; until then its intent stays open and names that one."""
        self._replacing = True
        self._drive(self._provider.retire(self._order(old.remote_id, None)._replace(remote=old)))
        self._replacing = False

    def _update(self) -> None:
        secret = self._keeper.to_send()
        if self._desired is not None and self._matched.remote is not None:
            self._note_found(self._desired, self._matched.remote)
        self._intend(self._change.remote_id)
        self._keep_made(secret)
        order = self._order(self._change.remote_id, secret)
        rotates = SECRET in order.changes and self._provider.about.secret.rotates(ours=secret is not None)
        self._finish(self._rotate(order) if rotates else self._drive(self._provider.update(order)))

    def _rotate(self, order: Order) -> Progress:
        """The fields by an update, if any; then the secret by a call of its own."""
        provider, rest = self._provider, order.changes - {SECRET}
        assert isinstance(provider, Rotates), f"{self._change.provider} says that its secrets can be rotated"
        done, asked = Progress("", Fields()), None
        try:
            if rest:
                done = self._drive(provider.update(order._replace(changes=rest)))
                self._checkpoint(done)
                order = order._replace(changes=frozenset({SECRET}), remote=Remote(done.remote_id, done.fields))
            asked = self._entry
            return self._drive(provider.rotate(order))._replace(ignored=done.ignored)
        except (Rejected, Interrupted):
            if asked is None or self._entry is asked:  # nothing came back from the rotation: the old secret holds
                self._trust_again()
            raise

    def _trust_again(self) -> None:
        """A secret that the vendor was not asked to replace after all is again what it was."""
        if self._keeper.reissues and self._entry is not None:
            self._entry = self._entry._replace(secret=self._keeper.trust_again())
            self._desk.emit(Recorded(self._change.name, self._entry))

    def _note_found(self, desired: Desired, remote: Remote) -> None:
        """Before an update: what the lock does not know yet of what is there, a secret that is shown among it."""
        shown = not self._keeper.reissues and self._keeper.keep_shown(remote)
        if self._entry is None:
            record = self._keeper.record = self._keeper.record or unverified_record(desired, remote, utc_now())
            self._entry = bound_entry(desired, remote, None, record, utc_now())
            self._desk.emit(Recorded(self._change.name, self._entry))
        elif shown:
            self._entry = self._entry._replace(secret=self._keeper.record)
        self._tell_stored()

    def _note_replaced(self, desired: Desired, new: Remote) -> None:
        """The lock knows the new webhook before the old one goes."""
        self._entry = bound_entry(desired, new, self._entry, self._keeper.record, utc_now())
        self._desk.emit(Recorded(self._change.name, self._entry))

    def _retire(self) -> None:
        self._intend(self._change.remote_id)
        self._drive(self._provider.retire(self._order(self._change.remote_id, None)))
        self._retired()

    def _retired(self) -> None:
        name, action = self._change.name, self._change.action
        if action is Action.DELETE or self._entry is None:
            self._desk.emit(Removed(name, action, utc_now()))
            return
        switched_off = Fields({**self._entry.applied, STATUS: "inactive"})
        entry = self._entry._replace(applied=switched_off, retired=True, at=utc_now())
        self._desk.emit(Applied(name, action, entry, utc_now()))

    def _bind(self) -> None:
        """No call: only the lock learns something (a binding, a name, a protection, a mask, a secret that is shown)."""
        assert self._desired is not None
        remote, keeper = self._matched.remote, self._keeper
        if remote is not None and keeper.keep_shown(remote):
            pass
        elif self._change.secret in (Match.NEW, Match.CHANGED, Match.UNVERIFIABLE) and remote is not None:
            keeper.record = unverified_record(self._desired, remote, utc_now())
        elif self._change.secret is Match.SAME and (keeper.record is None or keeper.record.fingerprint is None):
            keeper.record = keeper.known(remote.mask if remote else None)
        self._entry = bound_entry(self._desired, remote, self._entry, keeper.record, utc_now())
        self._close()

    # What the verbs are made of

    @property
    def _provider(self) -> Provider:
        return self._desk.runtime.provider(self._change.provider)

    def _order(self, remote_id: str | None, secret: Secret | None) -> Order:
        made = order(self._desk.situation, self._change.name, frozenset(self._change.sends), secret)
        return made._replace(remote_id=remote_id)

    def _intend(self, remote_id: str | None) -> None:
        change, source = self._change, self._desired or self._entry
        assert source is not None
        if (self._keeper.makes or self._keeper.reissues) and self._entry is not None:
            self._entry = self._entry._replace(secret=self._keeper.doubt())
            self._desk.emit(Recorded(change.name, self._entry))
        fields = self._desired.fields if self._desired else self._entry.applied if self._entry else Fields()
        place = (source.provider, source.type, source.account, source.scope)
        self._intent = Intended(change.name, change.action, *place, remote_id, shown_url(fields.url), utc_now())
        self._desk.emit(self._intent)

    def _keep_made(self, secret: Secret | None) -> None:
        """A secret that whsync made is in its sink before the vendor gets it."""
        if self._keeper.makes and secret is not None:
            self._desk.emit(self._keeper.keep_made(secret))

    def _drive(self, steps: Steps[Progress] | Steps[None]) -> Progress:
        result = self._desk.runtime.drive(self._change.provider, steps, self._checkpoint)
        return result if isinstance(result, Progress) else Progress("", Fields())

    def _checkpoint(self, progress: Progress) -> None:
        """Something became true at the vendor: the secret into its sink first, then all of it into the journal."""
        self._take(progress)
        assert self._entry is not None
        self._desk.emit(Recorded(self._change.name, self._entry))

    def _take(self, progress: Progress) -> None:
        assert self._desired is not None
        keeper = self._keeper
        if progress.issued is not None:
            keeper.keep_issued(progress.issued, progress.mask)
        elif progress.secret_sent:
            keeper.record = keeper.known(progress.mask)
        if keeper.record is not None and progress.mask is not None:
            keeper.record = keeper.record._replace(mask=progress.mask)
        self._entry = entry_after(self._desired, progress, keeper.record, utc_now())
        self._tell_stored()

    def _finish(self, progress: Progress) -> None:
        self._take(progress)
        if progress.ignored:
            names = ", ".join(pointer.lstrip("/") for pointer in progress.ignored)
            hint = "the vendor answered success and kept another value; look there, or stop managing the field"
            self._trouble = Problem("not_converged", f"{self._change.name}: {names} did not take effect", hint)
        self._close()

    def _close(self) -> None:
        """The change is done, or done with trouble that the exit code must tell."""
        assert self._entry is not None
        self._tell_stored()
        trouble, notes = self._keeper.trouble or self._trouble, (*self._keeper.notes, *self._notes)
        if trouble is None:
            self._desk.emit(Applied(self._change.name, self._change.action, self._entry, utc_now(), notes))
        else:
            self._desk.emit(Recorded(self._change.name, self._entry))
            self._fail(trouble)

    def _tell_stored(self) -> None:
        """The entry first: alone, the news of a webhook that the lock does not have yet would be lost with this run."""
        stored, self._keeper.stored = self._keeper.stored, None
        if stored is not None and self._entry is not None:
            self._desk.emit(Recorded(self._change.name, self._entry))
            self._desk.emit(stored)

    # When it does not go well

    def _settle(self, error: Indeterminate) -> None:
        """Nobody knows whether the write happened: read before saying anything, and never send it again."""
        desk = self._desk
        if self._replacing:
            self._fail(self._problem(error))
            return
        verdict = settle(self._change, self._desired, self._entry, self._intent, desk.situation, desk.runtime)
        if verdict.gone:
            self._retired()
            return
        if verdict.found is not None and self._desired is not None:
            self._found(self._desired, verdict.found)
        problem = self._problem(error)
        if verdict.says:
            summary = f"{problem.summary}; {verdict.says}"
            self._trouble = problem._replace(summary=summary, hint=verdict.hint, kind=verdict.kind or problem.kind)
        if verdict.open or verdict.found is None:
            self._fail(self._trouble or problem, verdict.open)
        else:
            self._notes += ("its answer was lost; found by reading",)
            self._close()

    def _found(self, desired: Desired, remote: Remote) -> None:
        """The webhook is there after all: what it holds is what is true."""
        if self._change.action in (Action.CREATE, Action.REPLACE):
            ours = self._keeper.known(remote.mask)
            self._keeper.record = ours or unverified_record(desired, remote, utc_now())
            if ours is None and remote.secret is not None:
                self._keeper.keep_issued(remote.secret, remote.mask)
        elif self._keeper.reissues and remote.secret is not None:
            self._keeper.keep_issued(remote.secret, remote.mask)
        self._entry = bound_entry(desired, remote, self._entry, self._keeper.record, utc_now())

    def _problem(self, error: WhsyncError) -> Problem:
        name = self._change.name
        return Problem(error.kind, f"{name}: {error.summary}", error.hint, self._change.provider, name)

    def _fail(self, problem: Problem, indeterminate: bool = False) -> None:
        open_still = indeterminate or self._replacing
        self._desk.emit(Failed(self._change.name, self._change.action, problem, open_still, utc_now()))
