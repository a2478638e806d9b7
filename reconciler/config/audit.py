"""The `audit:` block: which rules look, how severe their findings are, how old a secret may be. [pure]

Used by `config.schema` and `trust.file`.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from reconciler.audit.table import RULES, levels
from reconciler.audit.types import AuditSettings, Severity, graver
from reconciler.codes import Code
from reconciler.config.block import Block
from reconciler.config.fault import Wrong, did_you_mean
from reconciler.config.forms import as_written

_OFF = "off"
_LEVELS = (_OFF, *map(str, Severity))
_VARIABLE = r"\$\{.+\}"
_DAYS = re.compile(r"([1-9][0-9]{0,4})d", re.ASCII)


def _code(text: str) -> Code:
    if text not in RULES:
        hint = did_you_mean(text, RULES) or f"there are {', '.join(RULES)}"
        raise Wrong(Code.UNKNOWN_KEY, "is no rule of an audit", hint)
    return Code(text)


def _level(value: object) -> Severity | None:
    """A severity; None for `off`, which is false where YAML 1.1 is spoken."""
    text = _OFF if value is False else as_written(value)
    if text not in _LEVELS:
        raise Wrong(Code.WRONG_VALUE, "is no severity", f"write {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}")
    return None if text == _OFF else Severity(str(text))


def _days(value: object) -> int:
    found = _DAYS.fullmatch(str(as_written(value)))
    if found is None:
        raise Wrong(Code.WRONG_VALUE, "is not a number of days", "write 90d")
    return int(found[1])


def _rule_schema() -> dict[str, Any]:
    level = {"anyOf": [{"enum": [*_LEVELS]}, {"type": "string", "pattern": _VARIABLE}]}
    known = {
        str(code): {**level, "description": f"{rule.about}; usually {rule.severity}"} for code, rule in RULES.items()
    }
    return {"type": "object", "properties": known, "additionalProperties": False}


RuleName = Annotated[str, AfterValidator(_code)]
Level = Annotated[Severity | None, PlainValidator(_level)]
Days = Annotated[
    int,
    PlainValidator(_days),
    WithJsonSchema({"type": "string", "pattern": rf"^[1-9][0-9]{{0,4}}d$|{_VARIABLE}", "examples": ["90d"]}),
]
Rules = Annotated[dict[RuleName, Level], WithJsonSchema(_rule_schema())]


class AuditBlock(Block):
    """What `whsync audit` looks for, and how much each thing matters."""

    rules: Rules = Field({}, description="Severities of rules, by their codes; `off` switches one off.")
    secret_max_age: Days = Field(AuditSettings().secret_max_age, description="How old a secret may be, in days.")

    @property
    def settings(self) -> AuditSettings:
        """The block as the rest of whsync knows it."""
        return AuditSettings({Code(code): level for code, level in self.rules.items()}, self.secret_max_age)

    def bound(self, settings: AuditSettings) -> AuditSettings:
        """The settings, made as strict as this block is, rules that it does not name included: each as usual."""
        theirs, mine = levels(settings), levels(self.settings)
        return AuditSettings(
            {code: graver(level, mine[code]) for code, level in theirs.items()},
            min(settings.secret_max_age, self.secret_max_age),
        )
