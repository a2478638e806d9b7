"""The user's file: one webhook of it, the kinds of vendors that it may name, and its text. Used by `story`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.world import dialects, keyed, known_vendors, shapes
from tests.world.vendors import Vendor

KINDS: Mapping[str, type[Vendor]] = {
    "paged": dialects.Paged,
    "marked": dialects.Marked,
    "blind": dialects.Blind,
    "disabler": dialects.Disabler,
    "keeper": dialects.Keeper,
    "mute": dialects.Mute,
    "fan": dialects.Fan,
    "keysafe": keyed.Keysafe,
    "signet": keyed.Signet,
    "turnkey": keyed.Turnkey,
    "paired": dialects.Paired,
    "shifty": shapes.Shifty,
    "lonely": shapes.Lonely,
    "graphic": shapes.Graphic,
    "github": known_vendors.GitHub,
    "coinbase-payments": known_vendors.Coinbase,
    "cryptofuse": known_vendors.Cryptofuse,
    "cryptopocket": known_vendors.Cryptopocket,
}
SCOPES = {"paged": {"team": "core"}, "github": {"owner": "acme", "repo": "api"}}


@dataclass
class Hook:
    """One webhook of the file; `owner` is its identity for ever, `secret` one of from, to, generate or nothing."""

    name: str
    kind: str
    owner: str
    url: str
    events: frozenset[str]
    status: str | None = None
    description: str | None = None
    option: str | None = None
    secret: str | None = None
    was: tuple[str, ...] = ()


def document(kinds: Iterable[str], hooks: Iterable[Hook], token: str | None) -> dict[str, Any]:
    """What `webhooks.yaml` says; `token`: where the credentials are from, if not from the usual variables."""
    auth = {} if token is None else {"auth": {"token": token}}
    return {
        "version": 1,
        "providers": {kind: {"scope": SCOPES.get(kind, {}), **_host(kind), **auth} for kind in kinds},
        "webhooks": {hook.name: _block(hook) for hook in hooks},
    }


def _host(kind: str) -> dict[str, Any]:
    if kind in ("cryptofuse", "cryptopocket"):
        return {"base_url": f"https://{kind}.example"}
    return {"base_url": "https://api.github.com"} if kind == "github" else {}


def _block(hook: Hook) -> dict[str, Any]:
    block: dict[str, Any] = {"provider": hook.kind, "url": hook.url}
    if KINDS[hook.kind].events:
        block["events"] = sorted(hook.events)
    block |= {
        key: value for key, value in (("status", hook.status), ("description", hook.description)) if value is not None
    }
    if hook.option is not None:
        block["options"] = {KINDS[hook.kind].options[0]: hook.option}
    sink = f"file:./secrets/{hook.owner}"
    if hook.secret is not None:
        made = {
            "from": {"from": f"env:OURS_{hook.owner}"},
            "to": {"to": sink},
            "generate": {"generate": 16, "to": sink},
        }
        block["secret"] = made[hook.secret]
    if KINDS[hook.kind].further:
        block["secrets"] = {"basic": {"generate": 16, "to": f"{sink}-basic"}}
    if hook.was:
        block["lifecycle"] = {"was": list(hook.was)}
    return block
