"""Whether a remote webhook is what a create made whose answer was lost, by the time of its creation. [pure]

Called by `match` where the natural key alone does not decide.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from reconciler.change import Action
from reconciler.event import Intended
from reconciler.lock import Lock
from reconciler.model import Remote

SKEW = timedelta(minutes=5)
"""How far the vendor's clock and ours may be apart."""
SECONDS_DIGITS = 11
"""Numbers with more digits count milliseconds."""


def lost_create(name: str, lock: Lock) -> Intended | None:
    """The create of a webhook whose answer was lost, where the lock has no entry of it."""
    intent = lock.intents.get(name)
    making = intent is not None and intent.action in (Action.CREATE, Action.REPLACE)
    return intent if making and name not in lock.entries else None


def made_since(lost: Intended | None, remotes: Sequence[Remote]) -> Sequence[Remote]:
    """Of several that fit, the only one made since the lost create was sent; all, where time does not tell which."""
    if lost is None:
        return remotes
    older = [_is_older(remote, lost) for remote in remotes]
    return [remotes[older.index(False)]] if older.count(False) == 1 and None not in older else remotes


def age_note(lost: Intended | None, remote: Remote) -> str:
    """Whether a webhook can be what the lost create made, in words; empty where nobody knows."""
    older = _is_older(remote, lost) if lost is not None else None
    if lost is None or older is None:
        return ""
    words = "it was there before" if older else "made since"
    return f"{words} the create of {lost.at}, whose answer was lost"


def _is_older(remote: Remote, lost: Intended) -> bool | None:
    """Whether a webhook was made before a create was sent, by more than two clocks may differ; None: nobody knows."""
    made, sent = _moment(remote.created_at), _moment(lost.at)
    return made < sent - SKEW if made is not None and sent is not None else None


def _moment(text: str | None) -> datetime | None:
    """A moment from ISO 8601 with a zone, or from seconds or milliseconds since 1970; None for anything else."""
    try:
        if text is not None and text.isdecimal():
            return datetime.fromtimestamp(int(text) / (1000 if len(text) > SECONDS_DIGITS else 1), UTC)
        moment = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else None
