"""What must be true after a run that was killed, once its successors have done their work.

`recover` is the user: applies again and follows the ways out that whsync names. `check` holds the invariants.
"""

import json
import re
from collections import Counter
from typing import Any

from tests.processes.scene import OUR_NEXT_SECRET, OUR_SECRET, Scene

TRIES = 6
OURS = {"webhooks.yaml", "webhooks.lock.json", "webhooks.lock.json.lock"}
OURS_ARE = ("ci", "deploy", "extra")
RESCUED = "webhooks.lock.json.rescue/"
VERSION = re.compile(r"\.webhooks\.lock\.json\.versions/(?:(?:[0-9]{6}|index)\.json|\.gitignore)")
SINKS = {
    "deploy": "secrets/deploy",
    "ledger": "secrets/all.env",
    "blind": "secrets/blind",
    "wallet": "secrets/wallet",
}


def recover(scene: Scene) -> None:
    """Apply until it succeeds, doing by hand what the messages ask for.

    Raises:
        AssertionError: it does not come to an end.
    """
    for _ in range(TRIES):
        ended = scene.apply()
        scene.settle()
        assert "is in use since" not in ended.said, "a dead holder blocks"
        if ended.exit == 0:
            return
        assert ended.exit == 1, ended.said
        for name in ("blind", "payments"):
            if f"whsync adopt {name} --id ID" in ended.said:
                found = _ids(scene, name)
                way = ("adopt", name, "--id", found) if found else ("state", "rm", name)
                assert scene(*way, "--yes").exit == 0, scene.heard[-1]
            elif f"--reassert --target {name}" in ended.said:
                scene.apply("--reassert", "--target", name)
        if "whsync adopt wallet --id account" in ended.said:
            assert scene("adopt", "wallet", "--id", "account", "--yes").exit == 0, scene.heard[-1]
    raise AssertionError("it does not converge; the last said:\n" + scene.heard[-1])


def check(scene: Scene) -> None:
    """The invariants.

    Raises:
        AssertionError: one does not hold.
    """
    there, wanted = vendors_hold(scene), declared(scene)
    assert there == wanted, f"too much at the vendors: {there - wanted}; missing there: {wanted - there}"
    ended = scene("plan", "--prune-all", "--format", "json")
    assert ended.exit == 0, ended.said
    plan = json.loads(ended.stdout)
    pending = [change for change in plan["changes"] if change["action"] != "noop"]
    assert not pending, f"the last plan is not empty: {pending}"
    assert plan["problems"] == []
    mine = [change for change in plan["changes"] if change["name"].startswith(OURS_ARE)]
    ours = {change["name"]: change.get("secret_note", "") for change in mine}
    known = all(note.startswith("as applied") for note in ours.values())  # behind GitHub's stars, no more can be known
    assert known, f"secrets of ours that nobody knows: {ours}"
    secrets_are_where_they_belong(scene)
    nothing_leaked(scene)
    others = {name for name in scene.files() - OURS - set(SINKS.values()) if not name.startswith(RESCUED)}
    strays = {name for name in others if not VERSION.fullmatch(name)}
    assert not strays, f"left behind: {strays}"


def vendors_hold(scene: Scene) -> Counter[tuple[Any, ...]]:
    """Every webhook at every vendor, in the vendors' terms, with the secrets that are ours."""
    found: list[tuple[Any, ...]] = []
    for each in scene.vendors["github"].webhooks():
        config = each["config"]
        found.append((each["target"], config["url"], *sorted(each["events"]), config.get("secret")))
    for account in ("coinbase", "blind"):
        there = scene.vendors[account].webhooks()
        found += [(account, each["url"], *each["events"], each["status"], each["description"]) for each in there]
    found += [("cryptofuse", each["callback_url"]) for each in scene.vendors["cryptofuse"].webhooks()]
    found += [("cryptopocket", each["url"], each["type"]) for each in scene.vendors["cryptopocket"].webhooks()]
    return Counter(found)


def declared(scene: Scene) -> Counter[tuple[Any, ...]]:
    """What `vendors_hold` must be by the file."""
    wanted: list[tuple[Any, ...]] = []
    for block in scene.declared.values():
        account, url, events = block["provider"], block["url"], sorted(block.get("events", ()))
        if account == "github":
            secret = _our_secret(scene, block)
            repos = block.get("for_each", {}).get("repo") or [block["scope"]["repo"]]
            wanted += [(f"acme/{repo}", url, *events, secret) for repo in repos]
        elif account in ("coinbase", "blind"):
            status = "DEACTIVATED" if block.get("status") == "inactive" else "ACTIVATED"
            wanted.append((account, url, *events, f"WEBHOOK_STATUS_{status}", block.get("description", "")))
        else:
            wanted += [(account, url, event) for event in events] if events else [(account, url)]
    return Counter(wanted)


def secrets_are_where_they_belong(scene: Scene) -> None:
    """Every issued secret is in its sink; or whsync said that it does not know it, and the lock does not claim it."""
    for name, value in issued(scene).items():
        record = scene.lock[name]["secret"]
        if stored(scene, name) == value:
            continue
        assert record is None or record["fingerprint"] is None, f"the lock claims a secret of {name} that nobody has"
        owed = f"{name}: its secret is owed"
        assert any(owed in said for said in scene.heard), f"{name} is owed, and nobody said so"


def nothing_leaked(scene: Scene) -> None:
    """No secret and no credential in the lock, the journal, or anything that was said."""
    texts = [*scene.heard, scene.lock_path.read_text(encoding="utf-8")]
    texts += [scene.journal.read_text(encoding="utf-8")] if scene.journal.exists() else []
    for secret in known_secrets(scene):
        assert not any(secret in text for text in texts), "a secret was said"


def known_secrets(scene: Scene) -> set[str]:
    """Every secret of this scene: ours, issued, made, and the credentials."""
    names = ("GITHUB_TOKEN", "COINBASE_TOKEN", "FUSE_SECRET", "POCKET_SECRET")
    credentials = {scene.environment[name] for name in names}
    made = {stored(scene, "deploy")} - {None, ""}
    return {OUR_SECRET, OUR_NEXT_SECRET, *credentials, *issued(scene).values(), *filter(None, made)}


def issued(scene: Scene) -> dict[str, str]:
    """The secrets that the vendors issued, by our names."""
    accounts = {"ledger": "coinbase", "blind": "blind", "wallet": "cryptofuse"}
    return {name: each["secret"] for name, account in accounts.items() for each in scene.vendors[account].webhooks()}


def stored(scene: Scene, name: str) -> str | None:
    """What a webhook's sink holds, or None."""
    path = scene.folder / SINKS[name]
    if not path.exists():
        return None
    return path.read_text(encoding="utf-8").strip().removeprefix("LEDGER=").strip("'\"")


def _our_secret(scene: Scene, block: dict[str, Any]) -> str | None:
    spec = block.get("secret", {})
    return scene.environment["CI_SECRET"] if "from" in spec else stored(scene, "deploy") if spec else None


def _ids(scene: Scene, name: str) -> str:
    """What a user finds at the vendor: the id to adopt, or nothing."""
    if name == "payments":
        return ",".join(sorted(each["type"] for each in scene.vendors["cryptopocket"].webhooks()))
    return "".join(each["id"] for each in scene.vendors["blind"].webhooks())
