"""Runs a manifest's examples against the manifest, without a network. Used by tests and by `cli.providers`.

One idea, so longer than most: an example, played.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import ConfigError, WhsyncError
from reconciler.model.action import Action, PlannedCall
from reconciler.model.secret import MASK, Secret, shown_url
from reconciler.model.webhook import EVENTS, SECRET, Fields, Leaf, Observation, Part, Remote, scope_of
from reconciler.providers import differences
from reconciler.providers.differences import Difference
from reconciler.providers.engine.extract import fresh
from reconciler.providers.engine.gathered import gathered
from reconciler.providers.engine.interpret import CompiledProvider, CompiledVendor
from reconciler.providers.language.examples import (
    DiscoverExample,
    EventsExample,
    Example,
    Exchange,
    Leaves,
    ReadExample,
    SearchExample,
    WriteExample,
)
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault
from reconciler.providers.language.sound.fields import KINDS, is_whole
from reconciler.providers.listing_examples import demanded
from reconciler.providers.protocol import Call, ChangeRequest, OurSecret, Progress, Reply, Steps, Tree
from reconciler.providers.steps import in_turn

BASE_URL = "https://vendor.example"
FEWEST_REFUSED = 400
OURS = Secret("the-users-own-secret")
Acted = WriteExample | SearchExample | DiscoverExample | EventsExample
WAY_OUT = "correct the manifest, or the example where the vendor's documents agree with the manifest"
ACTIONS = {"create": Action.CREATE, "update": Action.UPDATE, "rotate": Action.UPDATE, "retire": Action.DELETE}


class Outcome(NamedTuple):
    """What driving a verb gave: its calls, its progress, and how it ended."""

    calls: tuple[Call, ...]
    progress: tuple[Progress, ...]
    error: WhsyncError | None
    result: Any = None


def rehearse(manifest: Manifest) -> Iterator[Fault]:
    """Every way in which an example and the manifest disagree, each at its place; nothing where all is well."""
    for at, example in enumerate(manifest.examples):
        for path, what in _or_unfit(_disagreements(manifest, example)):
            words = f"{example.about}: {what}"
            yield Fault(("examples", at, *path), words, WAY_OUT, Code.MANIFEST_EXAMPLES)
        if manifest.verified.errors == "unverified" and hangs_on_words(manifest, example):
            what = "it ends otherwise where the vendor words its refusal in another way, and nobody has looked that up"
            right = "decide by the status, or say where the words are known from: `verified: {errors: docs}`"
            yield Fault(("examples", at), f"{example.about}: {what}", right, Code.MANIFEST_EXAMPLES)


def hangs_on_words(manifest: Manifest, example: Example) -> bool:
    """Whether the words of a refusal (4xx, 5xx) decide how an example ends; many are made up."""
    if isinstance(example, ReadExample) or not example.fails or not example.calls:
        return False
    *before, last = example.calls
    if last.status < FEWEST_REFUSED:
        return False
    other = last.model_copy(update={"answer": _reworded(last.answer)})
    reworded = example.model_copy(update={"calls": (*before, other)})
    return not [*_disagreements(manifest, example)] and bool([*_disagreements(manifest, reworded)])


def _reworded(answer: Any) -> Any:
    """The same answer with other texts in it."""
    if isinstance(answer, dict):
        return {key: _reworded(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [_reworded(value) for value in answer]
    return "in other words" if isinstance(answer, str) else answer


def _no_wholes(manifest: Manifest, example: WriteExample) -> Iterator[Difference]:
    """What an example gives for a map, or a list of maps, and is not the text of one, so that no body can be made."""
    lenses = manifest.lenses()
    for pointer, leaf in example.fields.items():
        kind = lenses[pointer].type if pointer in lenses else "text"
        if kind in ("map", "objects") and not (isinstance(leaf, str) and is_whole(kind, leaf)):
            yield Difference(("fields", pointer), f"{pointer} is no {KINDS[kind]}")


def _or_unfit(found: Iterator[Difference]) -> Iterator[Difference]:
    """What a check finds; where the example's settings are such that there is no vendor of that kind, that."""
    try:
        yield from found
    except ConfigError as error:
        yield Difference(("settings",), error.summary)


def _disagreements(manifest: Manifest, example: Example) -> Iterator[Difference]:
    match example:
        case ReadExample():
            return _read(manifest, example)
        case SearchExample():
            return _search(manifest, example)
        case DiscoverExample() | EventsExample():
            return _listing(manifest, example)
        case WriteExample():
            unfit = list(_no_wholes(manifest, example))
            return iter(unfit) if unfit else _write(manifest, example)


def drive(steps: Steps[Any], answer: Callable[[Call], Reply]) -> Outcome:
    """Drive a verb with answers from a function."""
    calls: list[Call] = []
    progress: list[Progress] = []
    reply: Reply | None = None
    turns = in_turn(steps)
    while True:
        try:
            step = turns.send(reply) if reply is not None else next(turns)
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
        secrets=tuple((which, OurSecret(OURS, declared=True)) for which in example.secrets),
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


def _read(manifest: Manifest, example: ReadExample) -> Iterator[Difference]:
    remote = CompiledVendor(manifest, example.settings).codec().remote(fresh(example.shown))
    if remote is None:
        yield Difference(("shown",), "it is not read as a webhook: it is no object, or has no id")
        return
    wanted = example.means
    pairs = {
        "id": (remote.remote_id, wanted.id),
        "mark": (remote.mark, wanted.mark),
        "mask": (remote.mask, wanted.mask),
        "has_secret": (remote.has_secret, wanted.has_secret),
        "shows_secret": (remote.secret is not None, wanted.shows_secret),
    }
    yield from differences.of_secrets(("means", "secrets"), remote.secrets, wanted.secrets)
    for name, (found, says) in pairs.items():
        path = ("means", name) if name in wanted.model_fields_set else ("means",)
        yield from differences.of_values(path, name, found, says)
    yield from differences.of_fields(("means", "fields"), remote.fields, _fields(wanted.fields))


def _write(manifest: Manifest, example: WriteExample) -> Iterator[Difference]:
    provider = CompiledVendor(manifest, example.settings).provider(BASE_URL)
    assert isinstance(provider, CompiledProvider)
    request = request_of(manifest, example)
    verb: Callable[[ChangeRequest], Steps[Any]] = getattr(provider, example.do)
    outcome = _driven(verb(request), example)
    yield from _goes_as_shown(example, outcome)
    if outcome.error is None:
        yield from _agrees_with_plan(provider, example, request, outcome)
        yield from _ends_well(example, outcome)


def _search(manifest: Manifest, example: SearchExample) -> Iterator[Difference]:
    provider = CompiledVendor(manifest, example.settings).provider(BASE_URL)
    outcome = _driven(provider.observe(scope_of(example.scope), frozenset(example.known)), example)
    yield from _goes_as_shown(example, outcome)
    if outcome.error is None:
        found = tuple(sorted(remote.remote_id for remote in outcome.result.remotes))
        if found != tuple(sorted(example.finds)):
            says = ", ".join(sorted(example.finds)) or "nothing"
            yield Difference(("finds",), f"it finds {', '.join(found) or 'nothing'}, and the example says {says}")
        if any(call.writes for call in outcome.calls):
            yield Difference(("calls",), "a call that reads is marked as one that writes")


def _listing(manifest: Manifest, example: DiscoverExample | EventsExample) -> Iterator[Difference]:
    provider = CompiledVendor(manifest, example.settings).provider(BASE_URL)
    assert isinstance(provider, CompiledProvider)
    demand = demanded(manifest, example, provider)
    if isinstance(demand, Difference):
        yield demand
        return
    outcome = _driven(demand.steps, example)
    yield from _goes_as_shown(example, outcome)
    if outcome.error is None:
        yield from demand.judge(outcome.result)


def _driven(steps: Steps[Any], example: Acted) -> Outcome:
    answers = iter(example.calls)
    return drive(steps, lambda call: _answer(next(answers, None)))


def _goes_as_shown(example: Acted, outcome: Outcome) -> Iterator[Difference]:
    made = [_exchange(call) for call in outcome.calls]
    wanted = [_wanted(exchange) for exchange in example.calls]
    different = list(differences.of_calls(made, wanted))
    yield from different
    failed = outcome.error.kind if outcome.error else None
    if failed != example.fails and not (different and len(made) > len(wanted)):
        why = f" ({outcome.error.summary})" if outcome.error else ""
        what = f"it ends with {failed or 'success'}{why}, and the example says {example.fails or 'success'}"
        yield Difference(("fails",) if example.fails else (), what)


def _agrees_with_plan(
    provider: CompiledProvider, example: WriteExample, request: ChangeRequest, outcome: Outcome
) -> Iterator[Difference]:
    planned = provider.calls(ACTIONS[example.do], request)
    known = {part for part in (example.id, outcome.progress[-1].remote_id if outcome.progress else None) if part}
    made = tuple(PlannedCall(call.method, BASE_URL + call.path) for call in outcome.calls if call.writes)
    filled = {
        tuple(PlannedCall(call.method, call.url.replace("{id}", remote_id)) for call in planned)
        for remote_id in (*known, "{id}")
    }
    if made not in filled:
        shows, were = (", ".join(f"{call.method} {call.url}" for call in calls) for calls in (planned, made))
        yield Difference((), f"a plan shows {shows or 'no call'}, and made was {were or 'none'}")


def _ends_well(example: WriteExample, outcome: Outcome) -> Iterator[Difference]:
    if example.leaves is not None and outcome.progress:
        found = outcome.progress[-1].fields.only(example.leaves)
        yield from differences.of_fields(("leaves",), found, _fields(example.leaves))
    issued = sum(each.issued is not None for each in outcome.progress)
    if issued != int(example.issues):
        says = "one is issued" if example.issues else "none is issued"
        what = f"secrets: the manifest finds {issued} in the answers, and the example says that {says}"
        yield Difference(("issues",) if "issues" in example.model_fields_set else (), what)


def _answer(exchange: Exchange | None) -> Reply:
    if exchange is None:
        return Reply(0, failure="there is no further call in the example", sent=False)
    body = b"" if exchange.answer is None else json.dumps(fresh(exchange.answer)).encode()
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    return Reply(exchange.status, {"content-type": "application/json"} | headers, body)


def _exchange(call: Call) -> dict[str, Any]:
    return {"method": call.method, "path": call.path, "query": dict(call.query), "body": shown(call.body)}


def _wanted(exchange: Exchange) -> dict[str, Any]:
    query, body = dict(exchange.query), shown(fresh(exchange.body))
    return {"method": exchange.method, "path": exchange.path, "query": query, "body": body}


def shown(tree: Tree) -> Any:
    """A body as an example writes it: secrets as `***`."""
    if isinstance(tree, Secret):
        return MASK
    inner = {key: shown(value) for key, value in tree.items()} if isinstance(tree, dict) else tree
    return [shown(item) for item in tree] if isinstance(tree, list) else inner


def _fields(leaves: Leaves) -> Fields:
    made: dict[str, Leaf] = {}
    for pointer, leaf in leaves.items():
        made[pointer] = frozenset(map(str, leaf)) if pointer == EVENTS and isinstance(leaf, tuple | list) else leaf
    return Fields(made)
