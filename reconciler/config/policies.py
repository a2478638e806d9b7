"""The block `policy` of `webhooks.yaml`, of a provider entry and of the trust file. [pure] Used by `config.schema`."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from reconciler.config import forms
from reconciler.config.block import Block
from reconciler.config.shapes import Flag, Text, one_of
from reconciler.planning.policy import USUAL_SHARE, Policy, Strangers, Threshold, bound_strangers

Host = Annotated[Text, AfterValidator(forms.host)]
Hosts = Annotated[
    tuple[Host, ...],
    AfterValidator(forms.hosts),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1}),
]
MaxChanged = Annotated[
    Any,  # a Threshold, which older pydantic would look into, and not find again where blocks share it
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
UnmanagedPolicy = Annotated[Strangers, one_of("report", "ignore", "deny", "delete")]
DriftPolicy = Annotated[Literal["all", "managed"], one_of("all", "managed")]


class PolicyBlock(Block):
    """What must never happen; a plan that breaks it is refused."""

    allowed_hosts: Hosts = Field(
        (), description="Where webhook URLs may point; anywhere by default.", examples=[["*.acme.com"]]
    )
    https_only: Flag = Field(True, description="Only https URLs; loopback hosts are exempt.")
    http_hosts: Hosts = Field(
        (), description="Hosts that may be reached without https all the same.", examples=[["hooks.build.svc"]]
    )
    max_changed: MaxChanged | None = Field(
        None,
        description="How many of a provider's managed webhooks one run may change, or retire: a count or a share; "
        f"{USUAL_SHARE} by default.",
        examples=["30%"],
    )
    unmanaged: UnmanagedPolicy = Field("report", description="What to do about webhooks nobody declared.")
    spared: tuple[Text, ...] = Field(
        (),
        alias="except",
        description="Of these, patterns of those that may stay: of the URL or the id, or `FIELD:PATTERN`.",
        examples=[["https://*.vendor.com/*", "description:managed by *"]],
    )
    drift: DriftPolicy = Field(
        "all", description="Which later moves at the vendor are told: of all fields it shows, or of managed ones only."
    )

    @property
    def policy(self) -> Policy:
        """The block as the rest of whsync knows it."""
        share: Threshold = self.max_changed or USUAL_SHARE
        policy = Policy(self.allowed_hosts, self.https_only, share, self.unmanaged, self.drift, spared=self.spared)
        return policy._replace(http_hosts=self.http_hosts)

    def over(self, usual: Policy) -> Policy:
        """What this block says of one provider entry, and of the rest what `usual` says."""
        mine, said = self.policy, self.model_fields_set
        return usual._replace(apart={}, **{key: value for key, value in mine._asdict().items() if key in said})

    def bound(self, policy: Policy) -> Policy:
        """The policy, made as strict as this block says: what this one says cannot be loosened, only tightened.

        That holds for what provider entries say for themselves, too.
        """
        mine, said = self.policy, self.model_fields_set
        must_be_https = "https_only" in said and mine.https_only
        return policy._replace(
            apart={name: self.bound(each) for name, each in policy.apart.items()},
            http_hosts=("*",) if must_be_https and not policy.https_only else policy.http_hosts,
            http_also=mine.http_hosts if must_be_https else policy.http_also,
            allowed_also=mine.allowed_hosts,
            https_only=policy.https_only or must_be_https,
            max_changed_also=self.max_changed,
            unmanaged=bound_strangers(policy.unmanaged, mine.unmanaged if "unmanaged" in said else None),
            spared=mine.spared if mine.unmanaged == "deny" else (*policy.spared, *mine.spared),
            drift="all" if "drift" in said and mine.drift == "all" else policy.drift,
        )
