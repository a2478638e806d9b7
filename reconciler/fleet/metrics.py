"""How the tenants stand for Prometheus, in its text exposition format 0.0.4. [pure] Used by `cli.fleet_shown`.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (escapes of labels, HELP and TYPE, one block a
metric) and https://prometheus.io/docs/practices/naming/ (base units, `_timestamp_seconds`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from reconciler.fleet.documents import STATES
from reconciler.fleet.standing import WORDS, Standing
from reconciler.render.base import plain

Sample = tuple[Mapping[str, str], float]


def metrics_text(found: Sequence[Standing]) -> str:
    """All metrics, ending in a newline. A state that no webhook is in counts 0, so that an alert ends."""
    lines: list[str] = []
    for name, help_, samples in _metrics(found):
        told = [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
        lines += [f"# HELP {name} {help_}", f"# TYPE {name} gauge", *told] if told else []
    return "\n".join(lines) + "\n" if lines else ""


def _metrics(found: Sequence[Standing]) -> Iterator[tuple[str, str, list[Sample]]]:
    seen = [each for each in found if each.last is not None and each.last.document is not None]
    timed = [each for each in found if each.tenant.schedule is not None]
    words = [each.word for each in found]
    yield "whsync_webhooks", "Webhooks by their state when the tenant was last looked at.", list(_webhooks(found))
    yield "whsync_drift", "Whether somebody changed something at the vendors.", _each(seen, lambda t: t.has_drift)
    yield "whsync_drifted_webhooks", "Webhooks changed at their vendor.", _each(seen, lambda t: len(t.drifted))
    yield "whsync_problems", "Problems and refusals of the last run.", _each(found, lambda t: len(t.problems))
    yield "whsync_overdue", "Whether the last run is older than the schedule allows.", _each(found, lambda t: t.overdue)
    yield "whsync_schedule_seconds", "How old the last run may become.", _each(timed, lambda t: t.tenant.schedule or 0)
    yield (
        "whsync_last_run_timestamp_seconds",
        "When the last run began, in seconds since 1970.",
        list(_last(found, "at")),
    )
    yield "whsync_last_run_duration_seconds", "How long the last run took.", list(_last(found, "seconds"))
    yield "whsync_last_run_exit_code", "The exit code of the last run.", list(_last(found, "exit_code"))
    yield "whsync_tenants", "Tenants by how they stand.", [({"state": word}, words.count(word)) for word in WORDS]


def _webhooks(found: Iterable[Standing]) -> Iterator[Sample]:
    for each in found:
        for provider, counts in each.webhooks.items():
            for state in STATES:
                yield {"tenant": each.tenant.name, "provider": provider, "state": state}, counts.get(state, 0)


def _each(found: Iterable[Standing], value: Callable[[Standing], float]) -> list[Sample]:
    return [({"tenant": each.tenant.name}, float(value(each))) for each in found]


def _last(found: Iterable[Standing], key: str) -> Iterator[Sample]:
    for each in found:
        for result in each.results:
            value = datetime.fromisoformat(result.at).timestamp() if key == "at" else getattr(result, key)
            yield {"tenant": each.tenant.name, "command": result.command}, float(value)


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(text: str) -> str:
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')  # `plain` leaves no line break to be escaped


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
