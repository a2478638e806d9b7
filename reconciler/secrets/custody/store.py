"""The secret of one change: what is sent, where it is kept, what the lock may say of it. Called by `apply`.

Here is the IO around `secrets.custody.state`, where it is decided what the lock may say. Nobody else writes that.
"""

import os

from reconciler.codes import Code
from reconciler.errors import Problem, SecretError
from reconciler.model.action import Action
from reconciler.model.secret import Secret, SecretEcho, SecretState
from reconciler.model.webhook import Remote, SecretRecord
from reconciler.providers.protocol import Progress
from reconciler.secrets.custody.matter import Matter, Tools, holding_at_first
from reconciler.secrets.custody.shelf import Shelf
from reconciler.secrets.custody.state import (
    Accepted,
    Asked,
    Forgotten,
    Happening,
    Ignored,
    Kept,
    Made,
    Noted,
    Origin,
    Refused,
    accepted_record,
    advance,
    in_doubt,
    to_send,
    unverified_record,
)
from reconciler.secrets.custody.ways_out import owed
from reconciler.secrets.generate import generate
from reconciler.state.event import SecretStored

MADE_ANEW = "an apply makes another and sends it; until then the receiver needs the old one"
UNKEPT = "the vendor issued a secret and nothing stores it: add `secret: {to: …}` to own the next one"


class SecretCustody:
    """Keeps one change's secret, from what the plan saw to what the lock may say."""

    def __init__(self, matter: Matter, tools: Tools) -> None:
        self._matter, self._tools, self._spec = matter, tools, matter.spec
        self._shelf = Shelf(matter.spec.sink, matter, tools) if matter.spec and matter.spec.sink else None
        self._holding = holding_at_first(matter, tools.now())
        self._stored: SecretStored | None = None
        self._trouble: Problem | None = None
        self._notes: tuple[str, ...] = ()
        self._new: Secret | None = None  # what whsync made, and what the sink had before
        self._old: Secret | None = None
        self._echo = SecretEcho()  # of the last answer or read, once ours was sent
        self._masked = False  # an answer has what looks like a mask where the issued secret should be

    # What others may know

    @property
    def record(self) -> SecretRecord | None:
        """What the lock may say of the secret now."""
        return self._holding.record

    @property
    def trouble(self) -> Problem | None:
        """Why a secret is not where it belongs."""
        return self._trouble

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the user should know."""
        return self._notes

    @property
    def ignored(self) -> bool:
        """Whether the vendor answered success to a secret of ours, and shows another or none."""
        return self._holding.ignored

    @property
    def makes(self) -> bool:
        """Whether whsync makes a secret for this change."""
        return self._matter.is_news and self._holding.origin is Origin.MADE

    @property
    def reissues(self) -> bool:
        """Whether the vendor is asked to replace the secret that it issued."""
        return self._matter.issued and self._matter.sends

    @property
    def replaces(self) -> bool:
        """Whether the change asks for another secret in the place of the one that is there."""
        matter = self._matter
        ours = matter.is_news and self._holding.origin is Origin.OURS and matter.sends and not matter.action.makes
        lost = matter.issued and matter.action is Action.CREATE
        return self.makes or self.reissues or lost or ours

    @property
    def outdated(self) -> SecretError | None:
        """The error of a secret that the vendor has changed and does not show: only the user can put that right."""
        status = self._matter.status
        if not status.way_out or self._holding.asked or self._matter.action.makes:
            return None
        return SecretError(f"its secret was {status.note}", status.way_out, code=Code.SECRET_OUTDATED)

    @property
    def unseen(self) -> bool:
        """Whether reading tells more of a secret than the answers: its mask, or itself, or that it was taken at all."""
        record, semantics = self._holding.record, self._matter.semantics
        if self._holding.sent and record is not None:
            in_clear = semantics.masked and self._echo.value is not None and record.mask is None
            return in_clear or self._is_hidden(self._echo)
        if not self._holding.asked or record is None:
            return False
        return semantics.masked and record.mask is None if record.fingerprint is not None else semantics.readable

    def owes(self, remote_id: str | None) -> SecretError | None:
        """Why the change is not done: the vendor was asked for a secret and none has come, or has one nobody knows."""
        if self.outdated is not None:
            return self.outdated
        if not self._holding.asked or self._spec is None or not in_doubt(self._holding.record):
            return None
        error = owed(self._matter.name, remote_id, self._spec.sink, self._matter.semantics)
        seen = "; the answer has only what looks like a mask" if self._masked else ""
        return SecretError(error.summary + seen, error.hint, code=error.code)

    def take_stored(self) -> SecretStored | None:
        """The news of a secret that was stored, once: whoever takes them tells them."""
        stored, self._stored = self._stored, None
        return stored

    # Before the calls

    def to_send(self) -> Secret | None:
        """The secret to send along, if any; one that whsync makes is not stored yet, see `keep_made`.

        Raises:
            SecretError: the reference cannot be resolved.
        """
        if self.makes and self._spec is not None and self._spec.generate is not None:
            return generate(self._spec.generate, os.urandom, self._matter.semantics.rule)
        reference = to_send(self._spec, self._matter.status, self._matter.sends)
        return self._tools.resolver.resolve(reference) if reference else None

    def forget(self) -> None:
        """The webhook is to be made: nothing is known of its secret; one that the vendor issues is owed from now on."""
        self._take(Forgotten(self._tools.now()))

    def doubt(self) -> None:
        """The vendor may replace its secret from now on: nobody knows whether it has that of the recorded place."""
        self._take(Asked(self._tools.now()))

    def keep_made(self, secret: Secret) -> SecretStored:
        """Store a secret that whsync made; returns the news, which claim nothing yet.

        Raises:
            SecretError: it is not in its sink, so it must not be sent.
        """
        assert self._shelf is not None
        before = self._holding.before
        self._old, self._new = self._shelf.held(before.fingerprint if before else None), secret
        made, news, self._trouble = self._shelf.store(secret, None, self._matter.random_bits)
        self._take(Made(made))
        if self._trouble is not None:
            summary = self._trouble.summary.removeprefix(f"{self._trouble.name}: ")  # who fails says whose it is
            raise SecretError(summary, self._trouble.hint, code=self._trouble.code)
        return news._replace(secret=made._replace(fingerprint=None))

    # What answers and reads tell

    def hear(self, progress: Progress) -> None:
        """Take what an answer tells: our secret was accepted, or the vendor issued one, which is stored at once."""
        self._masked = progress.masked
        if progress.secret_sent:  # then what the answer shows is ours
            self._accepted(progress.secret_echo)
        elif progress.issued is not None:
            self._keep(progress.issued, None)

    def see(self, remote: Remote) -> None:
        """Take from a read what `unseen` asked for, and what it tells of a secret that was sent."""
        record = self.record
        if self._holding.sent:
            seen = SecretEcho(remote.mask, remote.secret, remote.has_secret)
            self._accepted(seen._replace(mask=remote.mask or (record and record.mask)))
            return self._take(Ignored(self._tools.now())) if self._is_hidden(seen) else None
        if not self.unseen or self.record is None:
            return
        if remote.secret is not None and in_doubt(self.record):
            self._keep(remote.secret, remote.mask)
        else:
            self._take(Noted(self.record._replace(mask=remote.mask)))

    def find(self, remote: Remote) -> bool:
        """Before an update: store what the vendor shows, and say whether that was news; else note its mask."""
        shown = not self.reissues and self._keep_shown(remote)
        if self.record is None and self._matter.entry is None:
            self._take(Noted(self._unverified(remote)))
        return shown

    def bind(self, remote: Remote | None) -> None:
        """No call is made: the lock learns what was read.

        Raises:
            SecretError: the vendor has another secret than the stored one; only the user can put that right.
        """
        if self.outdated is not None:
            raise self.outdated
        if remote is not None and self._keep_shown(remote):
            return
        told = (self._matter.is_news or self._matter.state is SecretState.UNVERIFIABLE) and remote is not None
        if told or self._matter.declared is not None:
            self._take(Noted(self._unverified(remote)))
        elif self._matter.state is SecretState.SAME and (self.record is None or self.record.in_force is None):
            self._take(Noted(self._known(remote.mask if remote else None)))

    def recover(self, remote: Remote) -> None:
        """The answer of a write was lost, and reading shows the webhook."""
        if self._matter.action.makes:
            ours = self._known(remote.mask)
            self._take(Noted(ours or self._unverified(remote)))
            if remote.secret is not None and (ours is None or in_doubt(ours)):
                self._keep(remote.secret, remote.mask)
        elif self.reissues and remote.secret is not None:
            self._keep(remote.secret, remote.mask)

    # After a failure

    def trust_again(self) -> None:
        """The vendor replaced nothing: what was known before the doubt, once a sink has its old secret again."""
        made, shelf, old = self._holding.made, self._shelf, self._old
        back = shelf.put_back(old) if made is not None and shelf is not None and old is not None else None
        self._take(Made(None if back is not None else made))
        self._take(Refused())
        if back is not None and (self.record is None or self.record.fingerprint is None):
            self._stored = back  # the vendor's is unknown, and the sink's is ours all the same

    def explained(self, problem: Problem) -> Problem:
        """A failure, with what has become of a secret that whsync made: the old one is kept where it may be needed."""
        if self._new is None or self._trouble is not None or self._spec is None:
            return problem
        place = self._spec.sink
        if self._holding.made is None:
            return problem._replace(summary=f"{problem.summary}; {place} has the old {self._matter.called} again")
        if not in_doubt(self.record):
            return problem
        why = "does not have" if self._holding.refused else "may not have"
        aside = self._shelf.keep_aside(self._old) if self._shelf and self._old is not None else ""
        summary = f"{problem.summary}; {place} has a new {self._matter.called} that the vendor {why}{aside}"
        return problem._replace(summary=summary, hint="; ".join(filter(None, (problem.hint, MADE_ANEW))))

    # What these are made of

    def _take(self, happening: Happening) -> None:
        self._holding = advance(self._holding, happening)

    def _accepted(self, echo: SecretEcho) -> None:
        self._echo = echo
        self._take(Accepted(self._known(echo.mask)))
        if echo.has is False or self._is_another(echo.value):
            self._take(Ignored(self._tools.now()))

    def _is_hidden(self, echo: SecretEcho) -> bool:
        """Whether a secret that was sent should show and does not: the vendor shows them, and the last one went."""
        shows = self._matter.semantics.readable or self._matter.semantics.masked
        return shows and echo == SecretEcho() and (self._matter.status.drifted or in_doubt(self._holding.before))

    def _is_another(self, shown: Secret | None) -> bool:
        """Whether the vendor shows another secret than ours; the beginning of one that whsync made is a mask."""
        if shown is None or self.record is None or self.record.fingerprint is None:
            return False
        begun = self._new is not None and shown.begins(self._new)
        return not begun and not self._tools.fingerprinter.matches(shown, self.record.fingerprint)

    def _known(self, mask: str | None) -> SecretRecord | None:
        """The record of a secret that is ours, now that the vendor has it."""
        if self._spec is None or self._spec.source is None:
            return accepted_record(self._holding, mask)
        fingerprint = self._matter.fingerprint
        if fingerprint is None:
            value = self._tools.resolver.resolve(self._spec.source)
            fingerprint = self._tools.fingerprinter.make(value, self._matter.salt)
        return SecretRecord(fingerprint, mask, None, self._tools.now())

    def _unverified(self, remote: Remote | None) -> SecretRecord | None:
        mask = remote.mask if remote is not None else self.record and self.record.mask
        return unverified_record(self._holding, mask, self._matter.declared, self._tools.now())

    def _keep_shown(self, remote: Remote) -> bool:
        """Store the secret that the vendor shows, where it issues them and ours is another; whether it did."""
        if not (self._matter.issued and self._matter.is_news and remote.secret is not None):
            return False
        self._keep(remote.secret, remote.mask)
        return True

    def _keep(self, secret: Secret, mask: str | None) -> None:
        """Store at once a secret that only the vendor's answer holds; what goes wrong is `trouble`."""
        if self._shelf is None:
            self._notes += (UNKEPT,)
            return
        record, self._stored, trouble = self._shelf.store(secret, mask)
        self._trouble = trouble or self._trouble
        self._take(Kept(record))
