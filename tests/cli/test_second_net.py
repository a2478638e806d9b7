"""A vendor may repeat our secrets wherever it likes: they are found by what they are and stand as `***` everywhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reconciler.run.runtime import Runtime
from reconciler.secrets import sink
from tests.cli.conftest import Result, Run
from tests.cli.echo import MANIFEST, Echo, echoing, spelt
from tests.cli.world import hidden_in

SECRET, OLD, TOKEN = 'new "sëcret"/of+ours&1', "old-s3cret-of-ours/2", "the-token-0f-ours"


class Scene:
    """A folder with one provider that echoes, and everything that was said and written there."""

    def __init__(self, run: Run, folder: Path, vendor: Echo) -> None:
        self.folder, self.vendor, self._run = folder, vendor, run
        self.environment = {"ECHO_TOKEN": TOKEN, "HOOK_SECRET": SECRET, "WHSYNC_MAX_WAIT": "0"}
        self.environment |= {"WHSYNC_RECORD": "webhooks.record"}  # a running record shows no secret either
        self.said: list[str] = []
        (folder / "echo.yaml").write_text(MANIFEST)
        self.write()

    def write(self, **changes: Any) -> None:
        """Write webhooks.yaml with one webhook; a key with None is left out."""
        block = {
            "provider": "echo",
            "url": "https://hooks.acme.com/in",
            "events": ["push"],
            "description": "Ledger",
            "secret": {"from": "env:HOOK_SECRET"},
            **changes,
        }
        provider = {"type": "./echo.yaml", "base_url": self.vendor.address + self.vendor.prefix}
        kept = {key: value for key, value in block.items() if value is not None}
        whole = {"version": 1, "providers": {"echo": provider}, "webhooks": {"ci": kept}}
        (self.folder / "webhooks.yaml").write_text(json.dumps(whole))

    def __call__(self, *argv: str, **environment: str) -> Result:
        """Start a command with everything it can say; remember what it said."""
        result = self._run(*argv, "-vv", cwd=self.folder, env={**self.environment, **environment})
        self.said += [result.stdout, result.stderr]
        return result

    def applied(self) -> None:
        """Apply, which must succeed."""
        assert self("apply", "--yes").exit == 0, self.said[-2:]

    def plan(self, *argv: str) -> dict[str, Any]:
        """What a plan says, as JSON."""
        plan: dict[str, Any] = json.loads(self("plan", "--format", "json", *argv).stdout)
        return plan

    def everything(self) -> list[str]:
        """All outputs and all files but those where secrets belong."""
        places = ("secrets", "echo.yaml", "webhooks.yaml")
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        kept = [path for path in files if path.relative_to(self.folder).parts[0] not in places]
        return [*self.said, *(path.read_bytes().decode(errors="replace") for path in kept)]


@pytest.fixture
def scene(run: Run, tmp_path: Path) -> Iterator[Scene]:
    """See `Scene`."""
    with echoing() as vendor:
        yield Scene(run, tmp_path, vendor)


def look_everywhere(scene: Scene) -> None:
    """Run every command that shows what a vendor said, in every format, and save what can be saved."""
    for words in (
        ("plan", "-o", "saved", "--report", "json=report.json", "--report", "text=report.txt"),
        ("plan", "--format", "json"),
        ("plan", "--offline"),
        ("show", "saved"),
        ("drift",),
        ("drift", "--format", "json"),
        ("state", "list"),
        ("state", "show", "ci"),
        ("apply", "--yes", "--format", "json"),
        ("apply", "--yes"),
        ("plan",),
    ):
        scene(*words)


def test_a_vendor_that_repeats_secrets_everywhere_shows_none(scene: Scene) -> None:
    """Descriptions, URLs, notes and ids with our secret and token, however spelt, reach no output and no file."""
    scene.applied()
    sentence = f"signed with {spelt(SECRET)}, token {spelt(TOKEN)}"
    scene.vendor.hooks["1"] |= {"description": sentence, "note": f"disabled: {sentence}"}
    scene.vendor.hooks[SECRET] = {
        "id": SECRET,
        "url": f"https://hooks.acme.com/{TOKEN}/x?key={SECRET}",
        "events": ["push"],
        "description": sentence,
    }
    look_everywhere(scene)
    for secret in (SECRET, TOKEN):
        assert hidden_in(secret, *scene.everything())
    assert any("signed with ***" in text for text in scene.said)


@pytest.mark.parametrize("status", [401, 403, 422, 500])
def test_errors_quote_no_secret(scene: Scene, status: int) -> None:
    """A vendor that quotes the secret and the token in an error is quoted without them, also in JSON and journal."""
    scene.vendor.refuses = status
    scene("apply", "--yes")
    scene("apply", "--yes", "--format", "json")
    for secret in (SECRET, TOKEN):
        assert hidden_in(secret, *scene.everything())
    assert any(f"answered {status}" in text for text in scene.said)


@pytest.mark.parametrize("room", [7, 12])
def test_no_beginning_of_a_secret_is_quoted(scene: Scene, room: int) -> None:
    """Long words of a vendor are cut, and the cut leaves nothing of a token or secret that stood there."""
    scene.vendor.complaint = lambda body, bearer: f"{'x' * (199 - room)}{body.get('secret') or bearer} is bad"
    scene.vendor.refuses = 422
    scene("apply", "--yes")
    scene.vendor.fails = 400
    scene("plan")
    assert any("xxx" in text for text in scene.said)
    for secret in (SECRET, TOKEN):
        assert not [text for text in scene.everything() if secret[:6] in text]


def test_blanks_within_a_secret_do_not_uncover_it(scene: Scene) -> None:
    """A secret with tabs and line ends is found as it is, before a message is made one line of."""
    secret = scene.environment["HOOK_SECRET"] = "part one\ttwo  three-secret\nfour"
    scene.vendor.complaint = lambda body, bearer: f"bad key {secret}"
    scene.vendor.refuses = 422
    scene("apply", "--yes")
    scene.vendor.fails = 422
    scene("plan")
    assert any("bad key ***" in text for text in scene.said)
    assert not [text for text in scene.everything() if "three-secret" in text]


@pytest.mark.parametrize(
    "quoted", ["hooks.acme.com/in?k={}", "{} is bad", "//usr:{}@hooks.acme.com", "https%3A%2F%2Fx%3Fk%3D{}"]
)
def test_hidden_parts_of_urls_are_not_quoted(scene: Scene, quoted: str) -> None:
    """A vendor that complains of a query value or a password, with or without the URL, is quoted without it."""
    values = ["a-query-v4lue", "a passw0rd", "of-another-1"]
    scene.write(url="https://usr:a%20passw0rd@hooks.acme.com/in?k=a-query-v4lue")
    scene.vendor.hooks["7"] = {"id": "7", "url": "https://x.acme.com/?of-another-1", "events": ["push"]}
    scene.vendor.complaint = lambda body, bearer: " and ".join(map(quoted.format, values))
    scene.vendor.refuses = 422
    scene("apply", "--yes")
    scene.vendor.fails = 422
    values.remove("of-another-1")
    scene("plan")
    assert any("POST /hooks: " in text for text in scene.said)
    assert any("GET /hooks: " in text for text in scene.said)
    assert not [text for text in scene.everything() for value in ("v4lue", "passw0rd", "another-1") if value in text]


def test_values_of_urls_are_hidden_in_complaints_only(scene: Scene) -> None:
    """A query value may be an ordinary word, so a description or an address that holds it stays readable."""
    scene.write(url="https://hooks.acme.com/in?from=127.0.0.1", description="ours")
    scene.applied()
    scene.vendor.hooks["1"]["description"] = "by 127.0.0.1"
    assert scene.plan()["changes"][0]["fields"][0]["before"] == "by 127.0.0.1"
    assert "http://127.0.0.1:" in scene("plan").stdout


def test_a_failed_read_quotes_no_secret(scene: Scene) -> None:
    """The same holds for commands that end with the vendor's error."""
    scene.vendor.fails = 422
    for words in (("plan",), ("drift",), ("adopt", "ci", "--id", "1", "--yes")):
        assert scene(*words).exit == (0 if words == ("drift",) else 1)
    assert any("*** is a bad token" in text for text in scene.said)
    assert hidden_in(TOKEN, *scene.everything())


def test_a_token_in_the_address_is_not_shown(scene: Scene) -> None:
    """Where the base URL holds the token, neither the plan's header nor a trace shows it."""
    scene.vendor.prefix = f"/bot{TOKEN}"
    scene.write()
    scene("plan")
    assert any("/bot***/hooks 200" in text for text in scene.said)
    assert hidden_in(TOKEN, *scene.said)


def test_secrets_that_come_up_in_the_run_are_hidden_at_once(scene: Scene) -> None:
    """A secret that whsync made and one that only the vendor shows are hidden in what it answers from then on."""
    scene.vendor.chats = True
    scene.vendor.hooks["7"] = {"id": "7", "url": "https://x.acme.com", "shown_secret": OLD, "description": "x"}
    scene.write(secret={"generate": 32, "to": "env-file:secrets/env#HOOK"}, description="ours")
    scene("apply", "--yes", "--format", "json")
    made = (scene.folder / "secrets" / "env").read_text().strip().removeprefix("HOOK=")
    assert made in scene.vendor.hooks["2"]["description"]
    assert hidden_in(made, *scene.everything())
    scene.vendor.hooks["2"]["description"] = f"not {OLD}"
    scene("plan")
    assert any("not ***" in text for text in scene.said)
    assert hidden_in(OLD, *scene.everything())


def test_adopting_records_no_secret(scene: Scene) -> None:
    """What is bound goes into the lock as it is at the vendor, without the secrets that it repeats."""
    scene.vendor.hooks["7"] = {"id": "7", "url": "https://hooks.acme.com/in", "description": f"key {spelt(SECRET)}"}
    assert scene("adopt", "ci", "--id", "7", "--yes").exit == 0
    assert "key ***" in (scene.folder / "webhooks.lock.json").read_text()
    assert hidden_in(SECRET, *scene.everything())


@pytest.mark.parametrize("secret", [SECRET, "plain-s3cret-of-ours"])
def test_what_holds_a_secret_still_compares(scene: Scene, secret: str) -> None:
    """A description and a URL that hold the webhook's own secret are in sync once applied; a change is seen."""
    in_url = "${HOOK_SECRET}" if secret != SECRET else quote(SECRET, safe="")
    scene.environment["HOOK_SECRET"] = secret
    scene.write(description="key ${HOOK_SECRET}!", url=f"https://hooks.acme.com/{in_url}/in?k={in_url}")
    scene.applied()
    assert scene.vendor.hooks["1"]["description"] == f"key {secret}!"
    assert f"/{quote(secret, safe='')}/in?k={quote(secret, safe='')}" in scene.vendor.hooks["1"]["url"]
    look_everywhere(scene)
    for words in (("plan", "--detailed-exitcode"), ("drift",), ("plan", "--offline", "--detailed-exitcode")):
        result = scene(*words)
        assert result.exit == 0, result
        assert "unknown" not in result.stdout
    scene.vendor.hooks["1"]["description"] = "key of another"
    (field,) = scene.plan()["changes"][0]["fields"]
    assert (field["before"], field["after"], field["cause"]) == ("key of another", "key ***!", "drift")
    scene.applied()
    assert scene.vendor.hooks["1"]["description"] == f"key {secret}!"
    assert hidden_in(secret, *scene.everything())
    assert hidden_in(TOKEN, *scene.everything())


def test_two_secrets_are_not_mistaken_for_each_other(scene: Scene) -> None:
    """Where one known secret stands in place of another, that is a difference although both are hidden."""
    scene.write(description="key ${HOOK_SECRET}")
    scene.applied()
    scene.vendor.hooks["1"]["description"] = f"key {TOKEN}"
    (field,) = scene.plan()["changes"][0]["fields"]
    assert (field["before"], field["after"]) == ("key *** (another value)", "key ***")
    scene.applied()
    assert scene.vendor.hooks["1"]["description"] == f"key {SECRET}"


@pytest.mark.parametrize(
    ("sink", "content"),
    [("file:secrets/old", OLD), ("env-file:secrets/old#KEY", f"A=1\nexport KEY='{OLD}'  # of ours\n")],
)
def test_the_old_value_is_hidden_as_well(scene: Scene, sink: str, content: str) -> None:
    """After a rotation by file, the value before it is hidden for as long as a file of ours still has it."""
    (scene.folder / "secrets").mkdir()
    (scene.folder / "secrets" / "old").write_text(content)
    scene.write(secret={"generate": 32, "to": sink})
    scene.vendor.hooks["1"] = {"id": "1", "url": "https://hooks.acme.com/in", "description": f"was {spelt(OLD)}"}
    scene("plan")
    scene("rotate", "ci", "--yes")
    look_everywhere(scene)
    new = (scene.folder / "secrets" / "old").read_text().rpartition("=")[2].strip()
    assert OLD not in new
    for secret in (OLD, new):
        assert hidden_in(secret, *scene.everything())


def test_short_secrets_do_not_mangle_text(scene: Scene) -> None:
    """A secret of fewer than six characters is not looked for in what others wrote, and names stay as they are."""
    scene.environment["HOOK_SECRET"] = "a"
    scene.applied()
    scene.vendor.hooks["1"]["description"] = "a banana"
    (change,) = scene.plan()["changes"]
    assert change["fields"][0]["before"] == "a banana"


def test_names_are_never_hidden(scene: Scene) -> None:
    """A secret that happens to be the name of a provider, a field or an action does not spoil what programs read."""
    scene.environment |= {"HOOK_SECRET": "update", "ECHO_TOKEN": "description"}
    scene.applied()
    scene.vendor.hooks["1"]["description"] = "update the description"
    (change,) = scene.plan("-o", "saved")["changes"]
    assert (change["name"], change["action"]) == ("ci", "update")
    assert change["fields"][0] | {"after": ""} == {
        "path": "/description",
        "before": "*** the ***",
        "after": "",
        "cause": "drift",
    }
    assert scene("apply", "saved").exit == 0
    assert scene.vendor.hooks["1"]["description"] == "Ledger"


def test_an_id_that_is_a_secret_stops_its_webhook(scene: Scene) -> None:
    """The lock holds ids, so a vendor that uses our secret as one is told of, and nothing is written."""
    scene.vendor.hooks[SECRET] = {"id": SECRET, "url": "https://hooks.acme.com/in", "events": ["issues"]}
    result = scene("apply", "--yes")
    assert result.exit == 1
    assert "its id at the vendor holds a secret" in result.stdout + result.stderr
    assert scene.vendor.hooks[SECRET]["events"] == ["issues"]
    assert hidden_in(SECRET, *scene.everything())


@pytest.mark.parametrize("lost", [False, True])
def test_a_new_id_that_is_a_secret_is_told_and_not_recorded(scene: Scene, lost: bool) -> None:
    """A webhook that is made under such an id, its answer lost or not, fails, is in no lock as `***`, and is one."""
    name = scene.vendor.next_id = f"hook-{TOKEN}"

    def done_all_the_same(body: dict[str, Any], _: str) -> str:
        scene.vendor.hooks[name] = {"id": name, **{key: body[key] for key in ("url", "events", "description")}}
        return "sorry"

    if lost:
        scene.vendor.refuses, scene.vendor.complaint = 500, done_all_the_same
    result = scene("apply", "--yes")
    assert result.exit == 1
    assert "its id at the vendor holds a secret" in result.stdout
    assert not (scene.folder / "webhooks.lock.json").exists()
    scene.vendor.refuses = 0
    assert scene("apply", "--yes").exit == 1
    assert list(scene.vendor.hooks) == [name]
    assert hidden_in(TOKEN, *scene.everything())
    scene.vendor.hooks.clear()
    scene.vendor.next_id = ""
    scene.applied()
    assert scene("plan", "--detailed-exitcode").exit == 0


def test_an_unforeseen_error_in_a_worker_shows_no_secret(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug whose exception quotes a secret ends in a sentence with the exception's type, whatever -v says."""

    def broken(*_: object) -> None:
        value = SECRET
        raise KeyError(value)

    scene.applied()
    for target, name, words in (
        (sink, "store", ("rotate", "ci", "--yes")),
        (sink, "probe", ("rotate", "ci", "--yes")),
        (Runtime, "drive", ("plan",)),
    ):
        scene.write(secret={"generate": 32, "to": "file:secrets/new"}, description="changed")
        with monkeypatch.context() as patch:
            patch.setattr(target, name, broken)
            result = scene(*words)
        assert result.exit == 1, (name, result)
        assert "KeyError" in result.stdout + result.stderr
    assert hidden_in(SECRET, *scene.everything())
