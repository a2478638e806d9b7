"""The words for finding webhooks: the four ways to read, paging, the probe, the account, and scopes.

Used by `providers.language.manifest`, `providers.engine.reading`, `providers.engine.paginate` and
`providers.engine.template`.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from reconciler.providers.language.words import (
    Alternative,
    CallWords,
    Expression,
    Path,
    Pointer,
    Template,
    Word,
    by_shape,
    variables_in,
)


class OnePage(Word):
    """Everything comes at once."""

    kind: Literal["none"] = "none"


class Linked(Word):
    """The vendor names the next page's address.

    Args:
        rebase: an address on another host is one of the vendor's own behind the base URL, where its path is asked for.
    """

    rebase: bool = False


class LinkHeader(Linked):
    """RFC 8288: the `Link` header with `rel="next"` holds the next page's address.

    Args:
        only: parameters that such a link must have, with their values, for there to be a next page (`results: "true"`).
    """

    kind: Literal["link_header"]
    only: Mapping[str, str] = Field(default_factory=dict)


class NextUrl(Linked):
    """The answer holds the next page's address, absolute or relative."""

    kind: Literal["next_url"]
    path: Expression


class Asked(Word):
    """The position of the next page is asked for by us: in the query as `param`, or in the body at the pointer `at`."""

    at: Pointer | None = None
    more: Expression | None = None

    @model_validator(mode="after")
    def _asks_in_one_place(self) -> Self:
        if self.at is not None and self.model_fields_set & {"param", "size_param"}:
            raise ValueError("give `param` or `at`; a size in the body stands in `fixed`")
        return self


class Cursor(Asked):
    """The answer holds a token for the next page. `more`: an expression that must hold too (`has_more`)."""

    kind: Literal["cursor"]
    path: Expression
    param: str = ""

    @model_validator(mode="after")
    def _asks_somewhere(self) -> Self:
        if not self.param and self.at is None:
            raise ValueError("say where the token goes: `param` in the query, or `at` in the body")
        return self


class PageNumber(Asked):
    """Pages are numbered from `first`, up to an empty one, unless the expression `more` decides.

    Of `size` items each, where it is said; since a page with fewer may be all that the vendor gives at once, the next
    one is asked for as well.
    """

    kind: Literal["page"]
    param: str = "page"
    first: int = 1
    size_param: str | None = None
    size: int | None = None

    @model_validator(mode="after")
    def _asks_for_a_size(self) -> Self:
        if self.size_param is not None and self.size is None:
            raise ValueError("`size_param` needs a `size` to ask for")
        return self


class Offset(Asked):
    """As many items are skipped as were read, up to an empty page, unless the expression `more` decides."""

    kind: Literal["offset"]
    param: str = "offset"
    size_param: str = "limit"
    size: int = 100


Paging = Annotated[OnePage | LinkHeader | NextUrl | Cursor | PageNumber | Offset, Field(discriminator="kind")]


class Get(CallWords):
    """One call that only reads, whatever its method. `ok_when` must hold for a 2xx answer to be believed."""

    method: Literal["GET", "POST"] = "GET"
    ok_when: Expression | None = None

    @model_validator(mode="after")
    def _has_a_body_only_where_it_can(self) -> Self:
        if self.method == "GET" and (self.fixed or self.with_):
            raise ValueError("a GET has no body for `fixed` and `with`; say `method: POST`")
        return self


class WhoAmI(Get):
    """The call that tells whose credentials are used; it hangs on no scope. 403 and 404 mean that they are nobody's.

    Args:
        id: what is the same for as long as it is the same account, and never another's.
        name: what people call it.
        private: the id is nobody's business; the lock holds a fingerprint of it.
        shared: the accounts of several people or machines reach the same webhooks, as the scope names them. Then the
            lock does not note who wrote it, and only an `account:` in the file is held against it.
    """

    id: Expression
    name: Expression | None = None
    private: bool = False
    shared: bool = False


class Lookup(Get):
    """A call that finds webhooks.

    Args:
        empty: how an answer that shows none says that there is none: its status (204), or an expression that holds.
    """

    empty: tuple[int | Expression, ...] = ()


class Listing(Lookup):
    """A call whose answers are pages of a list: where the items stand in each, and how the next one is asked for."""

    THINGS: ClassVar[str] = "webhooks"
    items: Expression = "@"
    pages: Paging = OnePage.silent()


One = Annotated[Annotated[Path, Tag("name")] | Annotated[Lookup, Tag("block")], Discriminator(by_shape)]


class Turn(Word):
    """A list by name (`{opened: {urls: [a, b]}, clicked: {urls: [a]}}`), turned into one of what stands under them.

    Args:
        of: where in each value its texts are (`urls`); each text is a webhook.
        text, names: the keys under which a webhook then has the text, and the names under which that stands.
    """

    of: Expression
    text: str
    names: str


class ListRead(Alternative, Listing):
    """All webhooks of a scope in a list.

    Args:
        beside: key -> a list that each webhook has for itself (`/hooks/{id}/events`), put into it under that key.
        turn: how a list by name, whose texts are the webhooks, becomes a list of webhooks.
        one: how one webhook is read by its id: a path, or a call with words of its own.
        partial: why the list may hide some; those known are then read by `one`.
        only: what must stand where in an item, for it to be one of the scope (`project.id: "{project}"`), where the
            list shows those of other places as well.
    """

    how: Literal["list"]
    beside: Mapping[str, Listing] = Field(default_factory=dict)
    turn: Turn | None = None
    one: One | None = None
    item: Expression = "@"
    partial: str = ""
    only: Mapping[Expression, Template] = Field(default_factory=dict)

    @cached_property
    def by_id(self) -> "ByIdRead | None":
        """How `one` reads a webhook by its id, where it is given."""
        if self.one is None:
            return None
        call = self.one if isinstance(self.one, Lookup) else Lookup(path=self.one)
        words = {name: getattr(call, name) for name in Lookup.model_fields}
        return ByIdRead.model_construct(how="by_id", item=self.item, only=self.only, beside=self.beside, **words)


class ByIdRead(Alternative, Lookup):
    """One webhook at a time, by an id that is already known. `only` and `beside`: as in lists."""

    how: Literal["by_id"]
    beside: Mapping[str, Listing] = Field(default_factory=dict)
    item: Expression = "@"
    only: Mapping[Expression, Template] = Field(default_factory=dict)


class SingletonRead(Alternative, Lookup):
    """The one webhook there is, perhaps as a part of another resource. It exists if `present` holds."""

    how: Literal["singleton"]
    item: Expression = "@"
    present: Expression = "@"


class NoRead(Alternative):
    """The API shows nothing."""

    how: Literal["none"]


ReadWay = Annotated[ListRead | ByIdRead | SingletonRead | NoRead, Field(discriminator="how")]


class PlaceWords(Get):
    """The call that tells which place a scope means, however it is spelled; its path stands below the scope's.

    Args:
        id: where in the answer the place's own id stands.
    """

    path: Path = ""
    id: Expression


class ScopeWay(Word):
    """One way to name what webhooks hang on; its parameters are those of its templates.

    Args:
        path: what every path begins with (`/repos/{owner}/{repo}`); `{x}` is percent-encoded, `{+x}` keeps `/`.
        query, headers: sent with every call.
        lists: query parameters of the calls that list its webhooks, and of no other.
        body: sent with every create, by JSON pointer.
        names: parameters that stand in none of these, since only some calls name them.
        case: parameters whose values have no case at the vendor (`owner: insensitive`).
        place: how to learn which place it is, where one may have several names.
    """

    path: Path = ""
    query: Mapping[str, Template] = Field(default_factory=dict)
    headers: Mapping[str, Template] = Field(default_factory=dict)
    lists: Mapping[str, Template] = Field(default_factory=dict)
    body: Mapping[Pointer, Template] = Field(default_factory=dict)
    names: tuple[Annotated[str, Field(pattern=r"^\w+$")], ...] = ()
    case: Mapping[str, Literal["insensitive"]] = Field(default_factory=dict)
    place: PlaceWords | None = None

    @model_validator(mode="after")
    def _speaks_of_its_own(self) -> Self:
        if strays := sorted(self.case.keys() - set(self.params)):
            raise ValueError(f"`case` speaks of {', '.join(strays)}, which is no parameter of this scope")
        if twice := sorted({name for text in self._templates for name in variables_in(text)}.intersection(self.names)):
            raise ValueError(f"`names` has {', '.join(twice)}, which stands in this scope already")
        return self

    @property
    def _templates(self) -> tuple[str, ...]:
        """Every template of the scope, in order."""
        parts = (self.query, self.lists, self.headers, self.body)
        return (self.path, *(text for part in parts for text in part.values()))

    @cached_property
    def params(self) -> tuple[str, ...]:
        """The parameters, in the order in which they appear."""
        named = (name for text in self._templates for name in variables_in(text))
        return tuple(dict.fromkeys((*named, *self.names)))
