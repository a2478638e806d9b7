"""The rules are what the files can switch and what the documents tell."""

import re
from pathlib import Path
from pkgutil import iter_modules

from reconciler.audit import rules
from reconciler.audit.table import RULES
from reconciler.config.audit import AuditBlock

ROOT = Path(__file__).parents[3]


def test_every_rule_is_listed() -> None:
    """A file in `audit.rules` is a rule that looks, under the code that its name says."""
    assert {module.name.replace("_", "-") for module in iter_modules(rules.__path__)} == {str(code) for code in RULES}
    assert all(code is rule.code for code, rule in RULES.items())


def test_every_rule_has_its_row() -> None:
    """docs/audit.md tells of each rule and its severity, the gravest first, and docs/configuration.md names it."""
    told = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| (low|medium|high) \|$", told, re.MULTILINE)
    assert rows == [(str(code), str(rule.severity)) for code, rule in RULES.items()]
    configuration = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    section = configuration[configuration.index("## `audit`") : configuration.index("## The lock and its")]
    assert [code for code in RULES if f"`{code}`" not in section] == []


def test_every_rule_has_a_switch() -> None:
    """The file can weigh each rule, and switch it off."""
    for code, rule in RULES.items():
        assert AuditBlock.model_validate({"rules": {str(code): "off"}}).settings.levels == {code: None}
        assert AuditBlock.model_validate({"rules": {str(code): "high"}}).settings.levels[code] == "high"
        assert rule.about
    assert AuditBlock.model_validate({"rules": {"plain-http": False}}).settings.levels == {"plain-http": None}
