"""The first verb, observe: a list with all its pages, one by one, the only one there is, or nothing at all. [pure]

A 404 means *absent* only when the same credentials were seen to work: another read or the manifest's
probe succeeded. A list of several pages may shift while it is read, when others add or delete webhooks, so it proves
nobody absent: ids that are missing are read by themselves, or the list is read again, whichever takes fewer calls.

Used by `providers.engine.interpret`, to fetch a secret by `providers.engine.verbs`, and to prove a deletion by
`providers.engine.removal`.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from reconciler.codes import Code
from reconciler.errors import Redirected, VendorError
from reconciler.model.secret import Secret
from reconciler.model.webhook import Observation, Remote, Scope
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.beside import completed
from reconciler.providers.engine.classify import clean
from reconciler.providers.engine.extract import find
from reconciler.providers.engine.gathered import gathered, ids_in
from reconciler.providers.engine.lengths import too_long
from reconciler.providers.engine.paginate import all_pages
from reconciler.providers.engine.parents import belongs
from reconciler.providers.engine.template import AppliedScope, way_of
from reconciler.providers.language.reads import ByIdRead, ListRead, Lookup, NoRead, SingletonRead
from reconciler.providers.protocol import AccountSeen, Steps, account_fingerprint, parsed
from reconciler.providers.steps import beside

STOPS_EVERYTHING = ("auth", "forbidden")
NOT_THERE = (404, 410)
NOBODYS = ("forbidden", "not_found")

T = TypeVar("T")


class Missing(NamedTuple):
    """The vendor says that it has no webhook with an id; whether that means *absent* is another question."""


def observe(api: Api, scope: Scope, known_ids: frozenset[str]) -> Steps[Observation]:
    """Read one scope.

    Raises:
        VendorError: the read failed; nothing may be concluded.
    """
    applied = api.applied(scope)
    match api.read:
        case ListRead() if api.capabilities.fan_out:
            objects = frozenset(each for known in known_ids for each in ids_in(known))
            return gathered((yield from _listed(api, api.read, applied, objects)), known_ids, api.capabilities)
        case ListRead():
            return (yield from _listed(api, api.read, applied, known_ids))
        case ByIdRead():
            return (yield from _one_by_one(api, api.read, applied, known_ids))
        case SingletonRead():
            return (yield from _only_one(api, api.read, applied))
        case NoRead():
            return Observation(readable=False)


def secret_of(api: Api, scope: Scope, remote_id: str) -> Steps[Secret | None]:
    """One webhook's secret, by the call that shows it; None where it shows none, or only a mask.

    Raises:
        VendorError: there is no such call, or it failed.
    """
    fetch = api.manifest.secret.fetch
    if fetch is None:
        raise api.classifier.blame("has no call that shows the secret")
    call = api.get(api.applied(scope), fetch, remote_id)
    reply = yield call
    if failure := api.classifier.read_failure(call, reply, fetch.ok_when):
        raise failure
    return api.codec.fetched(parsed(reply))


def place_of(api: Api, scope: Scope) -> Steps[str | None]:
    """What identifies the place that a scope names: its id, and what kind of place has it; None where nothing tells.

    Raises:
        VendorError: the read failed.
    """
    words = way_of(api.manifest.scope, scope)
    if words.place is None:
        return None
    call = api.get(api.applied(scope), words.place)
    reply = yield call
    if failure := api.classifier.read_failure(call, reply, words.place.ok_when):
        raise failure
    found = find(words.place.id, parsed(reply))
    return f"{' '.join(words.params)} {found}" if isinstance(found, str | int) and found != "" else None


def account_of(api: Api) -> Steps[AccountSeen | None]:
    """Whose credentials are used; None where the vendor says that they are nobody's, or says nothing.

    Raises:
        VendorError: it could not be asked.
    """
    words = api.manifest.account
    if words is None:
        return None
    call = api.get(AppliedScope(), words)
    reply = yield call
    failure = api.classifier.read_failure(call, reply, words.ok_when)
    if failure is not None:
        if failure.kind in NOBODYS:
            return None
        raise failure
    found, name = find(words.id, parsed(reply)), find(words.name or "''", parsed(reply))
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        return None
    if words.private:
        return AccountSeen(account_fingerprint(str(found)))
    return AccountSeen(clean(str(found)), clean(name) if isinstance(name, str) else "")


def _listed(api: Api, words: ListRead, scope: AppliedScope, known_ids: frozenset[str]) -> Steps[Observation]:
    try:
        remotes, pages = yield from _list(api, words, scope, known_ids)
    except VendorError as error:
        if error.kind == "not_found" and (yield from _credentials_work(api, scope)):
            summary = f"{error.summary}; the place itself can be seen, so its webhooks may not be"
            raise VendorError(
                summary, "give the credentials access to webhooks", kind="forbidden", code=Code.NOT_PERMITTED
            ) from None
        raise
    hidden, shifting = known_ids - remotes.keys(), pages > 1 and not words.partial
    if words.by_id is not None and hidden and (words.partial or (shifting and len(hidden) <= pages)):
        rest = yield from _one_by_one(api, words.by_id, scope, hidden, works=True)
        return rest._replace(remotes=(*remotes.values(), *rest.remotes), shifting=shifting)
    if hidden and shifting:
        again, _ = yield from _list(api, words, scope, known_ids)
        return Observation(tuple({**remotes, **again}.values()), complete=True)
    return Observation(tuple(remotes.values()), complete=not (shifting or words.partial), shifting=shifting)


def _list(
    api: Api, words: ListRead, scope: AppliedScope, known_ids: frozenset[str]
) -> Steps[tuple[dict[str, Remote], int]]:
    """All pages once: what they hold, by id, and how many they are."""
    pages = yield from all_pages(
        words, api.get(scope.listing, words), api.classifier, api.base_url, bool(known_ids), api.bounds
    )
    items = (item for item in chain.from_iterable(pages) if belongs(item, words.only, scope, api.classifier))
    whole = yield from completed(api, words.beside, scope, items)
    return _remotes(api, whole), len(pages)


def _one_by_one(
    api: Api, words: ByIdRead, scope: AppliedScope, ids: Iterable[str], works: bool = False
) -> Steps[Observation]:
    """Each webhook by its id; `works` says that the same credentials have read something here already."""
    found: dict[str, Remote | Missing | VendorError] = {}
    asked = sorted(ids)
    for together in (asked[:1], asked[1:]):  # where the first is refused, nobody asks for the others
        seen = yield from beside(_by_id(api, words, scope, remote_id) for remote_id in together)
        found.update(zip(together, seen, strict=True))
    remotes = tuple(_those(found, Remote).values())
    absent, unknown = frozenset(_those(found, Missing)), _those(found, VendorError)
    if unknown and not (remotes or absent or works):
        raise next(iter(unknown.values()))
    proven = not absent or works or bool(remotes) or (yield from _credentials_work(api, scope))
    if not proven:
        return Observation(remotes, unknown=absent.union(unknown), missing=absent)
    return Observation(remotes, absent=absent, unknown=frozenset(unknown))


def _those(found: Mapping[str, object], kind: type[T]) -> dict[str, T]:
    return {remote_id: each for remote_id, each in found.items() if isinstance(each, kind)}


def _by_id(api: Api, words: ByIdRead, scope: AppliedScope, remote_id: str) -> Steps[Remote | Missing | VendorError]:
    """What reading one webhook shows: the webhook, that the vendor has none with this id, or why nobody knows.

    Raises:
        VendorError: the credentials do not work here, so that asking for others is pointless.
    """
    call = api.get(scope, words, remote_id)
    reply = yield call
    if reply.status in words.empty:
        return Missing()
    failure = api.classifier.read_failure(call, reply, words.ok_when)
    if failure is None:
        found = _asked_for(api, words, scope, remote_id, parsed(reply))
        return (yield from _whole(api, words, scope, found, parsed(reply))) if words.beside else found
    if failure.kind in STOPS_EVERYTHING or isinstance(failure, Redirected):
        raise failure
    return Missing() if reply.status in NOT_THERE else failure


def _whole(
    api: Api, words: ByIdRead, scope: AppliedScope, found: Remote | Missing | VendorError, document: Any
) -> Steps[Remote | Missing | VendorError]:
    """A webhook that was found, with what stands beside it; where that cannot be read, why nobody knows it."""
    if not isinstance(found, Remote):
        return found
    try:
        (shown,) = yield from completed(api, words.beside, scope, [api.classifier.sought(words.item, document)])
    except VendorError as error:
        return error
    return api.codec.remote(shown) or found


def _asked_for(
    api: Api, words: ByIdRead, scope: AppliedScope, remote_id: str, document: Any
) -> Remote | Missing | VendorError:
    """The webhook in an answer, that there is none, or why it is not the one that was asked for."""
    try:
        if _says_none(api, words, document):
            return Missing()
        shown = api.classifier.sought(words.item, document)
        remote = api.codec.remote(shown)
        if remote is None or remote.remote_id != remote_id:
            return api.classifier.blame(f"answered another webhook than the asked {remote_id}")
        if much := too_long(remote):
            return api.classifier.blame(f"sends a webhook with {much}")
        if not belongs(shown, words.only, scope, api.classifier):
            return api.classifier.blame(f"keeps the webhook {remote_id} at another place than this scope")
    except VendorError as error:
        return error
    return remote


def _says_none(api: Api, words: Lookup, document: Any) -> bool:
    """Whether an answer says in the manifest's words that there is no webhook; raises as `sought` does."""
    return any(api.classifier.sought(each, document) for each in words.empty if isinstance(each, str))


def _only_one(api: Api, words: SingletonRead, scope: AppliedScope) -> Steps[Observation]:
    call = api.get(scope, words)
    reply = yield call
    if reply.status in words.empty:
        return Observation(complete=True)
    if failure := api.classifier.read_failure(call, reply, words.ok_when):
        gone = failure.kind == "not_found" and reply.status in NOT_THERE
        if gone and (yield from _credentials_work(api, scope)):
            return Observation(complete=True)
        raise failure
    document = parsed(reply)
    if _says_none(api, words, document):
        return Observation(complete=True)
    shown = api.classifier.sought(words.item, document)
    if not isinstance(shown, dict):
        raise api.classifier.blame("sends something else than an object")
    if not api.classifier.sought(words.present, document):
        return Observation(complete=True)
    return Observation(tuple(_remotes(api, [shown]).values()), complete=True)


def _credentials_work(api: Api, scope: AppliedScope) -> Steps[bool]:
    """Ask what the manifest names as proof that the credentials work here."""
    if api.manifest.probe is None:
        return False
    call = api.get(scope, api.manifest.probe)
    reply = yield call
    return api.classifier.read_failure(call, reply, api.manifest.probe.ok_when) is None


def _remotes(api: Api, items: Iterable[Any]) -> dict[str, Remote]:
    """The webhooks in a list, by id; one that has slipped to the next page stands there twice.

    Raises:
        VendorError: an item is no object, has no id, or has the id of another.
    """
    remotes: dict[str, Remote] = {}
    for shown in items:
        remote = api.codec.remote(shown)
        if remote is None:
            raise api.classifier.blame("sends a webhook that is no object, or whose id is missing or cannot be encoded")
        if much := too_long(remote):
            raise api.classifier.blame(f"sends a webhook with {much}")
        if remotes.setdefault(remote.remote_id, remote) != remote:
            raise api.classifier.blame(f"sends two webhooks with the id {remote.remote_id}")
    return remotes
