"""The secret of one change: what is sent, where it is kept, what the lock may say of it. Called by `carry`."""

import os

from reconciler.change import Change
from reconciler.errors import Problem, SecretError
from reconciler.event import SecretStored
from reconciler.model import SECRET, Desired, Remote, SecretRecord
from reconciler.runtime import Runtime, utc_now
from reconciler.secret import Match, Secret
from reconciler.secrets import sink
from reconciler.secrets.generate import generate
from reconciler.survey import Situation, sendable

UNKEPT = "the vendor issued a secret and nothing stores it: add `secret: {to: …}` to own the next one"


class Keeper:
    """Keeps one change's secret.

    Attributes:
        record: what the lock may say of the secret now.
        stored: the news of a secret that was stored, until it is told.
        trouble: why a secret is not where it belongs.
        notes: for the user.
    """

    def __init__(
        self,
        change: Change,
        desired: Desired | None,
        record: SecretRecord | None,
        situation: Situation,
        runtime: Runtime,
    ) -> None:
        self.record = self._before = record
        self.stored: SecretStored | None = None
        self.trouble: Problem | None = None
        self.notes: tuple[str, ...] = ()
        self._change, self._situation, self._runtime = change, situation, runtime
        self._spec = desired.secret if desired else None
        self._made: SecretRecord | None = None
        self._news = change.secret in (Match.NEW, Match.CHANGED)

    @property
    def makes(self) -> bool:
        """Whether whsync makes a secret for this change."""
        return self._news and self._spec is not None and self._spec.generate is not None

    @property
    def reissues(self) -> bool:
        """Whether the vendor is asked to replace the secret that it issued."""
        return self._spec is not None and self._spec.issued and SECRET in self._change.sends

    def to_send(self) -> Secret | None:
        """The secret to send along, if any.

        Raises:
            SecretError: the reference cannot be resolved.
        """
        if self.makes and self._spec is not None and self._spec.generate is not None:
            about = self._runtime.provider(self._change.provider).about
            return generate(self._spec.generate, os.urandom, about.secret.rule)
        return sendable(self._situation, self._change.name, self._change.sends, self._runtime)

    def doubt(self) -> SecretRecord:
        """What is true until sink and vendor both have the new secret: nobody knows whether they agree."""
        self.record = SecretRecord(None, None, str(self._spec and self._spec.sink), utc_now())
        return self.record

    def trust_again(self) -> SecretRecord | None:
        """Nothing was replaced: what was known before the doubt."""
        self.record = self._before
        return self.record

    def keep_made(self, secret: Secret) -> SecretStored:
        """Store a secret that whsync made; returns the news, which claim nothing yet.

        Raises:
            SecretError: it is not in its sink, so it must not be sent.
        """
        self._made, stored = self._store(secret, None)
        if self.trouble is not None:
            raise SecretError(self.trouble.summary, self.trouble.hint)
        return stored._replace(secret=self._made._replace(fingerprint=None))

    def keep_issued(self, secret: Secret, mask: str | None) -> None:
        """Store at once a secret that only the vendor's answer holds; what goes wrong is `trouble`."""
        if self._spec is None or self._spec.sink is None:
            self.notes += (UNKEPT,)
            return
        self.record, self.stored = self._store(secret, mask)

    def keep_shown(self, remote: Remote) -> bool:
        """Store the secret that the vendor shows, where it issues them and ours is another; whether it did."""
        issued = self._spec is not None and self._spec.issued
        if not (issued and self._news and remote.secret is not None):
            return False
        self.keep_issued(remote.secret, remote.mask)
        return True

    def known(self, mask: str | None) -> SecretRecord | None:
        """The record of a secret that is ours, now that the vendor has it."""
        if self._spec is None or self._spec.source is None:
            return self._made or self.record
        name, fingerprint = self._change.name, self._change.secret_fingerprint
        if fingerprint is None:
            fingerprint = self._situation.fingerprinter.make(self._runtime.resolver.resolve(self._spec.source), name)
        return SecretRecord(fingerprint, mask, None, utc_now())

    def _store(self, secret: Secret, mask: str | None) -> tuple[SecretRecord, SecretStored]:
        """Into the sink, or where that fails, into a rescue file that the trouble names; the record, and the news."""
        assert self._spec is not None
        assert self._spec.sink is not None
        self._runtime.redactor.learn(secret)
        name, rescued = self._change.name, None
        fingerprint: str | None = self._situation.fingerprinter.make(secret, name)
        try:
            sink.store(self._spec.sink, secret, self._runtime.folder)
        except SecretError as error:
            try:
                rescued = str(sink.rescue(secret, name, self._runtime.loaded.lock))
                hint = f"it is safe in {rescued}: move it to its place, then delete that file"
            except SecretError as worse:
                fingerprint, hint = None, f"{worse.summary}: it is lost; ask the vendor for another"
            summary = f"{name}: the secret could not be stored: {error.summary}"
            self.trouble = Problem("secret", summary, hint, self._change.provider, name)
        record = SecretRecord(fingerprint, mask, str(self._spec.sink) if fingerprint else None, utc_now())
        return record, SecretStored(name, record, rescued)
