"""A user's folder beside simulated vendors: files, environment, commands, and what the vendors were asked.

Used by the end-to-end tests. Every command is started as a user would start it; the vendors listen on loopback.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator

from reconciler.sandbox import Request, Sandbox
from tests.cli.conftest import Result, Run

SCHEMAS = Path(__file__).parents[2] / "schemas"
CI_SECRET = 'our "own" päss/word+1 & more'
Block = dict[str, Any]


def hook(**changes: Any) -> Block:
    """A webhook at GitHub, on acme/api, with a secret of ours; None takes a key away."""
    block: Block = {
        "provider": "github",
        "scope": {"repo": "api"},
        "url": "https://ci.acme.com/hooks",
        "events": ["push", "pull_request"],
        "options": {"content_type": "json"},
        "secret": {"from": "env:CI_SECRET"},
    }
    return _changed(block, changes)


def ledger(**changes: Any) -> Block:
    """A webhook at Coinbase, whose secret the vendor issues."""
    block: Block = {
        "provider": "coinbase",
        "url": "https://hooks.acme.com/coinbase",
        "events": ["EVENT_TYPE_PAYMENT_CAPTURED"],
        "secret": {"to": "file:./secrets/ledger"},
    }
    return _changed(block, changes)


def wallet(**changes: Any) -> Block:
    """The webhook of the Cryptofuse account, whose secret is issued once."""
    block: Block = {
        "provider": "cryptofuse",
        "url": "https://hooks.acme.com/cryptofuse",
        "secret": {"to": "file:./secrets/wallet"},
    }
    return _changed(block, changes)


def payments(**changes: Any) -> Block:
    """A webhook at CryptoPocket, which nobody can read."""
    block: Block = {"provider": "cryptopocket", "url": "https://hooks.acme.com/cryptopocket", "events": ["PAY_IN"]}
    return _changed(block, changes)


def _changed(block: Block, changes: Mapping[str, Any]) -> Block:
    return {key: value for key, value in {**block, **changes}.items() if value is not None}


class World:
    """A folder with a configuration, an environment, and simulated vendors.

    Args:
        run: starts the command line.
        folder: the working folder.
        box: the vendors, started.
    """

    def __init__(self, run: Run, folder: Path, box: Sandbox) -> None:
        self.box, self.folder = box, folder
        self.config, self.lock_path = folder / "webhooks.yaml", folder / "webhooks.lock.json"
        self._run = run
        self.environment = {
            "GITHUB_TOKEN": box["github"].credentials["token"],
            "COINBASE_TOKEN": box["coinbase-payments"].credentials["token"],
            "FUSE_SECRET": box["cryptofuse"].credentials["client_secret"],
            "POCKET_SECRET": box["cryptopocket"].credentials["api_secret"],
            "FUSE_ID": box["cryptofuse"].credentials["client_id"],
            "POCKET_KEY": box["cryptopocket"].credentials["api_key"],
            "CI_SECRET": CI_SECRET,
        }

    def write(
        self,
        webhooks: Mapping[str, Block],
        *,
        policy: Block | None = None,
        audit: Block | None = None,
        providers: Mapping[str, Block] | None = None,
        drop: tuple[str, ...] = (),
    ) -> None:
        """Write webhooks.yaml with all four providers; `providers` adds keys to theirs, `drop` leaves some out."""
        known = {name: block for name, block in self._providers().items() if name not in drop}
        for name, keys in (providers or {}).items():
            known[name] = {**known.get(name, {}), **keys}
        whole = {"version": 1, "providers": known, "policy": policy or {}, "audit": audit or {}}
        whole["webhooks"] = dict(webhooks)
        self.config.write_text(json.dumps(whole, indent=2, ensure_ascii=False), encoding="utf-8")

    def _providers(self) -> dict[str, Block]:
        fast = {"per_second": 1000}
        return {
            "github": {"base_url": self.box["github"].url, "scope": {"owner": "acme"}, "limits": fast},
            "coinbase": {"type": "coinbase-payments", "base_url": self.box["coinbase-payments"].url, "limits": fast},
            "cryptofuse": {
                "base_url": self.box["cryptofuse"].url,
                "auth": {"client_id": "env:FUSE_ID", "client_secret": "env:FUSE_SECRET"},
                "limits": fast,
            },
            "cryptopocket": {
                "base_url": self.box["cryptopocket"].url,
                "auth": {"api_key": "env:POCKET_KEY", "api_secret": "env:POCKET_SECRET"},
                "limits": fast,
            },
        }

    def __call__(self, *argv: str, **how: Any) -> Result:
        """Start a command in the folder; it does not wait for busy vendors unless told to."""
        environment = {"WHSYNC_MAX_WAIT": "0", **self.environment, **how.pop("env", {})}
        return self._run(*argv, cwd=self.folder, env=environment, **how)

    def apply(self, *argv: str, **how: Any) -> Result:
        """`whsync apply --yes`."""
        return self("apply", "--yes", *argv, **how)

    def applied(self, *argv: str) -> Result:
        """`whsync apply --yes` that must succeed."""
        result = self.apply(*argv)
        assert result.exit == 0, result
        return result

    def planned(self, *argv: str, exit: int = 0) -> dict[str, Any]:
        """`whsync plan --format json`, which must end with `exit` and be valid."""
        result = self("plan", "--format", "json", *argv)
        assert result.exit == exit, result
        plan: dict[str, Any] = json.loads(result.stdout)
        validate("plan", plan)
        return plan

    def actions(self, *argv: str, exit: int = 0) -> dict[str, str]:
        """What a plan would do, by webhook name."""
        return {change["name"]: change["action"] for change in self.planned(*argv, exit=exit)["changes"]}

    def change(self, name: str, *argv: str, exit: int = 0) -> dict[str, Any]:
        """What a plan says of one webhook."""
        return next(change for change in self.planned(*argv, exit=exit)["changes"] if change["name"] == name)

    @property
    def lock(self) -> dict[str, Any]:
        """The lock's webhooks by name; none where there is no lock."""
        if not self.lock_path.exists():
            return {}
        whole = json.loads(self.lock_path.read_text(encoding="utf-8"))
        validate("lock", whole)
        webhooks: dict[str, Any] = whole["webhooks"]
        return webhooks

    def writes(self, vendor: str) -> list[str]:
        """The writes that a vendor was asked for, in order: `POST /path`. Getting a token is none."""
        return [f"{asked.method} {asked.path}" for asked in self.asked(vendor)]

    def asked(self, vendor: str) -> list[Request]:
        """The requests behind `writes`."""
        tokens = ("/o/token/", "/api/authenticate")
        return [each for each in self.box[vendor].requests if each.method != "GET" and each.path not in tokens]

    def forget_requests(self) -> None:
        """Look only at the requests from now on."""
        for vendor in self.box:
            self.box[vendor].clear_requests()

    def total_writes(self) -> int:
        """How many writes all vendors were asked for."""
        return sum(len(self.writes(vendor)) for vendor in self.box)

    def files(self) -> dict[str, bytes]:
        """Every file of the folder with its content; the empty one that guards the lock is left out."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != "webhooks.lock.json.lock"
        }


def validate(schema: str, value: object) -> None:
    """Assert that a value is valid against `schemas/NAME.schema.json`."""
    Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))).validate(value)


def problems(result: Result) -> list[dict[str, Any]]:
    """The problems of what a command wrote as JSON to stdout."""
    found: list[dict[str, Any]] = json.loads(result.stdout)["problems"]
    return found


def events(result: Result) -> list[dict[str, Any]]:
    """The events that `apply --format json` wrote, each valid."""
    told = [json.loads(line) for line in result.stdout.splitlines()]
    for event in told:
        validate("event", event)
    return told


def hidden_in(secret: str, *texts: str | bytes) -> bool:
    """Whether a secret stands in none of the texts, in any of the usual encodings."""
    plain = secret.encode()
    shapes = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], plain.hex()}
    shapes |= {json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    shapes |= {base64.b64encode(plain).decode().rstrip("="), base64.urlsafe_b64encode(plain).decode().rstrip("=")}
    for text in texts:
        content = text.decode(errors="replace") if isinstance(text, bytes) else text
        if any(shape in content for shape in shapes):
            return False
    return True
