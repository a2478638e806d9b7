"""Events that only some kinds of scope have: `catalogue: {only: …}`."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from reconciler.model.events import EventCatalogue
from tests.cli.conftest import Run
from tests.cli.forge import MANIFEST
from tests.unit.providers.rig import SMALL, small

CATALOGUE = {"names": ["push", "member_added", "deploy"], "only": {"org": ["member_added"], "project": ["deploy"]}}
EVENTS = {"read": "events", "write": "/events", "catalogue": {**CATALOGUE, "closed": True}}


@pytest.mark.parametrize(
    ("scope", "events", "told"),
    [
        ({"project": "p"}, ["push", "deploy"], ""),
        ({"org": "o"}, ["push", "member_added"], ""),
        ({"project": "p"}, ["member_added"], "Forge has no event `member_added` in this scope"),
        ({"org": "o"}, ["deploy"], "Forge has no event `deploy` in this scope"),
        ({"org": "o"}, ["pusj"], "Forge has no event `pusj`"),
    ],
)
def test_an_event_is_one_of_its_scope(
    run: Run, tmp_path: Path, scope: dict[str, str], events: list[str], told: str
) -> None:
    """An event that another kind of scope has is an error where the file is read, with its place."""
    words = {"scope": [{"path": "/projects/{project}"}, {"path": "/orgs/{org}"}]}
    manifest: dict[str, Any] = {**MANIFEST, **words, "fields": {**MANIFEST["fields"], "events": EVENTS}}
    (tmp_path / "forge.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
    hook = {"url": "https://hooks.acme.com/x", "scope": scope, "events": events}
    providers = {"forge": {"type": "./forge.yaml", "base_url": "http://127.0.0.1:1"}}
    whole = {"version": 1, "providers": providers, "webhooks": {"hook": hook}}
    (tmp_path / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")
    result = run("validate")
    assert result.exit == (1 if told else 0), result
    assert told in result.stderr


def test_what_is_limited_is_there() -> None:
    """A name that the catalogue does not have, and a parameter that no scope has, are faults of the manifest."""
    strange = {**EVENTS, "catalogue": {"names": ["push"], "only": {"org": ["pull"]}}}
    with pytest.raises(ValidationError, match="`only` speaks of pull, which `names` does not have"):
        small(fields={**SMALL["fields"], "events": strange})
    with pytest.raises(ValidationError, match="`only` speaks of org, project; the scope has nothing"):
        small(fields={**SMALL["fields"], "events": EVENTS})


def test_what_nobody_limits_is_everywhere() -> None:
    """Without `only` a catalogue is the same for all scopes; a name may be of two kinds."""
    assert EventCatalogue(frozenset("ab")).names_in(()) == {"a", "b"}
    both = EventCatalogue(frozenset("abc"), only=(("org", frozenset("ab")), ("team", frozenset("b"))))
    assert both.names_in({"team"}) == {"b", "c"}
    assert both.names_in({"org"}) == {"a", "b", "c"}
    assert both.names_in(()) == {"c"}
