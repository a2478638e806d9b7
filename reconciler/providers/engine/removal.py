"""The verb that removes: what must be so before, the deletion itself, and the proof that it is gone. [pure]

Used by `providers.engine.interpret` and, for the parts of a webhook, by `providers.engine.fanout`.
"""

from reconciler.codes import Code
from reconciler.errors import Interrupted, Rejected, VendorError
from reconciler.model.equality import identical
from reconciler.model.webhook import STATUS, Fields
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.reading import observe
from reconciler.providers.engine.verbs import change, secrets_told, sent
from reconciler.providers.engine.writes import Write, changes
from reconciler.providers.language.manifest import Deactivate, Delete, Keep
from reconciler.providers.protocol import ChangeRequest, Progress, Steps


def retire(api: Api, request: ChangeRequest) -> Steps[None]:
    """Delete the webhook, or switch it off.

    Raises:
        Rejected: refused by the vendor, or it cannot be removed.
    """
    match api.retire:
        case Delete():
            yield from _prepared(api, api.retire, request)
        case Deactivate(status=status):
            yield from change(api, switched_off(request, status), Progress(request.remote_id or "", Fields()))
        case Keep(reason=reason):
            raise Rejected(
                f"{api.classifier.title}: {reason}",
                "forget it with `whsync state rm NAME`",
                kind="unsafe",
                code=Code.CANNOT_PRUNE,
            )


def preparation(api: Api, request: ChangeRequest) -> tuple[Write, ...]:
    """The writes without which the webhook cannot be deleted; none where it is seen to be so already.

    Raises:
        Rejected: no update can make it so.
    """
    first = api.retire.first if isinstance(api.retire, Delete) else {}
    seen = request.remote.fields if request.remote is not None else Fields()
    lacking = Fields((pointer, leaf) for pointer, leaf in first.items() if not identical(seen.get(pointer), leaf))
    return changes(api, request._replace(fields=lacking, changes=frozenset(lacking), secret=None))


def _prepared(api: Api, operation: Delete, request: ChangeRequest) -> Steps[None]:
    """Make it such that it can be deleted, and delete it; cut short between these, something was done."""
    writes = preparation(api, request)
    for write in writes:
        yield from sent(api, write, request)
    try:
        yield from _delete_all(api, operation, request)
    except Interrupted as error:
        if not writes:
            raise
        first = ", ".join(f"{pointer[1:]} is {leaf}" for pointer, leaf in operation.first.items())
        summary = f"{first} now, and it is not deleted: {error.summary}"
        raise Rejected(summary, "apply again", code=Code.PARTLY_DELETED) from None


def _delete_all(api: Api, operation: Delete, request: ChangeRequest) -> Steps[None]:
    """Delete one remote object, or all its parts; interrupted among these, it is no longer as if nothing was sent."""
    ids = targets(request)
    for at, remote_id in enumerate(ids):
        try:
            yield from delete(api, operation, request, remote_id)
        except Interrupted as error:
            if at == 0:
                raise
            raise Rejected(
                f"{at} of {len(ids)} parts are deleted: {error.summary}", "apply again", code=Code.PARTLY_DELETED
            ) from None


def targets(request: ChangeRequest) -> tuple[str | None, ...]:
    """The ids of what must be deleted: one, or one a part."""
    if request.parts or request.orphan_parts:
        return tuple(part.remote_id for part in (*request.parts, *request.orphan_parts))
    return (request.remote_id,)


def switched_off(request: ChangeRequest, status: str) -> ChangeRequest:
    """The request that only switches a webhook off; all else stays as the vendor has it."""
    return request._replace(fields=Fields({STATUS: status}), changes=frozenset({STATUS}))


def delete(api: Api, operation: Delete, request: ChangeRequest, remote_id: str | None) -> Steps[None]:
    """Delete one remote object; that it is gone already is as good, where that is proven.

    Raises:
        Rejected, Indeterminate: it is not, or may not be, gone.
    """
    write = deletion(api, operation, request, remote_id)
    reply = yield write.call
    failure = api.classifier.write_failure(operation, write.call, reply, secrets_told(api, write, request, reply))
    if failure is None or reply.status in operation.gone:
        return
    if reply.status == 404 and remote_id is not None and (yield from _is_gone(api, request, remote_id)):
        return
    raise failure


def deletion(api: Api, operation: Delete, request: ChangeRequest, remote_id: str | None) -> Write:
    """The call that deletes one remote object."""
    named = api.id_for(request, remote_id)
    call = api.write(api.applied(request.scope), operation, {}, named, intent=request.intent)
    return Write(operation, call, Fields())


def _is_gone(api: Api, request: ChangeRequest, remote_id: str) -> Steps[bool]:
    """Whether reading proves that there is nothing to delete any more."""
    try:
        seen = yield from observe(api, request.scope, frozenset({remote_id}))
    except VendorError:
        return False
    ids = {each for remote in seen.remotes for each in (remote.remote_id, *(part.remote_id for part in remote.parts))}
    there = remote_id in ids
    return not there and (seen.complete or remote_id in seen.absent)
