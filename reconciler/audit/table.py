"""The rules of an audit, and how severe each is by the files. [pure] Used by `audit.judge`, `config` and `render`.

A new rule is a file in `audit.rules`, its line here, its code, and its row in docs/commands.md.
"""

from reconciler.audit.rule import Rule
from reconciler.audit.rules import (
    duplicate,
    gone,
    host_not_allowed,
    orphan,
    plain_http,
    risky_option,
    same_url,
    secret_old,
    secret_shared,
    secret_unverifiable,
    switched_off,
    unmanaged_found,
    unsigned,
    vendor_disabled,
    wildcard_events,
)
from reconciler.audit.types import AuditSettings, Levels
from reconciler.codes import Code

_MODULES = (
    plain_http,
    host_not_allowed,
    risky_option,
    duplicate,
    gone,
    orphan,
    secret_old,
    unsigned,
    vendor_disabled,
    same_url,
    secret_shared,
    secret_unverifiable,
    switched_off,
    unmanaged_found,
    wildcard_events,
)

RULES: dict[Code, Rule] = {module.RULE.code: module.RULE for module in _MODULES}
"""By code, the gravest first."""


def levels(settings: AuditSettings) -> Levels:
    """The severity of each rule; None of one that is switched off."""
    return {code: settings.levels.get(code, rule.severity) for code, rule in RULES.items()}
