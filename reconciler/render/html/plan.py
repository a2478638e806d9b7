"""A plan as a page shows it. [pure] Called by `render.html` and `render.html.result`."""

from collections.abc import Iterator

from reconciler.model.action import Action, Finding
from reconciler.model.further import called
from reconciler.model.secret import NOT_THE_FILES, SecretState
from reconciler.model.webhook import SECRET
from reconciler.planning.types import Change, Plan, Refusal
from reconciler.render.base import PlanHeader, cut, plain, sentence
from reconciler.render.html.differences import differences, label
from reconciler.render.html.groups import IN_ORDER, Told, providers, states
from reconciler.render.html.past import Pasts, moment
from reconciler.render.html.pictures import ages, by_state
from reconciler.render.html.problems import led, problems_section, section
from reconciler.render.html.strangers import short, strangers, where
from reconciler.render.html.trend import broken, drift_trend
from reconciler.render.html.view import Alike, Difference, Member, Report, Section, State
from reconciler.render.words import CAUSES, KEPT, SYMBOLS, discovered_words, is_misplaced, named, summary_text
from reconciler.support.natural import natural

_ACTIONS = {
    action: State(action, *SYMBOLS[action], turn) for turn, action in enumerate(Action) if action is not Action.NOOP
}
_BLOCKED = State("blocked", "!", "warn", 20)
_UNKNOWN = State("unknown", "?", "warn", 21)
_UNVERIFIED = State("unverified", "?", "warn", 22)
_SECRET = State("secret in doubt", "?", "warn", 23)
_UNCHANGED = State("unchanged", "✓", IN_ORDER, 30)


def plan_report(plan: Plan, header: PlanHeader) -> Report:
    """The whole plan, every webhook in it."""
    pasts = Pasts(header.histories, header.record)
    told = [told_of(change, header, pasts) for change in plan.changes]
    names = [name for change in plan.changes for name in (change.renamed_from or change.name,)]
    pictures = (by_state(told), ages(header.histories, names, plan.created_at))
    stopped, closing = bool(plan.refusals or plan.problems), summary_text(plan).splitlines()
    incomplete = closing[-1].startswith("Incomplete")
    look = "remove" if stopped else "warn" if incomplete else "change" if plan.differs else "add"
    return Report(
        "Plan",
        *led(closing),
        look,
        tuple((name, cut(plain(value), 600)) for name, value in facts(plan, header) if value),
        (*broken(header.record), *_sections(plan)),
        states(told),
        tuple(picture for picture in pictures if picture),
        providers(told, header.addresses),
        strangers(plan.unmanaged),
        runs=pasts.rows,
        chart=drift_trend(header.record),
    )


def facts(plan: Plan, header: PlanHeader) -> Iterator[tuple[str, str]]:
    """What a plan was made from."""
    yield "Configuration", header.title or ", ".join(header.files)
    yield "Made", f"{moment(plan.created_at)} UTC by whsync {plan.whsync}"
    yield "Asked for", " ".join(plan.options.flags)
    yield "Calls", f"{plan.reads} to read, {plan.writes} to write"
    discovered = f", discovered {plan.basis.discovered}" if plan.basis.discovered is not None else ""
    yield "Basis", f"configuration {plan.basis.config}, lock {plan.basis.lock}{discovered}"
    for each in plan.discovered:
        yield f"Discovered for {each.block}", discovered_words(each)


def _sections(plan: Plan) -> tuple[Section, ...]:
    refusals = sorted(plan.refusals, key=_turn)
    return (
        *section("Refused", "remove", ((named(each.name, each.summary), each.hint) for each in refusals)),
        *problems_section(plan.problems),
        *findings(plan),
    )


def findings(plan: Plan) -> tuple[Section, ...]:
    """What is worth a look."""
    told = ((f"{each.kind}: {each.summary}", "") for each in sorted(plan.findings, key=_turn))
    return section("Findings", "warn", told)


def _turn(item: Finding | Refusal) -> tuple[bool, object]:
    return item.name is None, natural(item.name or "")


def told_of(change: Change, header: PlanHeader, pasts: Pasts) -> Told:
    """One webhook of a plan."""
    address = header.addresses.get(change.provider, "").rstrip("/")
    calls = (sentence(f"{call.method} {_path(call.url, address)}") for call in change.calls)
    place = where(change.scope)
    past = pasts.of(change.name, change.renamed_from)
    if not past.applied and change.last_applied:
        past = past._replace(applied=moment(change.last_applied))
    was = plain(change.renamed_from or "")
    member = Member(plain(change.name), place, short(change.remote_id), past, tuple(calls), was)
    state = _state(change)
    reason = "" if state is _UNCHANGED else sentence(change.reason)  # whoever is in order has no news
    alike = Alike(state, reason, tuple(_differences(change)), tuple(_notes(change)))
    return Told(change.provider, change.name, alike, member)


def _path(url: str, address: str) -> str:
    return url.removeprefix(address) if address and url.startswith(f"{address}/") else url


def _state(change: Change) -> State:
    if change.blocked:
        return _BLOCKED
    if change.action is not Action.NOOP:
        return _ACTIONS[change.action]
    if change.unread or change.unverified:
        return _UNKNOWN if change.unread else _UNVERIFIED
    unsure = {SecretState.CHANGED, SecretState.UNVERIFIABLE}
    doubtful = not unsure.isdisjoint(change.secret_states) or is_misplaced(change)
    return _SECRET if doubtful else _UNCHANGED


def _differences(change: Change) -> Iterator[Difference]:
    fields = tuple(field for field in change.fields if field.path != SECRET)
    yield from differences(fields, {field.path: KEPT if field.kept else CAUSES[field.cause] for field in fields})
    for which, alone in change.each_secret:
        yield from _secret(alone, called(which))


def _secret(change: Change, label: str) -> Iterator[Difference]:
    settled = change.secret is SecretState.SAME and not is_misplaced(change)
    if change.secret is SecretState.UNMANAGED or (settled and not change.action.writes):
        return
    note = sentence(change.secret_note)
    says_it = note.startswith((change.secret, NOT_THE_FILES))
    why = next((CAUSES[field.cause] for field in change.fields if field.path == SECRET), "")
    yield Difference(label, why="; ".join(filter(None, [note if says_it else _joined(change.secret, note), why])))


def _joined(state: str, note: str) -> str:
    return f"{state}: {note}" if note else state


def _notes(change: Change) -> Iterator[str]:
    if change.unseen:
        yield f"no read shows {', '.join(map(label, change.unseen))}: compared with the lock only"
    if change.ignored:
        yield f"{', '.join(label(field.path) for field in change.ignored)}: differs, and ignored"
    yield from map(sentence, change.notes)
