"""The manifest `label-studio` against Label Studio itself: a second server that nobody here wrote.

`make real` installs it into an environment of its own; elsewhere `WHSYNC_LABEL_STUDIO` may name its program. It has no
secrets and no pages, loses events that an update leaves out, ignores what it does not take, and has pages of HTML for
addresses that it does not know.
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

pytestmark = [pytest.mark.xdist_group("label-studio"), pytest.mark.timeout(900)]
TOKEN = "0123456789abcdef0123456789abcdef01234567"
PATIENCE = 240.0  # seconds: it makes its database first, by hundreds of migrations
QUIET = {
    "LATEST_VERSION_CHECK": "false",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "SSRF_PROTECTION_ENABLED": "false",  # so that it looks no name up
}
FILE = """\
version: 1
providers:
  labels:
    type: label-studio
    base_url: "{address}"
    auth: {{{auth}}}
    settings: {{{settings}}}
    scope: {{project: "{project}"}}
policy: {{max_changed: 100%}}
webhooks:
{webhooks}
"""
USUAL: dict[str, Any] = {"url": "https://hooks.acme.example/ls", "events": ["TASKS_CREATED", "ANNOTATION_CREATED"]}


class LabelStudio:
    """One server, its data in a folder, that can be stopped and started again."""

    def __init__(self, folder: Path, program: str) -> None:
        self._folder, self._program, self._port = folder, program, free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._up = ExitStack()

    def start(self) -> None:
        """Return once it answers."""
        who = ["--username", "a@example.com", "--password", "0123456789abcdef", "--user-token", TOKEN]
        where = ["--internal-host", "127.0.0.1", "--port", str(self._port), "--data-dir", str(self._folder)]
        command = [self._program, "start", "--no-browser", "--enable-legacy-api-token", *where, *who]
        environment = {**QUIET, "HOME": str(self._folder), "LABEL_STUDIO_BASE_DATA_DIR": str(self._folder)}
        ready = urllib.request.Request(f"{self.address}/health")
        self._up.enter_context(running(command, self._folder, environment, ready, PATIENCE))

    def stop(self) -> None:
        """Return once it is gone."""
        self._up.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask it without whsync, as somebody at a dashboard would."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json", "Authorization": f"Token {TOKEN}"}
        request = urllib.request.Request(f"{self.address}/api{path}", data, headers, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def all(self, project: int) -> list[dict[str, Any]]:
        """What a project has."""
        return list(self.call("GET", f"/webhooks/?project={project}"))

    def change(self, webhook: dict[str, Any], **fields: Any) -> None:
        """Somebody changes a webhook; the events that are not said would be lost."""
        self.call("PATCH", f"/webhooks/{webhook['id']}/", {"actions": webhook["actions"], **fields})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    """A running server."""
    program = os.environ.get("WHSYNC_LABEL_STUDIO")
    if program is None:
        pytest.skip(
            "NOT TESTED: Label Studio is heavy; `make real` installs it, or WHSYNC_LABEL_STUDIO names its program"
        )
    studio = LabelStudio(tmp_path_factory.mktemp("label-studio"), program)
    studio.start()
    yield studio
    studio.stop()


class Here(Commands):
    """A folder with a configuration for a project of its own, and the command in it."""

    def __init__(self, folder: Path, server: LabelStudio) -> None:
        super().__init__(folder, {"LS_TOKEN": TOKEN})
        self.project = int(server.call("POST", "/projects/", {"title": folder.name[:50]})["id"])
        self._server = server
        self.account = (
            *("--url", server.address, "--auth", "token=env:LS_TOKEN"),
            *("--scope", f"project={self.project}"),
        )

    def write(
        self, address: str = "", auth: str = 'token: "env:LS_TOKEN"', settings: str = "", **webhooks: Any
    ) -> None:
        """Write the file."""
        blocks = "\n".join(f"  {name}: {json.dumps(block)}" for name, block in webhooks.items())
        text = FILE.format(
            address=address or self._server.address,
            auth=auth,
            settings=settings,
            project=self.project,
            webhooks=blocks or "  {}",
        )
        (self.folder / "webhooks.yaml").write_text(text)

    def there(self) -> list[dict[str, Any]]:
        """What the server has of the project."""
        return self._server.all(self.project)


@pytest.fixture
def here(server: LabelStudio, tmp_path: Path) -> Here:
    """An empty folder, and a project without webhooks."""
    return Here(tmp_path, server)


def test_the_manifest_is_true(server: LabelStudio, here: Here) -> None:
    """A trial finds no deviation between the built-in manifest and the server, and leaves nothing there."""
    argv = ("--against", server.address, "--scope", f"project={here.project}", "--auth", "token=env:LS_TOKEN", "--yes")
    code, said = here.run("providers", "check", "label-studio", *argv)
    assert code == 0, said
    assert here.there() == []


def test_each_field_arrives_and_is_changed(here: Here) -> None:
    """After a create and after each update the server holds what the file says, and the next plan is empty."""
    here.write(ours=USUAL)
    here.settles()
    first = here.there()
    assert set(first[0]["actions"]) == set(USUAL["events"])
    for changed in (
        {"url": "https://hooks.acme.example/v2"},
        {"events": ["TASKS_DELETED"]},
        {"status": "inactive"},
        {"options": {"send_payload": False, "send_for_all_actions": True}},
    ):
        here.write(ours={**USUAL, **changed})
        here.settles()
    here.write(ours={**USUAL, "status": "active", "options": {"send_payload": True, "send_for_all_actions": False}})
    here.settles()
    (held,) = here.there()
    assert (held["id"], held["url"], held["is_active"]) == (first[0]["id"], USUAL["url"], True)
    assert (held["send_payload"], held["send_for_all_actions"]) == (True, False)
    assert set(held["actions"]) == set(USUAL["events"])


def test_what_nobody_manages_survives_and_is_not_told(server: LabelStudio, here: Here) -> None:
    """Headers that somebody gave a webhook, a token among them, are there after an update, and in no output or lock."""
    here.write(ours=USUAL)
    here.settles()
    (held,) = here.there()
    server.change(held, headers={"X-Token": "s3cr3t-of-theirs"})
    here.write(ours={**USUAL, "url": "https://hooks.acme.example/v2"})
    code, said = here.run("apply", "--yes", "-v")
    assert code == 0, said
    (held,) = here.there()
    assert held["headers"] == {"X-Token": "s3cr3t-of-theirs"}
    assert set(held["actions"]) == set(USUAL["events"]), "an update without them would have taken them away"
    assert "s3cr3t-of-theirs" not in said + (here.folder / "webhooks.lock.json").read_text()


def test_drift_an_orphan_and_what_is_pruned(server: LabelStudio, here: Here) -> None:
    """Somebody's change is told and undone; what the file lost is an orphan until it is pruned; strangers stay."""
    here.write(ours=USUAL)
    here.settles()
    (held,) = here.there()
    server.change(held, is_active=False)
    server.call(
        "POST", "/webhooks/", {"project": here.project, "url": "https://theirs.example/x", "actions": ["TASKS_CREATED"]}
    )
    code, said = here.run("drift")
    assert code == 2
    assert "status" in said
    here.write(ours={**USUAL, "status": "active"})
    here.settles()
    here.write()
    code, said = here.run("plan")
    assert code == 0
    assert "orphan" in said
    here.settles()
    assert [each["url"] for each in here.there()] == ["https://theirs.example/x"]


def test_the_last_one_is_pruned(here: Here) -> None:
    """The list that is empty by then proves that it is gone."""
    here.write(ours=USUAL)
    here.settles()
    here.write()
    here.settles()
    assert here.there() == []


def test_more_than_a_hundred(server: LabelStudio, here: Here) -> None:
    """All are read, which come at once: ours among them is neither missed nor made again, nor is another project's."""
    here.write(ours=USUAL)
    here.settles()
    for number in range(120):
        theirs = {"project": here.project, "url": f"https://theirs.example/{number}", "actions": ["TASKS_CREATED"]}
        server.call("POST", "/webhooks/", theirs)
    code, said = here.run("plan", "--detailed-exitcode", "--format", "json")
    assert code == 0, said
    plan = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert plan["summary"]["unmanaged"] == 120
    assert [each["action"] for each in plan["changes"]] == ["noop"]


def test_a_restart_in_the_middle_of_an_apply(server: LabelStudio, here: Here) -> None:
    """What was not made when the server went is made by the next apply, and nothing twice."""
    names = [f"n{each}" for each in range(40)]
    block = {"for_each": {"n": names}, "url": "https://hooks.acme.example/many/${each.n}", "events": ["TASKS_CREATED"]}
    here.write(many=block)
    applying = here.start("apply", "--yes", "--max-changed", "100")
    while len(here.there()) < 5 and applying.poll() is None:
        time.sleep(0.05)
    server.stop()
    server.start()
    applying.communicate(timeout=300)
    here.settles()
    assert sorted(each["url"].rpartition("/")[2] for each in here.there()) == sorted(names)


def test_a_personal_token_is_used_by_the_servers_login(server: LabelStudio, here: Here) -> None:
    """A token of the newer kind gives one that lasts for minutes, with which all is as usual; neither is shown."""
    refresh = server.call("POST", "/token/", {})["token"]
    (here.folder / "token").write_text(refresh)
    here.write(auth='refresh_token: "file:./token"', ours=USUAL)
    here.settles()
    code, said = here.run("plan", "-v")
    assert (code, refresh in said) == (0, False)


@pytest.mark.parametrize("event", ["TASKS_EXPLODED", "PROJECT_CREATED"])
def test_what_it_refuses_is_told_in_its_words(here: Here, event: str) -> None:
    """An event that it does not know, or that no project has, and that is sent all the same, ends with its reason."""
    here.write(settings="unknown_events: true", ours={**USUAL, "events": [event]})
    code, said = here.run("apply", "--yes")
    assert code == 1
    assert "valid choice" in said or "organization-only" in said, said
    assert here.there() == []


@pytest.mark.parametrize("event", ["TASKS_EXPLODED", "PROJECT_CREATED"])
def test_its_own_list_of_events_is_asked(here: Here, event: str) -> None:
    """An event that it does not list for projects stops the webhook before anything is sent."""
    here.write(ours={**USUAL, "events": [event]})
    code, said = here.run("plan")
    assert (code, f"has no event `{event}`" in said) == (1, True), said
    code, said = here.run("providers", "show", "label-studio", "--events", *here.account)
    assert (code, "TASKS_CREATED" in said) == (0, True), said


def test_a_page_instead_of_an_answer(server: LabelStudio, here: Here) -> None:
    """A wrong prefix is answered by a page of HTML: nothing is concluded, and no page is shown."""
    here.write(address=f"{server.address}/nowhere", ours=USUAL)
    code, said = here.run("plan")
    assert code == 1
    assert "404" in said
    assert "<" not in said
    assert "Traceback" not in said
