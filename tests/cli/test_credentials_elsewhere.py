"""Credentials in paths and in bodies: they reach the vendor, and nobody else sees them, whatever goes wrong."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.cli.keys import Vendor, served

SHAPES = Path(__file__).parents[1] / "manifests" / "shapes"
TOKEN = "123456:AAE-path token/of=ours"
KEY = "key-of-the-application"
CLIENT, SECRET = "client-of-the-account", "secret-of-the-account"
NAMED = quote(TOKEN, safe=":@!$&'()*+,;=")


class Keyed(Vendor):
    """What both have in common.

    Attributes:
        trouble: what it answers instead, by the method and the last part of the path.
        hidden: what nobody may see.
    """

    hidden: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self.trouble: dict[str, tuple[int, Any]] = {}

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        call = f"{method} {path[-1].partition('?')[0]}"
        return self.trouble[call] if call in self.trouble else self.done(method, path, body)

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """What it does, and says."""
        raise NotImplementedError


class Pathkey(Keyed):
    """See `pathkey.yaml`."""

    kind = "pathkey"
    hidden = (TOKEN, NAMED, quote(TOKEN, safe=""), json.dumps(TOKEN)[1:-1], KEY)

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """What it does, and says."""
        path[-1], _, query = path[-1].partition("?")
        if path[:2] != ["1", f"bot{NAMED}"] or query != f"key={KEY}":
            return 401, {"message": f"not known: {'/'.join(path)}?{query}"}
        match method, path[2:]:
            case "GET", ["hooks"]:
                return 200, self.rows
            case "POST", ["hooks"]:
                return 200, self.add(**body)
            case "PUT", ["hooks", row_id]:
                self.row(row_id).update(body)
                return 200, self.row(row_id)
            case "DELETE", ["hooks", row_id]:
                self.rows.remove(self.row(row_id))
                return 204, None
        return 404, {"message": f"no such path: /1/bot{TOKEN}/{'/'.join(path[2:])}"}


class Bodykey(Keyed):
    """See `bodykey.yaml`."""

    kind = "bodykey"
    hidden = (SECRET,)

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """What it does, and says."""
        if method != "POST" or body.pop("auth", None) != {"client": CLIENT, "secret": SECRET}:
            return 401, {"message": "not known"}
        match path:
            case ["hooks", "list"]:
                return 200, {"hooks": self.rows}
            case ["hooks", "create"]:
                return 200, self.add(**body)
            case ["hooks", "update"]:
                self.row(body["id"]).update(body)
                return 200, self.row(body["id"])
            case ["hooks", "delete"]:
                self.rows.remove(self.row(body["id"]))
                return 200, {}
        return 404, {"message": f"no such call with {SECRET}"}


class Place:
    """A folder with webhooks at one of them."""

    def __init__(self, run: Run, folder: Path, vendor: Keyed, url: str) -> None:
        self.vendor, self.folder, self._run, self.url = vendor, folder, run, url
        (folder / "own.yaml").write_text((SHAPES / f"{vendor.kind}.yaml").read_text("utf-8"), "utf-8")
        self.environment = {"T": TOKEN, "K": KEY, "C": CLIENT, "S": SECRET, "WHSYNC_MAX_WAIT": "0"}
        self.declare("x")

    def declare(self, *names: str, **changes: Any) -> None:
        """Write webhooks.yaml."""
        path, body = {"token": "env:T", "key": "env:K"}, {"client": "env:C", "secret": "env:S"}
        auth = path if isinstance(self.vendor, Pathkey) else body
        own = {"type": "./own.yaml", "base_url": self.url, "auth": auth}
        hooks = {name: {"url": f"https://hooks.acme.com/{name}", "events": ["a"], **changes} for name in names}
        whole = {"version": 1, "providers": {"own": own}, "policy": {"max_changed": "100%"}, "webhooks": hooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command with every call told; neither it nor any file may show a credential."""
        result = self._run("-vv", *argv, cwd=self.folder, env=self.environment)
        assert result.exit == exit, result
        shown = [result.stdout, result.stderr]
        shown += [path.read_text("utf-8", "replace") for path in self.folder.rglob("*") if path.is_file()]
        for text in shown:
            assert not any(secret in text for secret in self.vendor.hidden), text
        return result


@pytest.fixture(params=[Pathkey, Bodykey])
def place(request: pytest.FixtureRequest, run: Run, tmp_path: Path, stack: ExitStack) -> Place:
    """A folder and its vendor."""
    make: Callable[[], Keyed] = request.param
    vendor = make()
    return Place(run, tmp_path, vendor, stack.enter_context(served(vendor)))


def test_a_whole_life(place: Place) -> None:
    """Made, changed, found changed, deleted; each call proves itself, and plans and traces name what is hidden."""
    place("apply", "--yes")
    place.declare("x", "y", events=["a", "b"])
    planned = place("plan", "--format", "json", "--out", "saved.plan").stdout
    place("show", "saved.plan")
    traced = place("apply", "saved.plan").stderr
    if isinstance(place.vendor, Pathkey):
        assert "/1/bot{token}/hooks" in planned
        assert "/1/bot{token}/hooks" in traced
    assert [row["events"] for row in place.vendor.rows] == [["a", "b"]] * 2
    place.vendor.rows[0]["events"] = ["c"]
    place("drift", "--format", "json", exit=2)
    place.declare("y", events=["a", "b"])
    place("apply", "--yes", "--prune")
    assert len(place.vendor.rows) == 1
    place("plan", "--format", "html")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 500])
def test_no_failure_tells_them(place: Place, status: int) -> None:
    """Whatever the vendor says of a call, also where it repeats all that it was sent."""
    place("apply", "--yes")
    told = f"not {' nor '.join(place.vendor.hidden)}"
    answer = (status, {"message": told})
    place.declare("x", events=["b"])
    place.vendor.trouble = {"GET hooks": answer, "POST list": answer}
    place("plan", exit=1)
    place.vendor.trouble = {"PUT p1": answer, "POST update": answer}
    place("apply", "--yes", exit=1)
    place("apply", "--yes", "--format", "json", exit=1)


def test_no_connection_tells_them(place: Place) -> None:
    """Nor what is said where there is no vendor at all."""
    place.url = "http://127.0.0.1:1"
    place.declare("x")
    assert "127.0.0.1" in place("plan", exit=1).stdout


def test_a_scope_or_a_name_that_looks_like_one_is_none(place: Place) -> None:
    """What a user writes in braces is text: the credential stands where the manifest says and nowhere else."""
    place.declare("x", events=["{token}"])
    place("apply", "--yes")
    assert place.vendor.rows[0]["events"] == ["{token}"]
