"""The words for a manifest's examples. Used by `providers.language.manifest`; run by `providers.rehearse`."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from reconciler.providers.language.words import Plain, Pointer, Scalar, Word
from reconciler.providers.vendor import Switch


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value


Shown = Annotated[Plain, BeforeValidator(_json)]
"""An object as YAML, or as a text that holds JSON (which has nulls, and can be pasted from a vendor's page)."""

Leaves = Mapping[Pointer, Scalar | tuple[str, ...]]


class SeenSecret(Word):
    """What is seen of a further secret: its mask, whether there is one, whether it is shown itself."""

    mask: str | None = None
    has: bool | None = None
    shown: bool = False


class Expected(Word):
    """What a remote object means: its id, its fields by pointer, and what is seen of its secrets."""

    id: str
    fields: Leaves
    mark: str | None = None
    mask: str | None = None
    has_secret: bool | None = None
    shows_secret: bool = False
    secrets: Mapping[str, SeenSecret] = Field(default_factory=dict)


class ReadExample(Word):
    """A remote object as reads give it, and what whsync makes of it."""

    about: str
    settings: Mapping[str, Switch] = Field(default_factory=dict)
    shown: Shown
    means: Expected


class Exchange(Word):
    """One call and its answer, with the `headers` of that; secrets in bodies stand as `***`."""

    method: str
    path: str
    query: Mapping[str, str] = Field(default_factory=dict)
    body: Shown = None
    status: int = 200
    headers: Mapping[str, str] = Field(default_factory=dict)
    answer: Shown = None


class WriteExample(Word):
    """A change, and exactly the calls that it makes.

    Args:
        remote: the remote object as reads give it; parts, orphan_parts: event -> URL, where the webhook fans out.
        secret: whether our own secret is at hand; secret_unset: whether it is known that the vendor holds none;
            wants_issued: whether a secret that the vendor issues is to be stored.
        secrets: the names of further secrets of our own that are at hand.
        leaves: the fields in force afterwards; fails: the kind of error that it ends with.
    """

    about: str
    settings: Mapping[str, Switch] = Field(default_factory=dict)
    do: Literal["create", "update", "rotate", "retire"]
    name: str = "example"
    scope: Mapping[str, str] = Field(default_factory=dict)
    id: str | None = None
    fields: Leaves = Field(default_factory=dict)
    changes: tuple[Pointer, ...] = ()
    remote: Shown = None
    parts: Mapping[str, str] = Field(default_factory=dict)
    orphan_parts: Mapping[str, str] = Field(default_factory=dict)
    secret: bool = False
    secrets: tuple[str, ...] = ()
    secret_unset: bool = False
    wants_issued: bool = False
    calls: tuple[Exchange, ...]
    leaves: Leaves | None = None
    issues: bool = False
    fails: str | None = None


class SearchExample(Word):
    """Reading one scope: exactly the calls that it makes, and the ids of the webhooks that it finds.

    Args:
        known: the ids that are known already.
        finds: the ids that are found; fails: the kind of error that it ends with.
    """

    about: str
    settings: Mapping[str, Switch] = Field(default_factory=dict)
    do: Literal["read"]
    scope: Mapping[str, str] = Field(default_factory=dict)
    known: tuple[str, ...] = ()
    calls: tuple[Exchange, ...]
    finds: tuple[str, ...] = ()
    fails: str | None = None


class DiscoverExample(Word):
    """Listing what webhooks hang on: exactly the calls that it makes, and the values that it finds, in turn.

    Args:
        what: which list.
        given: a value for each of its needs.
        facts: what the filters find, by value.
        fails: the kind of error that it ends with.
    """

    about: str
    settings: Mapping[str, Switch] = Field(default_factory=dict)
    do: Literal["discover"]
    what: str
    given: Mapping[str, str] = Field(default_factory=dict)
    calls: tuple[Exchange, ...]
    finds: tuple[str, ...] = ()
    facts: Mapping[str, Mapping[str, Plain]] = Field(default_factory=dict)
    fails: str | None = None


class EventsExample(Word):
    """Asking which events there are: exactly the calls that it makes, and the names that it finds, in any order.

    Args:
        finds: all of them; fails: the kind of error that it ends with.
    """

    about: str
    settings: Mapping[str, Switch] = Field(default_factory=dict)
    do: Literal["events"]
    scope: Mapping[str, str] = Field(default_factory=dict)
    calls: tuple[Exchange, ...]
    finds: tuple[str, ...] = ()
    fails: str | None = None


_KINDS = {None: "object", "read": "search", "discover": "places", "events": "events"}


def _kind(value: Any) -> str:
    do = value.get("do") if isinstance(value, dict) else getattr(value, "do", None)
    return _KINDS.get(do, "change") if do is None or isinstance(do, str) else "change"


Example = Annotated[
    Annotated[ReadExample, Tag("object")]
    | Annotated[WriteExample, Tag("change")]
    | Annotated[SearchExample, Tag("search")]
    | Annotated[DiscoverExample, Tag("places")]
    | Annotated[EventsExample, Tag("events")],
    Discriminator(_kind),
]
"""Told apart by what they do, so that a mistake in one is told of no other."""
