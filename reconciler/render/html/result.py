"""What an apply has done, as a page shows it: its plan, and what became of each webhook. [pure]

Called by `render.html`.
"""

from collections.abc import Collection, Iterator, Sequence

from reconciler.model.action import Action
from reconciler.planning.types import Change, Plan
from reconciler.render.base import PlanHeader, cut, plain, sentence
from reconciler.render.html.groups import Told, providers, states
from reconciler.render.html.past import Pasts, moment
from reconciler.render.html.pictures import ages, by_state
from reconciler.render.html.plan import facts, findings, told_of
from reconciler.render.html.problems import led, problems_section, section
from reconciler.render.html.strangers import strangers
from reconciler.render.html.trend import broken, drift_trend
from reconciler.render.html.view import Report, Section, State
from reconciler.render.words import DONE, SYMBOLS, closing_text, named, problem_words
from reconciler.state.event import Applied, Event, Failed, Finished, Removed, Skipped, Started, Withdrawn

_Outcome = Applied | Removed | Failed | Skipped | Withdrawn
_DONE = {action: State(DONE[action], *SYMBOLS[action], turn + 5) for turn, action in enumerate(Action)}
_FAILED = State("failed", "✗", "remove", 0)
_UNSETTLED = State("unsettled", "?", "remove", 1)
_PARTLY = State("not whole", "!", "remove", 2)
_SKIPPED = State("skipped", "…", "warn", 3)
_NOT_REACHED = State("not reached", "…", "warn", 4)


def result_report(plan: Plan, events: Sequence[Event], header: PlanHeader) -> Report:
    """Every webhook of the plan: what was done with it, or why not and what helps; the rest as the plan has it."""
    outcomes = {event.name: event for event in events if isinstance(event, _Outcome)}
    header = _since(header, events)
    pasts = Pasts(header.histories, header.record)
    told = [_told(change, outcomes.get(change.name), header, pasts) for change in plan.changes]
    end = next((event for event in reversed(events) if isinstance(event, Finished)), None)
    secrets = ages(header.histories, (change.name for change in plan.changes), end.at if end else plan.created_at)
    return Report(
        "Apply",
        *led([closing_text(end) if end else "Apply broken off."]),
        _look(end),
        tuple((name, cut(plain(value), 600)) for name, value in _facts(plan, events, header) if value),
        (*broken(header.record), *_sections(plan, outcomes.values())),
        states(told),
        tuple(filter(None, (by_state(told), secrets))),
        providers(told, header.addresses),
        strangers(plan.unmanaged),
        runs=pasts.rows,
        chart=drift_trend(header.record),
    )


def _since(header: PlanHeader, events: Sequence[Event]) -> PlanHeader:
    """What stands above the plan, with the histories that webhooks have now."""
    applied = {event.name: event.entry.history for event in events if isinstance(event, Applied)}
    return header._replace(histories={**header.histories, **applied})


def _look(end: Finished | None) -> str:
    if end is None or end.failed or end.problems:
        return "remove"
    return "warn" if end.skipped or end.interrupted else "add"


def _facts(plan: Plan, events: Sequence[Event], header: PlanHeader) -> Iterator[tuple[str, str]]:
    yield from facts(plan, header)
    for event in events:
        if isinstance(event, Started | Finished):
            yield ("Began" if isinstance(event, Started) else "Ended"), f"{moment(event.at)} UTC"


def _sections(plan: Plan, outcomes: Collection[_Outcome]) -> tuple[Section, ...]:
    """What failed and what was not tried, each with its way out; then what the plan had to say already."""
    failed = [event.problem for event in outcomes if isinstance(event, Failed)]
    skipped = [event for event in outcomes if isinstance(event, Skipped | Withdrawn)]
    return (
        *section("Failed", "remove", map(problem_words, failed)),
        *section("Skipped", "warn", ((named(each.name, f"{each.action}: {each.reason}"), "") for each in skipped)),
        *problems_section(plan.problems),
        *findings(plan),
    )


def _told(change: Change, outcome: _Outcome | None, header: PlanHeader, pasts: Pasts) -> Told:
    """One webhook: as the plan has it, but for what became of it."""
    told = told_of(change, header, pasts)
    if outcome is None and change.action in (Action.NOOP, Action.ORPHAN):
        return told
    state, reason, notes = _became(change, outcome)
    alike = told.alike._replace(state=state, reason=reason, notes=(*told.alike.notes, *notes))
    member = told.member
    if isinstance(outcome, Applied) and outcome.entry.remote_id:
        member = member._replace(remote_id=cut(plain(outcome.entry.remote_id), 300))
    if outcome is None or isinstance(outcome, Skipped | Withdrawn):
        member = member._replace(calls=())
    return told._replace(alike=alike, member=member)


def _became(change: Change, outcome: _Outcome | None) -> tuple[State, str, tuple[str, ...]]:
    """The state, the reason and further sentences."""
    match outcome:
        case Applied():
            planned = set(change.notes)
            notes = tuple(sentence(note) for note in outcome.notes if note not in planned)
            return _DONE[outcome.action], sentence(change.reason), notes
        case Removed():
            return _DONE[outcome.action], sentence(change.reason), ()
        case Failed():
            problem = outcome.problem
            why = problem.summary.removeprefix(f"{outcome.name}: ")
            state = _PARTLY if outcome.partly else _UNSETTLED if outcome.indeterminate else _FAILED
            doubt = "it may or may not have happened; the next run looks before it tries again"
            more = filter(None, [problem.hint, doubt if outcome.indeterminate else ""])
            return state, sentence(f"{outcome.action}: {problem.kind}: {why}"), tuple(map(sentence, more))
        case Skipped() | Withdrawn():
            return _SKIPPED, sentence(f"{outcome.action}: {outcome.reason}"), ()
        case _:
            return _NOT_REACHED, sentence(f"{change.action}: the run ended before"), ()
