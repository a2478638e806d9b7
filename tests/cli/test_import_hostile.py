"""`whsync import` where a vendor says odd things: secrets in texts, masks, words that YAML or terminals obey."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Result, Run
from tests.cli.echo import MANIFEST, Echo, echoing, spelt
from tests.cli.world import hidden_in

TOKEN, SHOWN = "token-of-the-account-1", "the-webhooks-own-secret"


class Scene:
    """A folder beside a vendor that shows every secret on every read."""

    def __init__(self, run: Run, folder: Path, vendor: Echo) -> None:
        self._run, self.folder, self.vendor = run, folder, vendor
        self.file = folder / "webhooks.yaml"
        (folder / "echo.yaml").write_text(MANIFEST)
        self.file.write_text(f"version: 1\nproviders:\n  echo: {{type: ./echo.yaml, base_url: {vendor.address}}}\n")

    def __call__(self, *argv: str, exit: int = 0, **how: Any) -> Result:
        result = self._run(*argv, cwd=self.folder, env={"ECHO_TOKEN": TOKEN, "EVIL": "filled in"}, **how)
        assert result.exit == exit, result
        return result

    def add(self, **fields: Any) -> None:
        """A webhook that somebody made."""
        number = str(len(self.vendor.hooks) + 1)
        usual = {"id": number, "url": f"https://hooks.acme.com/{number}", "events": ["a"], "description": ""}
        self.vendor.hooks[number] = {**usual, **fields}

    def imported(self, **how: Any) -> dict[str, Any]:
        """The document of an import into the file, after which the plan is empty."""
        document: dict[str, Any] = json.loads(
            self("import", "--into", "webhooks.yaml", "--format", "json", **how).stdout
        )
        planned = self("plan", "--detailed-exitcode", **how)
        assert "No changes." in planned.stdout
        return document

    def webhooks(self) -> dict[str, Any]:
        """What another reader of YAML finds in the file."""
        found: dict[str, Any] = yaml.safe_load(self.file.read_text("utf-8"))["webhooks"]
        return found


@pytest.fixture
def scene(run: Run, tmp_path: Path) -> Iterator[Scene]:
    """See `Scene`."""
    with echoing() as vendor:
        yield Scene(run, tmp_path, vendor)


@pytest.mark.parametrize(
    "text",
    [
        "${EVIL} and $$ and ${each.x}",
        "# no comment",
        "key: value\nsecret: {from: cmd:touch pwned}\n",
        "quotes \" ' ` \\ and {braces}, [brackets]",
        "\u202eright to left\u2066",
        "\x1b]0;PWNED\x07\x00\x85\u2028",
        "::set-output name=a::b\n::add-mask::x",
        "true",
        "~",
        "- a",
        " spaces around ",
        "&anchor *alias !tag |",
    ],
)
def test_words_of_a_vendor_stay_words(scene: Scene, text: str) -> None:
    """In descriptions and events: read back exactly, nothing filled in, and no other reader sees anything else."""
    scene.add(description=text, events=["a", f"b {text}"])
    document = scene.imported()
    assert document["summary"]["imported"] == 1
    (block,) = scene.webhooks().values()
    assert block["description"] == text.replace("$", "$$")
    assert sorted(block["events"]) == sorted(["a", f"b {text}".replace("$", "$$")])
    assert scene.file.read_text("utf-8").replace("\n", "").isprintable()
    assert not (scene.folder / "pwned").exists()
    lines = scene("import", "--format", "text").stderr
    assert lines.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "url", ["https://h/\n# x", "https://h/${EVIL}", "no url", "https://h/\x1b[31m", "javascript:x"]
)
def test_odd_addresses(scene: Scene, url: str) -> None:
    """What a file takes is written as it is, all else is left out and told; the plan is empty either way."""
    scene.add(url=url)
    scene.add()
    document = scene.imported()
    found = {each["remote_id"] for each in document["imported"]}
    assert "2" in found
    if "1" in found:
        assert url.replace("$", "$$") in {block["url"] for block in scene.webhooks().values()}
    else:
        assert [each["remote_id"] for each in document["left_out"]] == ["1"]
    assert scene.file.read_text("utf-8").replace("\n", "").isprintable()


def test_secrets_are_written_nowhere(scene: Scene) -> None:
    """Neither one that the vendor shows, in whatever spelling, nor the account's own: fields that hold one are left."""
    scene.add(description=spelt(SHOWN))
    scene.vendor.secrets["1"] = SHOWN
    scene.add(description=f"made with {TOKEN}")
    scene.add(url=f"https://hooks.acme.com/in?token={SHOWN}")
    result = scene("import", "--into", "webhooks.yaml", terminal=True)
    again = scene("import", terminal=True)
    files = [path.read_bytes() for path in scene.folder.iterdir() if path.is_file()]
    for secret in (SHOWN, TOKEN):
        assert hidden_in(secret, result.stdout, result.stderr, again.stdout, again.stderr, *files)
    text = scene.file.read_text("utf-8")
    assert text.count("# description: not managed, for a secret of this run is in it") == 2
    assert "# Not imported: 3 at echo" in text
    assert "the vendor shows it; it is not written here" in text
    assert "No changes." in scene("plan", "--detailed-exitcode").stdout


def test_a_masked_address_is_not_written(scene: Scene) -> None:
    """Nobody knows what is behind it, so it is a comment and a line of the report, and never a url."""
    scene.add(url="https://chat.acme.com/services/T01/********")
    scene.add()
    document = scene.imported()
    assert [each["reason"] for each in document["left_out"]] == ["Echo shows only a part of its url"]
    text = scene.file.read_text("utf-8")
    assert "# Not imported: 1 at echo (https://chat.acme.com/services/T01/********): Echo shows only a part" in text
    assert [block["url"] for block in scene.webhooks().values()] == ["https://hooks.acme.com/2"]


def test_nothing_but_what_cannot_be_written(scene: Scene) -> None:
    """No file is touched, and the report says why."""
    scene.add(url="https://chat.acme.com/********")
    before = scene.file.read_bytes()
    told = scene("import", "--into", "webhooks.yaml").stdout
    assert "Echo shows only a part of its url" in told
    assert "1 webhook found, 0 imported, 0 managed already, 1 left out." in told
    assert scene.file.read_bytes() == before
    assert not (scene.folder / "webhooks.lock.json").exists()


def test_a_long_list_of_events(scene: Scene) -> None:
    """It is broken into lines that `fmt` would not move."""
    scene.add(events=[f"a.rather.long.event.{number}" for number in range(20)])
    scene.imported()
    text = scene.file.read_text("utf-8")
    assert text.count("\n      - a.rather.long.event.") == 20
    assert scene("fmt", "--check").stdout == ""


def test_many_with_one_name(scene: Scene) -> None:
    """Five hundred webhooks that nothing tells apart but their paths: each has a name, the same the next time."""
    for number in range(500):
        scene.add(url=f"https://ci.acme.com/hooks?n={number}")
    shown = [scene("import").stdout for _ in range(2)]
    assert shown[0] == shown[1]
    assert scene.imported()["summary"]["imported"] == 500
    assert len(scene.webhooks()) == 500
