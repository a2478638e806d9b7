"""Keys that tell a vendor that a call was sent before: the same in a retry, another for what is intended anew."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

SHAPE = Path(__file__).parents[1] / "manifests" / "shapes" / "idempotent.yaml"


class Remembering:
    """The vendor; see `idempotent.yaml`. It answers a key that it knows as it did before, and does nothing.

    Attributes:
        keys: of each write, in order.
        lost: how many of the next writes it does and answers with 503.
        refused: how many of the next writes it answers with 422, which it remembers, too.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.lost = self.refused = 0
        self._known: dict[str, tuple[int, Any]] = {}

    def answer(self, method: str, path: str, key: str, body: Any) -> tuple[int, Any]:
        """A status and a document."""
        if method == "GET":
            return 200, {"hooks": self.rows}
        key = key or body.pop("idempotency_key")
        self.keys.append(key)
        if key not in self._known:
            self._known[key] = self._done(method, path, body)
        if self.lost:
            self.lost -= 1
            return 503, None
        return self._known[key]

    def _done(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self.refused:
            self.refused -= 1
            return 422, {"message": "not today"}
        if method == "POST":
            self.rows.append({"id": f"i{len(self.rows) + 1}", **body})
            return 201, self.rows[-1]
        row = next(row for row in self.rows if path.endswith(f"/{row['id']}"))
        row.update(body)
        return 200, row


def answered(vendor: Remembering, asked: Asked) -> Answer:
    """What the vendor answers to one call."""
    key = asked.headers.get("idempotency-key", "")
    return Answer.of(*vendor.answer(asked.method, asked.path, key, asked.document()))


class Place:
    """A folder with webhooks at this vendor."""

    def __init__(self, run: Run, folder: Path, vendor: Remembering, url: str) -> None:
        self.vendor, self.folder, self._run, self.url = vendor, folder, run, url
        (folder / "own.yaml").write_text(SHAPE.read_text("utf-8"), "utf-8")

    def declare(self, *names: str, **changes: Any) -> None:
        """Write webhooks.yaml."""
        own = {"type": "./own.yaml", "base_url": self.url, "auth": {"token": "env:TOKEN"}}
        hooks = {name: {"url": f"https://hooks.acme.com/{name}", "events": ["a"], **changes} for name in names}
        whole = {"version": 1, "providers": {"own": own}, "policy": {"max_changed": "100%"}, "webhooks": hooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def apply(self, exit: int = 0) -> Result:
        """`whsync apply --yes`, looking only at the keys from now on."""
        self.vendor.keys.clear()
        environment = {"TOKEN": "token-of-the-account", "WHSYNC_MAX_WAIT": "60", "WHSYNC_NO_PROVENANCE": "1"}
        result = self._run("-vv", "apply", "--yes", cwd=self.folder, env=environment)
        assert result.exit == exit, result
        for key in self.vendor.keys:
            assert key not in result.stdout + result.stderr
        return result


@pytest.fixture
def place(run: Run, tmp_path: Path) -> Iterator[Place]:
    """A folder and its vendor."""
    vendor = Remembering()
    with served(partial(answered, vendor)) as url:
        yield Place(run, tmp_path, vendor, url)


def test_a_retry_has_the_same_key_and_makes_nothing_twice(place: Place) -> None:
    """The create whose answer was lost is sent again at once, and answered with the webhook that was made."""
    place.vendor.lost = 2
    place.declare("x")
    place.apply()
    assert len(place.vendor.rows) == 1
    assert len(place.vendor.keys) == 3
    assert len(set(place.vendor.keys)) == 1
    place.vendor.lost = 1
    place.declare("x", description="ours")
    place.apply()
    assert len(place.vendor.keys) == 2
    assert len(set(place.vendor.keys)) == 1


def test_each_webhook_and_each_intent_has_a_key_of_its_own(place: Place) -> None:
    """What the vendor refused, and remembers, is not asked for under the same key by the next apply."""
    place.declare("x", "y")
    place.vendor.refused = 2
    place.apply(exit=1)
    refused = set(place.vendor.keys)
    assert len(refused) == 2
    place.apply()
    assert len({*refused, *place.vendor.keys}) == 4
    assert len(place.vendor.rows) == 2
