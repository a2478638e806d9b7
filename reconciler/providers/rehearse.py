"""Runs a manifest's examples against the manifest, without a network. Used by tests and by `cli.providers`."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from reconciler.errors import WhsyncError
from reconciler.model.action import Action, PlannedCall
from reconciler.model.secret import MASK, Secret, shown_url
from reconciler.model.webhook import EVENTS, SECRET, Fields, Leaf, Observation, Part, Remote, scope_of
from reconciler.providers.engine.extract import fresh
from reconciler.providers.engine.gathered import gathered
from reconciler.providers.engine.interpret import CompiledProvider, CompiledVendor
from reconciler.providers.language.examples import (
    Example,
    Exchange,
    Leaves,
    ReadExample,
    SearchExample,
    WriteExample,
)
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Call, ChangeRequest, Progress, Reply, Steps, Tree

BASE_URL = "https://vendor.example"
OURS = Secret("the-users-own-secret")
ACTIONS = {"create": Action.CREATE, "update": Action.UPDATE, "rotate": Action.UPDATE, "retire": Action.DELETE}


class Outcome(NamedTuple):
    """What driving a verb gave: its calls, its progress, and how it ended."""

    calls: tuple[Call, ...]
    progress: tuple[Progress, ...]
    error: WhsyncError | None
    result: Any = None


def rehearse(manifest: Manifest) -> Iterator[str]:
    """Every way in which an example and the manifest disagree, in words; nothing where all is well."""
    for example in manifest.examples:
        for disagreement in _disagreements(manifest, example):
            yield f"{manifest.type}, {example.about}: {disagreement}"


def _disagreements(manifest: Manifest, example: Example) -> Iterator[str]:
    match example:
        case ReadExample():
            return _read(manifest, example)
        case SearchExample():
            return _search(manifest, example)
        case WriteExample():
            return _write(manifest, example)


def drive(steps: Steps[Any], answer: Callable[[Call], Reply]) -> Outcome:
    """Drive a verb with answers from a function."""
    calls: list[Call] = []
    progress: list[Progress] = []
    reply: Reply | None = None
    while True:
        try:
            step = steps.send(reply) if reply is not None else next(steps)
        except StopIteration as end:
            progress += [end.value] if isinstance(end.value, Progress) else []
            return Outcome(tuple(calls), tuple(progress), None, end.value)
        except WhsyncError as error:
            return Outcome(tuple(calls), tuple(progress), error)
        if isinstance(step, Progress):
            progress.append(step)
            reply = Reply(200)
        else:
            calls.append(step)
            reply = answer(step)


def request_of(manifest: Manifest, example: WriteExample) -> ChangeRequest:
    """The change request that an example describes."""
    remote = _remote(manifest, example)
    lost = tuple(Part(key, None, shown_url(url)) for key, url in example.parts.items())
    return ChangeRequest(
        name=example.name,
        scope=scope_of(example.scope),
        fields=_fields(example.fields),
        changes=frozenset({SECRET} if example.do == "rotate" else example.changes),
        remote=remote,
        remote_id=example.id,
        parts=remote.parts if remote is not None and remote.parts else lost,
        orphan_parts=tuple(Part(key, None, shown_url(url)) for key, url in example.orphan_parts.items()),
        secret=OURS if example.secret else None,
        secret_unset=example.secret_unset,
        wants_issued=example.wants_issued,
    )


def _remote(manifest: Manifest, example: WriteExample) -> Remote | None:
    """The webhook as it was read: an object, or where it fans out, those that are listed of it."""
    vendor = CompiledVendor(manifest, example.settings)
    listed = example.remote if isinstance(example.remote, list | tuple) else [example.remote]
    seen = [remote for each in listed if (remote := vendor.codec().remote(fresh(each))) is not None]
    if not vendor.capabilities.fan_out or not seen:
        return next(iter(seen), None)
    known = frozenset(filter(None, [example.id]))
    return next(iter(gathered(Observation(tuple(seen)), known, vendor.capabilities).remotes))


def _read(manifest: Manifest, example: ReadExample) -> Iterator[str]:
    remote = CompiledVendor(manifest, example.settings).codec().remote(fresh(example.shown))
    if remote is None:
        yield "it is not read as a webhook"
        return
    wanted = example.means
    pairs = {
        "id": (wanted.id, remote.remote_id),
        "fields": (_fields(wanted.fields), remote.fields),
        "mark": (wanted.mark, remote.mark),
        "mask": (wanted.mask, remote.mask),
        "has_secret": (wanted.has_secret, remote.has_secret),
        "shows_secret": (wanted.shows_secret, remote.secret is not None),
    }
    for name, (want, got) in pairs.items():
        if want != got:
            yield f"{name} should be {want!r}, and is {got!r}"


def _write(manifest: Manifest, example: WriteExample) -> Iterator[str]:
    provider = CompiledVendor(manifest, example.settings).provider(BASE_URL)
    assert isinstance(provider, CompiledProvider)
    request = request_of(manifest, example)
    verb: Callable[[ChangeRequest], Steps[Any]] = getattr(provider, example.do)
    outcome = _driven(verb(request), example)
    yield from _goes_as_shown(example, outcome)
    if outcome.error is None:
        yield from _agrees_with_plan(provider, example, request, outcome)
        yield from _ends_well(example, outcome)


def _search(manifest: Manifest, example: SearchExample) -> Iterator[str]:
    provider = CompiledVendor(manifest, example.settings).provider(BASE_URL)
    outcome = _driven(provider.observe(scope_of(example.scope), frozenset(example.known)), example)
    yield from _goes_as_shown(example, outcome)
    if outcome.error is None:
        found = tuple(sorted(remote.remote_id for remote in outcome.result.remotes))
        if found != tuple(sorted(example.finds)):
            yield f"it should find {', '.join(sorted(example.finds)) or 'nothing'}, and finds {', '.join(found)}"
        if any(call.writes for call in outcome.calls):
            yield "a call that reads is marked as one that writes"


def _driven(steps: Steps[Any], example: WriteExample | SearchExample) -> Outcome:
    answers = iter(example.calls)
    return drive(steps, lambda call: _answer(next(answers, None)))


def _goes_as_shown(example: WriteExample | SearchExample, outcome: Outcome) -> Iterator[str]:
    made = [_exchange(call) for call in outcome.calls]
    wanted = [_wanted(exchange) for exchange in example.calls]
    if made != wanted:
        yield f"the calls should be {wanted}, and are {made}"
    failed = outcome.error.kind if outcome.error else None
    if failed != example.fails:
        yield f"it should end with {example.fails or 'success'}, and ends with {failed or 'success'}: {outcome.error}"


def _agrees_with_plan(
    provider: CompiledProvider, example: WriteExample, request: ChangeRequest, outcome: Outcome
) -> Iterator[str]:
    planned = provider.calls(ACTIONS[example.do], request)
    known = {part for part in (example.id, outcome.progress[-1].remote_id if outcome.progress else None) if part}
    made = tuple(PlannedCall(call.method, BASE_URL + call.path) for call in outcome.calls if call.writes)
    filled = {
        tuple(PlannedCall(call.method, call.url.replace("{id}", remote_id)) for call in planned)
        for remote_id in (*known, "{id}")
    }
    if made not in filled:
        yield f"the plan shows {planned}, and {made} were made"


def _ends_well(example: WriteExample, outcome: Outcome) -> Iterator[str]:
    if example.leaves is not None and outcome.progress:
        found = outcome.progress[-1].fields.only(example.leaves)
        if found != _fields(example.leaves):
            yield f"afterwards {_fields(example.leaves)!r} should be in force, and {found!r} is"
    issued = sum(each.issued is not None for each in outcome.progress)
    if issued != int(example.issues):
        yield f"a secret should be issued {int(example.issues)} times, and was {issued} times"


def _answer(exchange: Exchange | None) -> Reply:
    if exchange is None:
        return Reply(0, failure="there is no further call in the example", sent=False)
    body = b"" if exchange.answer is None else json.dumps(fresh(exchange.answer)).encode()
    return Reply(exchange.status, {"content-type": "application/json"}, body)


def _exchange(call: Call) -> dict[str, Any]:
    return {"method": call.method, "path": call.path, "query": dict(call.query), "body": shown(call.body)}


def _wanted(exchange: Exchange) -> dict[str, Any]:
    body = shown(fresh(exchange.body))
    return {"method": exchange.method, "path": exchange.path, "query": dict(exchange.query), "body": body}


def shown(tree: Tree) -> Any:
    """A body as an example writes it: secrets as `***`."""
    if isinstance(tree, Secret):
        return MASK
    if isinstance(tree, dict):
        return {key: shown(value) for key, value in tree.items()}
    return [shown(item) for item in tree] if isinstance(tree, list) else tree


def _fields(leaves: Leaves) -> Fields:
    made: dict[str, Leaf] = {}
    for pointer, leaf in leaves.items():
        made[pointer] = frozenset(map(str, leaf)) if pointer == EVENTS and isinstance(leaf, tuple | list) else leaf
    return Fields(made)
