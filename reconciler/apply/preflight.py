"""The sinks of an apply before its first call: swept of what killed runs left, and tried.

Called by `apply.scheduler`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from reconciler.codes import Code
from reconciler.errors import SecretError, WhsyncError
from reconciler.model.action import Action
from reconciler.model.secret import SecretRef, SecretSpec, SecretState
from reconciler.model.webhook import SecretRecord
from reconciler.planning.types import Change
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime
from reconciler.secrets import handle_reserve, registry, rescue, sink
from reconciler.secrets.custody.occupied import by_sink, is_foreign, refusal
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.scheme import DiskClaim
from reconciler.support import handles


@contextmanager
def ready(changes: list[Change], apply_input: ApplyInput, runtime: Runtime) -> Iterator[Mapping[str, WhsyncError]]:
    """While inside, every secret that vendors issue can be kept, if not in its sink, then in a rescue file.

    Yields why changes must not be begun, by webhook name: their sinks, or the place for rescues, cannot be used.
    """
    specs = _going_to_sinks(apply_input)
    unfinished = {*(change.name for change in changes), *apply_input.lock.intents}
    sink.sweep((ref for name, (_, ref) in specs.items() if name in unfinished), runtime.folder)
    awaited = [change.name for change in changes if change.secret in (SecretState.NEW, SecretState.CHANGED)]
    storing = {name: specs[name] for name in awaited if name in specs}
    broken = dict(_unusable(storing, runtime)) | dict(_taken(changes, storing, apply_input, runtime))
    broken |= dict(_doubled(storing, apply_input, runtime))
    issued = [name for name, (spec, _) in storing.items() if spec.issued and name not in broken]
    with ExitStack() as stack:
        try:
            stack.enter_context(handle_reserve.held(runtime.handles.stores if storing else None))
        except OSError as error:
            broken |= dict.fromkeys(storing, _no_handles(error))
            issued = []
        try:
            stack.enter_context(rescue.rescuable(len(issued), runtime.loaded.rescues))
        except SecretError as error:
            broken |= dict.fromkeys(issued, error)
        yield broken


def _no_handles(error: OSError) -> SecretError:
    return SecretError(
        f"nothing is left to store a secret with: {handles.words(error)}",
        "make that possible first: a vendor may show a secret only once",
        code=Code.SINK_UNUSABLE,
    )


def _going_to_sinks(apply_input: ApplyInput) -> Mapping[str, tuple[SecretSpec, SecretRef]]:
    """The `secret:` blocks with a sink, and that sink, by webhook name."""
    specs = {name: webhook.secret for name, webhook in apply_input.desired.items()}
    return {name: (spec, spec.sink) for name, spec in specs.items() if spec is not None and spec.sink is not None}


def _taken(
    changes: list[Change],
    storing: Mapping[str, tuple[SecretSpec, SecretRef]],
    apply_input: ApplyInput,
    runtime: Runtime,
) -> Iterator[tuple[str, WhsyncError]]:
    """Replacements whose sink has by now what this lock knows nothing of; of all others, planning looked already."""
    means = Means(runtime.resolver, apply_input.fingerprinter, runtime.loaded.rescues)
    stored = by_sink(apply_input.lock)
    for change in changes:
        if change.action is Action.REPLACE and change.name in storing:
            _, ref = storing[change.name]
            entry = apply_input.matched(change.name).entry
            records = (*filter(None, [entry and entry.secret]), *stored.get(str(ref), ()))
            if change.name not in apply_input.lock.intents and is_foreign(ref, records, means):
                yield change.name, refusal(change.name, ref, making=False)


def _doubled(
    storing: Mapping[str, tuple[SecretSpec, SecretRef]], apply_input: ApplyInput, runtime: Runtime
) -> Iterator[tuple[str, WhsyncError]]:
    """Webhooks whose sink holds another's secret, put there under a name that differs in its letters only."""
    others: dict[tuple[str, str], dict[str, SecretRecord]] = defaultdict(dict)
    for name, entry in apply_input.lock.entries.items():
        if entry.secret is not None and entry.secret.fingerprint is not None and entry.secret.stored is not None:
            scheme, _, target = entry.secret.stored.partition(":")
            others[registry.letters(SecretRef(scheme, target))][name] = entry.secret
    for name, (_, ref) in storing.items():
        for other, record in others.get(registry.letters(ref), {}).items():
            if other != name and record.stored != str(ref) and _holds(ref, record, apply_input, runtime):
                summary = f"{ref} holds the secret of {other}: what keeps it takes it and {record.stored} for one place"
                yield name, SecretError(summary, "give each a sink of its own", code=Code.SINK_SHARED)


def _holds(ref: SecretRef, record: SecretRecord, apply_input: ApplyInput, runtime: Runtime) -> bool:
    prints, fingerprint = apply_input.fingerprinter, record.fingerprint
    if fingerprint is None or not prints.comparable(fingerprint):
        return False
    return any(prints.matches(secret, fingerprint) for secret in runtime.resolver.seen(ref) or ())


def _unusable(
    storing: Mapping[str, tuple[SecretSpec, SecretRef]], runtime: Runtime
) -> Iterator[tuple[str, WhsyncError]]:
    """The name of every webhook whose sink cannot be used, and why; asked before the first call."""
    claims: dict[SecretRef, DiskClaim] = {}
    names: dict[SecretRef, list[str]] = {}
    for name, (_, ref) in storing.items():
        names.setdefault(ref, []).append(name)
        try:
            with runtime.activity.waiting(str(ref), f"trying {registry.in_short(ref)}"):
                claim = sink.probe(ref, runtime.folder)
        except WhsyncError as error:
            yield name, error
        else:
            claims |= {ref: claim} if claim else {}
    for ref, full in sink.room_for(claims):
        yield from ((name, full) for name in names[ref])
