"""The sinks of an apply before its first call: swept of what killed runs left, and tried. Called by `lanes`."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from reconciler.errors import SecretError, WhsyncError
from reconciler.model.secret import SecretRef, SecretSpec, SecretState
from reconciler.planning.types import Change
from reconciler.run.runtime import Runtime
from reconciler.run.survey import ApplyInput
from reconciler.secrets import rescue, sink
from reconciler.secrets.scheme import DiskClaim


@contextmanager
def ready(changes: list[Change], apply_input: ApplyInput, runtime: Runtime) -> Iterator[Mapping[str, WhsyncError]]:
    """While inside, every secret that vendors issue can be kept, if not in its sink, then in a rescue file.

    Yields why changes must not be begun, by webhook name: their sinks, or the place for rescues, cannot be used.
    """
    unfinished = {*(change.name for change in changes), *apply_input.lock.intents}
    specs = {name: webhook.secret for name, webhook in apply_input.desired.items() if name in unfinished}
    sink.sweep((spec.sink for spec in specs.values() if spec is not None and spec.sink is not None), runtime.folder)
    awaited = [change.name for change in changes if change.secret in (SecretState.NEW, SecretState.CHANGED)]
    storing = {name: spec for name in awaited if (spec := specs.get(name)) is not None and spec.sink is not None}
    broken = dict(_unusable(storing, runtime))
    issued = [name for name, spec in storing.items() if spec.issued and name not in broken]
    with ExitStack() as stack:
        try:
            stack.enter_context(rescue.rescuable(len(issued), runtime.loaded.lock))
        except SecretError as error:
            broken |= dict.fromkeys(issued, error)
        yield broken


def _unusable(specs: Mapping[str, SecretSpec], runtime: Runtime) -> Iterator[tuple[str, WhsyncError]]:
    """The name of every webhook whose sink cannot be used, and why; asked before the first call."""
    claims: dict[SecretRef, DiskClaim] = {}
    names: dict[SecretRef, list[str]] = {}
    for name, spec in specs.items():
        assert spec.sink is not None
        names.setdefault(spec.sink, []).append(name)
        try:
            claim = sink.probe(spec.sink, runtime.folder)
        except WhsyncError as error:
            yield name, error
        else:
            claims |= {spec.sink: claim} if claim else {}
    for ref, full in sink.room_for(claims):
        yield from ((name, full) for name in names[ref])
