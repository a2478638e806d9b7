"""Configurations, locks and plans of any size, always the same for the same size."""

import json
from collections.abc import Callable
from pathlib import Path

from reconciler.config.load import load
from reconciler.model.diff import record
from reconciler.model.webhook import EVENTS, Desired, Entry, Fields
from reconciler.providers.registry import Registry
from reconciler.state.lock import Lock, to_json

HOOKS_A_REPOSITORY = 20
AT = "2026-11-21T12:00:00Z"

_HEAD = """\
version: 1
providers:
  github:
    base_url: {base_url}
    scope: {{owner: acme}}
    limits: {{reads: 16, writes: 16, per_second: 0}}
policy:
  allowed_hosts: ["*.acme.com"]
webhooks:
"""

_WEBHOOK = """\
  hook-{number}:
    scope: {{repo: "repository-{repository}"}}
    url: https://hooks.acme.com/github/{number}
    events: [push, pull_request, release]
    status: active
    options: {{content_type: json}}
"""


def write_config(
    folder: Path, count: int, base_url: str = "https://api.github.com", secret: Callable[[int], str] | None = None
) -> None:
    """`webhooks.yaml` with `count` webhooks, each written out; `secret` gives the reference of each one's secret."""
    with (folder / "webhooks.yaml").open("w", encoding="utf-8") as file:
        file.write(_HEAD.format(base_url=base_url))
        for number in range(count):
            file.write(_WEBHOOK.format(number=number, repository=number // HOOKS_A_REPOSITORY))
            if secret is not None:
                file.write(f"    secret: {{from: {json.dumps(secret(number))}}}\n")


def write_lock(folder: Path) -> None:
    """The lock of `webhooks.yaml` as applied once, every tenth webhook with other events than the file has now."""
    (folder / "webhooks.lock.json").write_text(to_json(locked(desired(folder))), encoding="utf-8")


def desired(folder: Path) -> tuple[Desired, ...]:
    """What `webhooks.yaml` wants."""
    return load([folder / "webhooks.yaml"], {"GITHUB_TOKEN": "made-up"}, Registry()).desired


def locked(webhooks: tuple[Desired, ...]) -> Lock:
    """A lock that holds them; every tenth was applied with other events."""
    return Lock({webhook.name: _entry(number, webhook) for number, webhook in enumerate(webhooks)})


def _entry(number: int, webhook: Desired) -> Entry:
    applied = record(webhook.fields)
    if number % 10 == 0:
        applied = Fields({**applied, EVENTS: frozenset({"push"})})
    place = (webhook.provider, webhook.type, webhook.account, webhook.scope)
    return Entry(*place, str(number), applied, at=AT)
