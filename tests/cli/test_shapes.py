"""Each shape of API by itself, over sockets: created, updated, drifted, killed and pruned, everything comes to rest.

The vendor is `tests.shapes.vendor`, which knows nothing of whsync; the manifest says of it what there is to say.
Nothing is ever there twice, and no secret of ours is lost. Several shapes at once, with faults: `tests/world`.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Result, Run
from tests.shapes.manifest import manifest
from tests.shapes.vendor import TOKEN, Shaped, shaped

SECRET = "of-ours-0123456789"
MERGE = {"update__0__body": "merge", "update__0__drop": ["/id"]}
GRAPHQL = {
    "read": [{"how": "list", "method": "POST", "path": "/graphql", "fixed": {"/query": "list"}, "items": "data.hooks"}],
    "fields": {
        "url": {"read": "url", "write": "/variables/input/url"},
        "events": {"read": "events", "write": "/variables/input/events"},
        "status": {"read": "active", "write": "/variables/input/active", "values": {"active": True, "inactive": False}},
        "description": {"read": "description", "write": "/variables/input/description"},
    },
    "options": None,
    "secret__write": "/variables/input/secret",
    "create": [
        {
            "path": "/graphql",
            "fixed": {"/query": "create"},
            "answer": "data.create",
            "ok": [200],
            "ok_when": "data.create.id",
            "rejected_when": "errors",
        }
    ],
    "update": [
        {
            "method": "POST",
            "path": "/graphql",
            "fixed": {"/query": "update"},
            "with": {"/variables/id": "{id}"},
            "answer": "data.update",
            "ok": [200],
            "ok_when": "data.update.id",
            "rejected_when": "errors",
            "safe_to_repeat": True,
        }
    ],
    "retire": [
        {
            "how": "delete",
            "method": "POST",
            "path": "/graphql",
            "fixed": {"/query": "delete"},
            "with": {"/variables/id": "{id}"},
            "ok": [200],
            "ok_when": "data.delete.id",
            "rejected_when": "errors",
            "safe_to_repeat": True,
        }
    ],
    "errors__message": ["errors[].message"],
}
SHAPES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "plain": ((), {}),
    "shifting pages": (
        ("pages",),
        {"read__0__pages": {"kind": "offset", "param": "skip", "size_param": "limit", "size": 2}},
    ),
    "wiped secrets": (("flags", "wipes"), {"secret__has": "has_secret", "secret__wiped_if_omitted": True}),
    "normalised URLs": (("other urls",), {}),
    "sorted events": (("sorts",), {}),
    "a 204 that only disables": (("disables",), {"retire": [{"how": "deactivate"}]}),
    "an empty list as {}": (("empty object",), {"read__0__empty": ["@ == `{}`"]}),
    "an empty list as 204": (("empty 204",), {"read__0__empty": [204]}),
    "unique URLs": (("unique",), {"replace": "delete_first", "fields__description__sets": "create"}),
    "GraphQL, errors in 200": (("graphql",), GRAPHQL),
    "an update that clears the events": (("clears events",), MERGE),
    "an update that replaces": (("replaces",), MERGE),
    "a create that starts it": (
        ("starts active",),
        {"fields__status__sets": "update", "fields__status__initially": "active"},
    ),
    "a delete of what is off": (("only off",), {"retire__0__first": {"/status": "inactive"}}),
    "answers without words": (("mute",), {"update__0__ok": [204], "update__0__ok_when": None}),
    "masks": (("masks",), {"secret__mask": "key"}),
    "pages of HTML": (("html",), {}),
}
USUAL = {"url": "https://hooks.acme.com/x", "events": ["c", "a"], "status": "active", "description": "Orders"}


class Place:
    """A folder with a configuration, and a vendor of one shape."""

    def __init__(self, run: Run, folder: Path, vendor: Shaped) -> None:
        self._run, self.folder, self.vendor = run, folder, vendor
        self.environment = {"SHAPED_TOKEN": TOKEN, "OURS": SECRET}

    def write(self, address: str, **webhooks: Any) -> None:
        """Write the file."""
        provider = {"type": "./own.yaml", "base_url": address, "limits": {"per_second": 1000}}
        whole = {"version": 1, "providers": {"shape": provider}, "policy": {"max_changed": "100%"}}
        (self.folder / "webhooks.yaml").write_text(json.dumps({**whole, "webhooks": webhooks}))

    def __call__(self, *argv: str) -> Result:
        """Start a command."""
        return self._run(*argv, cwd=self.folder, env=self.environment)

    def settles(self) -> None:
        """Apply with everything that there is to do; afterwards nothing is left to do, and nothing has drifted."""
        result = self("apply", "--yes", "--prune", "--prune-all")
        assert result.exit == 0, result
        for argv in (("plan", "--detailed-exitcode"), ("drift",)):
            result = self(*argv)
            assert result.exit == 0, result

    def living(self) -> list[dict[str, Any]]:
        """What stands there and is not merely switched off by a deletion."""
        return [hook for hook in self.vendor.hooks.values() if hook["active"] or not self.vendor.has("disables")]


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[tuple[Place, str]]:
    """A folder and the address of a vendor of each shape."""
    manners, changes = SHAPES[request.param]
    (tmp_path / "own.yaml").write_text(manifest(**changes), "utf-8")
    with shaped(*manners) as (vendor, address):
        yield Place(run, tmp_path, vendor), address


def hook(**changes: Any) -> dict[str, Any]:
    """The webhook of these tests, with a secret of ours."""
    return {**USUAL, "secret": {"from": "env:OURS"}, **changes}


def test_what_it_becomes_is_what_the_file_says(shape: tuple[Place, str]) -> None:
    """Created, changed field by field, drifted, pruned: after each apply nothing is left to do, nothing is twice."""
    place, address = shape
    place.write(address, ours=hook())
    place.settles()
    held = place.living()
    assert [(set(each["events"]), each["description"]) for each in held] == [({"a", "c"}, "Orders")]
    for change in (
        {"url": "https://hooks.acme.com/y"},
        {"events": ["b"]},
        {"status": "inactive"},
        {"status": "active", "description": "Others"},
        {},
    ):
        place.write(address, ours=hook(**change))
        place.settles()
        assert len(place.vendor.hooks) == 1
    assert SECRET in place.vendor.secrets.values(), "no update has lost it"
    for moved in place.vendor.hooks.values():
        moved["events"] = ["b"]
    assert place("drift").exit == 2
    place.write(address, ours=hook(), more=hook(url="https://hooks.acme.com/more"))
    place.settles()
    assert sorted(each["url"][-4:] for each in place.living()) == ["more", "om/x"]
    place.write(address)
    place.settles()
    assert place.living() == []


@contextmanager
def killed_at(place: Place, number: int) -> Iterator[subprocess.Popen[str]]:
    """An apply in a process of its own, which is killed while the vendor answers its `number`-th write."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "--yes"],
        cwd=place.folder,
        env={**os.environ, **place.environment, "NO_PROXY": "*"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    writes: list[str] = []

    def before(method: str, path: str) -> None:
        writes.extend([method] if method != "GET" else [])
        if len(writes) == number and process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait(60)

    place.vendor.before = before
    try:
        yield process
    finally:
        process.communicate(timeout=120)
        place.vendor.before = None


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL as POSIX has it")
def test_killed_before_the_answer_it_is_made_once(shape: tuple[Place, str]) -> None:
    """The vendor carries out the first write of a killed run: the next apply finds it and makes nothing twice."""
    place, address = shape
    place.write(address, one=hook(), two=hook(url="https://hooks.acme.com/two"))
    first = 2 if place.vendor.has("graphql") else 1  # there, a read is a POST as well
    with killed_at(place, first) as process:
        process.wait(120)
    if place("apply", "--yes").exit:  # what cannot be told from a first create is done by hand, or by a second run
        assert place("apply", "--yes").exit == 0
    place.settles()
    assert len(place.living()) == 2
    assert list(place.vendor.secrets.values()).count(SECRET) == 2
