"""Which writes a change needs: the fewest calls and then the smallest bodies that the API allows. [pure]

Used by `providers.engine.verbs`, `providers.engine.removal` and `providers.engine.fanout`, which send them, and by
`providers.engine.interpret`, which shows them in plans: all see the same writes.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import NotRead, Rejected
from reconciler.model.as_read import AsRead
from reconciler.model.equality import identical, same
from reconciler.model.further import called, which_of
from reconciler.model.secret import NOT_THE_FILES
from reconciler.model.webhook import SECRET, Fields, Remote
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.carried import carried, is_lacking, obstacles
from reconciler.providers.engine.deltas import is_moved, moves
from reconciler.providers.engine.extract import leaves_in
from reconciler.providers.engine.lost import lost
from reconciler.providers.engine.spoilt import Spoilt
from reconciler.providers.language.words import Operation, Update
from reconciler.providers.protocol import Call, ChangeRequest, Tree
from reconciler.support.hints import command


class Write(NamedTuple):
    """One write: its operation, the call, the fields it sends and whether it sends our secret.

    `loses` names what it takes away without sending or knowing it; `secrets` those further ones of ours that it sends.
    """

    operation: Operation
    call: Call
    sent: Fields
    secret: bool = False
    loses: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


def creation(api: Api, request: ChangeRequest, only: Fields | None = None) -> Write:
    """The call that makes the webhook, or, with `only`, the one part of it that has these fields.

    Raises:
        Rejected: the scope does not fit, or a field is missing that the vendor needs.
    """
    if lacking := [pointer for pointer in api.create.needs if not _is_given(request, pointer)]:
        raise Rejected(
            f"{api.classifier.title} makes no webhook without {_words(lacking)}",
            f"give it {', '.join(f'`{_words([pointer])}:`' for pointer in lacking)} in the file",
            kind="config",
            code=Code.FIELD_NEEDED,
        )
    settable = [pointer for pointer, lens in api.codec.writable.items() if lens.sets != "update"]
    sent = (request.fields if only is None else only).only(settable)
    sending = tuple(p for p in api.manifest.secret_words() if request.ours(p).value is not None)
    scope, secret = api.applied(request.scope), _secret_pairs(api, request, sending)
    pairs = {**dict(scope.body), **api.codec.pairs(sent), **api.codec.mark_pairs(request.name, None), **secret}
    call = api.write(scope, api.create, pairs, None, intent=request.intent, name=request.name)
    return Write(api.create, call, sent, api.manifest.secret.write in secret, secrets=_further_in(sending))


def _is_given(request: ChangeRequest, pointer: str) -> bool:
    """Whether a create has what the vendor needs; a secret may be one that is made only when it is applied."""
    if which_of(pointer) is None:
        return pointer in request.fields
    return request.ours(pointer).value is not None or request.ours(pointer).declared


def changes(api: Api, request: ChangeRequest) -> tuple[Write, ...]:
    """The calls that change `request.changes`, in order; none where nothing changes.

    Raises:
        Rejected: no update of the API can make this change with what is known.
    """
    moved = [pointer for pointer in sorted(request.changes) if is_moved(api.updates, pointer)]
    return (*_at_once(api, request, set(request.changes) - set(moved)), *_by_items(api, request, moved))


def _by_items(api: Api, request: ChangeRequest, pointers: Iterable[str]) -> Iterator[Write]:
    """The calls that change lists by what joins and leaves them."""
    for pointer in pointers:
        yield from (Write(way, call, after) for way, call, after in moves(api, request, pointer))


def _at_once(api: Api, request: ChangeRequest, pointers: Iterable[str]) -> tuple[Write, ...]:
    """The fewest and smallest calls that change these fields, each with its whole value."""
    wanted = _ordered(api, pointers)
    if not wanted:
        return ()
    serving = [update for update in api.updates if _serves(update, request) and not update.by_items]
    for count in range(1, len(serving) + 1):
        chosen = combinations(serving, count)
        possible = [writes for updates in chosen if (writes := _shared_out(api, request, wanted, updates))]
        if possible:
            return min(possible, key=_size)
    raise _why_not(api, request, wanted)


def rotation(api: Api, request: ChangeRequest) -> Write:
    """The call of its own that replaces the secret, by ours where it is at hand and taken.

    Raises:
        Rejected: there is none for such a secret.
    """
    words = api.manifest.secret.rotate
    if words is None or not api.capabilities.secret.rotates(request.secret is not None):
        raise Rejected(f"{api.classifier.title} has no call that replaces the secret", kind="unsafe", code=Code.NO_WAY)
    at, ours = words.write, request.secret
    pairs: dict[str, Tree] = {at: ours} if at is not None and ours is not None else {}
    named = api.id_for(request, request.remote_id)
    call = api.write(api.applied(request.scope), words, pairs, named, intent=request.intent)
    return Write(words, call, Fields(), bool(pairs))


def issues_afterwards(api: Api, request: ChangeRequest) -> bool:
    """Whether the vendor makes the secret by a call that follows the create."""
    words = api.manifest.secret.rotate
    return request.wants_issued and words is not None and words.after_create


def with_first_secret(request: ChangeRequest, remote_id: str, fields: Fields) -> ChangeRequest:
    """The request for the secret of what was just made."""
    return after_create(request, remote_id, fields, frozenset({SECRET}), None)._replace(secret=None)


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


def after_create(
    request: ChangeRequest, remote_id: str, fields: Fields, missing: frozenset[str], as_read: AsRead | None
) -> ChangeRequest:
    """The request for what a create could not set, as if the webhook had just been read.

    Args:
        request: the create's.
        remote_id: of what it made.
        fields: in force by now.
        missing: the pointers that are to be set.
        as_read: the object as the create's answer shows it.
    """
    return request._replace(changes=missing, remote_id=remote_id, remote=Remote(remote_id, fields, as_read=as_read))


def _size(writes: Iterable[Write]) -> int:
    return sum(leaves_in(write.call.body) for write in writes)


def _shared_out(
    api: Api, request: ChangeRequest, wanted: Iterable[str], updates: Sequence[Update]
) -> tuple[Write, ...] | None:
    """The writes of these updates, each with its share of what is wanted; None where one has none or cannot do it."""
    shares: list[list[str]] = [[] for _ in updates]
    for pointer in wanted:
        at = next((at for at, update in enumerate(updates) if _covers(update, pointer)), None)
        if at is None:
            return None
        shares[at].append(pointer)
    if not all(shares):
        return None
    writes = [_written(api, request, update, share) for update, share in zip(updates, shares, strict=True)]
    made = tuple(write for write in writes if write is not None)
    return made if len(made) == len(writes) else None


def _covers(update: Update, pointer: str) -> bool:
    return update.covers is None or pointer in update.covers


def _serves(update: Update, request: ChangeRequest) -> bool:
    """Whether the call is one for the values that its fields are to have, or have."""
    known = request.fields.over(request.remote.fields) if request.remote is not None else request.fields
    return all(
        pointer in known
        and any(identical(known[pointer], one) for one in (values if isinstance(values, tuple) else (values,)))
        for pointer, values in update.for_.items()
    )


def _written(api: Api, request: ChangeRequest, update: Update, share: list[str]) -> Write | None:
    """The write of one update for its share; None where it would need what is not known."""
    what = carried(api, request, update, share)
    if what is None:
        return None
    secret = _secret_pairs(api, request, what.secrets)
    mark = api.codec.mark_pairs(request.name, request.remote) if what.mark else {}
    pairs = {**api.codec.pairs(what.fields, what.base), **secret, **mark}
    if update.says_nothing:
        secret, what = {}, what._replace(secrets=())
    over = _as_read(request) if update.body == "json_patch" else what.base
    named = api.id_for(request, request.remote_id)
    call = api.write(api.applied(request.scope), update, pairs, named, over, request.intent)
    read = request.remote.as_read if request.remote is not None and what.base is None else None
    loses = lost(api, read.tree, what.replaced, (*update.drop, *update.fixed)) if read is not None else ()
    return Write(update, call, what.fields, SECRET in what.secrets, loses, _further_in(what.secrets))


def _as_read(request: ChangeRequest) -> Tree:
    """The object as it was read; None where it was not."""
    as_read = request.remote.as_read if request.remote is not None else None
    return as_read.tree if as_read is not None else None


def _secret_pairs(api: Api, request: ChangeRequest, pointers: Iterable[str]) -> dict[str, Tree]:
    """Body pointers and values of these secrets of ours, as far as bodies have a place for them."""
    found = ((api.manifest.secret_words()[pointer].write, request.ours(pointer).value) for pointer in pointers)
    return {at: value for at, value in found if at is not None and value is not None}


def _further_in(pointers: Iterable[str]) -> tuple[str, ...]:
    """The names of the further secrets among those that a write sends."""
    return tuple(filter(None, map(which_of, pointers)))


def _ordered(api: Api, pointers: Iterable[str]) -> tuple[str, ...]:
    settable = {*api.codec.writable, *api.manifest.secret_words()}
    return tuple(sorted(pointers, key=lambda pointer: (pointer not in settable, pointer)))


def _why_not(api: Api, request: ChangeRequest, wanted: tuple[str, ...]) -> Rejected:
    """What stands in the way, and the way out."""
    title, names = api.classifier.title, _words(wanted)
    if stuck := _stuck(api, request, wanted):
        return stuck
    if request.remote is None and any(update.regions for update in api.updates):
        summary = f"{title} replaces the whole webhook, so {names} cannot be changed before it has been read"
        return NotRead(summary, kind="unsafe", code=Code.NO_WAY)
    spoilt = [obstacle for update in api.updates for obstacle in obstacles(api, request, update, wanted)]
    if spoilt:
        return Rejected(*_spoilt_words(title, spoilt), kind="unsafe", code=Code.NO_WAY)
    secrets = (p for p, words in api.manifest.secret_words().items() if words.write is not None)
    at = next((p for p in secrets if is_lacking(api, request, wanted, p)), SECRET)
    which = which_of(at) or ""
    lacking, one = f"{title} would lose the {called(which)} if {names} changed without it", _rotation_of(request, which)
    if not request.ours(at).declared:
        hint = f"with a `{_words([at])}` in the file, {one} sets it and changes the rest with it"
        return Rejected(f"{lacking}, and the file has none", hint, kind="unsafe", code=Code.NO_WAY)
    all_ = command("apply", "--own-secrets")
    hint = f"{all_} sends the file's secrets, and changes the rest with them; {one} does it for this webhook"
    return Rejected(f"{lacking}, and the vendor's is {NOT_THE_FILES}", hint, kind="unsafe", code=Code.NO_WAY)


def _rotation_of(request: ChangeRequest, which: str) -> str:
    """The command that sends one secret."""
    return command("rotate", request.name, *(("--secret", which) if which else ()))


def _stuck(api: Api, request: ChangeRequest, wanted: tuple[str, ...]) -> Rejected | None:
    """That no call changes some of these fields at all, or none to the wanted value; None where it is neither."""
    title = api.classifier.title
    if fixed := [p for p in wanted if not any(_covers(update, p) for update in api.updates)]:
        return Rejected(f"{title} cannot change {_words(fixed)}", kind="unsafe", code=Code.NO_WAY)
    if unserved := [p for p in wanted if not any(_covers(u, p) and _serves(u, request) for u in api.updates)]:
        summary = f"{title} has no call that changes {_words(unserved)} to what the file says"
        return Rejected(summary, kind="unsafe", code=Code.NO_WAY)
    return None


def _spoilt_words(title: str, spoilt: Sequence[Spoilt]) -> tuple[str, str]:
    """Why a value that was read cannot be sent back, and what to do."""
    masks = list(dict.fromkeys(each.place for each in spoilt if not each.word))
    words = list(dict.fromkeys(each for each in spoilt if each.word))
    if not masks:
        shown = ", ".join(f"{_words([each.place])} as {each.word}" for each in words)
        summary = f"{title} replaces the whole webhook, and shows its {shown}, which cannot be sent back"
        return summary, f"say in the file what it is to be: `{_words([words[0].place])}: …`"
    summary = f"{title} replaces the whole webhook, and shows its {_words(masks)} masked; a mask is not sent back"
    return summary, f"give {_words(masks)} a value in the file, or leave the webhook as it is"


def _words(pointers: Iterable[str]) -> str:
    return ", ".join(pointer[1:].replace("/", ".") for pointer in pointers)
