"""A running record as a page shows it: every run, and what became of each webhook in turn. [pure]

Called by `render.html`.
"""

from collections.abc import Iterator

from reconciler.model.action import Action
from reconciler.render.base import counted, cut, plain, sentence
from reconciler.render.html.groups import Told, providers, states
from reconciler.render.html.past import Pasts, moment
from reconciler.render.html.pictures import by_state
from reconciler.render.html.strangers import short
from reconciler.render.html.trend import broken, drift_trend
from reconciler.render.html.view import Alike, Member, Report, State
from reconciler.render.words import DONE, SYMBOLS
from reconciler.state.record import Line, Record

_ACTIONS = {str(action): turn for turn, action in enumerate(Action, 10)}
_LOOKS = {"failed": ("✗", "remove", 0), "unsettled": ("?", "remove", 1), "partly": ("!", "remove", 2)}


def record_report(record: Record, path: str) -> Report:
    """Every webhook that the record tells of, by what was done last, with what was done before; and every run."""
    pasts = Pasts({}, record, every_run=True)
    told = [_told(name, line, pasts) for name, line in pasts.latest.items()]
    runs, changes = record.runs, sum(line.kind == "change" for line in record.lines)
    return Report(
        "Record",
        f"{counted(len(runs), 'run')}, {counted(changes, 'change')}.",
        (),
        "remove" if record.fault else "add",
        tuple((name, cut(plain(value), 600)) for name, value in _facts(record, path) if value),
        broken(record),
        states(told),
        tuple(filter(None, [by_state(told)])),
        providers(told, {}),
        runs=pasts.rows,
        chart=drift_trend(record),
    )


def _facts(record: Record, path: str) -> Iterator[tuple[str, str]]:
    yield "Record", path
    if record.lines:
        first, last = moment(record.lines[0].at), moment(record.lines[-1].at)
        yield "Lines", f"{len(record.lines)}, from {first} to {last} UTC"
        yield "Head", record.head or ""
    yield "Cut short", ", ".join(f"line {cut_.number}" for cut_ in record.cuts)


def _told(name: str, line: Line, pasts: Pasts) -> Told:
    data = line.data
    scope = data.get("scope")
    where = " ".join(f"{key}={value}" for key, value in scope.items()) if isinstance(scope, dict) else ""
    member = Member(plain(name), short(where), short(str(data.get("remote_id") or "")), pasts.of(name))
    problem = data.get("problem") or {}
    why = problem.get("summary") or data.get("because") or data.get("reason") or ""
    return Told(str(data.get("provider") or "no provider told"), name, Alike(_state(line), sentence(str(why))), member)


def _state(line: Line) -> State:
    action, result = str(line.data.get("action", "")), str(line.data.get("result", ""))
    if result == "applied" and action in _ACTIONS:
        return State(DONE[Action(action)], *SYMBOLS[Action(action)], _ACTIONS[action])
    return State(cut(plain(result), 40), *_LOOKS.get(result, ("·", "warn", 3)))
