"""What a running record tells of drift, run by run, as a picture. [pure]

Used by `render.html.plan`, `.drift`, `.result` and `.record`.
"""

from reconciler.render.base import counted, plain
from reconciler.render.html.past import moment
from reconciler.render.html.problems import section
from reconciler.render.html.view import Chart, Column, Section
from reconciler.state.record import Record, RecordedRun

_COLUMNS = 90
"""So many runs are drawn, the latest; those before them are counted below."""

_WIDTH, _HEIGHT = 600.0, 100.0
_LEAST = 3.0
"""The height of a run that found nothing: it is seen that somebody looked."""


def drift_trend(record: Record | None) -> Chart | None:
    """How many webhooks each recorded run found drifted; None where no run has looked."""
    looked = [run for run in record.runs if run.drift is not None] if record is not None else []
    if not looked:
        return None
    shown, earlier = looked[-_COLUMNS:], len(looked) - _COLUMNS
    scale = max(*(_drift(run) for run in shown), 1)
    room = _WIDTH / len(shown)
    columns = tuple(_column(run, number * room, room, scale) for number, run in enumerate(shown))
    with_drift = [run for run in shown if _drift(run)]
    most = f"{len(with_drift)} found drift, in {counted(scale, 'webhook')} at the most"
    told = f"{counted(len(shown), 'run')} looked; {most if with_drift else 'none found drift'}"
    note = f"{counted(earlier, 'earlier run')} not drawn" if earlier > 0 else ""
    span = (moment(shown[0].by.at), moment(shown[-1].by.at) if len(shown) > 1 else "")
    return Chart("Drift over the recorded runs", columns, told, *span, note)


def broken(record: Record | None) -> tuple[Section, ...]:
    """What is wrong with the record that a page is made from."""
    fault = record.fault if record is not None else None
    if fault is None:
        return ()
    what = f"line {fault.number} of the running record: {fault.what}"
    return section("Record", "remove", [(what, "nothing behind that line is told here; `show --verify` says more")])


def _column(run: RecordedRun, start: float, room: float, scale: int) -> Column:
    drift, unseen = _drift(run), _count(run, "unseen")
    look = "change" if drift else "warn" if unseen else "quiet"
    height = max(_HEIGHT * drift / scale, _LEAST)
    width = max(min(room * 0.8, 40.0), 1.0)
    blind = f", {unseen} not seen" if unseen else ""
    told = f"{moment(run.by.at)} {plain(run.command)}: {drift} of {_count(run, 'webhooks')} drifted{blind}"
    return Column(
        look, f"{start + (room - width) / 2:.2f}", f"{_HEIGHT - height:.2f}", f"{width:.2f}", f"{height:.2f}", told
    )


def _drift(run: RecordedRun) -> int:
    return _count(run, "drift")


def _count(run: RecordedRun, key: str) -> int:
    found = (run.drift or {}).get(key)
    return found if isinstance(found, int) else 0
