"""What is wrong with a webhook's events: names that its vendor does not have, or more than it takes. [pure]

Used by `config.check`.
"""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.config.fault import FileFault, did_you_mean
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import WrittenWebhook, scope
from reconciler.model.webhook import EVENTS, Desired


def event_faults(entry: WrittenWebhook, provider: ProviderConfig) -> Iterator[FileFault]:
    """Names that are not in the vendor's closed catalogue."""
    capabilities, title = provider.vendor.capabilities, provider.vendor.title
    catalogue = capabilities.events
    if not catalogue.closed or EVENTS not in capabilities.writable:
        return
    place = scope(entry, provider) or {}
    names = catalogue.names_in(place)
    for index, event in enumerate(entry.webhook.events or ()):
        if catalogue.unknown(frozenset({event}), place):
            hint = did_you_mean(event, names)
            what = f"{title} has no event `{{value}}`" + (" in this scope" if event in catalogue.names else "")
            yield FileFault(entry.place("events", index), Code.UNKNOWN_EVENT, what, hint, value=event)


def several_events(entry: WrittenWebhook, provider: ProviderConfig, desired: Desired) -> Iterator[FileFault]:
    """More than the one event that a webhook of this vendor has, or none."""
    capabilities, events = provider.vendor.capabilities, entry.webhook.events
    if not capabilities.one_event or events is None or EVENTS not in desired.fields or len(desired.fields.events) == 1:
        return
    what = f"a webhook of {provider.vendor.title} has one event, and `{entry.name}` has {len(events) or 'none'}"
    hint = "write one webhook for each event; `for_each: {event: […]}` makes them of one block"
    yield FileFault(entry.place("events"), Code.ONE_EVENT, what, hint, name=entry.name, key=True)
