"""One change from intent to outcome, in a worker's thread. Called by `apply`, for every change.

The order is always: secret at hand, intent on disk, call, issued secret in its sink, what is now true in the journal.
"""

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from reconciler.apply.outcome import bound_entry, entry_after, unverified_record
from reconciler.apply.settle import settle
from reconciler.change import Action, Change
from reconciler.errors import Indeterminate, Problem, SecretError, WhsyncError
from reconciler.event import Applied, Event, Failed, Intended, Recorded, Removed, Renamed, SecretStored, Skipped
from reconciler.model import STATUS, Desired, Entry, Fields, Remote, SecretRecord
from reconciler.providers.protocol import Order, Progress, Provider, Steps
from reconciler.runtime import Runtime, utc_now
from reconciler.secret import Match, Secret, shown_url
from reconciler.secrets import sink
from reconciler.secrets.generate import generate
from reconciler.survey import Situation, order, sendable


class Halted(Exception):
    """The journal took no more events; the worker must not send anything."""


class Desk(NamedTuple):
    """What every carrier of one apply shares; `emit` returns once the event is durable, or raises Halted."""

    situation: Situation
    runtime: Runtime
    emit: Callable[[Event], None]


def unusable_sinks(changes: list[Change], situation: Situation, runtime: Runtime) -> Iterator[tuple[str, WhsyncError]]:
    """The name of every change that needs a sink which cannot be used, and why; asked before the first call."""
    for change in changes:
        desired = situation.desired.get(change.name)
        spec = desired.secret if desired else None
        if spec is None or spec.sink is None or change.secret not in (Match.NEW, Match.CHANGED):
            continue
        try:
            sink.probe(spec.sink, runtime.folder)
        except WhsyncError as error:
            yield change.name, error


class Carrier:
    """Carries one change out and reports what became true."""

    def __init__(self, change: Change, desk: Desk) -> None:
        self._change = change
        self._desk = desk
        self._desired: Desired | None = desk.situation.desired.get(change.name)
        self._matched = desk.situation.matched(change.name)
        self._entry: Entry | None = self._matched.entry
        self._record: SecretRecord | None = self._entry.secret if self._entry else None
        self._fingerprint = change.secret_fingerprint
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
        secret = self._secret()
        self._intend(None)
        progress = self._drive(self._provider.create(self._order(None, secret)))
        if self._change.action is Action.REPLACE and self._change.remote_id is not None:
            self._checkpoint(progress)
            self._drive(self._provider.retire(self._order(self._change.remote_id, None)))
        self._finish(progress)

    def _update(self) -> None:
        secret = self._secret()
        if self._entry is None and self._desired is not None and self._matched.remote is not None:
            unknown = unverified_record(self._desired, self._matched.remote, utc_now())
            self._entry = bound_entry(self._desired, self._matched.remote, None, unknown, utc_now())
            self._desk.emit(Recorded(self._change.name, self._entry))
        self._intend(self._change.remote_id)
        self._finish(self._drive(self._provider.update(self._order(self._change.remote_id, secret))))

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
        remote = self._matched.remote
        if self._change.secret in (Match.NEW, Match.CHANGED) and remote is not None and remote.secret is not None:
            self._store(remote.secret, remote.mask)
        elif self._change.secret in (Match.NEW, Match.CHANGED, Match.UNVERIFIABLE) and remote is not None:
            self._record = unverified_record(self._desired, remote, utc_now())
        elif self._change.secret is Match.SAME and (self._record is None or self._record.fingerprint is None):
            self._record = self._known_record(remote.mask if remote else None)
        self._entry = bound_entry(self._desired, remote, self._entry, self._record, utc_now())
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
        fields = self._desired.fields if self._desired else self._entry.applied if self._entry else Fields()
        place = (source.provider, source.type, source.account, source.scope)
        intent = Intended(change.name, change.action, *place, remote_id, shown_url(fields.url), utc_now())
        self._desk.emit(intent)

    def _secret(self) -> Secret | None:
        """The secret to send along, if any; one that whsync makes is in its sink before it is anywhere else."""
        spec = self._desired.secret if self._desired else None
        if spec is not None and spec.generate is not None and self._change.secret in (Match.NEW, Match.CHANGED):
            made = generate(spec.generate, os.urandom)
            self._store(made, None)
            if self._trouble is not None:
                raise SecretError(self._trouble.summary, self._trouble.hint)
            self._fingerprint = self._record.fingerprint if self._record else None
            return made
        return sendable(self._desk.situation, self._change.name, self._desk.runtime)

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
        if progress.issued is not None:
            self._store(progress.issued, progress.mask)
        elif progress.secret_sent:
            self._record = self._known_record(progress.mask)
        if self._record is not None and progress.mask is not None:
            self._record = self._record._replace(mask=progress.mask)
        self._entry = entry_after(self._desired, progress, self._record, utc_now())

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
        if self._trouble is None:
            self._desk.emit(Applied(self._change.name, self._change.action, self._entry, utc_now(), self._notes))
        else:
            self._desk.emit(Recorded(self._change.name, self._entry))
            self._fail(self._trouble)

    def _known_record(self, mask: str | None) -> SecretRecord | None:
        """The record of a secret that is ours; made-by-whsync ones were recorded when they were stored."""
        spec = self._desired.secret if self._desired else None
        if spec is None or spec.source is None:
            return self._record
        value = self._desk.runtime.resolver.resolve(spec.source)
        fingerprint = self._fingerprint or self._desk.situation.fingerprinter.make(value, self._change.name)
        return SecretRecord(fingerprint, mask, None, utc_now())

    def _store(self, secret: Secret, mask: str | None) -> None:
        """Into the sink, or where that fails, into a rescue file that the problem names."""
        spec = self._desired.secret if self._desired else None
        if spec is None or spec.sink is None:
            self._notes += (
                "the vendor issued a secret and nothing stores it: add `secret: {to: …}` to own the next one",
            )
            return
        rescued: str | None = None
        try:
            sink.store(spec.sink, secret, self._desk.runtime.folder)
        except SecretError as error:
            rescued = str(sink.rescue(secret, self._change.name, self._desk.runtime.loaded.lock))
            hint = f"it is safe in {rescued}: move it to its place, then delete that file"
            self._trouble = self._problem(SecretError(f"the secret could not be stored: {error.summary}", hint))
        fingerprint = self._desk.situation.fingerprinter.make(secret, self._change.name)
        self._record = SecretRecord(fingerprint, mask, str(spec.sink), utc_now())
        self._desk.emit(SecretStored(self._change.name, self._record, rescued))

    # When it does not go well

    def _settle(self, error: Indeterminate) -> None:
        """Nobody knows whether the write happened: read before saying anything, and never send it again."""
        verdict = settle(self._change, self._desired, self._entry, self._desk.situation, self._desk.runtime)
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
            ours = self._known_record(remote.mask)
            self._record = ours or unverified_record(desired, remote, utc_now())
            if ours is None and remote.secret is not None:
                self._store(remote.secret, remote.mask)
        self._entry = bound_entry(desired, remote, self._entry, self._record, utc_now())

    def _problem(self, error: WhsyncError) -> Problem:
        name = self._change.name
        return Problem(error.kind, f"{name}: {error.summary}", error.hint, self._change.provider, name)

    def _fail(self, problem: Problem, indeterminate: bool = False) -> None:
        self._desk.emit(Failed(self._change.name, self._change.action, problem, indeterminate, utc_now()))
