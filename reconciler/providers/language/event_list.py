"""The word `catalogue: {read: …}`: the vendor's own list of the events that an account may have. [pure]

Used by `providers.language.fields`.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.providers.language.reads import Listing
from reconciler.providers.language.words import Expression, variables_in


class EventListWords(Listing):
    """One such list. Its path stands below no scope, and takes what parameters of a scope it names, and the settings.

    Args:
        scope: the parameter that a scope has whose events these are; left out: those of every scope.
        name: where in an item the event's name is.
    """

    THINGS: ClassVar[str] = "events"
    scope: Annotated[str, Field(pattern=r"^\w*$")] = ""
    name: Expression = "@"

    @property
    def variables(self) -> tuple[str, ...]:
        """What its path, query and body take."""
        texts = (self.path, *self.query.values(), *self.with_.values())
        return tuple(dict.fromkeys(name for text in texts for name in variables_in(text)))
