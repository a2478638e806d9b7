"""The JSON Schema that editors use."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from reconciler.cli.schema import SCHEMAS
from reconciler.config.published import config_schema
from reconciler.secrets import registry
from tests.unit.config.test_expand import FULL

ROOT = Path(__file__).parents[3]
SCHEMA = Draft202012Validator(SCHEMAS["config"]())


def test_it_is_a_schema_that_accepts_a_full_file() -> None:
    """Editors show no errors in a file that whsync accepts."""
    Draft202012Validator.check_schema(SCHEMAS["config"]())
    tree = yaml.safe_load(FULL)
    tree["webhooks"]["ci"] = {"for_each": {"repo": ["api"]}, "url": "https://x/${each.repo}", "status": "${S}"}
    tree["webhooks"]["rows"] = {
        "for_each": {"rows": [{"repo": "api", "events": ["push"]}], "by": "repo", "exclude": ["a*", {"repo": "b"}]},
        "url": "https://x/${each.repo}",
        "events": "${each.events}",
        "secret": {"from": "env:HOOK_${each.repo}"},
        "override": {"api": {"status": "inactive"}},
    }
    for number, lists in enumerate((["a", 1], [{"repo": "a"}], "${R}", {"from": "env:R"}, {"repo": {"from": "cmd:x"}})):
        tree["webhooks"][f"w{number}"] = {"for_each": lists, "url": "https://x", "secret": {"from": "${each.secret}"}}
    tree["variables"] = {"env": {"default": "a", "allowed": ["a", "b"], "description": "x"}, "other": {}}
    tree["providers"]["git"]["policy"] = {"http_hosts": ["hooks.svc"]}
    tree["policy"] = {"max_changed": "30%", "allowed_hosts": ["*.acme.com"], "unmanaged": "deny"}
    tree["x-mine"] = 1
    assert [error.message for error in SCHEMA.iter_errors(tree)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"polcy": {}},
        {"version": 2},
        {"webhooks": {"a": {"evnts": []}}},
        {"webhooks": {"a": {"status": "on"}}},
        {"webhooks": {"a": {"events": []}}},
        {"webhooks": {"a": {"description": None}}},
        {"webhooks": {"a[b]": {}}},
        {"webhooks": {"a": {"for_each": {"from": "vault:x"}}}},
        {"webhooks": {"a": {"for_each": 5}}},
        {"webhooks": {"a": {"override": {"b": {"evnts": []}}}}},
        {"variables": {"env": {"defualt": "a"}}},
        {"webhooks": {"a": {"secret": {"from": "literal"}}}},
        {"webhooks": {"a": {"secret": {"from": "env:A", "to": "file:b"}}}},
        {"providers": {"p": {"auth": {"token": "literal"}}}},
    ],
)
def test_it_marks_what_whsync_would_refuse(wrong: dict[str, Any]) -> None:
    """Mistakes of shape are underlined while they are written."""
    assert not SCHEMA.is_valid({"version": 1, **wrong})
    assert SCHEMA.is_valid({"version": 1})


def test_every_key_is_explained() -> None:
    """An editor can show a sentence for each key."""
    schema = config_schema(registry)
    models = [schema, *schema["$defs"].values()]
    silent = [
        key
        for model in models
        for key, value in model["properties"].items()
        if "description" not in value and "$ref" not in value
    ]
    assert silent == []
