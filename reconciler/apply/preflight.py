"""The sinks of an apply before its first call: swept of what killed runs left, and tried.

Called by `apply.scheduler`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from reconciler.codes import Code
from reconciler.errors import SecretError, WhsyncError
from reconciler.model.action import Action
from reconciler.model.further import called, entry_of, records_of, specs_of
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

Storing = Mapping[tuple[str, str], tuple[SecretSpec, SecretRef]]
"""Secrets that go to sinks, by webhook and by their names."""


@contextmanager
def ready(changes: list[Change], apply_input: ApplyInput, runtime: Runtime) -> Iterator[Mapping[str, WhsyncError]]:
    """While inside, every secret that vendors issue can be kept, if not in its sink, then in a rescue file.

    Yields why changes must not be begun, by webhook name: their sinks, or the place for rescues, cannot be used.
    """
    specs = _going_to_sinks(apply_input)
    unfinished = {*(change.name for change in changes), *apply_input.lock.intents}
    sink.sweep((ref for (name, _), (_, ref) in specs.items() if name in unfinished), runtime.folder)
    storing = {one: specs[one] for one in _awaited(changes) if one in specs}
    broken = dict(_unusable(storing, runtime)) | dict(_taken(changes, storing, apply_input, runtime))
    broken |= dict(_doubled(storing, apply_input, runtime))
    issued = [name for (name, _), (spec, _) in storing.items() if spec.issued and name not in broken]
    with ExitStack() as stack:
        try:
            stack.enter_context(handle_reserve.held(runtime.handles.stores if storing else None))
        except OSError as error:
            broken |= dict.fromkeys((name for name, _ in storing), _no_handles(error))
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


def _awaited(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """The secrets that are new, or become others: by webhook and by their names."""
    for change in changes:
        for which, alone in change.each_secret:
            if alone.secret in (SecretState.NEW, SecretState.CHANGED):
                yield change.name, which


def _going_to_sinks(apply_input: ApplyInput) -> Storing:
    """The `secret:` blocks with a sink, and that sink, by webhook and by the secret's name."""
    return {
        (name, which): (spec, spec.sink)
        for name, webhook in apply_input.desired.items()
        for which, spec in specs_of(webhook).items()
        if spec.sink is not None
    }


def _taken(
    changes: list[Change],
    storing: Storing,
    apply_input: ApplyInput,
    runtime: Runtime,
) -> Iterator[tuple[str, WhsyncError]]:
    """Replacements whose sink has by now what this lock knows nothing of; of all others, planning looked already."""
    means = Means(runtime.resolver, apply_input.fingerprinter, runtime.loaded.rescues)
    stored = by_sink(apply_input.lock)
    replaced = {change.name for change in changes if change.action is Action.REPLACE}
    for (name, which), (_, ref) in storing.items():
        if name in replaced and name not in apply_input.lock.intents:
            entry = apply_input.matched(name).entry
            records = (*filter(None, [entry and entry_of(entry, which).secret]), *stored.get(str(ref), ()))
            if is_foreign(ref, records, means):
                yield name, refusal(name, ref, making=False)


def _doubled(storing: Storing, apply_input: ApplyInput, runtime: Runtime) -> Iterator[tuple[str, WhsyncError]]:
    """Webhooks whose sink holds another's secret, put there under a name that differs in its letters only."""
    others: dict[tuple[str, str], dict[tuple[str, str], SecretRecord]] = defaultdict(dict)
    for name, entry in apply_input.lock.entries.items():
        for which, record in records_of(entry).items():
            if record.fingerprint is not None and record.stored is not None:
                scheme, _, target = record.stored.partition(":")
                others[registry.letters(SecretRef(scheme, target))][name, which] = record
    for (name, which), (_, ref) in storing.items():
        for other, record in others.get(registry.letters(ref), {}).items():
            is_another = other != (name, which) and record.stored != str(ref)
            if is_another and _holds(ref, record, apply_input, runtime):
                whose = f"the {called(other[1])} of {other[0]}"
                summary = f"{ref} holds {whose}: what keeps it takes it and {record.stored} for one place"
                yield name, SecretError(summary, "give each a sink of its own", code=Code.SINK_SHARED)


def _holds(ref: SecretRef, record: SecretRecord, apply_input: ApplyInput, runtime: Runtime) -> bool:
    prints, fingerprint = apply_input.fingerprinter, record.fingerprint
    if fingerprint is None or not prints.comparable(fingerprint):
        return False
    return any(prints.matches(secret, fingerprint) for secret in runtime.resolver.seen(ref) or ())


def _unusable(storing: Storing, runtime: Runtime) -> Iterator[tuple[str, WhsyncError]]:
    """The name of every webhook whose sink cannot be used, and why; asked before the first call."""
    claims: dict[SecretRef, DiskClaim] = {}
    names: dict[SecretRef, list[str]] = {}
    for (name, _), (_, ref) in storing.items():
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
