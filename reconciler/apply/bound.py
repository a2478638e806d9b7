"""What an apply has bound by now, so that none of it is deleted as another's.

Used by `apply.scheduler` and `apply.context`.

A plan cannot know what id a create is answered with: a vendor may answer with a webhook that is there already.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from reconciler.errors import WhsyncError
from reconciler.matching.index import key_of_place
from reconciler.matching.lookalikes import Sight, may_be_one
from reconciler.matching.types import Matched
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record
from reconciler.model.webhook import Remote
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

    def took(self, name: str, found: Matched, capabilities: Capabilities) -> str | None:
        """The webhook that another one's remote is known to belong to by now: its place and its id are the same."""
        if found.entry is None or found.remote is None:
            return None
        place = key_of_place(found.entry.address, capabilities)
        others = (each for each in self._of(found.remote) if each.owner != name)
        return next((each.owner for each in others if key_of_place(each.address, capabilities) == place), None)

    def obstacle(self, name: str, found: Matched, capabilities: Capabilities) -> WhsyncError | None:
        """Why what was `name`'s must not be retired, where another webhook may have been bound to it meanwhile."""
        if found.entry is None or found.remote is None:
            return None
        remote = found.remote
        own = Sight(name, found.entry.address, remote.remote_id, record(remote.fields), remote.created_at)
        others = [each.owner for each in self._of(remote) if each.owner != name and may_be_one(own, each, capabilities)]
        try:
            demand_its_own(name, found, others)
        except WhsyncError as error:
            return error
        return None

    def _of(self, remote: Remote) -> list[Sight]:
        with self._lock:
            return list(self._sights.get(remote.remote_id, {}).values())


class Turns:
    """At one vendor, webhooks are made beside each other, or old ones of replacements go; never both at once.

    So whoever looks whether a create was answered with an old webhook knows the answers of all that were asked before.
    """

    def __init__(self) -> None:
        self._making: Counter[str] = Counter()
        self._going: set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def making(self, vendor: str) -> Iterator[None]:
        """A webhook is made in here, and what it was answered with is noted before this ends."""
        with self._changed:
            self._changed.wait_for(lambda: vendor not in self._going)
            self._making[vendor] += 1
        try:
            yield
        finally:
            with self._changed:
                self._making[vendor] -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, vendor: str) -> Iterator[None]:
        """Nothing is made in here; whoever makes something must have ended that before."""
        with self._changed:
            self._changed.wait_for(lambda: not self._making[vendor] and vendor not in self._going)
            self._going.add(vendor)
        try:
            yield
        finally:
            with self._changed:
                self._going.discard(vendor)
                self._changed.notify_all()


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
