"""Secrets that have been in use for too long. [pure] Used by `audit.table`."""

from collections.abc import Iterator
from datetime import UTC, datetime

from reconciler.audit.rule import Rule
from reconciler.audit.types import Hit, Inventory, Seen, Severity, Standing
from reconciler.codes import Code
from reconciler.model.further import called
from reconciler.support.hints import command


def hits(inventory: Inventory) -> Iterator[Hit]:
    """Webhooks whose secret was set longer ago than the files allow; of others' secrets nobody knows the age."""
    today, most = _moment(inventory.at), inventory.settings.secret_max_age
    for seen in inventory.there:
        for secret in seen.each_secret:
            since = _moment(secret.at) if secret.is_known else None
            if today is None or since is None or seen.name is None:
                continue
            days = (today - since).days
            if days > most:
                what = f"has a {called(secret.name)} that is {days} days old; {most} are allowed"
                yield Hit(seen, what, _way(seen, seen.name, secret.name))


def _way(seen: Seen, name: str, which: str) -> str:
    if seen.standing is Standing.MANAGED:
        return f"rotate it: {command('rotate', name, *(('--secret', which) if which else ()))}"
    return f"remove it: {command('apply', '--prune', '--target', name)}"


def _moment(at: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(at or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


RULE = Rule(Code.SECRET_OLD, "a secret older than `audit.secret_max_age`", Severity.MEDIUM, hits)
