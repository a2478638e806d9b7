"""The word `discover`: the lists of what a vendor's webhooks can hang on. [pure]

Used by `providers.language.manifest` and `providers.engine.discovering`.
"""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import Field, model_validator

from reconciler.providers.language.reads import Listing
from reconciler.providers.language.words import Expression, Path, Template, Word

TAKEN = frozenset({"discover", "match", "except"})
"""What stands beside filters and needs in a file, and so can be the name of none."""


class Otherwise(Word):
    """Where the list is to be found if the vendor answers that there is none at the usual path (404).

    Args:
        partial: why this one may hide some.
    """

    path: Path
    query: Mapping[str, Template] = Field(default_factory=dict)
    partial: str = ""


class DiscoverWords(Listing):
    """One list of places. Its path stands below no scope: what it takes is what it `needs`, and the settings.

    Args:
        about: what it lists, in words that go on after "lists" (`the repositories of an organisation`).
        fills: the scope parameter that each item's value fills.
        needs: what its path and query take: parameters of the scope, or names of its own that files give beside it.
        value: where in an item the value is; what webhooks are named by and paths are made of.
        only: what must stand where in an item for it to be one of those asked for (`owner.login: "{owner}"`), where the
            list shows others as well.
        filters: by name, where in an item stands what files may choose by (`archived`); a text, a number, true or
            false, or a list, of which one is meant.
        headers: sent with the calls.
        per_call: how many items one call gives at most.
        partial: why it may hide some.
        otherwise: another path, where the vendor has no such list at the first.
    """

    THINGS: ClassVar[str] = "places"
    about: str
    fills: str
    needs: tuple[str, ...] = ()
    value: Expression
    only: Mapping[Expression, Template] = Field(default_factory=dict)
    filters: Mapping[str, Expression] = Field(default_factory=dict)
    headers: Mapping[str, Template] = Field(default_factory=dict)
    per_call: int = Field(default=0, ge=0)
    partial: str = ""
    otherwise: Otherwise | None = None

    @model_validator(mode="after")
    def _keeps_its_names_apart(self) -> Self:
        names = [*self.needs, *self.filters]
        if taken := sorted(TAKEN.intersection(names)):
            raise ValueError(f"{', '.join(taken)} means something else in a file; give it another name")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is named twice below `needs` and `filters`")
        return self
