"""The words for a webhook's fields: lenses, event codecs, owner mark, secret.

One idea, so longer than most: where a webhook's facts stand at its vendor, each with the laws that its words keep.

Used by `providers.language.manifest`, `providers.engine.codec` and `providers.engine.abilities`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from reconciler.model.secret import SecretLifecycle
from reconciler.model.secret_rule import BASE64_BYTES, FEWEST_BYTES, URL_SAFE, SecretRule
from reconciler.providers.language.event_list import EventListWords
from reconciler.providers.language.reads import Get
from reconciler.providers.language.words import Alternative, Expression, Operation, Pointer, Scalar, Word
from reconciler.providers.vendor import Switch


class Risk(Word):
    """A value of an option, in our word for it, that is a risk; `why` goes on after "so"."""

    value: Scalar
    why: str


class Lens(Word):
    """One field, read and written.

    Args:
        absent: why the vendor does not have it; then nothing else is given but perhaps `read`.
        read: where reads show it; echo: where a write's answer shows it, if elsewhere.
        write: where bodies hold it.
        values: our word -> the vendor's value; also: our word -> other values that mean the same.
            What is in neither is read as it is.
        type: of an option; a `map` and a list of `objects` have what keys the vendor likes, and are compared as wholes;
            `json` is a text of which only the JSON in it counts; a `set` is a list that is `unordered`.
        choices: the only values that the vendor takes, where there is no need for `values`.
        unordered: of a list, that the vendor keeps a set: neither order nor repeats are a difference.
        trim: of a text, that the vendor takes off the white space around it.
        line_ends: of a text, that the vendor writes its line ends in another way.
        lower: of a text, or a list of texts, that the vendor writes it in small letters.
        default: what a missing value means on reads.
        sets: when it can be written; `create` makes it immutable, `update` needs `initially`, its value after a create.
        risky: of an option, a value that audits tell of.
        mask: the text that reads and answers show in the place of a value, where it is no asterisks (`<redacted>`).
        drop_after: of the URL, the sign behind whose last one a vendor shows something of its own.
        schemes: of the URL, how it may begin beside `https:` and `http:` (`arn`, `pubsub`).
    """

    absent: str = ""
    read: Expression | None = None
    echo: Expression | None = None
    write: Pointer | None = None
    type: Literal["text", "bool", "int", "number", "list", "set", "map", "objects", "json"] = "text"
    values: Mapping[str, Scalar] = Field(default_factory=dict)
    also: Mapping[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    choices: tuple[Scalar, ...] = ()
    unordered: bool = False
    trim: bool = False
    line_ends: bool = False
    lower: bool = False
    default: Scalar | None = None
    sets: Literal["always", "create", "update"] = "always"
    initially: Scalar | None = None
    risky: Risk | None = None
    mask: Annotated[str, Field(min_length=3)] | None = None
    drop_after: Annotated[str, Field(min_length=1)] | None = None
    schemes: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*$")], ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.write is None) == (not self.absent):
            raise ValueError("give either `write` or, in `absent`, the reason why whsync cannot manage it")
        if (self.sets == "update") != (self.initially is not None):
            raise ValueError("`initially` belongs to `sets: update`")
        if self.unordered and self.type != "list":
            raise ValueError("`unordered` belongs to `type: list`")
        if self.trim and self.type != "text":
            raise ValueError("`trim` is for texts")
        if self.line_ends and self.type != "text":
            raise ValueError("`line_ends` is for texts")
        if self.lower and (self.type not in ("text", "list", "set") or self.values or self.also or self.choices):
            raise ValueError("`lower` is for texts and lists of texts that are no words of a list")
        return self

    @model_validator(mode="after")
    def _says_what_reads_show(self) -> Self:
        if (self.mask is not None or self.drop_after is not None) and not (self.read or self.echo):
            raise ValueError("`mask` and `drop_after` say what reads show: give `read`")
        return self

    @model_validator(mode="after")
    def _names_values_that_it_has(self) -> Self:
        closed = tuple(self.values) or self.choices
        if self.risky is not None and closed and self.risky.value not in closed:
            raise ValueError(
                f"`risky` names {self.risky.value!r}, which is none of the values {', '.join(map(repr, closed))}"
            )
        if (self.is_whole or self.type == "json") and (self.values or self.also or self.choices):
            raise ValueError(f"`values`, `also` and `choices` are not for `type: {self.type}`")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether its values are maps, or lists of maps: one text each, see `support.scalars.as_text`."""
        return self.type in ("map", "objects")


class Listed(Word):
    """Events as a list of texts."""

    kind: Literal["list"] = "list"


class Single(Word):
    """One event as a text: for APIs with one remote object per event (`fan_out`)."""

    kind: Literal["one"]


class Objects(Word):
    """Events as a list of objects that hold the name under `key`, or its parts, put together with `join`, under `keys`.

    A part that is not there is an empty one, and is not sent; at the end of a name it leaves no `join` behind.
    """

    kind: Literal["objects"]
    key: str = ""
    keys: tuple[str, ...] = ()
    join: Annotated[str, Field(min_length=1)] = "."

    @model_validator(mode="after")
    def _has_a_place_for_names(self) -> Self:
        if bool(self.key) == bool(self.keys):
            raise ValueError("give either `key` or, for names of several parts, `keys`")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The keys that hold the name."""
        return self.keys or (self.key,)


class Flags(Word):
    """Events as an object of booleans: one key an event of the catalogue, with `suffix` added."""

    kind: Literal["flags"]
    suffix: str = ""


class Catalogue(Word):
    """The event names. `closed`: others are an error, unless the settings are as in `open_when`.

    Args:
        only: scope parameter -> those of the names that only scopes with it have (`org: [member_added]`).
        read: calls that tell the names; a plan asks where a webhook is to have one that is not among `names`.
    """

    names: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    closed: bool = False
    open_when: Mapping[str, Switch] = Field(default_factory=dict)
    wildcard: str | None = None
    read: tuple[EventListWords, ...] = ()

    @model_validator(mode="after")
    def _knows_what_it_limits(self) -> Self:
        if strays := sorted({name for names in self.only.values() for name in names} - set(self.names)):
            raise ValueError(f"`only` speaks of {', '.join(strays)}, which `names` does not have")
        return self


ANY_EVENT = "*"
"""In `implied`: what the vendor adds whatever the events are."""


class EventLens(Lens):
    """The events: a lens with a codec and a catalogue.

    Args:
        implied: event -> those that the vendor adds by itself (`issues: [issue_comment]`); `"*"`: to whatever there is.
            They are no difference, whether the file names them or not.
    """

    codec: Annotated[Listed | Single | Objects | Flags, Field(discriminator="kind")] = Listed.silent()
    catalogue: Catalogue = Catalogue.silent()
    implied: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_nothing_in_vain(self) -> Self:
        _refuse(self, "events", "default", "initially", "trim", "risky", "line_ends", "lower")
        return self

    @model_validator(mode="after")
    def _implies_what_there_is(self) -> Self:
        if not self.implied:
            return self
        if not isinstance(self.codec, Listed | Objects):
            raise ValueError("`implied` is for events that are a list")
        known, named = (
            set(self.catalogue.names),
            {*self.implied, *(n for names in self.implied.values() for n in names)},
        )
        if strays := sorted(named - known - {ANY_EVENT}) if known else []:
            raise ValueError(f"`implied` speaks of {', '.join(strays)}, which the catalogue does not have")
        return self


class FieldWords(Word):
    """The four common fields; each is there or says why not."""

    url: Lens
    events: EventLens
    status: Lens
    description: Lens

    @model_validator(mode="after")
    def _say_nothing_in_vain(self) -> Self:
        for name in type(self).model_fields:
            _refuse(getattr(self, name), name, "type", "choices", "risky")
        for name in ("url", "status"):
            _refuse(getattr(self, name), name, "line_ends", "lower")
            if name != "url":
                _refuse(getattr(self, name), name, "mask", "drop_after", "schemes")
        return self


def _refuse(lens: Lens, name: str, *words: str) -> None:
    """What is written and would do nothing is a fault: whoever wrote it believes that it does."""
    if vain := [word for word in words if word in lens.model_fields_set]:
        otherwise = "its names stand in `catalogue`" if name == "events" else "leave it out"
        raise ValueError(f"`{vain[0]}` says nothing about {name}; {otherwise}")


class Mark(Word):
    """A free text at the vendor that holds `whsync:NAME`. Somebody else's text is never overwritten."""

    read: Expression
    write: Pointer


class Fetch(Alternative, Get):
    """The call that shows one webhook's secret, and where in its answer."""

    value: Expression


class Rotate(Operation):
    """The call that replaces one webhook's secret.

    Args:
        issued: where its answer holds the one that the vendor made; left out where only `fetch` shows it.
        write: where its body holds one of ours; left out where the vendor takes none.
        grace: how long the old secret stays valid, in seconds or in words (`24 h`); left out where nobody says.
        after_create: what a create makes has no secret before this call, which follows where one is wanted.
    """

    issued: Expression | None = None
    write: Pointer | None = None
    grace: int | str = ""
    after_create: bool = False

    @model_validator(mode="after")
    def _has_a_place_for_ours(self) -> Self:
        if self.write is not None and self.says_nothing:
            raise ValueError(f"`body: {self.body}` has no place for `write`")
        return self

    @property
    def overlap(self) -> str:
        """`grace` in words."""
        if isinstance(self.grace, str):
            return self.grace
        size, unit = next((pair for pair in ((3600, "h"), (60, "min")) if self.grace % pair[0] == 0), (1, "s"))
        return f"{self.grace // size} {unit}"


FEWEST_CHARACTERS = 10
ALPHABETS = {
    "url-safe": URL_SAFE,
    "alphanumeric": URL_SAFE[:62],
    "hex": "0123456789abcdef",
    "base64": f"{URL_SAFE[:62]}+/",
}


def _alphabet(text: str) -> str:
    """The characters of an alphabet by its name, or as they stand."""
    characters = ALPHABETS.get(text, text)
    if len(set(characters)) != len(characters) or len(characters) < FEWEST_CHARACTERS or not characters.isprintable():
        names = ", ".join(ALPHABETS)
        raise ValueError(f"an alphabet is {names}, or at least {FEWEST_CHARACTERS} different characters")
    return characters


SecretName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""What a further secret is called, in files and in locks."""


class SecretWords(Word):
    """How the vendor treats a webhook's secret; see `model.SecretSemantics`.

    Args:
        write: where bodies hold our secret.
        issued: where answers hold one that the vendor made; `issued_by` says in answers to which calls.
        value, mask, has: where reads show the value, a mask, or whether there is one.
            A value that looks like a mask is one. Where there is a `mask`, it is read back after a secret was issued.
        fetch, rotate: calls of its own, for one webhook's secret: to see it, and to replace it.
        length, alphabet: of a secret that whsync makes: fewest and most characters, and which ones.
        prefix: how such a secret begins (`whsec_`); `length` counts it, too.
        bytes: of one that is Base64 (`alphabet: base64`), with its padding: fewest and most bytes in it.
    """

    lifecycle: SecretLifecycle = "none"
    write: Pointer | None = None
    issued: Expression | None = None
    issued_by: tuple[Literal["create", "update"], ...] = ("create",)
    value: Expression | None = None
    mask: Expression | None = None
    has: Expression | None = None
    wiped_if_omitted: bool = False
    settable_later: bool = True
    reason: str = ""
    fetch: Fetch | None = None
    rotate: Rotate | None = None
    length: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    alphabet: Annotated[str, AfterValidator(_alphabet)] = URL_SAFE
    prefix: Annotated[str, Field(pattern=r"^[!-~]*$")] = ""
    bytes: tuple[Annotated[int, Field(ge=FEWEST_BYTES)], Annotated[int, Field(ge=1)]] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.rotate is not None and not (self.reissues or self.takes):
            raise ValueError("`rotate` must say where the new secret is: `write` (ours), `issued` or `fetch` (theirs)")
        if self.length is not None and self.length[0] > self.length[1]:
            raise ValueError("`length` is the fewest and the most characters, in this order")
        if self.bytes is not None and self.bytes[0] > self.bytes[1]:
            raise ValueError("`bytes` is the fewest and the most bytes, in this order")
        is_base64 = self.alphabet == ALPHABETS["base64"]
        if (is_base64 and self.length is not None) or (self.bytes is not None and not is_base64):
            raise ValueError("`bytes` is for `alphabet: base64`, `length` for every other")
        return self

    @model_validator(mode="after")
    def _makes_what_it_shows(self) -> Self:
        late = self.rotate is not None and self.rotate.after_create
        if late and not (self.reissues and self.rotate is not None and self.rotate.issued):
            raise ValueError("`after_create` is for a secret that the vendor makes: say where, `rotate: {issued: …}`")
        return self

    @property
    def reissues(self) -> bool:
        """Whether `rotate` makes the vendor issue another."""
        shown = self.rotate is not None and (self.rotate.issued is not None or self.fetch is not None)
        return shown and self.lifecycle in ("issued", "either")

    @property
    def takes(self) -> bool:
        """Whether `rotate` takes one of ours."""
        return self.rotate is not None and self.rotate.write is not None and self.lifecycle in ("supplied", "either")

    @property
    def rule(self) -> SecretRule:
        """What a secret that whsync makes must look like."""
        if self.alphabet == ALPHABETS["base64"]:
            return SecretRule(0, 0, self.alphabet, self.prefix, *(self.bytes or BASE64_BYTES))
        shortest, longest = self.length or (0, 0)
        return SecretRule(shortest, longest, self.alphabet, self.prefix)
