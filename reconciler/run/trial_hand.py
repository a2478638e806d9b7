"""The hands of a trial: drives the verbs that an apply drives, keeps each call and answer, and knows what it has made.

Used by `run.trial`. Whatever it changes or removes is a webhook that it made itself, named by its id.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar

from reconciler.errors import Interrupted, Rejected, VendorError, WhsyncError
from reconciler.model.equality import same
from reconciler.model.secret import Secret
from reconciler.model.webhook import STATUS, Fields, Observation, Part, Remote, Scope
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.protocol import Call, ChangeRequest, Progress, Reply, Steps, parsed
from reconciler.providers.steps import in_turn
from reconciler.run.runtime import Runtime
from reconciler.trial.answers import Exchange, empty_list
from reconciler.trial.raw import object_of
from reconciler.trial.types import Deviation, Left

T = TypeVar("T")
STILL_THERE = "its deletion was answered with success, and it is still there"
SWITCHED_OFF = "it is switched off; this API has no delete"


class Hand:
    """What a trial does at one place of one account.

    Args:
        runtime: with the provider entry `name`.
        scope: where its webhooks hang.
        label: what they are called, for owner marks and texts.
        told: hears of each webhook that was made, and what became of it, in a sentence.

    Attributes:
        exchanges: the calls of the step that is being done, with their answers.
        strangers: the ids that were there before.
        found: what its reads have shown of the manifest.
    """

    def __init__(self, runtime: Runtime, name: str, scope: Scope, label: str, told: Callable[[str], object]) -> None:
        self._runtime, self._name, self._told = runtime, name, told
        self.scope, self.label = scope, label
        self.provider = runtime.provider(name)
        self.capabilities = self.provider.capabilities
        vendor = runtime.loaded.providers[name].vendor
        self.compiled = vendor if isinstance(vendor, CompiledVendor) else None
        self.exchanges: list[Exchange] = []
        self.strangers: frozenset[str] = frozenset()
        self._made: dict[str, Progress] = {}
        self._sent: list[Fields] = []
        self._intents = count(1)
        self.found: list[Deviation] = []

    def begin(self) -> None:
        """A new step: what was kept of the one before is forgotten."""
        self.exchanges.clear()

    def drive(self, steps: Steps[T]) -> T:
        """Carry out what the provider describes; raises what the driver does."""
        return self._runtime.drive(self._name, spied(steps, self.exchanges), self._progressed)

    def write(self, verb: Callable[[ChangeRequest], Steps[Progress]], request: ChangeRequest) -> Progress:
        """One verb that makes or changes a webhook. Raises Rejected, Indeterminate, Interrupted."""
        self._sent.append(request.fields)
        done = self.drive(verb(request))
        self._progressed(done)
        return done

    def look(self, *ids: str | None) -> Observation:
        """What the place holds; an answer that says nothing at all is believed, and noted as a deviation.

        Raises:
            VendorError: it cannot be read.
        """
        try:
            return self.drive(self.provider.observe(self.scope, frozenset(filter(None, ids))))
        except VendorError:
            nothing = empty_list(self.exchanges)
            if nothing is None or self.capabilities.read != "list":
                raise
            self.found.append(nothing)
            return Observation(complete=True)

    def seen(self, remote_id: str) -> Remote | None:
        """One webhook as a read shows it; None where it does not. Raises VendorError."""
        return next((each for each in self.look(remote_id).remotes if each.remote_id == remote_id), None)

    def newcomers(self) -> tuple[Remote, ...]:
        """The webhooks that were not there before, and that are ours by their key or mark. Raises VendorError."""
        found = self.look(*self._made).remotes
        new = (each for each in found if each.remote_id not in self.strangers)
        return tuple(each for each in new if any(self.is_ours(each, fields) for fields in self._sent))

    def is_ours(self, remote: Remote, fields: Fields) -> bool:
        """Whether what names a webhook is what this trial sent."""
        if remote.mark is not None:
            return remote.mark == self.label
        key = [pointer for pointer in self.capabilities.natural_key if pointer in fields]
        return bool(key) and all(same(p, fields[p], remote.fields.get(p), self.capabilities) for p in key)

    def shown(self, remote: Remote) -> dict[str, Any] | None:
        """The object of a webhook in the last answer that had it, as its vendor sends it."""
        if self.compiled is None or self.capabilities.fan_out:
            return None
        documents = (parsed(each.reply) for each in reversed(self.exchanges) if not each.call.writes)
        found = (object_of(document, remote, self.compiled.codec()) for document in documents)
        return next((each for each in found if each is not None), None)

    def parts(self, remote_id: str, remote: Remote | None) -> tuple[Part, ...]:
        """The parts of a webhook, as read or else as the writes have told."""
        made = self._made.get(remote_id)
        return remote.parts if remote is not None and remote.parts else made.parts if made is not None else ()

    # What it has made

    @property
    def made(self) -> tuple[str, ...]:
        """The ids of what it has made and not removed."""
        return tuple(self._made)

    def note(self, remote_id: str, instead_of: str | None = None) -> None:
        """Know a webhook as made here, perhaps in the place of an id that it had before."""
        self._progressed(Progress(remote_id, Fields()))
        if instead_of is not None and instead_of != remote_id:
            self._made.pop(instead_of, None)

    def forget(self, remote_id: str) -> None:
        """It is gone."""
        if self._made.pop(remote_id, None) is not None:
            self._told(f"removed {remote_id}")

    def clean(self, secret: Secret | None) -> Iterator[Left]:
        """Remove all that is left of this trial, and tell what cannot be removed."""
        with suppress(WhsyncError):
            for remote in self.newcomers() if self._sent and self.capabilities.read == "list" else ():
                self.note(remote.remote_id)
        for remote_id in self.made:
            yield from self.clean_one(remote_id, secret)

    def clean_one(self, remote_id: str, secret: Secret | None) -> Iterator[Left]:
        """Remove one webhook of this trial, and tell if it cannot be removed."""
        why = self._removed(remote_id, secret)
        if why is None:
            self.forget(remote_id)
        if why is not None or self.capabilities.retire == "deactivate":
            yield Left(remote_id, why or SWITCHED_OFF, expected=why is None)

    def _removed(self, remote_id: str, secret: Secret | None) -> str | None:
        """Why a webhook could not be removed; None where it is gone."""
        try:
            remote: Remote | None = None
            with suppress(VendorError):
                remote = self.seen(remote_id)
            self.retire(remote_id, remote, secret)
            remote = self.seen(remote_id) if self.capabilities.read != "none" else None
        except Interrupted:
            return "the trial was interrupted while it was removed"
        except WhsyncError as error:
            return error.summary
        off = remote is not None and remote.fields.get(STATUS) == self.capabilities.switched_off
        if remote is None or (off and self.capabilities.retire == "deactivate"):
            return None
        return STILL_THERE

    def retire(self, remote_id: str, remote: Remote | None, secret: Secret | None) -> None:
        """Remove a webhook; one that is refused as it stands, once it is switched off.

        Raises:
            VendorError, Interrupted: it is not, or may not be, removed.
        """
        request = self.request(remote_id, remote, Fields(), secret=secret)
        try:
            self.drive(self.provider.retire(request))
        except Rejected:
            if STATUS not in self.capabilities.writable or self.capabilities.retire != "delete":
                raise
            off = Fields({STATUS: "inactive"})
            self.drive(self.provider.update(request._replace(fields=off, changes=frozenset(off))))
            self.drive(self.provider.retire(request))

    def request(
        self,
        remote_id: str | None,
        remote: Remote | None,
        fields: Fields,
        changes: frozenset[str] = frozenset(),
        secret: Secret | None = None,
    ) -> ChangeRequest:
        """A change of one of its webhooks, as an apply would ask for it.

        Args:
            remote_id: which one; None for a create.
            remote: as it was read.
            fields: as they should be.
            changes: the pointers of what is to change.
            secret: ours, where the vendor takes one.
        """
        return ChangeRequest(
            name=self.label,
            scope=self.scope,
            fields=fields,
            changes=changes,
            remote=remote,
            remote_id=remote_id,
            parts=self.parts(remote_id, remote) if remote_id is not None else (),
            secret=secret,
            declares_secret=secret is not None,
            wants_issued=self.capabilities.secret.lifecycle in ("issued", "either") and secret is None,
            intent=f"{self.label}-{next(self._intents)}",
        )

    def _progressed(self, progress: Progress) -> None:
        if not progress.remote_id or progress.remote_id in self.strangers:
            return
        if progress.remote_id not in self._made:
            self._told(f"made {progress.remote_id}")
        if self.capabilities.fan_out:  # the one webhook that there is, whose id is that of its objects
            self._made.clear()
        self._made[progress.remote_id] = progress


def spied(steps: Steps[T], kept: list[Exchange]) -> Steps[T]:
    """The same steps, one after another, of which each call and its answer is kept."""
    steps = in_turn(steps)
    try:
        step = next(steps)
        while True:
            try:
                answer: Reply = yield step
            except WhsyncError as error:
                step = steps.throw(error)
            else:
                if isinstance(step, Call):
                    kept.append(Exchange(step, answer))
                step = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
