"""The first verb, observe: a list with all its pages, one by one, the only one there is, or nothing at all. [pure]

A 404 means *absent* only when the same credentials were seen to work: another read or the manifest's
probe succeeded. A list of several pages may shift while it is read, when others add or delete webhooks, so it proves
nobody absent: ids that are missing are read by themselves, or the list is read again, whichever takes fewer calls.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from reconciler.errors import VendorError
from reconciler.model.secret import Secret
from reconciler.model.webhook import Observation, Remote, Scope
from reconciler.providers.engine.extract import find, parsed
from reconciler.providers.engine.paginate import all_pages
from reconciler.providers.engine.routes import Api
from reconciler.providers.engine.template import RequestPlace
from reconciler.providers.language.reads import ByIdRead, Get, ListRead, NoRead, SingletonRead
from reconciler.providers.protocol import Call, Steps

STOPS_EVERYTHING = ("auth", "forbidden")


def observe(api: Api, scope: Scope, known_ids: frozenset[str]) -> Steps[Observation]:
    """Read one scope.

    Raises:
        VendorError: the read failed; nothing may be concluded.
    """
    place = api.place(scope)
    match api.read:
        case ListRead():
            return (yield from _listed(api, api.read, place, known_ids))
        case ByIdRead():
            return (yield from _one_by_one(api, api.read, api.read.item, place, known_ids))
        case SingletonRead():
            return (yield from _only_one(api, api.read, place))
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
    call = api.get(api.place(scope), fetch, remote_id)
    reply = yield call
    if failure := api.classifier.read_failure(call, reply, fetch.ok_when):
        raise failure
    return api.codec.fetched(parsed(reply))


def _listed(api: Api, way: ListRead, place: RequestPlace, known_ids: frozenset[str]) -> Steps[Observation]:
    try:
        remotes, pages = yield from _list(api, way, place)
    except VendorError as error:
        if error.kind == "not_found" and (yield from _credentials_work(api, place)):
            summary = f"{error.summary}; the place itself can be seen, so its webhooks may not be"
            raise VendorError(summary, "give the credentials access to webhooks", kind="forbidden") from None
        raise
    hidden, shifting = known_ids - remotes.keys(), pages > 1 and not way.partial
    if way.one is not None and hidden and (way.partial or (shifting and len(hidden) <= pages)):
        rest = yield from _one_by_one(api, Get(path=way.one), way.item, place, hidden, works=True)
        return rest._replace(remotes=(*remotes.values(), *rest.remotes), shifting=shifting)
    if hidden and shifting:
        again, _ = yield from _list(api, way, place)
        return Observation(tuple({**remotes, **again}.values()), complete=True)
    return Observation(tuple(remotes.values()), complete=not (shifting or way.partial), shifting=shifting)


def _list(api: Api, way: ListRead, place: RequestPlace) -> Steps[tuple[dict[str, Remote], int]]:
    """All pages once: what they hold, by id, and how many they are."""
    pages = yield from all_pages(way, api.get(place, way), api.classifier, api.base_url)
    return _remotes(api, chain.from_iterable(pages)), len(pages)


def _one_by_one(
    api: Api, get: Get, item: str, place: RequestPlace, ids: Iterable[str], works: bool = False
) -> Steps[Observation]:
    """Each webhook by its id; `works` says that the same credentials have read something here already."""
    remotes: list[Remote] = []
    absent: set[str] = set()
    unknown: dict[str, VendorError] = {}
    for remote_id in sorted(ids):
        call = api.get(place, get, remote_id)
        reply = yield call
        failure = api.classifier.read_failure(call, reply, get.ok_when)
        remote = api.codec.remote(find(item, parsed(reply))) if failure is None else None
        if failure is None and (remote is None or remote.remote_id != remote_id):
            failure = api.classifier.blame(f"answered another webhook than the asked {remote_id}")
        if failure is None and remote is not None:
            remotes.append(remote)
        elif failure is not None and failure.kind in STOPS_EVERYTHING:
            raise failure
        elif failure is not None and reply.status in (404, 410):
            absent.add(remote_id)
        elif failure is not None:
            unknown[remote_id] = failure
    if unknown and not (remotes or absent or works):
        raise next(iter(unknown.values()))
    proven = not absent or works or bool(remotes) or (yield from _credentials_work(api, place))
    if not proven:
        return Observation(tuple(remotes), unknown=frozenset({*unknown, *absent}))
    return Observation(tuple(remotes), absent=frozenset(absent), unknown=frozenset(unknown))


def _only_one(api: Api, way: SingletonRead, place: RequestPlace) -> Steps[Observation]:
    call = api.get(place, way)
    reply = yield call
    if failure := api.classifier.read_failure(call, reply, way.ok_when):
        gone = failure.kind == "not_found" and reply.status in (404, 410)
        if gone and (yield from _credentials_work(api, place)):
            return Observation(complete=True)
        raise failure
    document = parsed(reply)
    shown = find(way.item, document)
    if not isinstance(shown, dict):
        raise api.classifier.blame("sends something else than an object")
    if not find(way.present, document):
        return Observation(complete=True)
    return Observation(tuple(_remotes(api, [shown]).values()), complete=True)


def _credentials_work(api: Api, place: RequestPlace) -> Steps[bool]:
    """Ask what the manifest names as proof that the credentials work here."""
    if api.manifest.probe is None:
        return False
    call: Call = api.get(place, api.manifest.probe)
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
        if remotes.setdefault(remote.remote_id, remote) != remote:
            raise api.classifier.blame(f"sends two webhooks with the id {remote.remote_id}")
    return remotes
