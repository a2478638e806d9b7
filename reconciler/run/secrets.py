"""The state of every webhook's secret before planning: fetched where that tells more, compared, or withheld.

Called by `run.survey`. What a state means is decided in `secrets.custody`.
"""

from collections.abc import Container, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from reconciler.errors import Interrupted, Problem, SecretError, WhsyncError
from reconciler.matching.index import Place
from reconciler.matching.types import Matched, Matching
from reconciler.model.further import (
    FIRST,
    Further,
    desired_of,
    entry_of,
    named,
    records_of,
    remote_of,
    semantics_of,
    specs_of,
)
from reconciler.model.hidden import marks_in
from reconciler.model.noted import DIGEST
from reconciler.model.secret import Secret, SecretRef, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Certainty, Desired
from reconciler.planning.types import PlanOptions
from reconciler.run.ahead import ask_ahead
from reconciler.run.observe import fetch
from reconciler.run.runtime import Runtime, tried
from reconciler.secrets.custody.check import Case, Insistence, check, worth_fetching
from reconciler.secrets.custody.foreseen import Foreseen
from reconciler.secrets.custody.occupied import by_sink, is_foreign, refusal
from reconciler.secrets.custody.state import is_unheard
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.lock import Lock


class Compared(NamedTuple):
    """Every webhook's secret state, and the matching with what is withheld or a problem because of one.

    `further`: the states of further secrets, by webhook and then by their names.
    """

    statuses: Mapping[str, SecretStatus]
    matching: Matching
    further: Further = MappingProxyType({})


def fingerprints_of(lock: Lock) -> tuple[str, ...]:
    """The fingerprints that a lock has: of secrets, of values of fields that nobody manages, and of hidden ones."""
    records = (record for entry in lock.entries.values() for record in records_of(entry).values())
    known = (record.fingerprint for record in records if record.fingerprint)
    values = (value for entry in lock.entries.values() for _, value in entry.shown)
    return (
        *known,
        *(each.removeprefix(DIGEST) for each in values if isinstance(each, str) and each.startswith(DIGEST)),
        *(mark for entry in lock.entries.values() for leaf in entry.applied.values() for mark in marks_in(leaf)),
    )


def secret_problem(webhook: Desired, error: WhsyncError) -> Problem:
    """Why a webhook's secret cannot be had, as its problem."""
    return error.of(webhook.name, webhook.provider)


class SecretComparison:
    """Compares the secrets of one plan.

    Args:
        lock: with every open intent under the name that its webhook has now.
        fingerprinter: knows the lock's fingerprints.
        options: what is asked of the plan.
        makes: whether anybody will see new secrets' fingerprints.
    """

    def __init__(
        self, runtime: Runtime, lock: Lock, fingerprinter: Fingerprinter, options: PlanOptions, makes: bool = True
    ) -> None:
        self._runtime, self._lock, self._options = runtime, lock, options
        self._means = Means(runtime.resolver, fingerprinter, runtime.loaded.rescues, options.offline, makes)
        self._stored = by_sink(lock)

    def fetch(self, desired: Sequence[Desired], matching: Matching) -> Matching:
        """Secrets that it takes a call of its own to see: asked for where nothing else tells, and a part of the read.

        Where that fails, nothing is done that needs the secret.

        Raises:
            Interrupted: the user stopped the run.
        """
        asked: dict[str, tuple[Place, str]] = {}
        for webhook in desired:
            found = matching.matched[webhook.name]
            if found.remote is not None and self._is_worth_a_call(webhook, found):
                asked[webhook.name] = (webhook.provider, webhook.scope), found.remote.remote_id
        matched, webhooks = dict(matching.matched), {webhook.name: webhook for webhook in desired}
        for name, secret in fetch(asked, self._runtime).items() if asked else ():
            found = matched[name]
            if isinstance(secret, WhsyncError):
                error = SecretError(
                    f"its secret could not be read: {secret.summary}", secret.hint, kind=secret.kind, code=secret.code
                )
                matched[name] = found._replace(withheld=secret_problem(webhooks[name], error))
            elif found.remote is not None:
                matched[name] = found._replace(remote=found.remote._replace(secret=secret))
        return matching._replace(matched=matched)

    def compare(self, desired: Sequence[Desired], matching: Matching, unused: Container[str] = frozenset()) -> Compared:
        """Every webhook's secret state; where it cannot be had, nothing is done that needs it, least of all a rotation.

        Args:
            unused: provider entries to which nothing may be sent, so that no secret for them is looked for.

        Raises:
            Interrupted: the user stopped the run.
        """
        statuses: dict[str, SecretStatus] = {}
        further: dict[str, dict[str, SecretStatus]] = {}
        matched = dict(matching.matched)
        self._prepare(desired, matching, unused)
        for webhook in desired:
            for which in self._names(webhook):
                of_webhook = further.setdefault(webhook.name, {}) if which else statuses
                status, error = self._looked_at(webhook, matched[webhook.name], which, unused)
                of_webhook[which or webhook.name] = status
                if error is not None and (found := matched[webhook.name]).problem is None:
                    problem = secret_problem(webhook, error)
                    matched[webhook.name] = (
                        found._replace(problem=problem) if self._options.rotate else found._replace(withheld=problem)
                    )
        return Compared(statuses, matching._replace(matched=matched), further)

    def _prepare(self, desired: Sequence[Desired], matching: Matching, unused: Container[str]) -> None:
        """What takes a while, and is asked for below one by one: done several at once.

        Raises:
            Interrupted: the user stopped the run.
        """
        matched = matching.matched
        asked = [each for each in desired if each.provider not in unused and matched[each.name].withheld is None]
        specs = [(webhook, *spec) for webhook in asked for spec in specs_of(webhook).items()]
        if self._options.offline or not specs:
            return
        ask_ahead((spec.source for _, _, spec in specs if spec.source is not None), self._runtime)
        foreseen = Foreseen()
        for webhook, which, spec in specs:
            found, value = matched[webhook.name], tried(partial(self._value, spec))
            if not isinstance(value, WhsyncError):  # else it is told below
                shown = remote_of(found.remote, which).secret if found.remote else None
                foreseen.note(value, shown, entry_of(found.entry, which).secret if found.entry else None)
        with self._runtime.activity.waiting("the lock", "comparing secrets with the lock"):
            foreseen.prepare(self._means.fingerprinter, self._means.makes)

    def _value(self, spec: SecretSpec) -> Secret | None:
        return self._runtime.resolver.resolve(spec.source) if spec.source is not None else None

    def _names(self, webhook: Desired) -> tuple[str, ...]:
        """The secrets to look at: those of the file, and any that is to be rotated, whether the file has it or not."""
        known = named(webhook, None)
        return (*known, *(which for which in self._options.secrets or () if which not in known))

    def _looked_at(
        self, webhook: Desired, found: Matched, which: str, unused: Container[str]
    ) -> tuple[SecretStatus, WhsyncError | None]:
        """One secret's state, and why it cannot be had, where it cannot.

        Raises:
            Interrupted: the user stopped the run.
        """
        if webhook.provider in unused:
            return SecretStatus(SecretState.UNVERIFIABLE, note="its provider was not asked"), None
        if found.withheld is not None:
            return SecretStatus(SecretState.UNVERIFIABLE, note=found.withheld.summary), None
        try:
            return self._compared(webhook, found, which), None
        except Interrupted:
            raise
        except WhsyncError as error:
            return SecretStatus(SecretState.UNVERIFIABLE, note=error.summary), error

    def _compared(self, webhook: Desired, found: Matched, which: str) -> SecretStatus:
        """One secret's state.

        Raises:
            SecretError: it cannot be had, or would be stored over a secret that this lock did not put there.
        """
        status, secret = check(self._case(webhook, found, which), self._means), desired_of(webhook, which).secret
        if secret is None or secret.sink is None or webhook.name in self._lock.intents:
            return status
        making = self._is_made(found)
        storing = making or self._is_stored_anew(webhook, found, status, which)
        if not self._is_taken(secret.sink, found, storing, which):
            return status
        error = refusal(webhook.name, secret.sink, making)
        if storing:
            raise error
        return status._replace(taken=secret_problem(webhook, error))

    def _is_made(self, found: Matched) -> bool:
        """Whether the webhook is to be made, as far as is known by now."""
        if self._options.offline:
            return found.entry is None
        unread = found.certainty is Certainty.UNREADABLE and found.entry is None
        return found.certainty is Certainty.ABSENT or unread

    def _is_stored_anew(self, webhook: Desired, found: Matched, status: SecretStatus, which: str) -> bool:
        """Whether another secret would go to the sink, although nobody has asked for one by the webhook's name."""
        news = status.state in (SecretState.NEW, SecretState.CHANGED) and not status.way_out
        return news and found.certainty is not Certainty.UNKNOWN and not self._is_rotated(webhook, which)

    def _is_taken(self, sink: SecretRef, found: Matched, storing: bool, which: str) -> bool:
        """Whether the sink has a secret that this lock knows nothing of; its word is taken where none is stored now."""
        record = entry_of(found.entry, which).secret if found.entry else None
        shown = remote_of(found.remote, which).secret if found.remote else None
        if not storing and record is not None and record.stored == str(sink):
            return False
        records = (*filter(None, [record]), *self._stored.get(str(sink), ()))
        return is_foreign(sink, records, self._means, shown)

    def _is_worth_a_call(self, webhook: Desired, found: Matched) -> bool:
        wanted = not (self._options.offline or self._options.rotate) and found.problem is None
        return wanted and worth_fetching(self._case(webhook, found), self._runtime.resolver)

    def _case(self, webhook: Desired, found: Matched, which: str = FIRST) -> Case:
        capabilities = self._runtime.loaded.providers[webhook.provider].vendor.capabilities
        return Case(
            desired_of(webhook, which),
            remote_of(found.remote, which) if found.remote else None,
            entry_of(found.entry, which) if found.entry else None,
            semantics_of(capabilities, which),
            self._insistence(webhook, which),
            unheard=is_unheard(self._lock.intents.get(webhook.name), found.entry, found.remote),
            unread=found.certainty is Certainty.UNREADABLE and found.entry is not None,
            which=which,
        )

    def _is_rotated(self, webhook: Desired, which: str) -> bool:
        """Whether another is asked for: by its name, or of all secrets that there are."""
        if not self._options.rotate:
            return False
        if self._options.secrets is not None:
            return which in self._options.secrets
        return which in specs_of(webhook) or not webhook.secrets

    def _insistence(self, webhook: Desired, which: str) -> Insistence:
        if self._is_rotated(webhook, which):
            return Insistence.ROTATE
        if self._options.reassert:
            return Insistence.REASSERT
        if self._options.own_secrets:
            return Insistence.OWN
        return Insistence.UNSETTLED if webhook.name in self._lock.intents else Insistence.NONE
