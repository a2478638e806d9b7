"""Guards: which hosts webhooks may point to, how much may change at once, what is protected. [pure]

Called by `planning.plan`; what they refuse ends `plan` and `apply` with exit code 3.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from reconciler.errors import UsageError
from reconciler.model.action import Action, Unmanaged
from reconciler.model.secret import shown_url
from reconciler.model.webhook import URL, Desired
from reconciler.planning.types import Change, Refusal
from reconciler.support.loopback import is_loopback


class Threshold(NamedTuple):
    """A limit on changes: a count, or a percentage of a provider's managed webhooks."""

    value: float
    percent: bool

    def __str__(self) -> str:
        return f"{self.value:g}{'%' if self.percent else ''}"


class Policy(NamedTuple):
    """The `policy:` block. `max_changed` None: no threshold."""

    allowed_hosts: tuple[str, ...] = ()
    https_only: bool = True
    max_changed: Threshold | None = None
    unmanaged: Literal["report", "ignore", "deny"] = "report"


def threshold_of(text: str) -> Threshold:
    """A threshold as people write it: `5` or `30%`.

    Raises:
        UsageError: it is neither.
    """
    number = text.removesuffix("%")
    if not number.replace(".", "", 1 if "%" in text else 0).isdigit() or not number.isascii():
        raise UsageError(f"--max-changed {text} is neither a count nor a percentage", "write 5 or 30%")
    return Threshold(float(number), text.endswith("%"))


_PLAIN = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]+)?(?:/[!-\[\]-~]*)?\Z")
"""URLs that need no closer look, which takes ten times as long."""

FEW = 10
"""Below so many managed webhooks a share says nothing, and no threshold applies."""


def misplaced(desired: Iterable[Desired], policy: Policy) -> Iterator[Refusal]:
    """Webhooks whose URL the policy does not allow: not https (loopback aside), or a host that is not listed."""
    for webhook in desired:
        url = webhook.fields.get(URL)
        if not isinstance(url, str):
            continue
        if policy.https_only and not url.startswith("https://") and not _is_encrypted_or_local(url):
            summary = f"{webhook.name} points to {shown_url(url)}, which is not https"
            yield Refusal(summary, "use https, or set policy.https_only: false", webhook.name, webhook.provider)
        if policy.allowed_hosts and not host_allowed(_host(url), policy.allowed_hosts):
            summary = (
                f"{webhook.name} points to {_host(url) or shown_url(url)}, which policy.allowed_hosts does not list"
            )
            hint = f"allowed are {', '.join(policy.allowed_hosts)}"
            yield Refusal(summary, hint, webhook.name, webhook.provider)


def host_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host fits one of the patterns, in any case; `*.acme.com` fits every name below acme.com, not itself."""
    return bool(host) and any(fnmatchcase(host, pattern.lower().rstrip(".")) for pattern in patterns)


def protected(changes: Iterable[Change], names: frozenset[str]) -> Iterator[Refusal]:
    """Retirements and replacements of protected webhooks; `names` are those that the lock or the file protects."""
    for change in changes:
        if change.name in names and change.action in (Action.DELETE, Action.DEACTIVATE, Action.REPLACE):
            summary = f"{change.name} is protected: {change.action} is refused"
            hint = "set `lifecycle: {protect: false}` for it and apply that first"
            yield Refusal(summary, hint, change.name, change.provider)


def too_many(changes: Iterable[Change], managed: Mapping[str, int], threshold: Threshold | None) -> Iterator[Refusal]:
    """Providers of which one run would change more than the threshold.

    Updates that send something, replacements and retirements count, creates do not. `managed` says how many webhooks
    the lock holds of each provider.
    """
    if threshold is None:
        return
    changed = Counter(change.provider for change in changes if _counts(change))
    for provider, count in sorted(changed.items()):
        total = managed.get(provider, 0)
        limit = total * threshold.value / 100 if threshold.percent else threshold.value
        if total >= FEW and count > limit:
            share = f" ({count * 100 / total:.0f}%)" if threshold.percent else ""
            summary = (
                f"{count} of the {total} managed webhooks of {provider} would change{share}; max_changed is {threshold}"
            )
            yield Refusal(summary, f"look at the plan; `--max-changed {count}` allows it for one run", None, provider)


def strangers(unmanaged: Iterable[Unmanaged], policy: Policy) -> Iterator[Refusal]:
    """Remote webhooks that nobody manages, where the policy denies them."""
    if policy.unmanaged == "deny":
        for found in unmanaged:
            summary = f"{found.provider} has {found.remote_id} ({found.url}), which the file does not manage"
            yield Refusal(summary, "add it to the file, or remove it at the vendor", None, found.provider)


def _counts(change: Change) -> bool:
    return change.action in (Action.REPLACE, Action.DELETE, Action.DEACTIVATE) or (
        change.action is Action.UPDATE and bool(change.calls)
    )


def _is_encrypted_or_local(url: str) -> bool:
    return url.lower().startswith("https://") or is_loopback(_host(url))


def _host(url: str) -> str:
    """The host in lower case; empty where readers of URLs do not agree on it."""
    plain = _PLAIN.match(url)
    if plain:
        return plain[1]
    if "\\" in url or not url.isprintable() or " " in url:
        return ""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
