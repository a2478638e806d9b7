"""When a remote webhook was made, against the moment when a create was sent whose answer was lost. [pure]

Used by `matching.steps`, `matching.lost_creates` and `matching.match`. Clocks differ, and not every vendor tells the
time, so time decides only where all candidates have one and a single one is near.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from reconciler.model.webhook import Remote
from reconciler.state.event import Intended

SKEW = timedelta(minutes=5)
"""How far the vendor's clock and ours may be apart; where they are further apart, time does not decide."""
LONGEST = timedelta(minutes=15)
"""How long after its intent a create may have been made, for it may have waited for its turn."""
SECONDS_DIGITS = 11
"""Numbers with more digits count milliseconds."""


def made_since(lost: Intended | None, remotes: Sequence[Remote]) -> Sequence[Remote]:
    """Of several that fit, the only one made when the lost create was sent; all, where time does not tell which."""
    if lost is None:
        return remotes
    then = made_then(lost, remotes)
    told = all(_since(remote, lost) is not None for remote in remotes)
    return then if len(then) == 1 and told else remotes


def made_then(lost: Intended, remotes: Sequence[Remote]) -> Sequence[Remote]:
    """Those that were made when the create was sent, as far as the vendor tells."""
    times = ((remote, _since(remote, lost)) for remote in remotes)
    return [remote for remote, time in times if time is not None and -SKEW <= time <= LONGEST]


def age_note(lost: Intended | None, remote: Remote) -> str:
    """Whether a webhook can be what the lost create made, in words; empty where nobody knows."""
    since = _since(remote, lost) if lost is not None else None
    if lost is None or since is None:
        return ""
    words = "it was there before" if since < -SKEW else "made since"
    return f"{words} the create of {lost.at}, whose answer was lost"


def _since(remote: Remote, lost: Intended) -> timedelta | None:
    """How long after a create was sent, by our clock, a webhook was made, by the vendor's; None: nobody knows."""
    made, sent = _moment(remote.created_at), _moment(lost.at)
    return made - sent if made is not None and sent is not None else None


def _moment(text: str | None) -> datetime | None:
    """A moment from ISO 8601 with a zone, or from seconds or milliseconds since 1970; None for anything else."""
    try:
        if text is not None and text.isdecimal():
            return datetime.fromtimestamp(int(text) / (1000 if len(text) > SECONDS_DIGITS else 1), UTC)
        moment = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else None
