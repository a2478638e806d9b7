"""What an apply has bound by now, so that none of it is deleted as another's. Used by `apply.scheduler`.

A plan cannot know what id a create is answered with: a vendor may answer with a webhook that is there already.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable

from reconciler.errors import WhsyncError
from reconciler.matching.index import key_of_place
from reconciler.matching.lookalikes import Sight, may_be_one
from reconciler.matching.types import Matched
from reconciler.model.diff import record
from reconciler.model.webhook import Capabilities
from reconciler.planning.kept import demand_its_own
from reconciler.state.event import Applied, Event, Recorded


class Bindings:
    """What the workers of one apply have bound."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sights: dict[str, dict[str, Sight]] = defaultdict(dict)

    def saw(self, event: Event) -> None:
        """Note what an event binds; what was asked to go is bound to nobody."""
        if isinstance(event, Applied | Recorded) and event.entry.remote_id is not None and not event.entry.is_past:
            entry, remote_id = event.entry, event.entry.remote_id
            with self._lock:
                self._sights[remote_id][event.name] = Sight(event.name, entry.address, remote_id, entry.applied)

    def took(self, name: str, found: Matched, capabilities: Capabilities) -> bool:
        """Whether an orphan's remote is known to be another webhook's by now: its place and its id are the same."""
        if found.entry is None or found.remote is None:
            return False
        place = key_of_place(found.entry.address, capabilities)
        with self._lock:
            bound = list(self._sights.get(found.remote.remote_id, {}).values())
        return any(each.owner != name and key_of_place(each.address, capabilities) == place for each in bound)

    def obstacle(self, name: str, found: Matched, capabilities: Capabilities) -> WhsyncError | None:
        """Why an orphan must not be retired, where another webhook may have been bound to its remote one meanwhile."""
        if found.entry is None or found.remote is None:
            return None
        remote = found.remote
        own = Sight(name, found.entry.address, remote.remote_id, record(remote.fields), remote.created_at)
        with self._lock:
            bound = list(self._sights.get(remote.remote_id, {}).values())
        others = [each.owner for each in bound if each.owner != name and may_be_one(own, each, capabilities)]
        try:
            demand_its_own(name, found, others)
        except WhsyncError as error:
            return error
        return None


class Making:
    """Which lanes still make webhooks, by vendor: until all of them have, nothing of that vendor is retired.

    Two entries of the file may be two names for one account, and one's create may be answered with the other's webhook.
    Only the thread that gives lanes their turns asks and tells.
    """

    def __init__(self, lanes: Iterable[frozenset[str]]) -> None:
        self._left = Counter(vendor for lane in lanes for vendor in lane)

    def done(self, vendors: frozenset[str]) -> None:
        """A lane to these vendors makes nothing more."""
        self._left.subtract(vendors)

    def is_over(self, vendors: frozenset[str]) -> bool:
        """Whether no lane to these vendors makes anything more."""
        return not any(self._left[vendor] for vendor in vendors)
