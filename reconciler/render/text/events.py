"""What happens while a plan is applied, each event as a line for people. [pure] Called by `render.text`."""

from reconciler.model.further import called
from reconciler.render.base import Style, cells, counted, plain, sentence
from reconciler.render.words import DONE, closing_text
from reconciler.state.event import (
    Applied,
    Event,
    Failed,
    Finished,
    Removed,
    Renamed,
    SecretStored,
    Skipped,
    Started,
    Upgraded,
    Withdrawn,
)


def event_text(event: Event, style: Style) -> str | None:
    """One event as a line, or two where there is a way out; None for events that only the journal and machines need."""
    match event:
        case Started():
            told = f"Applying {counted(event.changes, 'change')} with {counted(event.writes, 'write')}"
            return "\n".join(style.folded(told))
        case Applied():
            done = DONE[event.action] + (f" as {event.entry.remote_id}" if event.entry.remote_id else "")
            return _line(event.name, done, style, "add", event.entry.provider, *event.notes)
        case Removed():
            return _line(event.name, DONE[event.action], style, "remove")
        case SecretStored(rescued=str(path)):
            told = f"{called(event.which)} rescued to {path}, because its place does not have it"
            return _line(event.name, told, style, "warn")
        case SecretStored():
            return _line(event.name, f"{called(event.which)} stored in {event.secret.stored}", style, "add")
        case Renamed():
            return _line(event.name, f"renamed from {event.was}", style, "change")
        case Failed():
            return _line(event.name, _failure(event), style, "remove", event.problem.provider, event.problem.hint)
        case Skipped() | Withdrawn():
            return _line(event.name, f"{event.action} skipped: {event.reason}", style, "warn")
        case Upgraded():
            return "\n".join(
                style.folded(f"The lock has stronger fingerprints of {counted(event.secrets, 'secret')} now.")
            )
        case Finished():
            return "\n".join(style.said(closing_text(event), 0, "strong", 2))
        case _:
            return None


def _line(name: str, done: str, style: Style, look: str, provider: str | None = None, *more: str) -> str:
    who = f"{plain(provider)}  {plain(name)}" if provider else plain(name)
    room = 2 + cells(who) + 2
    first, *rest = style.said(sentence(done), room, look) or [""]
    below = (line for words in more for line in style.said(sentence(words), 4, "quiet"))
    return "\n".join([f"  {who}  {first[room:]}", *rest, *below])


def _failure(event: Failed) -> str:
    doubt = (
        " (it may or may not have happened; the next run looks before it tries again)" if event.indeterminate else ""
    )
    why = event.problem.summary.removeprefix(f"{event.name}: ")
    what = f"{DONE[event.action]}, but not whole" if event.partly else f"{event.action} failed"
    return f"{what}: {event.problem.kind}: {why}{doubt}"
