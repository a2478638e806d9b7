"""A vendor made of values: it is observed, changed by a plan, and tampered with, without any IO."""

from collections.abc import Mapping
from typing import NamedTuple

from reconciler.matching.index import Place
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record
from reconciler.model.webhook import Desired, Entry, Fields, Observation, Part, Remote
from reconciler.planning.types import Change, Plan
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT


class World(NamedTuple):
    """What the vendor holds, what the lock says, and the next id."""

    api: Capabilities
    remotes: Mapping[str, Remote] = {}
    lock: Lock = Lock()
    serial: int = 1

    def observe(self) -> dict[Place, Observation]:
        """What one read gives at this kind of API; every remote shows fields that nobody manages."""
        known = {entry.remote_id for entry in self.lock.entries.values() if entry.remote_id}
        decorated = tuple(
            remote._replace(fields=Fields({"/server": remote.remote_id, **remote.fields}))
            for remote in self.remotes.values()
        )
        match self.api.read:
            case "none":
                return {("v", ()): Observation(readable=False)}
            case "by_id":
                seen = tuple(remote for remote in decorated if remote.remote_id in known)
                return {("v", ()): Observation(seen, absent=frozenset(known - set(self.remotes)))}
            case _:
                return {("v", ()): Observation(decorated, complete=True)}

    def apply(self, plan: Plan, desired: Mapping[str, Desired]) -> "World":
        """The world after an apply in which every call succeeds."""
        world = self
        for change in plan.changes:
            world = world.apply_one(change, desired.get(change.name))
        return world

    def apply_one(self, change: Change, webhook: Desired | None) -> "World":
        """The world after one change."""
        remotes, entries, serial = dict(self.remotes), dict(self.lock.entries), self.serial
        before = entries.pop(change.renamed_from, None) if change.renamed_from else entries.get(change.name)
        match change.action:
            case Action.NOOP | Action.ORPHAN:
                return self
            case Action.FORGET:
                del entries[change.name]
            case Action.DELETE:
                del remotes[str(change.remote_id)], entries[change.name]
            case Action.DEACTIVATE:
                remote = remotes[str(change.remote_id)]
                off = Fields({"/status": "inactive"})
                remotes[remote.remote_id] = remote._replace(fields=off.over(remote.fields))
                assert before is not None
                entries[change.name] = before._replace(retired=True, applied=off.over(before.applied))
            case _:
                assert webhook is not None
                remote_id = change.remote_id
                if change.action is Action.REPLACE:
                    remotes.pop(str(remote_id))
                if change.action in (Action.CREATE, Action.REPLACE):
                    remote_id, serial = "me" if self.api.read == "singleton" else f"r{serial}", serial + 1
                remote = remotes.get(str(remote_id), Remote(str(remote_id), Fields()))
                remote, left = self._written(remote, change, webhook, before)
                remotes[remote.remote_id] = remote
                entries[change.name] = _entry(webhook, remote, left, self.api.read == "none")
        return World(self.api, remotes, Lock(entries), serial)

    def _written(
        self, remote: Remote, change: Change, webhook: Desired, before: Entry | None
    ) -> tuple[Remote, tuple[Part, ...]]:
        """The remote with what the change sends, and the parts that could not be removed."""
        fields = webhook.fields.only(change.sends if change.calls else ()).over(remote.fields)
        left: frozenset[str] = frozenset()
        if self.api.fan_out and self.api.retire == "none":
            had = before.applied.events if before and self.api.read == "none" else remote.fields.events
            kept = frozenset(part.key for part in before.orphan_parts) if before else frozenset[str]()
            left = (had | kept) - webhook.fields.events
            fields = Fields({"/events": fields.events | left}).over(fields) if left else fields
        mark = change.name if self.api.marks and change.calls else remote.mark
        return remote._replace(fields=fields, mark=mark), tuple(Part(key) for key in sorted(left))


def _entry(webhook: Desired, remote: Remote, left: tuple[Part, ...], blind: bool) -> Entry:
    """What an apply may record: what the vendor shows, else what was wanted."""
    known = webhook.fields if blind else remote.fields.over(webhook.fields)
    applied = record(known.only(webhook.fields))
    return Entry(
        "v",
        "vendor",
        ACCOUNT,
        (),
        remote.remote_id,
        applied,
        protect=bool(webhook.protect),
        orphan_parts=left,
        at="2026-11-21",
    )
