"""The history of webhooks in a few words, and the runs behind it. [pure]

Used by `render.html.plan`, `.audit`, `.drift`, `.result` and `.record`. The lock tells of the last change, a running
record of those before.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from reconciler.model.provenance import History, Reverted, Run
from reconciler.render.base import cut, plain, sentence
from reconciler.render.html.differences import label
from reconciler.render.html.view import Deed, Past, RunRow
from reconciler.render.words import value_text
from reconciler.state.record import Line, Record, RecordedRun

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z")
_FOLLOWED = re.compile(r"https?://[^\s\\]+")
_NOTHING = Past()
_DEEDS = 5
"""So many lines of a record are told of each webhook, the latest; the others are counted."""

_ALL_DEEDS = 20_000
"""And so many of all, so that a page of ten thousand webhooks stays as small as is promised."""


def moment(at: str | None) -> str:
    """A moment as people read it, in UTC; what is no moment, as it stands."""
    found = _MOMENT.fullmatch(at or "")
    return f"{found[1]} {found[2]}" if found else cut(plain(at or ""), 40)


def day(at: str | None) -> str:
    """The day of a moment."""
    found = _MOMENT.fullmatch(at or "")
    return found[1] if found else cut(plain(at or ""), 40)


class Pasts:
    """The histories that a page tells, and its runs, numbered by time, so that equal locks give equal pages."""

    def __init__(self, histories: Mapping[str, History], record: Record | None = None, every_run: bool = False) -> None:
        self._histories = histories
        runs = {run.by: run for run in record.runs} if record is not None else {}
        self._deeds = _deeds(runs.values())
        self._most = max(1, min(_DEEDS, _ALL_DEEDS // max(len(self._deeds), 1)))
        counts = Counter(history.by for history in histories.values() if history.by is not None)
        for by in runs if every_run else self._told() | (counts.keys() & runs.keys()):
            counts[by] = max(counts[by], len({line.data.get("name") for line in runs[by].changes}))
        in_turn = sorted(counts, key=lambda run: tuple(part or "" for part in run), reverse=True)
        in_turn.sort(key=lambda run: run.at, reverse=True)
        self._numbers = {run: number for number, run in enumerate(in_turn, 1)}
        self.rows = tuple(_row(number, run, counts[run], runs.get(run)) for run, number in self._numbers.items())

    def of(self, *names: str | None) -> Past:
        """What is known of a webhook, by the first of its names that the lock has."""
        known = [name for name in names if name is not None]
        deeds, earlier = self._done(known)
        history = next((self._histories[name] for name in known if name in self._histories), None)
        if history is None:
            return _NOTHING._replace(deeds=deeds, earlier=earlier)
        by = history.by
        return Past(
            since=f"{history.since.how} {day(history.since.at)}" if history.since else "",
            applied=moment(history.at or (by.at if by else None)),
            who=_who(by) if by else "",
            run=self._numbers[by] if by else 0,
            reverted=_reverted(history.reverted) if history.reverted else "",
            secret=day(history.secret_at),
            deeds=deeds,
            earlier=earlier,
        )

    @property
    def latest(self) -> dict[str, Line]:
        """The last that a record tells of each webhook, by its present name."""
        return {name: deeds[-1][1] for name, deeds in self._deeds.items() if deeds}

    def _told(self) -> set[Run]:
        """The runs behind what a record tells of webhooks here."""
        return {by for deeds in self._deeds.values() for by, _ in deeds[-self._most :]}

    def _done(self, names: Iterable[str]) -> tuple[tuple[Deed, ...], int]:
        """What a record tells of a webhook under all its names, the latest first, and how much more."""
        found = [deed for name in names for deed in self._deeds.get(name, ())]
        found.sort(key=lambda deed: deed[1].number)
        shown = [self._deed(*deed) for deed in reversed(found[-self._most :])]
        return tuple(shown), len(found) - len(shown)

    def _deed(self, by: Run, line: Line) -> Deed:
        words = [line.data.get("action"), line.data.get("result")]
        what = " ".join(str(word) for word in words if word and word != "applied")
        return Deed(cut(plain(what), 60), moment(line.at), _who(by), self._numbers.get(by, 0))


def _deeds(runs: Iterable[RecordedRun]) -> dict[str, list[tuple[Run, Line]]]:
    """What a record tells of each webhook; what was done before one was renamed belongs to the new name, too."""
    deeds: dict[str, list[tuple[Run, Line]]] = {}
    lines = sorted(((run.by, line) for run in runs for line in run.changes), key=lambda deed: deed[1].number)
    for by, line in lines:
        name, was = str(line.data.get("name", "")), line.data.get("was")
        before = deeds.pop(was, []) if isinstance(was, str) else []
        deeds.setdefault(name, before).append((by, line))
    return deeds


def _who(by: Run) -> str:
    return cut(plain(by.user or by.host or by.run), 60)


def _reverted(reverted: Reverted) -> str:
    undone = ", ".join(
        f"{label(field.path)} {value_text(field.before)} → {value_text(field.after)}"  # type: ignore[arg-type]
        for field in reverted.fields
    )
    return sentence(f"{day(reverted.at)}: {undone}")


def _row(number: int, run: Run, count: int, recorded: RecordedRun | None) -> RunRow:
    who, host, name, commit, url = (
        cut(plain(part or ""), 300) for part in (run.user, run.host, run.run, run.commit, run.url)
    )
    followed = bool(_FOLLOWED.fullmatch(run.url or "")) and url == run.url
    what = cut(plain(f"{recorded.command}: {recorded.result}"), 60) if recorded is not None else ""
    return RunRow(number, moment(run.at), who, host, name, commit, url, followed, count, what)
