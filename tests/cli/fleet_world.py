"""A fleet of teams beside a simulated vendor: their folders, their variables, and what was kept of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.sandbox import Sandbox
from tests.cli.conftest import Result, Run
from tests.cli.world import validate

TEAMS = ("payments", "shop", "broken")
FLEET = """\
version: 1
folders: ["teams/*"]
defaults:
  schedule: 24h
  environment: {prefix: "{TENANT}_"}
tenants:
  shop: {repair: drift}
"""
BROKEN = "version: 1\nproviders: {github: {}}\nwebhooks:\n  ci: {scope: {owner: acme, repo: api}, evnts: [push]}\n"


def secret_of(team: str) -> str:
    """What signs the deliveries of a team's webhooks."""
    return f"{team}-own-secret-5bd2f0c7a1"


class Teams:
    """Three teams: two whose files are good, and one whose file is not.

    Args:
        run: starts the command line.
        folder: where the fleet is.
        box: the vendors, started.
    """

    def __init__(self, run: Run, folder: Path, box: Sandbox) -> None:
        self.folder, self.github, self._run = folder, box["github"], run
        self.fleet = folder / "fleet.yaml"
        self.fleet.write_text(FLEET, encoding="utf-8")
        self.environment = {"GITHUB_TOKEN": "nobodys", "CI_SECRET": "nobodys-own-secret"}
        for team in TEAMS:
            (folder / "teams" / team).mkdir(parents=True)
            self.environment[f"{team.upper()}_GITHUB_TOKEN"] = self.github.credentials["token"]
            self.environment[f"{team.upper()}_CI_SECRET"] = secret_of(team)
        self.write("payments", {"ci": self.hook("payments")})
        self.write("shop", {"ci": self.hook("shop")})
        (folder / "teams" / "broken" / "webhooks.yaml").write_text(BROKEN, encoding="utf-8")

    def hook(self, repo: str, **changes: Any) -> dict[str, Any]:
        """A webhook on a repository of acme."""
        whole = {"scope": {"repo": repo}, "url": "https://ci.acme.com/hooks", "events": ["push"]}
        whole |= {"options": {"content_type": "json"}, "secret": {"from": "env:CI_SECRET"}}
        return {**whole, **changes}

    def write(self, team: str, webhooks: Mapping[str, Any], **more: Any) -> None:
        """A team's file."""
        hub = {"base_url": self.github.url, "scope": {"owner": "acme"}, "limits": {"per_second": 1000}}
        whole = {"version": 1, "providers": {"github": hub}, "webhooks": dict(webhooks), **more}
        (self.folder / "teams" / team / "webhooks.yaml").write_text(json.dumps(whole), encoding="utf-8")

    def __call__(self, *argv: str, **how: Any) -> Result:
        """`whsync fleet …` in the fleet's folder."""
        environment = {"WHSYNC_MAX_WAIT": "0", **self.environment, **how.pop("env", {})}
        return self._run("fleet", *argv, cwd=self.folder, env=environment, **how)

    def told(self, *argv: str, exit: int = 0, **how: Any) -> dict[str, dict[str, Any]]:
        """What `--format json` tells of each tenant."""
        result = self(*argv, "--format", "json", **how)
        assert result.exit == exit, result
        document = json.loads(result.stdout)
        validate("fleet-report", document)
        assert (document["command"], document["exit_code"]) == (argv[0], exit)
        for kept in self.kept().values():
            validate("fleet-result", json.loads(kept))
        return {each["name"]: each for each in document["tenants"]}

    def kept(self) -> dict[str, bytes]:
        """The results, by the names of their files."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / ".whsync-fleet").glob("*"))}

    def hooks(self) -> dict[str, dict[str, Any]]:
        """What stands at the vendor, by repository."""
        return {hook["target"].partition("/")[2]: hook for hook in self.github.webhooks()}

    def lock(self, team: str) -> Path:
        """Where a team's lock is."""
        return self.folder / "teams" / team / "webhooks.lock.json"
