"""The manifest language: what one vendor's webhook API is, as data. Its JSON Schema is `manifest_schema()`.

Loaded by `providers.registry`, compiled by `providers.engine.interpret`. The small words are in `words`, `reads` and
`credentials`, beside this one.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from reconciler.errors import Kind
from reconciler.model.further import FIRST, pointer_of
from reconciler.providers.language.checks import CHECKS
from reconciler.providers.language.credentials import Auth
from reconciler.providers.language.discovery import DiscoverWords
from reconciler.providers.language.examples import Example
from reconciler.providers.language.fields import FieldWords, Lens, Mark, SecretName, SecretWords
from reconciler.providers.language.identity import Identity
from reconciler.providers.language.reads import Get, ReadWay, ScopeWay, WhoAmI
from reconciler.providers.language.verified import Verified
from reconciler.providers.language.words import (
    Alternative,
    Create,
    Expression,
    Operation,
    Pointer,
    Scalar,
    Update,
    Word,
)
from reconciler.providers.vendor import Switch
from reconciler.support import json_schema


class SettingWord(Word):
    """A switch for what the vendor's documents leave open."""

    default: Switch
    choices: tuple[Switch, ...] = ()
    about: str


class LimitWords(Word):
    """How hard one account may be pressed: calls in flight, and calls a second (0: no cap)."""

    reads: int = Field(default=4, ge=1)
    writes: int = Field(default=1, ge=1)
    per_second: float = Field(default=0, ge=0)


class Delete(Operation):
    """A real delete.

    Args:
        gone: statuses that say it is not there, which is as good.
        first: pointer -> the value that the field must have before it can be deleted; an update gives it that.
    """

    how: Literal["delete"]
    first: Mapping[Pointer, Scalar] = Field(default_factory=dict)
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "DELETE"
    ok: tuple[int, ...] = (200, 202, 204)
    gone: tuple[int, ...] = (410,)


class Deactivate(Alternative):
    """No delete: the webhook is switched off by an update that sets `status`."""

    how: Literal["deactivate"]
    status: str = "inactive"


class Keep(Alternative):
    """It cannot be removed, and why."""

    how: Literal["none"]
    reason: str


RetireWay = Annotated[Delete | Deactivate | Keep, Field(discriminator="how")]


class FanOut(Word):
    """One remote object per event: create makes one, update moves one, retire removes one.

    Where they are listed, those with the same `natural_key` are one webhook.
    """

    by: Literal["event"] = "event"


class Rule(Word):
    """What an answer means. All that is given must hold: one of `status`, `when` on the body, `header` by value."""

    status: tuple[int, ...] = ()
    when: Expression | None = None
    header: Mapping[str, str] = Field(default_factory=dict)
    kind: Kind
    says: str = ""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not (self.status or self.when or self.header):
            raise ValueError("a rule needs `status`, `when` or `header`")
        return self


class ErrorWords(Word):
    """Where a refusal's words are (the first expression that finds some), and rules that go before the usual."""

    message: tuple[Expression, ...] = ("message", "error.message", "error")
    rules: tuple[Rule, ...] = ()


class Manifest(Word):
    """One vendor."""

    type: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    sources: tuple[str, ...]
    unknown: tuple[str, ...]
    verified: Verified = Verified.silent()
    base_url: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    limits: LimitWords = LimitWords.silent()
    settings: Mapping[str, SettingWord] = Field(default_factory=dict)
    auth: tuple[Auth, ...]
    variables: Mapping[str, str] = Field(default_factory=dict)
    scope: tuple[ScopeWay, ...] = (ScopeWay.silent(),)
    probe: Get | None = None
    account: WhoAmI | None = None
    discover: Mapping[str, DiscoverWords] = Field(default_factory=dict)
    read: tuple[ReadWay, ...]
    identity: Identity
    natural_key: tuple[Pointer, ...] = ("/url",)
    further_key: tuple[Pointer, ...] = ()
    fields: FieldWords
    options: Mapping[str, Lens] = Field(default_factory=dict)
    mark: Mark | None = None
    secret: SecretWords = SecretWords.silent()
    secrets: Mapping[SecretName, SecretWords] = Field(default_factory=dict)
    create: tuple[Create, ...]
    update: tuple[Update, ...] = ()
    retire: tuple[RetireWay, ...]
    replace: Literal["create_first", "delete_first"] = "create_first"
    fan_out: FanOut | None = None
    handshake: str = ""
    errors: ErrorWords = ErrorWords.silent()
    examples: tuple[Example, ...]

    def lenses(self) -> dict[str, Lens]:
        """Every field by its pointer, options too, those that are absent as well."""
        common = {f"/{name}": getattr(self.fields, name) for name in type(self.fields).model_fields}
        return common | {f"/options/{name}": lens for name, lens in self.options.items()}

    def secret_words(self) -> dict[str, SecretWords]:
        """How each secret is treated, by the pointer that a plan has for it."""
        return {pointer_of(which): words for which, words in {FIRST: self.secret, **self.secrets}.items()}

    @property
    def identifies_places(self) -> bool:
        """Whether some scope says how to learn which place it is."""
        return any(words.place is not None for words in self.scope)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for check in CHECKS:
            check(self)
        return self


def manifest_schema() -> dict[str, Any]:
    """The language as JSON Schema, for editors and for `schema manifest`."""
    schema = json_schema.settled(Manifest.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "whsync manifest", **schema}
