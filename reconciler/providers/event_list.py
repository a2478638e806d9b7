"""What a provider can do besides where `capabilities.events.lists` has something. [pure]

Implemented by `providers.engine.interpret`; used by `run.event_names`.
"""

from typing import Protocol, runtime_checkable

from reconciler.model.webhook import Scope
from reconciler.providers.protocol import Steps


@runtime_checkable
class ListsEvents(Protocol):
    """The vendor tells which events there are."""

    def event_names(self, scope: Scope) -> Steps[frozenset[str]]:
        """All that a webhook in this scope may have. Raises VendorError where the list cannot be had whole."""
