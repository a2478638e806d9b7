"""The one definition of `fleet.yaml`. [pure] Read by `fleet.load`; printed by `whsync schema fleet`.

A tenant's keys may stand in `defaults`, too, where every tenant that does not say otherwise gets them.
"""

import math
import re
from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from reconciler.codes import Code
from reconciler.config.block import Block
from reconciler.config.fault import Wrong
from reconciler.config.forms import as_written
from reconciler.support import json_schema

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""A tenant's name, which is part of the names of files and of variables."""
RESULTS = ".whsync-fleet"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_PREFIX = r"(?:[A-Za-z0-9_]|\{tenant\}|\{TENANT\})+"
_INTERVAL = re.compile(r"([1-9][0-9]{0,6})(s|m|h|d)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:token|secret|password|passwd|credentials?|(?:api|private|access|signing)_?key)(?:_|$)", re.I
)
_LOGIN = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
_DENSE = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_APART = (
    "secrets belong into the tenant's environment (`environment: {file: …}` or `{prefix: …}`); what is none may stand "
)
_INSTEAD = _APART + "in a file that `var_file` names"


def _text(value: object) -> object:
    text = as_written(value)
    if isinstance(text, str) and "${" in text:
        raise Wrong(Code.WRONG_VALUE, "holds `${…}`, which a fleet file does not fill in", "write it out")
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        hint = "use 1 to 64 letters, digits, `.`, `_` and `-`, a letter or a digit first"
        raise Wrong(Code.WRONG_NAME, "cannot be the name of a tenant", hint)
    return text


def _variable(text: str) -> str:
    if not re.fullmatch(_VARIABLE, text):
        raise Wrong(Code.WRONG_NAME, "cannot be a variable", "use letters, digits and _, and no digit first")
    return text


def _prefix(text: str) -> str:
    if not re.fullmatch(_PREFIX, text):
        raise Wrong(Code.WRONG_NAME, "cannot begin a variable's name", "write PAYMENTS_, or {TENANT}_ for each its own")
    return text


def _interval(value: object) -> int:
    found = _INTERVAL.fullmatch(str(as_written(value)))
    if found is None:
        raise Wrong(Code.WRONG_VALUE, "is no length of time", "write 30m, 24h or 7d")
    return int(found[1]) * _SECONDS[found[2]]


def looks_secret(name: str, value: str) -> bool:
    """Whether a variable of this name and value is rather a secret, going by its name and by how dense its text is."""
    if _SECRET_NAME.search(name) or "-----BEGIN" in value or _LOGIN.search(value):
        return True
    return any(_is_dense(word) for word in _DENSE.findall(value) if not _UUID.fullmatch(word))


def _is_dense(word: str) -> bool:
    """Whether it mixes letters and digits as no word of people does (bits a character, as Shannon has them)."""
    if not (any(char.isdigit() for char in word) and any(char.isalpha() for char in word)):
        return False
    shares = [count / len(word) for count in Counter(word).values()]
    return -sum(share * math.log2(share) for share in shares) > 3.2


def _no_secrets(variables: dict[str, str]) -> dict[str, str]:
    for name, value in variables.items():
        if looks_secret(name, value):
            raise Wrong(Code.WRONG_SECRET_FORM, f"has what looks like a secret under {name}", _INSTEAD)
    return variables


def _lock(text: str) -> str:
    if _LOGIN.search(text):
        raise Wrong(
            Code.WRONG_SECRET_FORM, "holds a password", "let the tenant's environment have it, as its store says"
        )
    return text


Text = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Name = Annotated[str, AfterValidator(_name)]
Variable = Annotated[str, AfterValidator(_variable)]
Prefix = Annotated[str, AfterValidator(_prefix), WithJsonSchema({"type": "string", "pattern": f"^{_PREFIX}$"})]
Interval = Annotated[
    int,
    PlainValidator(_interval),
    WithJsonSchema({"type": "string", "pattern": f"^{_INTERVAL.pattern}$", "examples": ["24h"]}),
]
Variables = Annotated[dict[Variable, Text], AfterValidator(_no_secrets)]


class EnvironmentBlock(Block):
    """Where a tenant's own variables come from; beside them it has only what the machine itself needs."""

    file: Texts = Field((), description="Env-files: a line NAME=VALUE each. {tenant} stands for the tenant's name.")
    prefix: Prefix | None = Field(
        None, description="Of our own environment: each variable that begins so, without it; {TENANT}_ for all at once."
    )
    inherit: tuple[Variable, ...] = Field((), description="Of our own environment: variables that tenants share.")


class SettingsBlock(Block):
    """What a tenant may say for itself, and `defaults` for all."""

    variables: Variables = Field({}, description="Values of variables that the tenant's files declare; no secrets.")
    var_file: Texts = Field((), description="YAML files with such values.")
    environment: EnvironmentBlock | None = Field(None, description="Where the tenant's own variables come from.")
    schedule: Interval | None = Field(None, description="How old what is known may become: 30m, 24h, 7d.")
    repair: Literal["never", "drift"] | None = Field(
        None, description="What `fleet drift --repair` puts back by itself: `drift`: what was changed at the vendor."
    )


class TenantBlock(SettingsBlock):
    """One tenant."""

    files: Texts = Field((), description="Its configuration, as paths or globs; several files are joined.")
    lock: Annotated[Text, AfterValidator(_lock)] | None = Field(
        None, description="Another lock than its files name; a path starts at the fleet file."
    )


class FleetFile(Block):
    """Every tenant, and what holds for all of them."""

    version: Literal[1] = Field(description="The fleet file's version.")
    results: Text = Field(RESULTS, description="The folder that keeps the last result of each tenant.")
    folders: Texts = Field(
        (), description="Globs of folders; each that has a webhooks.yaml is a tenant, called as the folder."
    )
    defaults: SettingsBlock = Field(
        default_factory=lambda: SettingsBlock.model_validate({}),
        description="What holds for every tenant that says nothing else.",
    )
    tenants: dict[Name, TenantBlock] = Field({}, description="Tenants by name; of a folder's, what differs.")


def fleet_schema() -> dict[str, Any]:
    """The JSON Schema of `fleet.yaml`, for editors."""
    schema: dict[str, Any] = json_schema.settled(json_schema.tidied(FleetFile.model_json_schema()))
    schema["properties"]["tenants"]["propertyNames"] = {"pattern": f"^{NAME}$"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "whsync fleet", **schema}
