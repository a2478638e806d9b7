"""The composition root: one run's configuration, accounts, secrets and store, wired together. No logic of its own.

Made by `cli.session`; used by all of `run`, and by `apply`.
"""

import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from reconciler.codes import Code
from reconciler.config.credentials import FINGERPRINT_KEY
from reconciler.config.discovered import Answers
from reconciler.config.loaded import Loaded
from reconciler.config.provider import ProviderConfig
from reconciler.errors import Interrupted, SecretError, VendorError, WhsyncError
from reconciler.model.provenance import AccountNote, run_of
from reconciler.model.secret import Secret, SecretRef
from reconciler.model.webhook import Desired, Observation
from reconciler.providers.protocol import AccountSeen, Progress, Provider, Steps, TellsAccount, account_fingerprint
from reconciler.run.announcing import announcing
from reconciler.run.connections import Connections, hosts_of
from reconciler.run.credentials import choose_scheme, references_of
from reconciler.run.lock_store import open_lock
from reconciler.run.remembering import remembered_by
from reconciler.run.renewal import renewing
from reconciler.run.veil import Veil
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.once import Once
from reconciler.secrets.redact import Quotes, Redactor
from reconciler.secrets.scheme import is_public
from reconciler.secrets.source import Resolver
from reconciler.secrets.stretch import Stretcher
from reconciler.state.stores.holder import this_user
from reconciler.support import handles
from reconciler.support.activity import Activity
from reconciler.support.reach import EVERYWHERE, Reach
from reconciler.wire.account import Account, RunContext
from reconciler.wire.drive import Wire
from reconciler.wire.limit import in_flight, limited_by

T = TypeVar("T")


class RunSettings(NamedTuple):
    """What the command line says about how to run, not about what to do.

    Args:
        parallelism: calls in flight over all providers; None for what their limits add up to.
        max_wait: longest total wait for rate limits of one provider, in seconds.
        waiting: receives one line a wait, with its end, or None.
        trace: receives one line a call, or None.
        announce: receives what tells the surrounding CI to mask a secret, where it asks for that.
        believed: false where nobody may look behind a reference of these files, whatever that would be for.
        reach: which files may be read for secrets, whoever names them.
        permit: raises where the files, of which more is known by now, ask for what nobody has granted.
        remembers: whether this machine may remember which secrets it has compared.
    """

    parallelism: int | None = None
    max_wait: float = 300.0
    waiting: Callable[[str], None] | None = None
    trace: Callable[[str], None] | None = None
    announce: Callable[[str], None] | None = None
    believed: bool = True
    reach: Reach = EVERYWHERE
    permit: Callable[[Loaded], None] | None = None
    remembers: bool = False


class Runtime:
    """Holds the collaborators of one run; accounts are opened when first used and closed together.

    Attributes:
        written: what the files say.
        loaded: the same, once `run.hiding` has looked behind the references in it, with what is hidden in webhooks.
        veil: hides that in what vendors show.
        environment: the variables of the process.
    """

    def __init__(self, loaded: Loaded, environment: Mapping[str, str], settings: RunSettings) -> None:
        self.loaded = self.written = loaded
        self.veil, self.settings = Veil(), settings
        self.store = open_lock(loaded.lock, loaded.folder)
        self.redactor = Redactor(announcing(environment, settings.announce))
        self._quotes = Quotes(self.redactor)
        self.answers: Answers = {}
        self.activity = Activity(settings.waiting, self.redactor.hide)
        self.stop = threading.Event()
        self.token = os.urandom(6).hex()
        self.run = run_of(environment, run=self.token, at=utc_now(), user=this_user(), host=socket.gethostname())
        learn, stopping = self.redactor.learn, self.stop.is_set
        self.resolver = Resolver(
            loaded.folder, environment, learned=learn, stopping=stopping, reach=settings.reach, activity=self.activity
        )
        self.environment = environment
        self._stretcher = Stretcher(stopping)
        self._providers = {name: config.vendor.provider(config.base_url) for name, config in loaded.providers.items()}
        self._wires: dict[str, Wire] = {}
        self._opening = threading.Lock()
        accounts = (config.limits for config in loaded.providers.values())
        self.handles = parts = handles.division(settings.parallelism or in_flight(accounts), handles.free())
        self._connections = Connections(parts.connections, lambda name: self._wires[name].close(), parts.workers)
        self._accounts = Once(self._seen)
        self._account_ids: dict[str, str] = {}
        self._know()

    def take(self, loaded: Loaded) -> None:
        """Go on with what the files say by now, which is more than before.

        Raises:
            UntrustedError: it asks for what nobody has granted.
        """
        if self.settings.permit is not None:
            self.settings.permit(loaded)
        self.loaded = self.written = loaded
        self._know()

    def _know(self) -> None:
        """Every secret that the files name and that is at hand, and what their URLs hold, so that it is hidden."""
        for webhook in self.loaded.desired:
            self._quotes.saw(webhook.fields.url)
        for secret in self.loaded.hides:
            self.redactor.learn(secret)
        if self.settings.believed:
            self.resolver.learn_what_is_at_hand(references_of(self.loaded, self.environment))

    @classmethod
    def here(cls, loaded: Loaded, settings: RunSettings) -> "Runtime":
        """A runtime with this process's environment."""
        return cls(loaded, os.environ, settings)

    def provider(self, name: str) -> Provider:
        """The four verbs of the provider entry `name`."""
        return self._providers[name]

    def drive(self, name: str, steps: Steps[T], on_progress: Callable[[Progress], None] | None = None) -> T:
        """Carry out `steps` against the account of the provider entry `name`; what the driver raises passes through.

        Every secret that the vendor shows is learned, and every one we know is hidden in what the vendor says.
        """

        def progressed(progress: Progress) -> None:
            self._learn(progress)
            if on_progress is not None:
                on_progress(self.veil.over(name, progress))

        try:
            result = self._wire(name).drive(steps, progressed)
        except WhsyncError as error:
            self.redactor.error(error)
            raise
        self._learn(result)
        return self.veil.over(name, result)

    def unveiled(self, desired: Sequence[Desired], veil: Veil) -> None:
        """From now on the webhooks of the files have the values that are hidden in them, and vendors' words do not."""
        self.loaded, self.veil = self.written._replace(desired=tuple(desired)), veil
        for webhook in desired:
            if webhook.hidden:
                self._quotes.saw(webhook.fields.url)

    def account(self, name: str) -> AccountSeen | WhsyncError | None:
        """Whose credentials the provider entry `name` has, asked once in a run; None where nobody tells.

        Raises:
            Interrupted: the user stopped the run.
        """
        return self._accounts(name)

    def to_note(self, name: str) -> AccountNote:
        """What the lock is to note of the account behind the provider entry `name`."""
        return AccountNote(self._account_to_note(name), self.loaded.providers[name].origin.authentication or None)

    def _account_to_note(self, name: str) -> str | None:
        if self.provider(name).capabilities.account != "own":
            return None
        with suppress(Interrupted):  # then nothing more is written
            seen = self._accounts(name)
            return seen.id if isinstance(seen, AccountSeen) else None
        return None

    def _seen(self, name: str) -> AccountSeen | WhsyncError | None:
        provider = self._providers[name]
        if not isinstance(provider, TellsAccount) or provider.capabilities.account == "untold":
            return None
        seen = tried(lambda: self.drive(name, provider.account()))
        if not isinstance(seen, AccountSeen):
            return seen
        self._account_ids[name] = seen.id
        if self.redactor.hide(seen.id) == seen.id:
            return seen._replace(name=self.redactor.hide(seen.name))
        return AccountSeen(account_fingerprint(seen.id))  # it is a secret of this run, too, and would stand in the lock

    def fingerprinter(self, known: tuple[str, ...]) -> Fingerprinter:
        """Fingerprints with the user's key where there is one; `known` are those of the lock."""
        text = self.environment.get(FINGERPRINT_KEY)
        key = Secret(text) if text else None
        self._learn(key)
        remembered = remembered_by(self.environment, self.folder) if self.settings.remembers else None
        return Fingerprinter(key, self.loaded.digest, known, self._stretcher, remembered)

    @property
    def reads(self) -> int:
        """Read calls made so far, over all accounts."""
        return sum(wire.reads for wire in self._wires.values())

    @property
    def limited(self) -> str:
        """Which setting kept the reads made so far from being quicker; empty where they were few."""
        return limited_by({name: wire.reading for name, wire in self._wires.items()}, self.handles.workers)

    @property
    def folder(self) -> Path:
        """Where relative references start."""
        return self.loaded.folder

    def rest(self, name: str) -> None:
        """Close the connections of the provider entry `name`, until its next call."""
        self._connections.done(name)

    def close(self) -> None:
        """Close every connection."""
        for wire in self._wires.values():
            wire.close()

    def _wire(self, name: str) -> Wire:
        with self._opening:
            if name not in self._wires:
                self._wires[name] = self._open(self.loaded.providers[name])
            return self._wires[name]

    def _open(self, config: ProviderConfig) -> Wire:
        scheme, references = choose_scheme(config, self.environment)
        resolve, tell = self.resolver.resolve, self.settings.trace
        credentials = {name: self._credential(name, reference, resolve) for name, reference in references.items()}
        account = Account(config.base_url, scheme, credentials, config.limits, config.vendor.headers)
        context = RunContext(
            max_wait=self.settings.max_wait,
            stopping=self.stop.is_set,
            activity=self.activity,
            trace=None if tell is None else lambda line: tell(self.redactor.hide(line)),
            learned=self.redactor.learn,
            hide=self._quotes.hide,
            in_flight=partial(self._connections.used, config.name, hosts_of(config.vendor.schemes)),
        )
        renew = renewing(
            lambda: {each: self._credential(each, ref, self.resolver.anew) for each, ref in references.items()},
            lambda: self._account_ids.get(config.name),
            self._providers[config.name],
            lambda fresh: Wire(account._replace(credentials=fresh), context),
        )
        return Wire(account._replace(renew=renew), context)

    def _credential(self, name: str, reference: SecretRef, ask: Callable[[SecretRef, bool], Secret]) -> Secret:
        try:
            return ask(reference, is_public(name))
        except SecretError as error:
            raise VendorError(error.summary, error.hint, kind="auth", code=error.code) from None

    def _learn(self, result: object) -> None:
        """The secrets in what a provider returned, and URLs that may hold some."""
        match result:
            case Secret():
                self.redactor.learn(result)
            case Progress(issued=Secret() as secret):
                self.redactor.learn(secret)
            case Observation():
                for remote in result.remotes:
                    for shown in (remote.secret, *(echo.value for _, echo in remote.secrets)):
                        self._learn(shown)
                    for secret in remote.as_read.secrets if remote.as_read is not None else ():
                        self._learn(secret)
                    self._quotes.saw(remote.fields.url)


def tried(read: Callable[[], T]) -> T | WhsyncError:
    """What a read gives, or why it failed: whatever one vendor's answer or code does, the others are read.

    Raises:
        Interrupted: the user stopped the run.
    """
    try:
        return read()
    except Interrupted:
        raise
    except WhsyncError as error:
        return error
    except Exception as error:  # noqa: BLE001 - its text may hold a secret, so only its type is told
        return WhsyncError(f"an unforeseen {type(error).__name__}", code=Code.INTERNAL_ERROR)


def utc_now() -> str:
    """The present moment as the lock and the plan write it: UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
