"""The manifest `mlflow` against MLflow itself: a server that nobody here wrote, with its own oddities.

`make real` installs it into an environment of its own; elsewhere `WHSYNC_MLFLOW` may name its program.
"""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import Commands, free_port, running

pytestmark = [pytest.mark.xdist_group("mlflow"), pytest.mark.timeout(600)]
API = "/api/2.0/mlflow/webhooks"
SETTINGS = {
    "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "https",
    "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",  # so that it looks no name up
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
FILE = """\
version: 1
providers:
  ml: {{type: mlflow, base_url: "{address}", auth: {{token: "env:ML_TOKEN"}}, settings: {{unknown_events: {open}}}}}
policy: {{max_changed: 100%}}
webhooks:
{webhooks}
"""
ORDERS = """\
  orders:
    url: {url}
    events: [{events}]
    status: {status}
    description: {description}
    options: {{name: {name}}}
    secret: {{from: "env:ML_SECRET"}}
"""
USUAL = {
    "url": "https://hooks.acme.example/ml",
    "events": "PROMPT.CREATED, MODEL_VERSION.CREATED",
    "status": "active",
    "description": "Orders",
    "name": "orders",
}


class Mlflow:
    """One server, its data in a folder, that can be stopped and started again."""

    def __init__(self, folder: Path, program: str) -> None:
        self._folder, self._program, self._port = folder, program, free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._up = ExitStack()

    def start(self) -> None:
        """Return once it answers."""
        store = [
            "--backend-store-uri",
            f"sqlite:///{self._folder}/m.db",
            "--default-artifact-root",
            f"{self._folder}/a",
        ]
        where = ["--host", "127.0.0.1", "--port", str(self._port), "--workers", "1"]
        ready = urllib.request.Request(f"{self.address}/health")
        self._up.enter_context(running([self._program, "server", *where, *store], self._folder, SETTINGS, ready))

    def stop(self) -> None:
        """Return once it is gone."""
        self._up.close()

    def call(self, method: str, path: str = "", body: Any = None) -> Any:
        """Ask it without whsync, as somebody at a dashboard would."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self.address + API + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.loads(answer.read())

    def all(self) -> list[dict[str, Any]]:
        """What it holds."""
        return list(self.call("GET", "?max_results=1000").get("webhooks", ()))


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    """A running server."""
    program = os.environ.get("WHSYNC_MLFLOW")
    if program is None:
        pytest.skip("NOT TESTED: MLflow is heavy; `make real` installs it, or WHSYNC_MLFLOW names its program")
    server = Mlflow(tmp_path_factory.mktemp("mlflow"), program)
    server.start()
    yield server
    server.stop()


class Here(Commands):
    """A folder with a configuration, and the command in it."""

    def __init__(self, folder: Path, server: Mlflow) -> None:
        super().__init__(folder, {"ML_TOKEN": "t", "ML_SECRET": "one-of-ours-0123456789"})
        self._server = server

    def write(self, webhooks: str, open: str = "false") -> None:
        """Write the file."""
        text = FILE.format(address=self._server.address, webhooks=webhooks or "  {}", open=open)
        (self.folder / "webhooks.yaml").write_text(text.replace("webhooks:\n  {}", "webhooks: {}"))


@pytest.fixture
def here(mlflow: Mlflow, tmp_path: Path) -> Here:
    """An empty folder, and a server without webhooks."""
    for webhook in mlflow.all():
        mlflow.call("DELETE", f"/{webhook['webhook_id']}")
    return Here(tmp_path, mlflow)


def orders(**other: str) -> str:
    """The webhook of these tests."""
    return ORDERS.format(**{**USUAL, **other})


def test_each_field_arrives_and_is_changed(mlflow: Mlflow, here: Here) -> None:
    """After a create and after each update the server holds what the file says, and the next plan is empty."""
    here.write(orders())
    here.settles()
    first = mlflow.all()
    for changed in ({"url": "https://hooks.acme.example/v2"}, {"events": "PROMPT_TAG.SET"}, {"status": "inactive"}):
        here.write(orders(**changed))
        here.settles()
    here.write(orders(description="Others", name="others"))
    here.settles()
    (held,) = mlflow.all()
    assert held["webhook_id"] == first[0]["webhook_id"]
    assert (held["description"], held["name"], held["status"]) == ("Others", "others", "ACTIVE")
    assert held["url"] == USUAL["url"]
    assert {(each["entity"], each["action"]) for each in held["events"]} == {
        ("PROMPT", "CREATED"),
        ("MODEL_VERSION", "CREATED"),
    }


def test_drift_an_orphan_and_what_is_pruned(mlflow: Mlflow, here: Here) -> None:
    """Somebody's change is told and undone; what the file lost is an orphan until it is pruned; strangers stay."""
    here.write(orders())
    here.settles()
    (held,) = mlflow.all()
    mlflow.call("PATCH", f"/{held['webhook_id']}", {"description": "", "status": "DISABLED"})
    stranger = {
        "name": "theirs",
        "url": "https://theirs.example/x",
        "events": [{"entity": "PROMPT", "action": "CREATED"}],
    }
    mlflow.call("POST", body=stranger)
    code, said = here.run("drift")
    assert code == 2
    assert "description" in said
    assert "status" in said
    here.settles()
    here.write("")
    code, said = here.run("plan")
    assert code == 0
    assert "orphan" in said
    here.settles()
    assert [each["name"] for each in mlflow.all()] == ["theirs"]


def test_the_last_one_is_pruned(mlflow: Mlflow, here: Here) -> None:
    """The list that is `{}` by then proves that it is gone."""
    here.write(orders())
    here.settles()
    here.write("")
    here.settles()
    assert mlflow.all() == []


def test_more_than_a_page(mlflow: Mlflow, here: Here) -> None:
    """All pages are read: what stands on the second is neither missed nor made again."""
    here.write(orders())
    here.settles()
    event = [{"entity": "PROMPT", "action": "CREATED"}]
    for number in range(1_001):  # the newest come first, so ours is on the second page
        mlflow.call("POST", body={"name": f"n{number}", "url": f"https://theirs.example/{number}", "events": event})
    code, said = here.run("plan", "--detailed-exitcode", "--format", "json")
    assert code == 0, said
    plan = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert plan["summary"]["unmanaged"] == 1_001
    assert [each["action"] for each in plan["changes"]] == ["noop"]
    for webhook in [*mlflow.all(), *mlflow.all()]:
        if webhook["name"] != "orders":
            try:
                mlflow.call("DELETE", f"/{webhook['webhook_id']}")
            except urllib.error.HTTPError as error:
                error.close()


def test_a_restart_in_the_middle_of_an_apply(mlflow: Mlflow, here: Here) -> None:
    """What was not made when the server went is made by the next apply, and nothing twice."""
    block = "  many:\n    for_each: {n: [" + ", ".join(f"n{each}" for each in range(60)) + "]}\n"
    block += '    url: "https://hooks.acme.example/many/${each.n}"\n    events: [PROMPT.CREATED]\n'
    here.write(block + '    options: {name: "${each.n}"}\n')
    applying = here.start("apply", "--yes", "--max-changed", "100")
    while len(mlflow.all()) < 5 and applying.poll() is None:
        time.sleep(0.01)
    mlflow.stop()
    mlflow.start()
    applying.communicate(timeout=300)
    here.settles()
    names = [each["name"] for each in mlflow.all()]
    assert sorted(names) == sorted(f"n{each}" for each in range(60))


@pytest.mark.parametrize("event", ["PROMPT.EXPLODED", "prompt.created"])
def test_what_the_server_drops_or_answers_with_a_page(mlflow: Mlflow, here: Here, event: str) -> None:
    """A value that it does not know, and one that it answers with 500 and HTML, both end as failures with words."""
    here.write(orders(events=event), open="true")
    code, said = here.run("apply", "--yes")
    assert code == 1
    assert "<html" not in said
    assert "Traceback" not in said
    here.write("")
    here.settles()
    here.write(orders())
    here.settles()
    assert len(mlflow.all()) == 1


def test_the_manifest_is_true(mlflow: Mlflow, here: Here) -> None:
    """A trial finds no deviation between the built-in manifest and the server, and leaves nothing there."""
    argv = ("--auth", "token=env:ML_TOKEN", "--yes")
    code, said = here.run("providers", "check", "mlflow", "--against", mlflow.address, *argv)
    assert code == 0, said
    assert mlflow.all() == []
