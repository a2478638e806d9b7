"""The verbs that write: create, update, rotate. Each call is one step; what is true after it is a Progress. [pure]

Every Progress but the last is yielded, so that it is durable before the next call; the last is returned. An issued
secret is in the first Progress after its answer and in no other.

Used by `providers.engine.interpret`, by `providers.engine.removal` and, for the parts of a webhook, by
`providers.engine.fanout`.
"""

from collections.abc import Collection, Iterable
from typing import Any

from reconciler.errors import Indeterminate, Interrupted, VendorError
from reconciler.model.diff import unmasked
from reconciler.model.equality import same
from reconciler.model.secret import Secret, SecretEcho
from reconciler.model.webhook import EVENTS, Fields
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.extract import find
from reconciler.providers.engine.lengths import LONGEST_ID, id_too_long
from reconciler.providers.engine.reading import secret_of
from reconciler.providers.engine.writes import (
    Write,
    after_create,
    changes,
    creation,
    issues_afterwards,
    missing_after_create,
    rotation,
    with_first_secret,
)
from reconciler.providers.language.words import Create
from reconciler.providers.protocol import ChangeRequest, Progress, Reply, Steps, parsed
from reconciler.support.hints import command

MOST_NAMES = 5


def create(api: Api, request: ChangeRequest) -> Steps[Progress]:
    """Make the webhook, then set what only an update can set.

    Raises:
        Rejected, Indeterminate: what was yielded before is true all the same.
    """
    write = creation(api, request)
    reply = yield from _accepted(api, write, request)
    answer = find(write.operation.answer, parsed(reply))
    by_itself = api.manifest.identity.fixed or api.codec.id_by_field(request.fields)
    remote_id = by_itself or api.codec.id_of(answer) or api.codec.id_in(reply.headers)
    if remote_id is None:
        raise api.classifier.unsure(write.call, "its answer holds no id")
    if len(remote_id) > LONGEST_ID:
        raise api.classifier.unsure(write.call, f"its answer holds {id_too_long()}")
    echoed = api.codec.echo(answer)
    pending = frozenset(pointer for pointer, lens in api.codec.writable.items() if lens.sets == "update")
    done = _answered(api, write, Progress(remote_id, Fields()), answer, _without(request.fields, pending))
    if done.issued is None and request.wants_issued and api.manifest.secret.fetch is not None:
        yield done
        done = done._replace(issued=(yield from _new_secret(api, request, remote_id)))
    if done.issued is None and issues_afterwards(api, request):
        yield done
        done = done._replace(issued=(yield from _first_secret(api, request, done)))
    missing = missing_after_create(api, request, echoed)
    if missing:
        yield done
        later = after_create(request, remote_id, done.fields, missing, api.codec.as_read(answer))
        return (yield from change(api, later, done._replace(issued=None)))
    return done


def update(api: Api, request: ChangeRequest) -> Steps[Progress]:
    """Change `request.changes`.

    Raises:
        Rejected, Indeterminate: what was yielded before is true all the same.
    """
    return (yield from change(api, request, _before(request)))


def rotate(api: Api, request: ChangeRequest) -> Steps[Progress]:
    """Replace the secret by a call of its own, by `request.secret` or by another of the vendor's.

    Raises:
        Rejected, Indeterminate: it was not, or may not have been, replaced; after the first Progress it was.
    """
    write = rotation(api, request)
    answer = yield from sent(api, write, request)
    echo = api.codec.secret_echo(answer) if write.secret else SecretEcho()
    done = _before(request)._replace(issued=api.codec.rotated(answer), secret_sent=write.secret, secret_echo=echo)
    if not write.secret and done.issued is None:
        if api.manifest.secret.fetch is None:
            raise api.classifier.unsure(write.call, "its answer holds no secret, or what looks like a mask")
        yield done
        done = done._replace(issued=(yield from _new_secret(api, request, done.remote_id)))
    return done


def _before(request: ChangeRequest) -> Progress:
    """What is true before a change: what was read, else what is not about to change."""
    kept = request.fields.only(pointer for pointer in request.fields if pointer not in request.changes)
    shown = unmasked(request.remote.fields, request.fields) if request.remote else Fields()
    known = shown.over(kept)  # what reads do not show is as it was
    return Progress(request.remote_id or "", known, request.parts, request.orphan_parts)


def sent(api: Api, write: Write, request: ChangeRequest) -> Steps[Any]:
    """Send one write; its answer in the shape of a remote object.

    Raises:
        Rejected, Indeterminate: it was not, or may not have been, applied.
    """
    reply = yield from _accepted(api, write, request)
    return find(write.operation.answer, parsed(reply))


def _accepted(api: Api, write: Write, request: ChangeRequest) -> Steps[Reply]:
    """Send one write; its answer, where that says that it was applied. Raises what `sent` does."""
    reply = yield write.call
    if failure := api.classifier.write_failure(
        write.operation, write.call, reply, secrets_told(api, write, request, reply)
    ):
        raise _perhaps_by_the_events(api, write, reply, failure)
    return reply


def _perhaps_by_the_events(api: Api, write: Write, reply: Reply, failure: VendorError) -> VendorError:
    """The failure; of a server's error with a likely cause, where nobody has checked the names that were sent."""
    if reply.status < 500 or EVENTS not in write.sent or api.capabilities.events.closed:
        return failure
    names = sorted(write.sent.events)
    shown = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    words = f"{failure.summary}; if it does so again, it may not know one of the events: {shown}"
    return Indeterminate(words, failure.hint, kind=failure.kind, code=failure.code)


def change(api: Api, request: ChangeRequest, start: Progress) -> Steps[Progress]:
    """Send what `request.changes` needs; `start` is what is true before."""
    writes, done = changes(api, request), start
    for at, write in enumerate(writes):
        coming = (pair for later in writes[at + 1 :] for pair in later.sent.items())
        pending = frozenset(pointer for pointer, leaf in coming if write.sent.get(pointer) != leaf)
        answer = yield from sent(api, write, request)
        done = _answered(api, write, done, answer, _without(request.fields, pending))
        if at < len(writes) - 1:
            yield done
            done = done._replace(issued=None)
    return done


def _answered(api: Api, write: Write, before: Progress, answer: Any, wanted: Fields) -> Progress:
    """What one answered write makes true: what it sent, unless the answer shows something else.

    Args:
        wanted: every managed field that should have its value by now, whether this write sent it or not.
    """
    told, nothing = api.codec.echo(answer), api.codec.shown_as_nothing(answer)
    echoed = unmasked(told, write.sent.over(before.fields))
    by = "create" if isinstance(write.operation, Create) else "update"
    lost = _lost(api, write, wanted, nothing)
    asked = {*write.sent, *before.unseen} if told else {*write.sent, *wanted}  # one that shows nothing proves nothing
    unseen = {pointer for pointer in asked if pointer not in told and pointer not in nothing}
    taken = Fields((pointer, leaf) for pointer, leaf in write.sent.items() if pointer not in nothing)
    secret_sent = before.secret_sent or write.secret
    known = {**dict.fromkeys(write.secrets, SecretEcho()), **dict(before.secrets)}
    return before._replace(
        fields=echoed.over(taken).over(_without(before.fields, lost)),
        issued=api.codec.issued(answer, by),
        masked=before.masked or api.codec.masked(answer, by),
        secret_sent=secret_sent,
        secret_echo=_secret_echo(api, before.secret_echo, answer) if secret_sent else before.secret_echo,
        secrets=tuple((which, _secret_echo(api, echo, answer, which)) for which, echo in sorted(known.items())),
        ignored=tuple(sorted({*before.ignored} - echoed.keys() | lost | _others(api, wanted, echoed))),
        unseen=tuple(sorted(unseen - api.capabilities.unreadable)),
    )


def _without(fields: Fields, pointers: Collection[str]) -> Fields:
    return fields.only(pointer for pointer in fields if pointer not in pointers)


def _lost(api: Api, write: Write, wanted: Fields, nothing: frozenset[str]) -> set[str]:
    """Of what an answer shows as nothing, what should be something; null may be the default of what was not sent."""
    usual = {pointer for pointer, lens in api.codec.writable.items() if lens.default is not None} - write.sent.keys()
    asked = wanted.only(nothing - usual)
    return {p for p, leaf in asked.items() if leaf and not same(p, leaf, None, api.capabilities)}


def _secret_echo(api: Api, before: SecretEcho, answer: Any, which: str = "") -> SecretEcho:
    """What answers have told by now of a secret that we sent: each place as it was shown last."""
    now = api.codec.secret_echo(answer, which)
    return SecretEcho(now.mask or before.mask, now.value or before.value, before.has if now.has is None else now.has)


def _others(api: Api, asked: Fields, shown: Fields) -> set[str]:
    """The pointers that are shown with another value than was asked for."""
    return {p for p, leaf in shown.only(asked).items() if not same(p, asked[p], leaf, api.capabilities)}


def _first_secret(api: Api, request: ChangeRequest, made: Progress) -> Steps[Secret | None]:
    """The secret that a call of its own gives to what was just made.

    Raises:
        VendorError: that call failed; the webhook is there all the same, without one that is known.
    """
    try:
        rotated = yield from rotate(api, with_first_secret(request, made.remote_id, made.fields))
        return rotated.issued
    except (VendorError, Interrupted) as error:
        summary = f"it was made, and its secret was not: {error.summary}"
        hint = f"{command('rotate', request.name)} makes one and stores it"
        raise VendorError(summary, hint, kind=error.kind, code=error.code) from None


def _new_secret(api: Api, request: ChangeRequest, remote_id: str) -> Steps[Secret]:
    """The secret that the vendor has just made, by the call that shows it.

    Raises:
        VendorError: it could not be read, or the answer holds none, or only a mask.
    """
    try:
        secret = yield from secret_of(api, request.scope, remote_id)
        if secret is None:
            raise api.classifier.blame("shows none, or only a mask")
        return secret
    except (VendorError, Interrupted) as error:
        summary = f"its new secret could not be read: {error.summary}"
        raise VendorError(summary, "apply again: the secret is read first", kind=error.kind, code=error.code) from None


def secrets_told(api: Api, write: Write, request: ChangeRequest, reply: Reply) -> Iterable[Secret]:
    """What must not appear in a message about an answer."""
    shown = api.codec.secrets_in(find(write.operation.answer, parsed(reply)))
    ours = (request.ours(pointer).value for pointer in api.manifest.secret_words())
    return (*shown, *(value for value in ours if value is not None))
