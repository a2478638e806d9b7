"""Every webhook that was seen, or that the lock knows, once, with what is known of it. Used by `run.audit`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reconciler.audit.types import FurtherSecret, Secrecy, Seen, Standing
from reconciler.config.loaded import Loaded
from reconciler.config.places import FilePlaces
from reconciler.errors import Location
from reconciler.matching.index import Place, place_of
from reconciler.matching.types import Matched, Matching
from reconciler.model.diff import displayed
from reconciler.model.equality import canonical_scope, hides
from reconciler.model.further import FIRST, specs_of
from reconciler.model.identity import Declared, key_of_remote
from reconciler.model.secret import SecretRecord, SecretRef, SecretSemantics
from reconciler.model.webhook import Certainty, Desired, Entry, Fields, Remote
from reconciler.run.observe import Observed
from reconciler.secrets.source import Resolver
from reconciler.state.lock import Lock


class Sources(NamedTuple):
    """What an inventory is made from.

    Args:
        resolver: finds the secrets that are at hand, to see which are one.
        places: finds where the files have something.
    """

    loaded: Loaded
    lock: Lock
    observed: Observed
    matching: Matching
    resolver: Resolver
    places: FilePlaces


class _Known(NamedTuple):
    """Whose a remote webhook is."""

    standing: Standing
    name: str | None = None
    entry: Entry | None = None
    desired: Desired | None = None


def inventory_of(sources: Sources) -> tuple[Seen, ...]:
    """Every webhook of the places that were read, and what the lock has and nobody saw, always in the same order."""
    shared = _shared(sources.loaded.desired, sources.resolver)
    likeness = _Likeness(sources)
    rows = [*_there(sources, likeness), *_unseen(sources)]
    rows.sort(key=lambda row: (row.provider, row.scope, row.name is None, row.name or "", row.remote_id or ""))
    return tuple(
        row._replace(
            number=number,
            secret_group=shared.get((row.name or "", FIRST)),
            secrets=tuple(each._replace(group=shared.get((row.name or "", each.name))) for each in row.secrets),
        )
        for number, row in enumerate(rows)
    )


def _there(sources: Sources, likeness: "_Likeness") -> Iterator[Seen]:
    """What was read, each once, however many provider entries look at it."""
    owners, past = dict(_owners(sources)), dict(_past(sources))
    strangers = {(each.provider, each.scope, each.remote_id) for each in sources.matching.unmanaged}
    told: set[tuple[object, str]] = set()
    for place, seen in sorted(sources.observed.places.items(), key=lambda item: item[0]):
        for remote in seen.remotes:
            one = _ground(place, sources.loaded), remote.remote_id
            is_strange = (*place, remote.remote_id) in strangers
            known = owners.get(id(remote)) or (_Known(Standing.UNMANAGED) if is_strange else past.get(one))
            if known is not None and one not in told:
                told.add(one)
                yield _row(place, remote, known, likeness, sources)


def _owners(sources: Sources) -> Iterator[tuple[int, _Known]]:
    """Whose each remote webhook is, by the identity of what was read: a place may be spelled in several ways."""
    wanted = {webhook.name: webhook for webhook in sources.loaded.desired}
    for name, found in sources.matching.matched.items():
        if found.superseded is not None:
            yield id(found.superseded), _Known(Standing.LEFTOVER, name)
        if found.remote is not None:
            yield id(found.remote), _Known(Standing.MANAGED, name, found.entry, wanted.get(name))
    for name, found in sources.matching.orphans.items():
        if found.superseded is not None:
            yield id(found.superseded), _Known(Standing.LEFTOVER, name)
        if found.remote is not None and found.taken_by is None:
            yield id(found.remote), _Known(Standing.ORPHAN, name, found.entry)


def _past(sources: Sources) -> Iterator[tuple[tuple[object, str], _Known]]:
    """What was pruned or replaced, and may be there all the same; by where it is, and its id."""
    for name, entry in sources.lock.entries.items():
        if entry.provider in sources.loaded.providers:
            ground = _ground((entry.provider, entry.scope), sources.loaded)
            own = (entry.remote_id,) if entry.retired else ()
            for remote_id in filter(None, (*own, *entry.leaving)):
                yield (ground, remote_id), _Known(Standing.LEFTOVER, name)


def _ground(place: Place, loaded: Loaded) -> object:
    """Where one id is one webhook: the account and the scope, however that is spelled, else the entry itself."""
    provider, scope = place
    config = loaded.providers[provider]
    spelled = canonical_scope(scope, config.vendor.capabilities)
    return (config.base_url, spelled) if scope else place


def _row(place: Place, remote: Remote, known: _Known, likeness: "_Likeness", sources: Sources) -> Seen:
    provider, scope = place
    capabilities = sources.loaded.providers[provider].vendor.capabilities
    secret = known.entry.secret if known.entry is not None else None
    return Seen(
        0,
        provider,
        capabilities.type,
        scope,
        remote.remote_id,
        known.name,
        known.standing,
        Certainty.PRESENT,
        displayed(remote.fields),
        _secrecy(remote, secret, capabilities.secret),
        secret.at if secret is not None else None,
        secret is not None and secret.in_force is not None,
        known.desired is not None and known.desired.secret is not None,
        note=remote.note,
        alike=likeness.of(place, remote, known.desired),
        at=_at(known.desired, sources),
        secrets=_further(known.desired, known.entry),
    )


def _further(desired: Desired | None, entry: Entry | None) -> tuple[FurtherSecret, ...]:
    """The further secrets that the files or the lock have of a webhook."""
    declared, records = dict(desired.secrets) if desired else {}, dict(entry.secrets) if entry else {}
    return tuple(
        FurtherSecret(
            which,
            records[which].at if which in records else None,
            which in records and records[which].in_force is not None,
            which in declared,
        )
        for which in sorted({*declared, *records})
    )


def _unseen(sources: Sources) -> Iterator[Seen]:
    """What the lock has, and nobody saw: it is gone, its read failed, or its API has none."""
    wanted = {webhook.name: webhook for webhook in sources.loaded.desired}
    for standing, everyone in (
        (Standing.MANAGED, sources.matching.matched),
        (Standing.ORPHAN, sources.matching.orphans),
    ):
        for name, found in everyone.items():
            entry = found.entry
            if (
                entry is not None
                and (found.remote is None or found.taken_by is not None)
                and _counts(name, found, sources.lock)
            ):
                yield _row_of_lock(name, entry, found, standing, wanted.get(name), sources)


def _counts(name: str, found: Matched, lock: Lock) -> bool:
    """Whether it is a webhook: of a create whose answer was lost, and that made nothing, there is none."""
    return (found.entry_name or name) in lock.entries or found.certainty is not Certainty.ABSENT


def _row_of_lock(
    name: str, entry: Entry, found: Matched, standing: Standing, desired: Desired | None, sources: Sources
) -> Seen:
    """A webhook as it was applied.

    Args:
        name: what the files call it, or the lock.
        found: what is believed of it.
        standing: what it is to us.
        desired: what the files have of it, where they have it.
        sources: what the inventory is made from.
    """
    config = sources.loaded.providers.get(entry.provider)
    semantics = config.vendor.capabilities.secret if config is not None else SecretSemantics()
    secret = entry.secret
    certainty = Certainty.UNKNOWN if found.taken_by is not None else found.certainty
    return Seen(
        0,
        entry.provider,
        entry.type,
        entry.scope,
        entry.remote_id,
        name,
        standing,
        certainty,
        displayed(entry.applied),
        _secrecy(None, secret, semantics),
        secret.at if secret is not None else None,
        secret is not None and secret.in_force is not None,
        desired is not None and desired.secret is not None,
        at=_at(desired, sources),
        secrets=_further(desired, entry),
    )


def _at(desired: Desired | None, sources: Sources) -> Location | None:
    if desired is None or desired.source.file not in sources.loaded.files:
        return None
    return sources.places.at(desired.source)


def _secrecy(remote: Remote | None, record: SecretRecord | None, semantics: SecretSemantics) -> Secrecy:
    """Whether a webhook has a secret, by what its vendor shows; that nothing is shown proves little.

    A vendor that shows values shows all of them; one that shows masks is believed once it has shown one.
    """
    if semantics.lifecycle in ("none", "account"):
        return Secrecy.NOT_HERE
    ours = Secrecy.SET if record is not None and record.in_force is not None else Secrecy.UNKNOWN
    if remote is None:
        return ours
    if remote.has_secret is not None:
        return Secrecy.SET if remote.has_secret else Secrecy.NONE
    if remote.secret is not None or remote.mask is not None or semantics.lifecycle == "issued":
        return Secrecy.SET
    shows_all = semantics.readable or (record is not None and record.mask is not None)
    return Secrecy.NONE if semantics.lifecycle == "supplied" and shows_all else ours


class _Likeness:
    """Numbers for places with keys: equal for webhooks that are alike in one place, whoever looks at it.

    A webhook whose block declares a key is like those that have this key; all others go by the natural one.
    """

    def __init__(self, sources: Sources) -> None:
        self._loaded = sources.loaded
        self._numbers: dict[object, int] = {}
        self._declared: dict[object, set[Declared]] = defaultdict(set)
        for webhook in sources.loaded.desired:
            found = sources.matching.matched.get(webhook.name)
            if webhook.key and found is not None and found.remote is not None:
                place = place_of(webhook.address)
                self._declared[_ground(place, self._loaded)].add(webhook.key)
                self._number(self._named(place, found.remote, webhook.key))

    def of(self, place: Place, remote: Remote, desired: Desired | None) -> int | None:
        """The number of one; None where a part of its key is not known, or is behind a mask.

        Args:
            desired: what the files have of it.
        """
        if desired is not None and desired.key:
            return self._number(self._named(place, remote, desired.key))
        for declared in sorted(self._declared.get(_ground(place, self._loaded), ())):
            named = self._named(place, remote, declared)
            if desired is None and named in self._numbers:
                return self._numbers[named]
        return self._number(self._named(place, remote))

    def _named(self, place: Place, remote: Remote, declared: Declared = ()) -> object:
        capabilities = self._loaded.providers[place[0]].vendor.capabilities
        if capabilities.read == "singleton" or _is_veiled(remote.fields, declared or capabilities.natural_key):
            return None
        key = key_of_remote(remote, capabilities, declared)
        return None if key is None else (_ground(place, self._loaded), key)

    def _number(self, named: object) -> int | None:
        return None if named is None else self._numbers.setdefault(named, len(self._numbers))


def _is_veiled(fields: Fields, pointers: tuple[str, ...]) -> bool:
    return any(pointer in fields and hides(pointer, fields[pointer], None) for pointer in pointers)


def _shared(desired: Iterable[Desired], resolver: Resolver) -> dict[tuple[str, str], int]:
    """A number for each secret that is shared: by one reference, or by references at hand to equal secrets.

    By the webhook's name and the secret's.
    """
    by_reference: dict[SecretRef, list[tuple[str, str]]] = defaultdict(list)
    for webhook in desired:
        for which, spec in specs_of(webhook).items():
            if spec.source is not None:
                by_reference[spec.source].append((webhook.name, which))
    by_secret: dict[object, list[tuple[str, str]]] = defaultdict(list)
    for reference, names in by_reference.items():
        at_hand = resolver.at_hand(reference)
        by_secret[at_hand[0] if at_hand and at_hand[0] else reference] += names
    groups = (names for names in by_secret.values() if len(names) > 1)
    return {name: number for number, names in enumerate(groups) for name in names}
