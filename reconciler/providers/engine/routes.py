"""Which writes a change needs: the fewest calls and then the smallest bodies that the API allows. [pure]

Used by `verbs` and `fanout`, which send them, and by `interpret`, which shows them in plans: both see the same writes.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from reconciler.errors import Rejected
from reconciler.model.equality import same
from reconciler.model.webhook import SECRET, Capabilities, Fields, Remote, Scope
from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.extract import built, keys_of, leaves_in, within
from reconciler.providers.engine.template import RequestPlace, expand, plain
from reconciler.providers.language.manifest import Manifest, RetireWay
from reconciler.providers.language.reads import Get, ReadWay
from reconciler.providers.language.words import Create, Operation, Update
from reconciler.providers.protocol import Call, ChangeRequest, Tree
from reconciler.support.hints import command


class Api(NamedTuple):
    """A manifest with its settings applied: of all alternatives those that hold.

    Args:
        switches: the settings as templates take them.
        place: a scope, applied; raises what `place_of` does.
    """

    manifest: Manifest
    switches: Mapping[str, str]
    place: Callable[[Scope], RequestPlace]
    capabilities: Capabilities
    codec: Codec
    classifier: ReplyClassifier
    read: ReadWay
    create: Create
    updates: tuple[Update, ...]
    retire: RetireWay
    base_url: str = ""

    def get(self, place: RequestPlace, words: Get, remote_id: str | None = None) -> Call:
        """A call that only reads."""
        path, query = self._where(place, words.path, words.query, remote_id)
        return Call("GET", path, (*place.query, *query), place.headers, safe_to_repeat=True)

    def write(
        self, place: RequestPlace, operation: Operation, pairs: Mapping[str, Tree], remote_id: str | None
    ) -> Call:
        """A call that writes `pairs` (body pointers and values) beside the operation's fixed parts."""
        path, query = self._where(place, operation.path, operation.query, remote_id)
        root = operation.root
        relative = {pointer.removeprefix(root): value for pointer, value in pairs.items() if within(pointer, root)}
        body: Tree = built({**operation.fixed, **relative})
        for key in reversed(keys_of(operation.wrap)):
            body = {key: body}
        return Call(
            operation.method,
            path,
            (*place.query, *query),
            place.headers,
            body=body or None,
            encoding=operation.encoding,
            writes=True,
            safe_to_repeat=operation.safe_to_repeat,
        )

    def _where(
        self, place: RequestPlace, path: str, query: Mapping[str, str], remote_id: str | None
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        variables = {**self.switches, **place.variables, **({"id": remote_id} if remote_id else {})}
        return (
            place.path + expand(path, variables),
            tuple((name, plain(text, variables)) for name, text in query.items()),
        )


class Write(NamedTuple):
    """One write: its operation, the call, the fields it sends and whether it sends our secret."""

    operation: Operation
    call: Call
    sent: Fields
    secret: bool = False


def creation(api: Api, request: ChangeRequest, only: Fields | None = None) -> Write:
    """The call that makes the webhook, or, with `only`, the one part of it that has these fields.

    Raises:
        Rejected: the scope does not fit, or a field is missing that the vendor needs.
    """
    if lacking := ", ".join(pointer[1:] for pointer in api.create.needs if pointer not in request.fields):
        raise Rejected(
            f"{api.classifier.title} makes no webhook without {lacking}", f"give it {lacking}", kind="config"
        )
    settable = [pointer for pointer, lens in api.codec.writable.items() if lens.sets != "update"]
    sent = (request.fields if only is None else only).only(settable)
    place, secret = api.place(request.scope), _secret_pairs(api, request)
    pairs = {**dict(place.body), **api.codec.pairs(sent), **api.codec.mark_pairs(request.name, None), **secret}
    return Write(api.create, api.write(place, api.create, pairs, None), sent, bool(secret))


def changes(api: Api, request: ChangeRequest) -> tuple[Write, ...]:
    """The calls that change `order.changes`, in order; none where nothing changes.

    Raises:
        Rejected: no way of the API can make this change with what is known.
    """
    wanted = _ordered(api, request.changes)
    if not wanted:
        return ()
    for count in range(1, len(api.updates) + 1):
        ways = [_shared_out(api, request, wanted, routes) for routes in combinations(api.updates, count)]
        possible = [way for way in ways if way]
        if possible:
            return min(possible, key=lambda way: sum(leaves_in(write.call.body) for write in way))
    raise Rejected(*_why_not(api, request, wanted), kind="unsafe")


def rotation(api: Api, request: ChangeRequest) -> Write:
    """The call of its own that replaces the secret, by ours where it is at hand and taken.

    Raises:
        Rejected: there is none for such a secret.
    """
    way = api.manifest.secret.rotate
    if way is None or not api.capabilities.secret.rotates(request.secret is not None):
        raise Rejected(f"{api.classifier.title} has no call that replaces the secret", kind="unsafe")
    pairs: dict[str, Tree] = {way.write: request.secret} if way.write is not None and request.secret is not None else {}
    return Write(way, api.write(api.place(request.scope), way, pairs, request.remote_id), Fields(), bool(pairs))


def missing_after_create(api: Api, request: ChangeRequest, echoed: Fields) -> frozenset[str]:
    """The fields that only an update sets and that do not yet have the wanted value."""
    late = {pointer: lens.initially for pointer, lens in api.codec.writable.items() if lens.sets == "update"}
    found = {pointer: echoed.get(pointer, initially) for pointer, initially in late.items()}
    return frozenset(
        pointer
        for pointer, leaf in found.items()
        if pointer in request.fields
        and (leaf is None or not same(pointer, leaf, request.fields[pointer], api.capabilities))
    )


def after_create(request: ChangeRequest, remote_id: str, fields: Fields, missing: frozenset[str]) -> ChangeRequest:
    """The order for what a create could not set, as if the webhook had just been read."""
    return request._replace(changes=missing, remote_id=remote_id, remote=Remote(remote_id, fields))


def _shared_out(
    api: Api, request: ChangeRequest, wanted: tuple[str, ...], routes: tuple[Update, ...]
) -> tuple[Write, ...] | None:
    """The writes of these routes, each with its share of what is wanted; None where that cannot be done."""
    shares: list[list[str]] = [[] for _ in routes]
    for pointer in wanted:
        at = next((at for at, route in enumerate(routes) if route.covers is None or pointer in route.covers), None)
        if at is None:
            return None
        shares[at].append(pointer)
    writes = [_one(api, request, route, share) for route, share in zip(routes, shares, strict=True) if share]
    return tuple(write for write in writes if write is not None) if len(writes) == len(routes) and all(writes) else None


def _one(api: Api, request: ChangeRequest, route: Update, share: list[str]) -> Write | None:
    """The write of one route, or None where it would need what is not known."""
    lenses = {pointer: lens for pointer, lens in api.codec.writable.items() if lens.sets != "create"}
    secret_at = api.manifest.secret.write
    pointers = {*share, *route.always, *(more for pointer in share for more in route.resend.get(pointer, ()))}
    bodies = {pointer: lens.write for pointer, lens in lenses.items()} | {SECRET: secret_at}
    regions = [
        region
        for region in route.regions
        if any(within(at, region) for pointer in pointers if (at := bodies.get(pointer)) is not None)
    ]
    if regions and request.remote is None:
        return None
    known = request.fields.over(request.remote.fields) if request.remote else request.fields
    whole = [p for p, at in bodies.items() if at is not None and any(within(at, region) for region in regions)]
    pointers.update(pointer for pointer in whole if pointer in known or pointer == SECRET)
    needs_secret = SECRET in pointers and secret_at is not None
    if needs_secret and request.secret is None and (SECRET in share or not request.secret_unset):
        return None
    sent = known.only(sorted(pointer for pointer in pointers if pointer in lenses))
    pairs = api.codec.pairs(sent) | (_secret_pairs(api, request) if needs_secret else {})
    mark = api.manifest.mark
    if mark is not None and any(within(mark.write, region) for region in regions):
        pairs |= api.codec.mark_pairs(request.name, request.remote)
    call = api.write(api.place(request.scope), route, pairs, request.remote_id)
    return Write(route, call, sent, needs_secret and request.secret is not None)


def _secret_pairs(api: Api, request: ChangeRequest) -> dict[str, Tree]:
    at = api.manifest.secret.write
    return {at: request.secret} if at is not None and request.secret is not None else {}


def _ordered(api: Api, pointers: Iterable[str]) -> tuple[str, ...]:
    request = [*api.codec.writable, SECRET]
    return tuple(sorted(pointers, key=lambda pointer: (pointer not in request, pointer)))


def _why_not(api: Api, request: ChangeRequest, wanted: tuple[str, ...]) -> tuple[str, str]:
    """What stands in the way, and the way out."""
    title, names = api.classifier.title, _words(wanted)
    stuck = [p for p in wanted if not any(route.covers is None or p in route.covers for route in api.updates)]
    if stuck:
        return f"{title} cannot change {_words(stuck)}", ""
    if request.remote is None and any(route.regions for route in api.updates):
        return f"{title} replaces the whole webhook, so {names} cannot be changed before it has been read", ""
    again = f"with a `secret` in the file, {command('rotate', request.name)} sets it and changes the rest with it"
    return f"{title} would lose the secret if {names} changed without it, and the secret is not at hand", again


def _words(pointers: Iterable[str]) -> str:
    return ", ".join(pointer[1:].replace("/", ".") for pointer in pointers)
