"""The shape of `webhooks.yaml`, once: for validation and for `schemas/config.schema.json`. [pure]

Used by `config.webhook` and `config.provider` for one entry at a time, after variables are filled in, by `config.files`
for the rest of each file, and by `cli.schema`, which prints it for editors.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema

from reconciler.codes import Code
from reconciler.config import forms, reference
from reconciler.config.fault import Wrong
from reconciler.model.secret import FEWEST_BYTES, SecretRef, SecretSpec
from reconciler.planning.policy import USUAL_SHARE, Policy, Threshold
from reconciler.secrets.scheme import Grammar
from reconciler.support.scalars import meant

VERSION = 1

_SCALAR = {"type": ["string", "number", "boolean"]}
_VARIABLE = r"\$\{.+\}"

Text = Annotated[str, BeforeValidator(forms.as_written), WithJsonSchema(_SCALAR)]
Flag = Annotated[bool, Field(strict=True), BeforeValidator(meant)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Ref = Annotated[
    SecretRef,
    PlainValidator(lambda value, info: reference.source(value, info.context)),
    WithJsonSchema({reference.MARK: "source", "type": "string", "examples": ["env:HOOK_SECRET"]}),
]
Sink = Annotated[
    SecretRef,
    PlainValidator(lambda value, info: reference.sink(value, info.context)),
    WithJsonSchema({reference.MARK: "sink", "type": "string", "examples": ["file:./secrets/ledger"]}),
]
ForEach = Annotated[
    dict[str, tuple[str, ...]],
    PlainValidator(forms.for_each),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "array", "items": _SCALAR},
                {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": _SCALAR},
                    "minProperties": 1,
                },
            ],
            "examples": [{"repo": ["api", "web"]}],
        }
    ),
]
WebhookOptions = Annotated[dict[str, Any], AfterValidator(forms.options)]
Switches = dict[
    str, Annotated[Any, AfterValidator(forms.switch), WithJsonSchema({"type": ["string", "boolean", "integer"]})]
]
Host = Annotated[Text, AfterValidator(forms.host)]
Hosts = Annotated[
    tuple[Host, ...],
    AfterValidator(forms.hosts),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1}),
]
MaxChanged = Annotated[
    Threshold,
    PlainValidator(forms.max_changed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^(\d+|(\d{1,2}(\.\d+)?|100(\.0+)?)%)$|\$\{.+\}"},
            ]
        }
    ),
]
Status = Annotated[
    Literal["active", "inactive"],
    WithJsonSchema({"anyOf": [{"enum": ["active", "inactive"]}, {"type": "string", "pattern": _VARIABLE}]}),
]
UnmanagedPolicy = Annotated[
    Literal["report", "ignore", "deny"],
    WithJsonSchema({"anyOf": [{"enum": ["report", "ignore", "deny"]}, {"type": "string", "pattern": _VARIABLE}]}),
]


class Block(BaseModel):
    """The base of everything that crosses the file: frozen, and no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SecretBlock(Block):
    """One webhook's secret: `{from}` (ours), `{to}` (the vendor issues it) or `{generate, to}` (whsync makes it)."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["from"], "maxProperties": 1},
                {"required": ["to"], "maxProperties": 1},
                {"required": ["generate", "to"]},
            ]
        }
    )
    source: Ref | None = Field(None, alias="from", description="Where our secret is found.")
    to: Sink | None = Field(None, description="Where the secret is stored.")
    generate: int | None = Field(
        None, strict=True, ge=FEWEST_BYTES, le=1024, description="How many random bytes to make it of."
    )

    @model_validator(mode="before")
    @classmethod
    def _is_block(cls, value: object) -> object:
        return forms.secret(value)

    @model_validator(mode="after")
    def _one_form(self) -> "SecretBlock":
        if (self.source is None) == (self.to is None) or (self.generate is not None and self.to is None):
            raise Wrong(Code.WRONG_SECRET_FORM, "must have one of three forms", forms.SECRET_FORMS)
        return self

    @property
    def spec(self) -> SecretSpec:
        """The block as the rest of whsync knows it."""
        return SecretSpec(self.source, self.to, self.generate)


class LifecycleBlock(Block):
    """How a webhook may end and what it was called."""

    protect: Flag | None = Field(None, description="Refuse to prune or replace it, until this is false and applied.")
    was: tuple[Text, ...] = Field((), description="Earlier names of this webhook.", examples=[["old-name"]])
    new: Flag = Field(False, description="Make it, although a webhook whose address the vendor hides may be it.")


class DefaultsBlock(Block):
    """Merged under every webhook; what a vendor does not have is skipped there."""

    provider: Text | None = Field(
        None, description="The entry under `providers:` that holds it; the only one by default."
    )
    url: Text | None = Field(None, description="Where events are sent.", examples=["https://hooks.acme.com/ledger"])
    events: Names | None = Field(None, description="The events it is sent; order and repeats do not matter.")
    status: Status | None = Field(None, description="Whether it is switched on.")
    description: Text | None = Field(None, description="A text for people.")
    options: WebhookOptions | None = Field(
        None, description="Fields that only this vendor has.", examples=[{"content_type": "json"}]
    )
    scope: dict[str, Text] | None = Field(
        None,
        description="What the vendor hangs it on; merged over the provider's.",
        examples=[{"owner": "acme", "repo": "api"}],
    )
    secret: SecretBlock | None = Field(None, description="The secret that signs what the vendor sends.")
    lifecycle: LifecycleBlock | None = Field(None, description="Protection and earlier names.")


class WebhookBlock(DefaultsBlock):
    """One webhook; its key is its identity for ever. A field that is left out is not managed."""

    for_each: ForEach | None = Field(None, description="Makes one webhook for each value; `${each.KEY}` is that value.")


class LimitsBlock(Block):
    """How hard one account may be pressed; what is left out is the vendor's."""

    reads: int | None = Field(None, strict=True, ge=1, le=256, description="Reads in flight at once.")
    writes: int | None = Field(None, strict=True, ge=1, le=256, description="Writes in flight at once.")
    per_second: float | None = Field(None, strict=True, ge=0, le=10_000, description="Calls a second; 0: no cap.")


class ProviderBlock(Block):
    """One account at one vendor."""

    type: Text | None = Field(
        None,
        description="The manifest: a name, or the path of your own. The entry's own name by default.",
        examples=["acme", "./vendors/acme.yaml"],
    )
    base_url: Text | None = Field(
        None, description="Where the API is; a path prefix is kept.", examples=["https://api.acme.com"]
    )
    auth: dict[str, Ref] | None = Field(
        None,
        description="References to the credentials, never the credentials.",
        examples=[{"token": "env:ACME_TOKEN"}],
    )
    account: Text | None = Field(
        None,
        description="Whose credentials these must be, as the vendor's id; others are refused before anything is read.",
        examples=["583231"],
    )
    scope: dict[str, Text] | None = Field(None, description="The default scope of its webhooks.")
    settings: Switches | None = Field(None, description="Switches that the manifest declares.")
    limits: LimitsBlock | None = Field(None, description="Tighter or looser limits than the vendor's.")


class PolicyBlock(Block):
    """What must never happen; a plan that breaks it is refused."""

    allowed_hosts: Hosts = Field(
        (), description="Where webhook URLs may point; anywhere by default.", examples=[["*.acme.com"]]
    )
    https_only: Flag = Field(True, description="Only https URLs; loopback hosts are exempt.")
    max_changed: MaxChanged | None = Field(
        None,
        description="How many of a provider's managed webhooks one run may change, or retire: a count or a share; "
        f"{USUAL_SHARE} by default.",
        examples=["30%"],
    )
    unmanaged: UnmanagedPolicy = Field("report", description="What to do about webhooks nobody declared.")

    @property
    def policy(self) -> Policy:
        """The block as the rest of whsync knows it."""
        return Policy(self.allowed_hosts, self.https_only, self.max_changed or USUAL_SHARE, self.unmanaged)


P = TypeVar("P")
W = TypeVar("W")


class Config(Block, Generic[P, W]):
    """One file of whsync's configuration. `P` and `W` are the shapes of providers and webhooks."""

    version: Annotated[int, WithJsonSchema({"const": VERSION})] = Field(description="The language's version.")
    lock: Text | None = Field(None, description="The lock; `webhooks.lock.json` beside the file by default.")
    include: tuple[Text, ...] = Field((), description="More files, relative to this one.", examples=[["teams/*.yaml"]])
    providers: dict[str, P] = Field({}, description="Accounts at vendors, by name.")
    policy: PolicyBlock | None = None
    defaults: DefaultsBlock | None = None
    webhooks: dict[str, W] = Field({}, description="Webhooks, by name.")


class FileHead(Config[Any, Any]):
    """A file whose providers and webhooks are looked at one by one; an included file may leave out the version."""

    version: int = VERSION


_PUBLISHED = {f"{name}Block": name for name in ("Defaults", "Lifecycle", "Limits", "Provider", "Secret", "Webhook")}
"""What the published schema calls a block, where that is another name than its class has."""


class _PublishedSchema(GenerateJsonSchema):
    """The schema of the classes, under the published names."""

    def normalize_name(self, name: str) -> str:
        """See GenerateJsonSchema: how `$defs` calls a class."""
        return super().normalize_name(_PUBLISHED.get(name, name))


def config_schema(grammar: Grammar) -> dict[str, Any]:
    """The JSON Schema of `webhooks.yaml`, for editors, with the kinds of references that `grammar` has.

    `schemas/config.schema.json` holds it with those that come with whsync.
    """
    shape = Config[ProviderBlock, WebhookBlock]
    written = _tidied(shape.model_json_schema(by_alias=True, schema_generator=_PublishedSchema))
    schema: dict[str, Any] = reference.with_patterns(written, grammar)
    for names in ("providers", "webhooks"):
        schema["properties"][names]["propertyNames"] = {"pattern": f"^{forms.NAME}$"}
    schema["patternProperties"] = {"^x-": True}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "whsync configuration", **schema}


def _tidied(node: Any) -> Any:
    """Without what pydantic adds and the file has no use for."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    return _without_null({key: _tidied(value) for key, value in node.items() if not _says_nothing(key, value)})


def _says_nothing(key: str, value: Any) -> bool:
    """Whether it is a title, which only repeats its key, or a default that is what leaving out means."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, [], {}))


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    """The node without null among its choices, since the file knows no null; one choice that is left is no choice."""
    choices = [choice for choice in node.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**{key: value for key, value in node.items() if key != "anyOf"}, **choices[0]}
    return {**node, "anyOf": choices} if choices else node
