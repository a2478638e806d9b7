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
"""How far the vendor's clock and ours may be apart; where they are further apart, time does not decide."""
LONGEST = timedelta(minutes=15)
"""How long after its intent a create may have been made, for it may have waited for its turn."""
SECONDS_DIGITS = 11
"""Numbers with more digits count milliseconds."""


def lost_create(name: str, lock: Lock) -> Intended | None:
    """The create of a webhook whose answer was lost, where the lock has no entry of it."""
    intent = lock.intents.get(name)
    making = intent is not None and intent.action in (Action.CREATE, Action.REPLACE)
    return intent if making and name not in lock.entries else None


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
