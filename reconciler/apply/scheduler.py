"""Carries out a plan: lanes of workers drive the vendors, one thread folds, journals and tells. Called by `cli`.

A lane is one provider entry, because vendors limit by account. Workers (`apply.change`) only drive and report; every
durable event goes through the caller's thread, which appends it to the journal before the worker goes on. So an intent
is on disk before its call, and one failure stops nothing but its own webhook.
"""

import queue
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import get_args

from reconciler.apply import preflight
from reconciler.apply.bound import Bindings, Making, Turns
from reconciler.apply.change import ChangeRunner
from reconciler.apply.context import ApplyContext, Halted, tools_of
from reconciler.apply.grouping import MOST, grouped
from reconciler.apply.history import told
from reconciler.apply.noticing import notice
from reconciler.apply.upgrade import stronger
from reconciler.apply.verify import read_back, unproven
from reconciler.errors import WhsyncError
from reconciler.matching.lost_creates import renamed_intents
from reconciler.matching.transfers import released
from reconciler.model.action import Action
from reconciler.model.equality import canonical_scope
from reconciler.model.webhook import Entry, Scope
from reconciler.planning.types import Change, Plan
from reconciler.providers.vendor import CallLimits
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime, utc_now
from reconciler.secrets.custody.matter import Kept
from reconciler.secrets.custody.second_look import look_again
from reconciler.state.event import (
    Applied,
    Durable,
    Event,
    Failed,
    Finished,
    Intended,
    Recorded,
    Removed,
    Renamed,
    Skipped,
    Started,
    Unplanned,
    Upgraded,
    Withdrawn,
)
from reconciler.state.stores.base import Lease
from reconciler.support.turns import Gate, Lane, Stage, take_turns

_TURN = {Action.FORGET: 0, Action.ADOPT: 1, Action.UPDATE: 1, Action.CREATE: 2, Action.REPLACE: 2}
_RETIRING = (Action.DELETE, Action.DEACTIVATE)
_NOT_MADE = "another webhook could not be made there, and this one may still be needed"
_DURABLE = get_args(Durable)
_OUTCOMES = (Applied, Removed, Failed, Skipped, Withdrawn)  # the last one of a webhook is what became of it
_ONE_BY_ONE = CallLimits(reads=1, writes=1)


def apply(plan: Plan, apply_input: ApplyInput, runtime: Runtime, lease: Lease) -> Iterator[Event]:
    """Carry out every change of `plan`; yields each event once it is durable, `Finished` last.

    One failed change stops no other. Once `runtime.stop` is set, writes in flight are finished and no call is started.

    Raises:
        StateError: the journal or the lock cannot be written; no call is started after that.
    """
    changes = list(plan.pending)
    outcomes: dict[str, type] = {}
    yield Started(len(changes), sum(len(change.calls) for change in changes), utc_now())
    yield from map(Unplanned, plan.problems)
    for name, was in renamed_intents(runtime.loaded.desired, lease.lock).items():
        if was not in lease.lock.entries:  # entries are renamed by their own change
            lease.append(Renamed(name, was), sync=False)
    crew = _Crew(changes, apply_input, runtime)
    try:
        for event in crew.events(lease):
            if isinstance(event, _OUTCOMES):
                outcomes[event.name] = type(event)
            yield event
        for event in _close_answered(plan, lease):
            lease.append(event, sync=False)
        yield from _hand_over(runtime, lease)
        if not runtime.stop.is_set():
            yield from _upgrade(plan, apply_input, runtime, lease)
    finally:
        crew.leave(lease)
        lease.checkpoint()
    notice(apply_input, runtime, lease.lock)
    counts = Counter(outcomes.values())
    applied, skipped = counts[Applied] + counts[Removed], counts[Skipped] + counts[Withdrawn]
    interrupted = runtime.stop.is_set()
    yield Finished(applied, counts[Failed], skipped, interrupted, utc_now(), len(plan.problems))


def _close_answered(plan: Plan, lease: Lease) -> Iterator[Applied]:
    """Intents whose webhook was read and needs nothing any more: their question is answered."""
    troubled = {name for problem in plan.problems for name in problem.about}
    for change in plan.changes:
        entry, open_still = lease.lock.entries.get(change.name), change.name in lease.lock.intents
        at_rest = change.action is Action.NOOP and change.observed and change.name not in troubled
        if entry and open_still and at_rest:
            yield Applied(change.name, Action.NOOP, entry, entry.at or "")


def _hand_over(runtime: Runtime, lease: Lease) -> Iterator[Recorded | Removed]:
    """Let the lock forget what has passed to another webhook."""
    loaded = runtime.loaded
    for each in list(released(loaded.desired, lease.lock, loaded.capabilities_of, utc_now())):
        event = each._replace(entry=each.entry._replace(by=runtime.run)) if isinstance(each, Recorded) else each
        lease.append(event, sync=False)
        yield event


def _upgrade(plan: Plan, apply_input: ApplyInput, runtime: Runtime, lease: Lease) -> Iterator[Upgraded]:
    """Give the lock stronger fingerprints and digests where it has outdated ones; tells of how many secrets."""
    before, upgrades = lease.lock.entries, list(stronger(plan.changes, apply_input, runtime, lease.lock))
    secrets = sum(event.entry.secret != before[event.name].secret for event in upgrades)
    for event in upgrades:
        lease.append(event, sync=False)
    if secrets:
        yield Upgraded(secrets)


class _Report:
    """One event on its way to the folding thread, and what became of it."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.kept = False
        self.done = threading.Event()


def _keep(reports: Sequence[_Report], lease: Lease) -> None:
    """Make events durable and let their workers go on; an error goes to the folding thread and halts the workers."""
    try:
        with lease.together():
            for report in reports:
                if isinstance(report.event, _DURABLE):
                    lease.append(report.event, sync=isinstance(report.event, Intended))
        for report in reports:
            report.kept = True
    finally:
        for report in reports:
            report.done.set()


class _Crew:
    """The workers of one apply, and the queue through which they report."""

    def __init__(self, changes: list[Change], apply_input: ApplyInput, runtime: Runtime) -> None:
        self._runtime = runtime
        self._reports: queue.Queue[_Report | None] = queue.Queue()
        self._failed: set[str] = set()
        self._changes = {change.name: (change, apply_input.matched(change.name).entry) for change in changes}
        self._bindings, self._turns = Bindings(), Turns()
        self._context = ApplyContext(apply_input, runtime, self._emit, Kept(), self._bindings, self._turns)
        self._entries: dict[str, Entry | None] = {name: entry for name, (_, entry) in self._changes.items()}
        self._open: set[str] = set()
        self._making = Making(())
        self._ended = False
        self._broken: BaseException | None = None
        self._thread = threading.Thread(
            target=self._work, args=(changes, apply_input), name="whsync lanes", daemon=True
        )
        self._thread.start()

    def events(self, lease: Lease) -> Iterator[Event]:
        """Every event, each already durable; ends when all lanes are done. Raises what broke a worker."""
        for reports in grouped(self._reports, MOST if lease.groups else 1):
            _keep(reports, lease)
            yield from (report.event for report in reports)
        self._ended = True
        if self._broken is not None:
            raise self._broken

    def leave(self, lease: Lease) -> None:
        """End in order whatever happened: nothing new is started, what is in flight still reaches the journal."""
        if not self._ended:
            self._runtime.stop.set()
            while (report := self._reports.get()) is not None:
                try:
                    _keep([report], lease)
                except Exception:  # noqa: BLE001 - the first error is on its way to the user; a worker must not wait
                    continue
        self._thread.join()

    def _work(self, changes: list[Change], apply_input: ApplyInput) -> None:
        try:
            lanes: dict[str, list[Change]] = defaultdict(list)
            for change in sorted(changes, key=lambda change: _TURN.get(change.action, len(_TURN))):
                lanes[change.provider].append(change)
            self._making = Making(_vendors(lane) for lane in lanes.values())
            with preflight.ready(changes, apply_input, self._runtime) as broken:
                ways = (self._lane(*lane, apply_input, broken) for lane in lanes.items())
                take_turns(ways, self._runtime.handles.workers, "lane")
                self._look_again()
        except Halted:
            pass  # the journal refused; the folding thread tells
        except BaseException as error:  # noqa: BLE001 - raised again by the folding thread: else it would look like success
            self._broken = error
        finally:
            self._reports.put(None)

    def _look_again(self) -> None:
        """Tell of each secret that its sink has lost meanwhile; what else is open of its webhook stays so."""
        for lost in look_again(tools_of(self._context), self._entries.get):
            if lost.news is not None:
                self._emit(lost.news)
            open_still = lost.name in self._open
            self._emit(Failed(lost.name, lost.action, lost.problem, open_still, utc_now(), partly=True))

    def _lane(
        self, provider: str, lane: list[Change], apply_input: ApplyInput, broken: Mapping[str, WhsyncError]
    ) -> Lane:
        """Retirements come last, so that a delivery's new home is there, and proven, before its old one goes.

        They wait for all lanes to the same vendor: an entry of the file may be another name for the account of another.
        """
        retiring = [change for change in lane if change.action in _RETIRING]
        making = (ChangeRunner(change, self._context) for change in lane if change.action not in _RETIRING)
        try:
            yield from self._carry_out(provider, [*making], lambda each: each.carry_out(broken.get(each.name)))
        finally:
            self._making.done(_vendors(lane))
            self._runtime.rest(provider)
        if not retiring:
            return
        yield Gate(partial(self._making.is_over, _vendors(retiring)))
        homeless = self._homeless(lane)
        going = (ChangeRunner(change, self._context) for change in retiring if self._ground(change) not in homeless)
        try:
            yield from self._carry_out(
                provider, [*going], lambda each: self._retire(provider, each, apply_input, broken)
            )
        finally:
            self._runtime.rest(provider)
        for change in retiring:
            if self._ground(change) in homeless:
                self._emit(Skipped(change.name, change.action, _NOT_MADE))

    def _carry_out(self, provider: str, runners: Sequence[ChangeRunner], do: Callable[[ChangeRunner], None]) -> Lane:
        """Let these runners do their changes, and read back, each place once, what no answer has shown."""
        config = self._runtime.loaded.providers.get(provider)
        limits = config.limits if config else _ONE_BY_ONE
        yield _stage(limits.writes, (partial(do, runner) for runner in runners))
        waiting = unproven(runners)
        yield _stage(limits.reads, (partial(read_back, place, waiting[place], self._runtime) for place in waiting))

    def _retire(
        self, provider: str, runner: ChangeRunner, apply_input: ApplyInput, broken: Mapping[str, WhsyncError]
    ) -> None:
        """Retire one webhook, unless another one was bound to its remote meanwhile."""
        config, found = self._runtime.loaded.providers.get(provider), apply_input.matched(runner.name)
        bound, taken = None, False
        if config is not None:
            taken = self._bindings.took(runner.name, found, config.vendor.capabilities) is not None
            bound = None if taken else self._bindings.obstacle(runner.name, found, config.vendor.capabilities)
        runner.carry_out(broken.get(runner.name) or bound, taken)

    def _homeless(self, lane: list[Change]) -> set[Scope]:
        """Where a webhook could not be made, so that an old one there may still be needed."""
        return {self._ground(change) for change in lane if change.name in self._failed and change.action.makes}

    def _ground(self, change: Change) -> Scope:
        """The scope in one spelling: webhooks of one place need not name it alike."""
        config = self._runtime.loaded.providers.get(change.provider)
        return canonical_scope(change.scope, config.vendor.capabilities) if config is not None else change.scope

    def _emit(self, event: Event) -> None:
        if isinstance(event, Failed):
            self._failed.add(event.name)
            (self._open.add if event.indeterminate else self._open.discard)(event.name)
        if isinstance(event, Recorded | Applied):
            self._entries[event.name] = event.entry
        self._bindings.saw(event)
        change, before = self._changes.get(getattr(event, "name", ""), (None, None))
        signed = told(event, change, before, self._runtime.run)
        report = _Report(self._runtime.redactor.over(signed))
        self._reports.put(report)
        report.done.wait()
        if not report.kept:
            raise Halted


def _vendors(lane: Iterable[Change]) -> frozenset[str]:
    return frozenset(change.type for change in lane)


def _stage(at_once: int, tasks: Iterable[Callable[[], None]]) -> Stage:
    return Stage(at_once, [partial(_unless_halted, task) for task in tasks])


def _unless_halted(task: Callable[[], None]) -> None:
    with suppress(Halted):  # the journal refused; the folding thread tells
        task()
