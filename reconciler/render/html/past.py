"""The history of webhooks in a few words, and the runs behind it. [pure] Used by `render.html.plan` and `.drift`."""

import re
from collections.abc import Mapping

from reconciler.model.provenance import History, Reverted, Run
from reconciler.render.base import cut, plain, sentence
from reconciler.render.html.differences import label
from reconciler.render.html.view import Past, RunRow
from reconciler.render.words import value_text

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z")
_FOLLOWED = re.compile(r"https?://[^\s\\]+")
_NOTHING = Past()


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

    def __init__(self, histories: Mapping[str, History]) -> None:
        self._histories = histories
        counts: dict[Run, int] = {}
        for history in histories.values():
            if history.by is not None:
                counts[history.by] = counts.get(history.by, 0) + 1
        in_turn = sorted(counts, key=lambda run: tuple(part or "" for part in run), reverse=True)
        in_turn.sort(key=lambda run: run.at, reverse=True)
        self._numbers = {run: number for number, run in enumerate(in_turn, 1)}
        self.rows = tuple(_row(number, run, counts[run]) for run, number in self._numbers.items())

    def of(self, *names: str | None) -> Past:
        """What is known of a webhook, by the first of its names that the lock has."""
        history = next((self._histories[name] for name in names if name is not None and name in self._histories), None)
        if history is None:
            return _NOTHING
        by = history.by
        return Past(
            since=f"{history.since.how} {day(history.since.at)}" if history.since else "",
            applied=moment(history.at or (by.at if by else None)),
            who=cut(plain(by.user or by.host or by.run), 60) if by else "",
            run=self._numbers[by] if by else 0,
            reverted=_reverted(history.reverted) if history.reverted else "",
            secret=day(history.secret_at),
        )


def _reverted(reverted: Reverted) -> str:
    undone = ", ".join(
        f"{label(field.path)} {value_text(field.before)} → {value_text(field.after)}"  # type: ignore[arg-type]
        for field in reverted.fields
    )
    return sentence(f"{day(reverted.at)}: {undone}")


def _row(number: int, run: Run, count: int) -> RunRow:
    who, host, name, commit, url = (
        cut(plain(part or ""), 300) for part in (run.user, run.host, run.run, run.commit, run.url)
    )
    followed = bool(_FOLLOWED.fullmatch(run.url or "")) and url == run.url
    return RunRow(number, moment(run.at), who, host, name, commit, url, followed, count)
