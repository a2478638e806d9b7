"""The shape of `webhooks.yaml`, once: for validation, and for the schema in `config.published`. [pure]

Used by `config.webhook` and `config.provider` for one entry at a time, after variables are filled in, and by
`config.files` for the rest of each file.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from reconciler.codes import Code
from reconciler.config import forms, hidden, reference
from reconciler.config.audit import AuditBlock
from reconciler.config.block import Block
from reconciler.config.fault import Wrong
from reconciler.config.policies import PolicyBlock
from reconciler.config.shapes import SCALAR, Flag, Text, one_of
from reconciler.model.secret import SecretRef, SecretSpec
from reconciler.model.secret_rule import FEWEST_BYTES

VERSION = 1


Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Events = Annotated[
    Names,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": SCALAR, "minItems": 1},
                {"type": "string", "pattern": r"^\$\{[^{}]+\}$"},
            ]
        }
    ),
]
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
ForEach = Annotated[Any, WithJsonSchema(forms.FOR_EACH_SCHEMA)]
Url = Annotated[
    str,
    BeforeValidator(lambda value, info: hidden.url(value, info.context)),
    WithJsonSchema(dict(hidden.URL_SCHEMA)),
]
WebhookOptions = Annotated[
    dict[str, Any],
    BeforeValidator(lambda value, info: hidden.options(value, info.context)),
    AfterValidator(forms.options),
]
Switches = dict[
    str, Annotated[Any, AfterValidator(forms.switch), WithJsonSchema({"type": ["string", "boolean", "integer"]})]
]
Status = Annotated[Literal["active", "inactive"], one_of("active", "inactive")]
ReplaceOrder = Annotated[Literal["create_first", "delete_first"], one_of("create_first", "delete_first")]


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
    replace: ReplaceOrder | None = Field(
        None, description="Which goes first where it must be replaced; the manifest's order by default."
    )
    ignore: tuple[Text, ...] = Field(
        (),
        description="Fields that are set when it is made, and left alone from then on.",
        examples=[["status"]],
    )
    new: Flag = Field(False, description="Make it, although a webhook whose address the vendor hides may be it.")


class DefaultsBlock(Block):
    """Merged under every webhook; what a vendor does not have is skipped there."""

    provider: Text | None = Field(
        None, description="The entry under `providers:` that holds it; the only one by default."
    )
    url: Url | None = Field(
        None,
        description="Where events are sent: a text, in which ${secret:REF} is hidden, or {from: REF}.",
        examples=["https://hooks.acme.com/ledger"],
    )
    events: Events | None = Field(None, description="The events it is sent; order and repeats do not matter.")
    status: Status | None = Field(None, description="Whether it is switched on.")
    description: Text | None = Field(None, description="A text for people.")
    options: WebhookOptions | None = Field(
        None,
        description="Fields that only this vendor has; any value may be {from: REF}, or have ${secret:REF} in it.",
        examples=[{"content_type": "json"}],
    )
    scope: dict[str, Text] | None = Field(
        None,
        description="What the vendor hangs it on; merged over the provider's.",
        examples=[{"owner": "acme", "repo": "api"}],
    )
    secret: SecretBlock | None = Field(None, description="The secret that signs what the vendor sends.")
    secrets: dict[str, SecretBlock] | None = Field(
        None,
        description="Further secrets, by the names that the manifest has for them.",
        examples=[{"basic": {"from": "env:HOOK_PASSWORD"}}],
    )
    key: Names | None = Field(
        None,
        description="The fields that tell it apart in its place; the manifest's natural key by default.",
        examples=[["url", "events"]],
    )
    lifecycle: LifecycleBlock | None = Field(None, description="Protection and earlier names.")


class WebhookBlock(DefaultsBlock):
    """One webhook; its key is its identity for ever. A field that is left out is not managed."""

    for_each: ForEach | None = Field(
        None,
        description="Makes one webhook for each row or combination of values; `${each.KEY}` is its value. With "
        "`discover` the vendor lists the values of a key; `match` and `except` choose of these.",
    )
    override: dict[str, DefaultsBlock] | None = Field(
        None,
        description="What is written instead for some of them, by name or glob; the last one that fits wins.",
        examples=[{"legacy": {"status": "inactive"}, "lib-*": {"events": ["push"]}}],
    )


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
    policy: PolicyBlock | None = Field(
        None, description="What holds for this entry instead of the same keys of the file's own policy."
    )


class VariableBlock(Block):
    """A text that is filled in as `${NAME}`: of the command line, else of the environment, else its default."""

    default: Text | None = Field(None, description="What it is where nobody says anything else.")
    allowed: Names | None = Field(None, description="All that it may be.", examples=[["staging", "prod"]])
    description: Text | None = Field(None, description="What it is for.")


P = TypeVar("P")
W = TypeVar("W")


class Config(Block, Generic[P, W]):
    """One file of whsync's configuration. `P` and `W` are the shapes of providers and webhooks."""

    version: Annotated[int, WithJsonSchema({"const": VERSION})] = Field(description="The language's version.")
    lock: Text | None = Field(
        None,
        description="The lock: a path, s3://BUCKET/KEY, gs://…, az://…, postgresql://HOST/DB?name=KEY, https://… or "
        "git+https://…; `webhooks.lock.json` beside the file by default.",
    )
    include: tuple[Text, ...] = Field((), description="More files, relative to this one.", examples=[["teams/*.yaml"]])
    providers: dict[str, P] = Field({}, description="Accounts at vendors, by name.")
    variables: dict[str, VariableBlock] = Field(
        {}, description="Texts that --var, --var-file and the environment may set; filled in as `${NAME}`."
    )
    policy: PolicyBlock | None = None
    audit: AuditBlock | None = None
    defaults: DefaultsBlock | None = None
    webhooks: dict[str, W] = Field({}, description="Webhooks, by name.")


class FileHead(Config):  # type: ignore[type-arg]  # any, which pydantic would build a second shape for if it were said
    """A file whose providers and webhooks are looked at one by one; an included file may leave out the version."""

    version: int = VERSION
