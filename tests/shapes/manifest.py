"""The manifest of a vendor without manners, and what manners add to it. Used by the tests of trials and of shapes."""

import copy
from collections.abc import Mapping
from typing import Any

import yaml

PLAIN: Mapping[str, Any] = {
    "type": "shaped",
    "title": "Shaped",
    "sources": ["https://shaped.example/docs"],
    "unknown": ["Nothing that matters here."],
    "auth": [{"kind": "bearer"}],
    "variables": {"token": "SHAPED_TOKEN"},
    "read": [{"how": "list", "path": "/hooks", "items": "hooks", "one": "/hooks/{id}"}],
    "identity": {"id": "id"},
    "natural_key": ["/url"],
    "fields": {
        "url": {"read": "url", "write": "/url"},
        "events": {"read": "events", "write": "/events", "catalogue": {"names": ["a", "b", "c"]}},
        "status": {"read": "active", "write": "/active", "values": {"active": True, "inactive": False}},
        "description": {"read": "description", "write": "/description"},
    },
    "options": {
        "flavour": {"read": "flavour", "write": "/flavour", "choices": ["sweet", "sour"]},
    },
    "secret": {"lifecycle": "supplied", "write": "/secret"},
    "create": [{"path": "/hooks", "ok": [201], "ok_when": "id", "needs": ["/url", "/events"]}],
    "update": [{"path": "/hooks/{id}", "ok": [200], "ok_when": "id", "safe_to_repeat": True}],
    "retire": [{"how": "delete", "path": "/hooks/{id}", "ok": [204], "safe_to_repeat": True}],
    "errors": {"message": ["message"]},
    "examples": [],
}


def manifest(**changes: Any) -> str:
    """The manifest as YAML; a change names its place with `__` (`fields__url__read="x"`), and None takes that away."""
    whole = copy.deepcopy(dict(PLAIN))
    for place, value in changes.items():
        *above, last = place.split("__")
        at: Any = whole
        for key in above:
            at = at[int(key)] if key.isdigit() else at.setdefault(key, {})
        if value is None:
            at.pop(last)
        elif last.isdigit():
            at[int(last)] = value
        else:
            at[last] = value
    return yaml.safe_dump(whole, sort_keys=False)
