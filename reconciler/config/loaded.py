"""What configuration gives to the rest: everything the user's files say, checked and filled in.

Made by `config.load`; used by `config.taken`, `run.runtime` and the commands of `cli`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from reconciler.audit.types import AuditSettings
from reconciler.config.expand import Around, Template
from reconciler.config.fault import below
from reconciler.config.lists import Asked
from reconciler.config.places import FilePlaces
from reconciler.config.provider import ProviderConfig
from reconciler.errors import Location, Problem
from reconciler.model.action import Finding
from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import Secret
from reconciler.model.webhook import Desired
from reconciler.planning.policy import Policy, misplaced
from reconciler.planning.types import Change, Drifted, Refusal
from reconciler.state.address import DEFAULT_LOCK, LockAddress
from reconciler.support.natural import natural

T = TypeVar("T", Problem, Refusal, Finding, Change, Drifted)


class Loaded(NamedTuple):
    """All files of one configuration.

    Args:
        files: each file's bytes, by its name as the user gave it; the main file first.
        digest: `sha256:…` over all files, the manifests they use, and the variables that were filled in.
        folder: where relative paths (secrets, sinks, manifests) start: the main file's folder.
        lock: the address of the lock in use.
        usual_lock: the address that the files say, where the command line says another.
        lock_in: the file that names `usual_lock`; None where none does, and it is where it usually is.
        templates: each block under `webhooks:` before its rows are filled in; all of them together made `desired`.
        desired: every webhook, sorted by name; of blocks whose rows a vendor lists only once it has, see
            `config.discovered`.
        variables: the names of those that the files are filled in with, also where a default stood in for one.
        hides: the secrets that stand in webhooks, since variables of the files are filled in with them.
        audit: which rules look, and how.
        around: what all webhooks share, for whoever makes further ones.
        stand_ins: webhooks of nobody, one for each block whose rows a vendor lists, as far as their secrets are known.
        lists: what `for_each` takes from elsewhere, by reference.
    """

    files: Mapping[str, bytes]
    digest: str
    folder: Path
    lock: LockAddress
    usual_lock: LockAddress
    lock_in: str | None
    providers: Mapping[str, ProviderConfig]
    templates: tuple[Template, ...]
    desired: tuple[Desired, ...]
    policy: Policy
    variables: frozenset[str] = frozenset()
    hides: frozenset[Secret] = frozenset()
    audit: AuditSettings = AuditSettings()
    around: Around | None = None
    stand_ins: tuple[Desired, ...] = ()
    lists: tuple[Asked, ...] = ()

    @property
    def capabilities_of(self) -> dict[str, Capabilities]:
        """What each provider entry's vendor can do, by the entry's name."""
        return {name: config.vendor.capabilities for name, config in self.providers.items()}

    @property
    def accounts(self) -> dict[str, str]:
        """Each provider entry's base URL, by the entry's name."""
        return {name: config.base_url for name, config in self.providers.items()}

    @property
    def rescues(self) -> Path:
        """The folder for secrets whose sink failed: beside the lock."""
        return Path(f"{self.local(self.lock)}.rescue")

    def local(self, lock: LockAddress) -> Path:
        """The path on this machine beside which stands what belongs to a lock: its file, or where that usually is."""
        return Path(lock.file) if lock.file is not None else self.folder / DEFAULT_LOCK

    def refused(self) -> tuple[Problem, ...]:
        """What the files' own policy says no to, whatever the vendors hold; each at its URL. Reads the files again."""
        refusals = sorted(misplaced(self.desired, self.policy), key=lambda no: natural(no.name or ""))
        sources = {webhook.name: webhook.source for webhook in self.desired} if refusals else {}
        places = self.places()

        def at(no: Refusal) -> Location | None:
            source = sources.get(no.name or "")
            return places.at(below(source, "url")) if source is not None and source.file in self.files else None

        return tuple(self.hidden(no._replace(at=at(no)).problem) for no in refusals)

    def hidden(self, problem: Problem) -> Problem:
        """What is said of the files, without the secrets that were filled in."""
        for secret in self.hides:
            summary, hint = secret.hidden_in(problem.summary), secret.hidden_in(problem.hint)
            problem = problem._replace(summary=summary, hint=hint)
        return problem

    def places(self) -> FilePlaces:
        """Where everything stands: reads the files again once the first place is asked for, and keeps what it read."""
        return FilePlaces(self.files)

    def located(self, told: tuple[T, ...], places: FilePlaces | None = None) -> tuple[T, ...]:
        """Each with a place: of the webhook it names, else of its provider.

        Args:
            told: what a plan says; changes in great numbers only where somebody will read their places.
            places: what `places` gave, where more is to be located.
        """
        webhooks = {webhook.name: webhook.source for webhook in self.desired} if told else {}
        places = places or self.places()

        def at(item: T) -> Location | None:
            provider = self.providers.get(item.provider or "")
            about = getattr(item, "about", None) or (item.name,)
            source = webhooks.get(about[0] or "") or (provider.source if provider else None)
            if item.at is not None or source is None or source.file not in self.files:
                return item.at
            return places.at(source)

        return tuple(item._replace(at=at(item)) for item in told)
