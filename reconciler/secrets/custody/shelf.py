"""Puts one webhook's secret into its sink, or where that fails into a rescue file.

Used by `secrets.custody.store`.
"""

from pathlib import Path
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Problem, SecretError
from reconciler.model.further import called
from reconciler.model.secret import Secret, SecretRef
from reconciler.model.webhook import SecretRecord
from reconciler.secrets import registry, rescue, sink
from reconciler.secrets.custody.matter import Matter, Put, Tools
from reconciler.secrets.custody.places import looked_up, rescued_to
from reconciler.state.event import SecretStored


class Stored(NamedTuple):
    """Where a secret is now.

    Args:
        record: what the lock may say of it; without a fingerprint where it is lost.
        news: for the journal.
        trouble: why it is not in its sink.
    """

    record: SecretRecord
    news: SecretStored
    trouble: Problem | None = None


class Shelf:
    """The sink of one webhook's secret, and the rescue files behind it."""

    def __init__(self, sink_: SecretRef, matter: Matter, tools: Tools) -> None:
        self._sink, self._matter, self._tools = sink_, matter, tools

    def store(self, secret: Secret, mask: str | None, random_bits: int = 0) -> Stored:
        """Into the sink, or where that fails, into a rescue file that the trouble names.

        Args:
            mask: what the vendor shows of it.
            random_bits: of how many whsync made it; 0 of one that the vendor issued.
        """
        self._tools.redactor.learn(secret)
        name, rescued, stored, trouble = self._matter.name, None, str(self._sink), None
        fingerprint: str | None = self._tools.fingerprinter.make(secret, self._matter.salt, random_bits)
        try:
            self._put(secret)
        except SecretError as error:
            try:
                file = self._rescue(secret)
                rescued, stored = str(file), rescued_to(file)
                hint = f"it is safe in {rescued}: move it to its place, then delete that file"
            except SecretError as worse:
                fingerprint, hint = None, f"{worse.summary}: it is lost; ask the vendor for another"
            summary = f"{name}: the {called(self._matter.which)} could not be stored: {error.summary}"
            trouble = Problem("secret", summary, hint, self._matter.provider, name, code=Code.SECRET_NOT_STORED)
        record = SecretRecord(fingerprint, mask, stored, self._tools.now())
        return Stored(record, SecretStored(name, record, rescued, self._matter.which), trouble)

    def held(self, fingerprint: str | None) -> Secret | None:
        """What the sink has, preferably the secret of this fingerprint; None where nobody can tell."""
        prints = self._tools.fingerprinter
        held = looked_up(self._sink, self._tools.resolver)
        known = [each for each in held or () if fingerprint and prints.matches(each, fingerprint)]
        return known[0] if known else held[0] if held and len(held) == 1 else None

    def put_back(self, old: Secret) -> SecretStored | None:
        """Give the sink its old secret again; the news, which say nothing of the vendor, or None where that failed."""
        try:
            self._put(old)
        except SecretError:
            return None
        fingerprint = self._tools.fingerprinter.make(old, self._matter.salt)
        record = SecretRecord(fingerprint, None, str(self._sink), self._tools.now(), sent=False)
        return SecretStored(self._matter.name, record, None, self._matter.which)

    def keep_aside(self, old: Secret) -> str:
        """Rescue a secret that the sink had before, which the vendor may still have; says where it is."""
        try:
            file = self._rescue(old)
        except SecretError as error:
            return f"; of the old one, {error.summary}"
        return f"; the old one is in {file}"

    def _rescue(self, secret: Secret) -> Path:
        name = ".".join(filter(None, (self._matter.name, self._matter.which)))
        return rescue.rescue(secret, name, self._tools.rescues)

    def _put(self, secret: Secret) -> None:
        with self._tools.resolver.activity.waiting(
            str(self._sink), f"storing a secret in {registry.in_short(self._sink)}"
        ):
            sink.store(self._sink, secret, self._tools.folder)
        matter = self._matter
        self._tools.kept.note(Put(matter.name, matter.provider, matter.action, self._sink, secret, matter.which))
