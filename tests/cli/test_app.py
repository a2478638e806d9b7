"""A GitHub App as the credential: its key asks for a token of its installation, and again once that has ended."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.cli.conftest import Result, Run

FILE = """
version: 1
providers:
  github:
    base_url: {url}
    auth: {{app_id: "env:APP", installation_id: "env:INSTALLATION", private_key: "env:KEY"}}
webhooks:
  ci:
    for_each: {{repo: [api, web]}}
    scope: {{owner: acme, repo: "${{each.repo}}"}}
    url: https://ci.acme.com/hooks
    events: [{events}]
"""
HOOKS = "/repos/acme/"


class House:
    """A folder with two webhooks, an account that only the app reaches, and the app's credentials."""

    def __init__(self, run: Run, folder: Path, github: Any) -> None:
        self.github, self._run, self._folder = github, run, folder
        self.app = github.apps.make()
        self.declare("push")

    def declare(self, events: str) -> None:
        """Write the file."""
        text = FILE.format(url=self.github.url, events=events)
        (self._folder / "webhooks.yaml").write_text(text, encoding="utf-8")

    def __call__(self, *argv: str, exit: int = 0, **changed: str) -> Result:
        """One command line, with the app's credentials or others."""
        given = {**self.app, **changed}
        names = {"APP": "app_id", "INSTALLATION": "installation_id", "KEY": "private_key"}
        result = self._run(*argv, env={name: given[key] for name, key in names.items()})
        assert result.exit == exit, result.stdout + result.stderr
        secret = given["private_key"].splitlines()[len(given["private_key"].splitlines()) // 2]
        assert secret not in result.stdout + result.stderr
        assert "ghs_" not in result.stdout + result.stderr
        return result

    def exchanges(self) -> int:
        """How often a token was asked for so far."""
        return sum(request.path.endswith("/access_tokens") for request in self.github.requests)


@pytest.fixture
def house(run: Run, tmp_path: Path) -> Iterator[House]:
    """A fresh folder and account."""
    with Sandbox(["github"]) as box:
        yield House(run, tmp_path, box["github"])


def test_a_run_asks_for_one_token(house: House) -> None:
    """Reads and writes go with it; plans, traces and the lock show neither it nor the key."""
    house("plan", "-v")
    assert house.exchanges() == 1
    house("apply", "--yes", "-v")
    assert (house.exchanges(), len(house.github.webhooks())) == (2, 2)
    assert "No changes." in house("plan").stdout


def test_a_key_in_one_line(house: House) -> None:
    """Pipelines keep a key with its line ends written as `\\n`."""
    house("plan", private_key=house.app["private_key"].replace("\n", "\\n"))


def test_a_token_that_ends_in_mid_run_is_asked_for_again(house: House) -> None:
    """An hour is over: the write that was refused is made with the next token, once."""
    house("apply", "--yes")
    house.declare("push, release")
    before, asked = len(house.github.requests), house.github.apps.answer

    def short(*call: Any) -> Any:
        """Tokens of two calls."""
        told = asked(*call)
        if told is not None:
            house.github.apps.tokens.expire(after=3)
        return told

    house.github.apps.answer = short
    house("apply", "--yes")
    assert [hook["events"] for hook in house.github.webhooks()] == [["push", "release"]] * 2
    writes = [each for each in house.github.requests[before:] if each.method == "PATCH"]
    exchanges = [each for each in house.github.requests[before:] if "/access_tokens" in each.path]
    assert len(exchanges) > 1
    assert len(writes) in (2, 3)  # one may have been refused, and is then made again


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"private_key": "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"}, "private_key"),
        ({"app_id": "4711"}, "refused the credentials"),
        ({"installation_id": "4711"}, "the credential installation_id"),
        ({"installation_id": ".."}, "installation_id"),
    ],
)
def test_wrong_credentials_are_named(house: House, changed: dict[str, str], told: str) -> None:
    """What is wrong is said, and nothing is planned as if it were missing."""
    result = house("plan", "--format", "json", exit=1, **changed)
    document = json.loads(result.stdout)
    assert told in " ".join(f"{each['summary']} {each['hint']}" for each in document["problems"]), document["problems"]
    assert document["summary"]["create"] == 0


def test_a_clock_that_is_off_is_told(house: House) -> None:
    """A signature that has ended, or not begun, for the vendor is a matter of this machine's clock."""
    real = house.github.clock
    house.github.clock = lambda: real() + 7200
    assert "clock" in house("plan", exit=1).stdout + house("plan", exit=1).stderr
