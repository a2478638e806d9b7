"""The core knows no vendor: what is true of one vendor only is said in its manifest, or in the file beside it."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, dotted, files, relative, tree, within

VENDORS = (
    "adyen airtable asana atlassian bigcommerce bitbucket calendly coinbase contentful cryptofuse cryptopocket datadog "
    "discord docusign dropbox gitea github gitlab heroku hubspot intercom jira mailchimp mailgun mollie netlify okta "
    "pagerduty paypal plaid postmark sendgrid shopify stripe svix telegram trello twilio typeform vercel woocommerce "
    "zendesk"
).split()

ABOUT_VENDORS = ("providers.builtin", "sandbox", "cli.demo")

OUTPUT_FORMATS = {"github", "gitlab"}
"""Names of CI systems that `render` writes for; the same word as the vendor, but not its webhook API."""

CI_VARIABLES = re.compile(r"\b(GITHUB|GITLAB|BITBUCKET)_[A-Z_]+")
"""What a CI system tells a step that runs in it."""


def _core() -> list[Path]:
    """The files that may not name a vendor."""
    return [path for path in files() if not within(dotted(path), ABOUT_VENDORS)]


def _allowed(path: Path) -> set[str]:
    """The vendors' names that mean something else in this file."""
    return OUTPUT_FORMATS if within(dotted(path), ("render",)) else set()


@pytest.mark.parametrize("path", _core(), ids=relative)
def test_the_core_names_no_vendor(path: Path) -> None:
    """No name, string or comment of the core mentions a vendor, so none gets special treatment there."""
    names = "|".join(name for name in VENDORS if name not in _allowed(path))
    pattern = re.compile(rf"(?<![a-z])({names})(?![a-z])", re.IGNORECASE)
    lines = CI_VARIABLES.sub("", path.read_text(encoding="utf-8")).splitlines()
    strays = [
        f"{relative(path)}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if pattern.search(line)
    ]
    assert strays == []


@pytest.mark.parametrize("path", _core(), ids=relative)
def test_the_core_compares_with_no_built_in_manifest(path: Path) -> None:
    """No string of the core is the name of a built-in manifest, also where that is an everyday word."""
    manifests = {manifest.stem for manifest in (PACKAGE / "providers" / "builtin").glob("*.yaml")} - _allowed(path)
    strings = {node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)}
    assert strings & manifests == set()
