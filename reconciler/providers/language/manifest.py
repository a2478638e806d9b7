"""The manifest language: what one vendor's webhook API is, as data. Its JSON Schema is `manifest_schema()`.

Loaded by `providers.registry`, compiled by `providers.engine.interpret`. The small words are in `words`, `reads` and
`credentials`, beside this one.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from reconciler.errors import Kind
from reconciler.model.further import FIRST, pointer_of
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
    variables_in,
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
    verified: Verified = Verified()
    base_url: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    limits: LimitWords = LimitWords()
    settings: Mapping[str, SettingWord] = Field(default_factory=dict)
    auth: tuple[Auth, ...]
    variables: Mapping[str, str] = Field(default_factory=dict)
    scope: tuple[ScopeWay, ...] = (ScopeWay(),)
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
    secret: SecretWords = SecretWords()
    secrets: Mapping[SecretName, SecretWords] = Field(default_factory=dict)
    create: tuple[Create, ...]
    update: tuple[Update, ...] = ()
    retire: tuple[RetireWay, ...]
    replace: Literal["create_first", "delete_first"] = "create_first"
    fan_out: FanOut | None = None
    handshake: str = ""
    errors: ErrorWords = ErrorWords()
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
        checks = (
            _check_pointers, _check_identity, _check_reads, _check_key, _check_fan_out, _check_settings,
            _check_credentials,
        )  # fmt: skip
        for check in checks:
            check(self)
        return self


def _check_pointers(manifest: Manifest) -> None:
    """Every pointer that the manifest names has a lens, or is the secret's."""
    pointers = {*manifest.lenses(), *manifest.secret_words()}
    named = [
        *manifest.natural_key,
        *manifest.further_key,
        *(pointer for create in manifest.create for pointer in create.needs),
    ]
    for update in manifest.update:
        resent = (pointer for others in update.resend.values() for pointer in others)
        named += [*(update.covers or ()), *update.for_, *update.always, *update.resend, *resent]
    named += [pointer for retire in manifest.retire if isinstance(retire, Delete) for pointer in retire.first]
    strays = sorted({pointer for pointer in named if pointer not in pointers})
    if strays:
        raise ValueError(f"no field is called {', '.join(strays)}; there are {', '.join(sorted(pointers))}")


def _check_identity(manifest: Manifest) -> None:
    """A field that is the identity is shown by lists, told by the create, and never changed: else it is another's."""
    of = manifest.identity.of
    if of is None:
        return
    lens = manifest.lenses().get(of)
    if (
        lens is None
        or lens.read is None
        or lens.sets != "create"
        or lens.type != "text"
        or of not in manifest.natural_key
    ):
        raise ValueError(
            f"`identity.of` names {of}; it must be a text that reads show, `sets: create`, a `natural_key`"
        )
    if any(read.how != "list" or read.one is not None for read in manifest.read) or manifest.fan_out is not None:
        raise ValueError("`identity.of` is for webhooks that are listed, without `one` and `fan_out`")
    if manifest.secret.fetch is not None:
        raise ValueError("`fetch` asks for a webhook by an id, and with `identity.of` there is none")


def _check_reads(manifest: Manifest) -> None:
    """`only` compares with parameters of the scope, so that a misspelt one does not leave everything out."""
    known = {name for way in manifest.scope for name in way.params}
    used = {
        name for read in manifest.read for text in getattr(read, "only", {}).values() for name in variables_in(text)
    }
    used |= manifest.fields.events.catalogue.only.keys()
    if strays := sorted(used - known):
        raise ValueError(f"`only` speaks of {', '.join(strays)}; the scope has {', '.join(sorted(known)) or 'nothing'}")


def _check_key(manifest: Manifest) -> None:
    """What a list shows is told apart by something that it shows; else nothing of ours would ever be found in it."""
    if manifest.mark is not None or all(read.how != "list" for read in manifest.read):
        return
    if not manifest.natural_key:
        raise ValueError("`natural_key` is empty and there is no `mark`, so that no webhook of a list would be found")
    lenses = manifest.lenses()
    for word, pointers in (("natural_key", manifest.natural_key), ("further_key", manifest.further_key)):
        if hidden := [at for at in pointers if at not in lenses or lenses[at].read is None]:
            raise ValueError(f"`{word}` names {', '.join(hidden)}, which no read shows")


def _check_fan_out(manifest: Manifest) -> None:
    """What `fan_out` does not go together with."""
    if manifest.fan_out is None:
        return
    if any(read.how not in ("list", "none") for read in manifest.read):
        raise ValueError("`fan_out` is for APIs that list their objects, or cannot be read at all")
    if any(read.how == "list" for read in manifest.read):
        _check_objects(manifest)
    if words := next((words for words, used in _beside_fan_out(manifest) if used), None):
        raise ValueError(f"{words} for APIs without `fan_out`, so far")


def _beside_fan_out(manifest: Manifest) -> Iterator[tuple[str, bool]]:
    """The words that objects which are written one by one do not know yet, and whether a manifest has them."""
    yield "`values` and `also` of events are", bool(manifest.fields.events.values or manifest.fields.events.also)
    yield "`first` is", any(isinstance(retire, Delete) and retire.first for retire in manifest.retire)
    yield "`fetch` and `rotate` are", bool(manifest.secret.fetch or manifest.secret.rotate)
    yield "`secrets` are", bool(manifest.secrets)
    yield "`sets: update` is", any(lens.sets == "update" for lens in manifest.lenses().values())


def _check_objects(manifest: Manifest) -> None:
    """What objects that are listed and of which several are one webhook must have, and cannot have."""
    if manifest.fields.events.codec.kind != "one" or "/events" in manifest.natural_key:
        raise ValueError("with `fan_out` each object has `codec: {kind: one}`, and the events are no `natural_key`")
    if manifest.secret.lifecycle in ("issued", "either"):
        raise ValueError("with `fan_out` each object would have an issued secret of its own, and a webhook has one")
    if any(retire.how == "deactivate" for retire in manifest.retire):
        raise ValueError("with `fan_out` an event that is dropped needs a `delete`")


def _check_credentials(manifest: Manifest) -> None:
    """Credentials in paths have names of their own, which every way to authenticate gives; bodies have a place."""
    in_paths = {getattr(auth, "names", ()) for auth in manifest.auth}
    if len(in_paths) > 1:
        raise ValueError("where paths hold credentials, every way of `auth` is `kind: path` with the same `names`")
    taken = {"id", *manifest.settings, *(name for way in manifest.scope for name in way.params)}
    if both := sorted(taken & set(next(iter(in_paths), ()))):
        raise ValueError(f"{', '.join(both)} would be a credential and something else; paths could not tell them apart")
    if any(auth.kind == "body" for auth in manifest.auth):
        for call in _calls(manifest):
            no_object = isinstance(call, Operation) and call.body not in ("fields", "changed", "full", "merge", "parts")
            if call.method == "GET" or no_object:
                raise ValueError(f"{call.method} {call.path} has no body in which credentials could stand")


def _calls(manifest: Manifest) -> Iterator[Get | Operation]:
    """Every call of a manifest but those for tokens."""
    reads = [*manifest.read, *(getattr(read, "one", None) for read in manifest.read)]
    reads += [words for read in manifest.read for words in getattr(read, "beside", {}).values()]
    reads += [
        *manifest.discover.values(),
        manifest.probe,
        manifest.account,
        *(way.place for way in manifest.scope),
        manifest.secret.fetch,
    ]
    yield from (read for read in reads if isinstance(read, Get))
    yield from (Get(path=read) for read in reads if isinstance(read, str))
    writes = (*manifest.create, *manifest.update, *manifest.retire, manifest.secret.rotate)
    yield from (write for write in writes if isinstance(write, Operation))


def _check_settings(manifest: Manifest) -> None:
    """Every setting that the manifest names is declared; `sound.choices` says what else is wrong with them."""
    alternatives: list[Alternative] = [*manifest.auth, *manifest.read, *manifest.create, *manifest.update]
    alternatives += [*manifest.retire, *filter(None, (manifest.secret.fetch, manifest.secret.rotate))]
    used = {name for each in alternatives for name in each.when} | set(manifest.fields.events.catalogue.open_when)
    used |= {value.setting for auth in manifest.auth for value in dict(auth).values() if hasattr(value, "setting")}
    strays = sorted(used - set(manifest.settings))
    if strays:
        raise ValueError(f"no setting is called {', '.join(strays)}")


def manifest_schema() -> dict[str, Any]:
    """The language as JSON Schema, for editors and for `schema manifest`."""
    schema = json_schema.settled(Manifest.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "whsync manifest", **schema}
