"""Asks vendors whether they have the events that webhooks are to have, where no manifest knows them.

Called by `run.survey`, between matching and planning.

A list is asked for once in a run, and only for a name that is none of the manifest's and that nobody has at the vendor
yet. What a vendor lists and lacks such a name of stops its webhook, before the vendor has refused, or dropped it in
silence. A list that cannot be had proves nothing and stops nothing: what becomes of an event is read back after each
write.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import did_you_mean
from reconciler.errors import Problem, WhsyncError
from reconciler.matching.types import Matched, Matching
from reconciler.model.action import Finding
from reconciler.model.capabilities import Capabilities
from reconciler.model.events import EventCatalogue
from reconciler.model.webhook import EVENTS, Certainty, Desired
from reconciler.providers.event_list import ListsEvents
from reconciler.run.hiding import blocked
from reconciler.run.runtime import Runtime, tried
from reconciler.support.turns import side_by_side

Asked = tuple[str, tuple[str, ...]]
"""A provider entry, and which of its vendor's lists; see `EventCatalogue.list_for`."""
Told = frozenset[str] | WhsyncError


class _Doubt(NamedTuple):
    """A webhook, those of its events that only the vendor can know, and which list tells."""

    webhook: Desired
    events: frozenset[str]
    asked: Asked


def with_known_events(
    desired: Iterable[Desired], matching: Matching, runtime: Runtime, unused: Collection[str]
) -> Matching:
    """The matching in which nothing is done with webhooks of events that their vendors do not have.

    Args:
        desired: the webhooks that the run is about.
        matching: what was read of them.
        runtime: asks.
        unused: provider entries that are not to be asked.

    Raises:
        Interrupted: the user stopped the run.
    """
    asking = (webhook for webhook in desired if webhook.provider not in unused)
    each = (_doubt(webhook, matching.matched[webhook.name], runtime) for webhook in asking)
    doubts = [doubt for doubt in each if doubt is not None]
    if not doubts:
        return matching
    told = _asked({doubt.asked: doubt.webhook for doubt in doubts}, runtime)
    verdicts = [_verdict(doubt, told[doubt.asked], runtime) for doubt in doubts]
    problems = {each.name: each for each in verdicts if isinstance(each, Problem) and each.name is not None}
    findings = [each for each in verdicts if isinstance(each, Finding)]
    return blocked(matching._replace(findings=(*matching.findings, *findings)), problems)


def _doubt(webhook: Desired, found: Matched, runtime: Runtime) -> _Doubt | None:
    """What of one webhook only the vendor can know; None where that is nothing."""
    catalogue = _capabilities(webhook, runtime).events
    wanted, scope = webhook.fields.get(EVENTS), dict(webhook.scope)
    which = catalogue.list_for(scope)
    if which is None or catalogue.closed or found.problem is not None or found.certainty is Certainty.UNKNOWN:
        return None
    if not isinstance(wanted, frozenset):
        return None
    unknown = catalogue.unknown(wanted, scope)
    new = catalogue.spelled(unknown) - _there(found, catalogue)
    doubtful = frozenset(event for event in unknown if catalogue.spelled(frozenset({event})) & new)
    return _Doubt(webhook, doubtful, (webhook.provider, which)) if doubtful else None


def _there(found: Matched, catalogue: EventCatalogue) -> frozenset[str]:
    """The events that the vendor has taken for this webhook before, as reads or the lock show."""
    shown = found.remote.fields.get(EVENTS) if found.remote is not None else None
    applied = found.entry.applied.get(EVENTS) if found.entry is not None else None
    sets = (each for each in (shown, applied) if isinstance(each, frozenset))
    return catalogue.spelled(frozenset[str]().union(*sets))


def _asked(lists: Mapping[Asked, Desired], runtime: Runtime) -> dict[Asked, Told]:
    """What each list tells, or why it cannot be had; every one is for some webhook's scope."""
    runtime.activity.expect("list", len(lists))

    def ask(asked: Asked) -> Told:
        provider, scope = runtime.provider(asked[0]), lists[asked].scope
        assert isinstance(provider, ListsEvents), f"{asked[0]} says that it can list its events"
        names = tried(lambda: runtime.drive(asked[0], provider.event_names(scope)))
        runtime.activity.did("list")
        return names

    return dict(zip(lists, side_by_side(ask, list(lists), runtime.handles.workers), strict=True))


def _verdict(doubt: _Doubt, told: Told, runtime: Runtime) -> Problem | Finding | None:
    """What is to be said of a webhook's events; one that was insisted on is told, and stops nothing."""
    webhook, title = doubt.webhook, runtime.loaded.providers[doubt.webhook.provider].vendor.title
    if isinstance(told, WhsyncError):
        names = _names(doubt.events)
        summary = f"{webhook.name}: whether {title} has {names} is not known ({told.summary}); applying will show it"
        return _finding("events_unchecked", summary, webhook, Code.EVENTS_UNCHECKED)
    catalogue = _capabilities(webhook, runtime).events
    missing = sorted(event for event in doubt.events if not catalogue.spelled(frozenset({event})) & told)
    if not missing:
        return None
    known = (catalogue.names_in(dict(webhook.scope)) | told) - {catalogue.wildcard}
    summary = f"{webhook.name}: {title} has no event {_names(missing)} for this account, says its own list"
    hint = did_you_mean(missing[0], (runtime.redactor.hide(str(name)) for name in known), "see its list of events")
    if catalogue.insisted:
        return _finding("unknown_event", f"{summary}: {hint}", webhook, Code.UNKNOWN_EVENT)
    return Problem("config", summary, hint, webhook.provider, webhook.name, code=Code.UNKNOWN_EVENT)


def _finding(kind: str, summary: str, webhook: Desired, code: Code) -> Finding:
    return Finding(kind, summary, webhook.provider, webhook.scope, name=webhook.name, code=code)


def _names(events: Collection[str]) -> str:
    return " and ".join(f"`{event}`" for event in sorted(events))


def _capabilities(webhook: Desired, runtime: Runtime) -> Capabilities:
    return runtime.loaded.providers[webhook.provider].vendor.capabilities
