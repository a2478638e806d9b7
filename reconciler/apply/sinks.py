"""The sinks of an apply before its first call: swept of what killed runs left, and tried. Called by `lanes`."""

from collections.abc import Iterator

from reconciler.change import Change
from reconciler.errors import WhsyncError
from reconciler.runtime import Runtime
from reconciler.secret import Match
from reconciler.secrets import sink
from reconciler.survey import Situation


def sweep(changes: list[Change], situation: Situation, runtime: Runtime) -> None:
    """Remove what a killed run left beside the sinks of what it did not finish."""
    specs = (situation.desired[change.name].secret for change in changes if change.name in situation.desired)
    sink.sweep((spec.sink for spec in specs if spec is not None and spec.sink is not None), runtime.folder)


def unusable(changes: list[Change], situation: Situation, runtime: Runtime) -> Iterator[tuple[str, WhsyncError]]:
    """The name of every change that needs a sink which cannot be used, and why; asked before the first call."""
    for change in changes:
        desired = situation.desired.get(change.name)
        spec = desired.secret if desired else None
        if spec is None or spec.sink is None or change.secret not in (Match.NEW, Match.CHANGED):
            continue
        try:
            sink.probe(spec.sink, runtime.folder)
        except WhsyncError as error:
            yield change.name, error
