"""The secret of one change: what is sent, where it is kept, what the lock may say of it. Called by `carry`."""

import os
from contextlib import suppress

from reconciler.errors import Problem, SecretError
from reconciler.model.action import Action
from reconciler.model.secret import Secret, SecretState, SecretStatus
from reconciler.model.webhook import SECRET, Desired, Entry, Remote, SecretRecord
from reconciler.planning.types import Change
from reconciler.providers.protocol import SecretEcho
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.survey import ApplyInput, sendable
from reconciler.secrets import rescue, sink
from reconciler.secrets.custody import unsettled
from reconciler.secrets.custody.places import rescued_to
from reconciler.secrets.generate import generate
from reconciler.secrets.registry import names_a_place
from reconciler.state.event import SecretStored

MADE_ANEW = "an apply makes another and sends it; until then the receiver needs the old one"
UNKEPT = "the vendor issued a secret and nothing stores it: add `secret: {to: …}` to own the next one"


class SecretCustody:
    """Keeps one change's secret.

    Attributes:
        record: what the lock may say of the secret now.
        stored: the news of a secret that was stored, until it is told.
        trouble: why a secret is not where it belongs.
        masked: the answer has what looks like a mask where the issued secret should be.
        ignored: the vendor answered success to a secret of ours, and shows another or none.
        notes: for the user.
    """

    def __init__(
        self,
        change: Change,
        desired: Desired | None,
        record: SecretRecord | None,
        apply_input: ApplyInput,
        runtime: Runtime,
    ) -> None:
        status = apply_input.secrets.get(change.name, SecretStatus(SecretState.UNMANAGED))
        matched, intent = apply_input.matched(change.name), apply_input.lock.intents.get(change.name)
        if record is not None:
            known = status.state is SecretState.SAME and record.fingerprint is not None and matched.remote is not None
            mask = record.mask or (matched.remote.mask if known and matched.remote else None)
            record = record._replace(stored=status.stored or record.stored, mask=mask)
        self.stored: SecretStored | None = None
        self.trouble: Problem | None = None
        self.notes: tuple[str, ...] = ()
        self._change, self._apply_input, self._runtime, self._status = change, apply_input, runtime, status
        self._spec = desired.secret if desired else None
        self._made: SecretRecord | None = None
        self._new: Secret | None = None  # what whsync made, and what the sink had before
        self._old: Secret | None = None
        self._refused = False
        self._asked = False  # whether the vendor issues one in this change
        self.ignored = self._sent = False  # whether it was answered with success to one of ours
        self.masked = False
        if self._issued and unsettled.is_unheard(intent, matched.entry, matched.remote):
            record = self.doubt()
        self.record = self._before = record
        self._news = change.secret in (SecretState.NEW, SecretState.CHANGED)

    @property
    def _issued(self) -> bool:
        return self._spec is not None and self._spec.issued

    @property
    def makes(self) -> bool:
        """Whether whsync makes a secret for this change."""
        return self._news and self._spec is not None and self._spec.generate is not None

    @property
    def reissues(self) -> bool:
        """Whether the vendor is asked to replace the secret that it issued."""
        return self._issued and SECRET in self._change.sends

    @property
    def outdated(self) -> SecretError | None:
        """The error of a secret that the vendor has changed and does not show: only the user can put that right."""
        if not self._status.way_out or self._asked or self._change.action in (Action.CREATE, Action.REPLACE):
            return None
        return SecretError(f"its secret was {self._status.note}", self._status.way_out)

    def to_send(self) -> Secret | None:
        """The secret to send along, if any.

        Raises:
            SecretError: the reference cannot be resolved.
        """
        if self.makes and self._spec is not None and self._spec.generate is not None:
            capabilities = self._runtime.provider(self._change.provider).capabilities
            return generate(self._spec.generate, os.urandom, capabilities.secret.rule)
        return sendable(self._apply_input, self._change.name, self._change.sends, self._runtime)

    @property
    def replaces(self) -> bool:
        """Whether the change asks for another secret in the place of the one that is there."""
        ours = self._news and self._spec is not None and self._spec.source is not None
        anew = self._change.action in (Action.CREATE, Action.REPLACE)
        lost = self._issued and self._change.action is Action.CREATE
        return self.makes or self.reissues or lost or (ours and not anew and SECRET in self._change.sends)

    def doubt(self) -> SecretRecord:
        """What is true until both ends have the new secret: nobody knows whether the vendor's is that of `stored`."""
        place = self._spec and (self._spec.sink or self._spec.source)
        self._asked = self._issued
        self.record = SecretRecord(None, None, str(place) if place else None, utc_now())
        return self.record

    def trust_again(self) -> SecretRecord | None:
        """The vendor replaced nothing: what was known before the doubt, once a sink has its old secret again."""
        self._refused = True
        if self._made is None or self._put_back():
            self.record = self._before
        return self.record

    def _put_back(self) -> bool:
        """Give a sink that has a new secret already its old one; whether it has that now."""
        if self._old is None or self._spec is None or self._spec.sink is None:
            return False
        try:
            sink.store(self._spec.sink, self._old, self._runtime.folder)
        except SecretError:
            return False
        self._made = None
        return True

    def explained(self, problem: Problem) -> Problem:
        """A failure, with what has become of a secret that whsync made: the old one is kept where it may be needed."""
        if self._new is None or self.trouble is not None or self._spec is None:
            return problem
        if self._made is None:
            return problem._replace(summary=f"{problem.summary}; {self._spec.sink} has the old secret again")
        if not unsettled.in_doubt(self.record):
            return problem
        why = "does not have" if self._refused else "may not have"
        summary = f"{problem.summary}; {self._spec.sink} has a new secret that the vendor {why}{self._kept_aside()}"
        return problem._replace(summary=summary, hint="; ".join(filter(None, (problem.hint, MADE_ANEW))))

    def _kept_aside(self) -> str:
        """Rescue the secret that the sink had before, which the vendor may still have; says where it is."""
        if self._old is None:
            return ""
        try:
            file = rescue.rescue(self._old, self._change.name, self._runtime.loaded.lock)
        except SecretError as error:
            return f"; of the old one, {error.summary}"
        return f"; the old one is in {file}"

    def forget(self) -> None:
        """The webhook is to be made: nothing is known of its secret; one that the vendor issues is owed from now on."""
        self.record = None
        if self._issued:
            self.doubt()

    def owes(self, remote_id: str | None) -> SecretError | None:
        """Why the change is not done: the vendor was asked for a secret and none has come, or has one nobody knows."""
        if self.outdated is not None:
            return self.outdated
        if not self._asked or self._spec is None or not unsettled.in_doubt(self.record):
            return None
        semantics = self._runtime.provider(self._change.provider).capabilities.secret
        error = unsettled.owed(self._change.name, remote_id, self._spec.sink, semantics)
        seen = "; the answer has only what looks like a mask" if self.masked else ""
        return SecretError(error.summary + seen, error.hint)

    def unfit(self, entry: Entry) -> SecretError | None:
        """Why the lock must not have `entry`: an id in it holds a secret of this run, one just issued among them."""
        parts = (*entry.parts, *entry.orphan_parts)
        ids = filter(None, (entry.remote_id, *(part.remote_id for part in parts)))
        if all(self._runtime.redactor.hide(each) == each for each in ids):
            return None
        summary = "its id at the vendor holds a secret, and the lock holds ids, so it is not recorded"
        return SecretError(summary, "delete it there, give it another secret, and apply again")

    @property
    def unseen(self) -> bool:
        """Whether reading tells more of a secret that was just issued: its mask, or itself where no answer held it."""
        if not self._asked or self.record is None:
            return False
        semantics = self._runtime.provider(self._change.provider).capabilities.secret
        known = self.record.fingerprint is not None
        return semantics.masked and self.record.mask is None if known else semantics.readable

    def accepted(self, told: SecretEcho) -> None:
        """Our secret was answered with success: the lock knows it, unless the vendor shows another, or none."""
        self._sent, self.record = True, self.known(told.mask)
        self.ignored = told.has is False or self._is_another(told.value)
        if self.ignored:
            self.doubt()

    def _is_another(self, shown: Secret | None) -> bool:
        """Whether the vendor shows another secret than ours; the beginning of one that whsync made is a mask."""
        if shown is None or self.record is None or self.record.fingerprint is None:
            return False
        begun = self._new is not None and shown.begins(self._new)
        return not begun and not self._apply_input.fingerprinter.matches(shown, self.record.fingerprint)

    def see(self, remote: Remote) -> None:
        """Take from a read what `unseen` asked for, and what it tells of a secret that was sent."""
        if self._sent:
            mask = remote.mask or (self.record.mask if self.record else None)
            self.accepted(SecretEcho(mask, remote.secret, remote.has_secret))
        if not self.unseen or self.record is None:
            return
        if remote.secret is not None and unsettled.in_doubt(self.record):
            self.keep_issued(remote.secret, remote.mask)
        else:
            self.record = self.record._replace(mask=remote.mask)

    def keep_made(self, secret: Secret) -> SecretStored:
        """Store a secret that whsync made; returns the news, which claim nothing yet.

        Raises:
            SecretError: it is not in its sink, so it must not be sent.
        """
        self._old = self._held()
        self._new = secret
        self._made, stored = self._store(secret, None)
        if self.trouble is not None:
            raise SecretError(self.trouble.summary, self.trouble.hint)
        return stored._replace(secret=self._made._replace(fingerprint=None))

    def _held(self) -> Secret | None:
        """What the sink has before it gets another; None where nobody can tell."""
        place, resolver = self._spec.sink if self._spec else None, self._runtime.resolver
        held = resolver.held(place) if place is not None else None
        if place is not None and held is None and names_a_place(place):
            with suppress(SecretError):
                held = (resolver.resolve(place),)
        before = self._before.fingerprint if self._before else None
        known = [each for each in held or () if before and self._apply_input.fingerprinter.matches(each, before)]
        return known[0] if known else held[0] if held and len(held) == 1 else None

    def keep_issued(self, secret: Secret, mask: str | None) -> None:
        """Store at once a secret that only the vendor's answer holds; what goes wrong is `trouble`."""
        if self._spec is None or self._spec.sink is None:
            self.notes += (UNKEPT,)
            return
        self._asked = True
        self.record, self.stored = self._store(secret, mask)

    def keep_shown(self, remote: Remote) -> bool:
        """Store the secret that the vendor shows, where it issues them and ours is another; whether it did."""
        if not (self._issued and self._news and remote.secret is not None):
            return False
        self.keep_issued(remote.secret, remote.mask)
        return True

    def known(self, mask: str | None) -> SecretRecord | None:
        """The record of a secret that is ours, now that the vendor has it."""
        if self._spec is None or self._spec.source is None:
            return self._made._replace(mask=mask) if self._made is not None else self.record
        name, fingerprint = self._change.name, self._change.secret_fingerprint
        if fingerprint is None:
            fingerprint = self._apply_input.fingerprinter.make(self._runtime.resolver.resolve(self._spec.source), name)
        return SecretRecord(fingerprint, mask, None, utc_now())

    def _store(self, secret: Secret, mask: str | None) -> tuple[SecretRecord, SecretStored]:
        """Into the sink, or where that fails, into a rescue file that the trouble names; the record, and the news."""
        assert self._spec is not None
        assert self._spec.sink is not None
        self._runtime.redactor.learn(secret)
        name, rescued, stored = self._change.name, None, str(self._spec.sink)
        fingerprint: str | None = self._apply_input.fingerprinter.make(secret, name)
        try:
            sink.store(self._spec.sink, secret, self._runtime.folder)
        except SecretError as error:
            try:
                file = rescue.rescue(secret, name, self._runtime.loaded.lock)
                rescued, stored = str(file), rescued_to(file)
                hint = f"it is safe in {rescued}: move it to its place, then delete that file"
            except SecretError as worse:
                fingerprint, hint = None, f"{worse.summary}: it is lost; ask the vendor for another"
            summary = f"{name}: the secret could not be stored: {error.summary}"
            self.trouble = Problem("secret", summary, hint, self._change.provider, name)
        record = SecretRecord(fingerprint, mask, stored, utc_now())
        return record, SecretStored(name, record, rescued)
