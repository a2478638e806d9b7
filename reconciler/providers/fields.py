"""The words for a webhook's fields: lenses, event codecs, owner mark, secret. Used by `manifest` and `codec`."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from reconciler.providers.vendor import Switch
from reconciler.providers.words import Expression, Pointer, Scalar, Value
from reconciler.secret import Lifecycle


class Lens(Value):
    """One field, read and written.

    Args:
        absent: why the vendor does not have it; then nothing else is given but perhaps `read`.
        read: where reads show it; echo: where a write's answer shows it, if elsewhere.
        write: where bodies hold it.
        values: our word -> the vendor's value; also: our word -> other values that mean the same.
            What is in neither is read as it is.
        choices: the only values that the vendor takes, where there is no need for `values`.
        default: what a missing value means on reads.
        sets: when it can be written; `create` makes it immutable, `update` needs `initially`, its value after a create.
    """

    absent: str = ""
    read: Expression | None = None
    echo: Expression | None = None
    write: Pointer | None = None
    type: Literal["text", "bool", "int", "number", "list"] = "text"
    values: Mapping[str, Scalar] = Field(default_factory=dict)
    also: Mapping[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    choices: tuple[Scalar, ...] = ()
    default: Scalar | None = None
    sets: Literal["always", "create", "update"] = "always"
    initially: Scalar | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.write is None) == (not self.absent):
            raise ValueError("give either `write` or, in `absent`, the reason why whsync cannot manage it")
        if (self.sets == "update") != (self.initially is not None):
            raise ValueError("`initially` belongs to `sets: update`")
        return self


class Listed(Value):
    """Events as a list of texts."""

    kind: Literal["list"] = "list"


class Single(Value):
    """One event as a text: for APIs with one remote object per event (`fan_out`)."""

    kind: Literal["one"]


class Objects(Value):
    """Events as a list of objects that hold the name under `key`."""

    kind: Literal["objects"]
    key: str


class Flags(Value):
    """Events as an object of booleans: one key an event of the catalogue, with `suffix` added."""

    kind: Literal["flags"]
    suffix: str = ""


class Catalogue(Value):
    """The event names. `closed`: others are an error, unless the settings are as in `open_when`."""

    names: tuple[str, ...] = ()
    closed: bool = False
    open_when: Mapping[str, Switch] = Field(default_factory=dict)
    wildcard: str | None = None


class EventLens(Lens):
    """The events: a lens with a codec and a catalogue."""

    codec: Annotated[Listed | Single | Objects | Flags, Field(discriminator="kind")] = Listed()
    catalogue: Catalogue = Catalogue()


class FieldWords(Value):
    """The four common fields; each is there or says why not."""

    url: Lens
    events: EventLens
    status: Lens
    description: Lens


class Mark(Value):
    """A free text at the vendor that holds `whsync:NAME`. Somebody else's text is never overwritten."""

    read: Expression
    write: Pointer


class SecretWords(Value):
    """How the vendor treats a webhook's secret; see `model.SecretSemantics`.

    Args:
        write: where bodies hold our secret.
        issued: where answers hold one that the vendor made; `issued_by` says in answers to which calls.
        value, mask, has: where reads show the value, a mask, or whether there is one.
            A value with a run of `*` is a mask.
        read_mask_back: after a secret was issued, one more read notes the mask.
    """

    lifecycle: Lifecycle = "none"
    write: Pointer | None = None
    issued: Expression | None = None
    issued_by: tuple[Literal["create", "update"], ...] = ("create",)
    value: Expression | None = None
    mask: Expression | None = None
    has: Expression | None = None
    read_mask_back: bool = False
    wiped_if_omitted: bool = False
    settable_later: bool = True
    reason: str = ""
