"""All secrets of one change: each is kept by itself, and here is what they say together. Used by `apply`.

Nearly every webhook has one. Where it has several, each is decided by the tables of `secrets.custody.state` alone; what
is true of the webhook is true once it is true of all of them.
"""

from collections.abc import Iterator, Mapping

from reconciler.errors import Problem, SecretError
from reconciler.model.further import pointer_of, remote_of, with_record
from reconciler.model.secret import Secret
from reconciler.model.webhook import Entry, Remote
from reconciler.providers.protocol import Progress
from reconciler.secrets.custody.store import SecretCustody
from reconciler.state.event import SecretStored

Secrets = Mapping[str, Secret]
"""Secrets of ours by their names."""


class Custodies:
    """Keeps the secrets of one change; see `SecretCustody` for what each of these says of one.

    Args:
        each: by the secrets' names, the first one's among them.
    """

    def __init__(self, each: Mapping[str, SecretCustody]) -> None:
        self._each = dict(each)
        self._accepted: set[str] = set()

    # What others may know

    def in_entry(self, entry: Entry) -> Entry:
        """The entry with what the lock may say of the secrets now."""
        for which, custody in self._each.items():
            entry = with_record(entry, which, custody.record)
        return entry

    @property
    def trouble(self) -> Problem | None:
        """Why a secret is not where it belongs."""
        return next((custody.trouble for custody in self._each.values() if custody.trouble is not None), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the user should know."""
        return tuple(note for custody in self._each.values() for note in custody.notes)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The pointers of those that were answered with success, and are shown to be another, or none."""
        return tuple(pointer_of(which) for which, custody in self._each.items() if custody.ignored)

    @property
    def replaces(self) -> bool:
        """Whether the change asks for another secret in the place of one that is there."""
        return any(custody.replaces for custody in self._each.values())

    @property
    def unseen(self) -> bool:
        """Whether reading tells more of a secret than the answers."""
        return any(custody.unseen for custody in self._each.values())

    def owes(self, remote_id: str | None) -> SecretError | None:
        """Why the change is not done."""
        return next(filter(None, (custody.owes(remote_id) for custody in self._each.values())), None)

    def take_stored(self) -> tuple[SecretStored, ...]:
        """The news of secrets that were stored, once: whoever takes them tells them."""
        return tuple(filter(None, [custody.take_stored() for custody in self._each.values()]))

    # Before the calls

    def to_send(self) -> Secrets:
        """The secrets to send along; those that whsync makes are not stored yet, see `keep_made`.

        Raises:
            SecretError: a reference cannot be resolved.
        """
        found = {which: custody.to_send() for which, custody in self._each.items()}
        return {which: secret for which, secret in found.items() if secret is not None}

    def forget(self) -> None:
        """The webhook is to be made: nothing is known of its secrets."""
        for custody in self._each.values():
            custody.forget()

    def doubt(self) -> None:
        """The vendor may replace those that the change is about from now on."""
        for custody in self._each.values():
            if custody.replaces:
                custody.doubt()

    def keep_made(self, secrets: Secrets) -> Iterator[SecretStored]:
        """Store those that whsync made, one after the other; each is told before the next is stored.

        Raises:
            SecretError: one is not in its sink, so nothing must be sent.
        """
        for which, secret in secrets.items():
            if self._each[which].makes:
                yield self._each[which].keep_made(secret)

    # What answers and reads tell

    def hear(self, progress: Progress) -> None:
        """Take what an answer tells."""
        for which, custody in self._each.items():
            heard = progress.of(which)
            custody.hear(heard)
            if heard.secret_sent:
                self._accepted.add(which)

    def see(self, remote: Remote) -> None:
        """Take from a read what `unseen` asked for."""
        for which, custody in self._each.items():
            custody.see(remote_of(remote, which))

    def find(self, remote: Remote) -> bool:
        """Before an update: store what the vendor shows, and say whether that was news; else note its masks."""
        news = [custody.find(remote_of(remote, which)) for which, custody in self._each.items()]
        return any(news)

    def bind(self, remote: Remote | None) -> None:
        """No call is made: the lock learns what was read.

        Raises:
            SecretError: the vendor has another secret than the stored one.
        """
        for which, custody in self._each.items():
            custody.bind(remote_of(remote, which) if remote is not None else None)

    def recover(self, remote: Remote) -> None:
        """The answer of a write was lost, and reading shows the webhook."""
        for which, custody in self._each.items():
            custody.recover(remote_of(remote, which))

    # After a failure

    def trust_again(self) -> None:
        """The vendor replaced none of those that it has not accepted before."""
        for which, custody in self._each.items():
            if custody.replaces and which not in self._accepted:
                custody.trust_again()

    def explained(self, problem: Problem) -> Problem:
        """A failure, with what has become of secrets that whsync made."""
        for custody in self._each.values():
            problem = custody.explained(problem)
        return problem
