"""Guards: which hosts webhooks may point to, how much may change at once, what is protected. [pure]

Called by `planning.guards`; what they refuse ends `plan` and `apply` with exit code 3.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from reconciler.codes import Code
from reconciler.errors import Problem, UsageError
from reconciler.model.action import Action, Unmanaged
from reconciler.model.secret import shown_url
from reconciler.model.template import Template
from reconciler.model.urls import parts_of
from reconciler.model.webhook import URL, Desired
from reconciler.planning.types import Change, Refusal
from reconciler.support.hints import first_of
from reconciler.support.loopback import is_loopback


class Threshold(NamedTuple):
    """A limit on changes: a count, or a percentage of a provider's managed webhooks."""

    value: float
    percent: bool

    def __str__(self) -> str:
        return f"{self.value:g}{'%' if self.percent else ''}"


USUAL_SHARE = Threshold(30, percent=True)


Strangers = Literal["ignore", "report", "deny", "delete"]
"""What is done about webhooks that nobody declared."""
_STRICTNESS = ("ignore", "report", "deny")


def bound_strangers(files: Strangers, trusted: Strangers | None) -> Strangers:
    """What is done about strangers where the files say one thing and somebody whom they cannot overrule another.

    trusted   files: ignore   report   deny   delete
    -------   -------------   ------   ----   ------
    None      report          report   deny   delete    nothing is said
    ignore    ignore          report   deny   report    strangers are deleted only where both may
    report    report          report   deny   report
    deny      deny            deny     deny   deny
    delete    delete          delete   deny   delete
    """
    if trusted == "delete" or (trusted is None and files == "delete"):
        return "deny" if files == "deny" else "delete"
    mine = files if files != "delete" else "report"
    return max(mine, trusted or "report", key=_STRICTNESS.index)


class Policy(NamedTuple):
    """The `policy:` block, and what somebody whom the files cannot overrule says besides.

    Args:
        drift: which fields of managed webhooks count.
        allowed_also: hosts must be allowed by these patterns, too.
        max_changed_also: no more may change than this allows, either.
        spared: patterns of webhooks that nobody declared and that are neither denied nor deleted.
        http_hosts: hosts that may be reached without https all the same.
        http_also: those must be allowed by these patterns, too; None: nobody else says so.
        apart: the policies of provider entries that have one of their own, by name.
    """

    allowed_hosts: tuple[str, ...] = ()
    https_only: bool = True
    max_changed: Threshold = USUAL_SHARE
    unmanaged: Strangers = "report"
    drift: Literal["all", "managed"] = "all"
    allowed_also: tuple[str, ...] = ()
    max_changed_also: Threshold | None = None
    spared: tuple[str, ...] = ()
    http_hosts: tuple[str, ...] = ()
    http_also: tuple[str, ...] | None = None
    apart: Mapping[str, "Policy"] = {}

    def of(self, provider: str | None) -> "Policy":
        """The policy that holds for one provider entry; of none in particular, the files' own."""
        return self.apart.get(provider or "", self) if self.apart else self

    def thresholds(self) -> tuple[Threshold, ...]:
        """Each threshold that holds."""
        return (self.max_changed,) if self.max_changed_also is None else (self.max_changed, self.max_changed_also)


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

_RESOURCE = re.compile(r"(?!https?:|wss?:|ftps?:)[a-z][a-z0-9+-]*:[^\s]")
_RETIRING = (Action.DELETE, Action.DEACTIVATE)
FEW = 10
"""Below so many managed webhooks a share says nothing, and no threshold applies."""


def misplaced(desired: Iterable[Desired], policy: Policy) -> Iterator[Refusal]:
    """Webhooks whose URL the policy does not allow: not https (loopback aside), or a host that is not listed."""
    whole = policy
    for webhook in desired:
        url, policy = webhook.fields.get(URL), whole.of(webhook.provider)
        if not isinstance(url, str) or (isinstance(url, Template) and not _tells_its_host(url)):
            continue
        if policy.https_only and not url.startswith("https://") and not may_be_plain(url, policy):
            summary = f"{webhook.name} points to {shown_url(url)}, which is not https"
            yield Refusal(
                summary,
                "use https, list the host under policy.http_hosts, or set policy.https_only: false",
                webhook.name,
                webhook.provider,
                code=Code.URL_NOT_HTTPS,
            )
        lists = {"policy.allowed_hosts": policy.allowed_hosts, "the trusted policy": policy.allowed_also}
        for who, patterns in lists.items():
            place = url if is_resource(url) else host_of(url)
            if patterns and not host_allowed(place, patterns):
                summary = f"{webhook.name} points to {host_of(url) or shown_url(url)}, which {who} does not list"
                hint = f"allowed are {first_of(patterns, 10)}"
                yield Refusal(summary, hint, webhook.name, webhook.provider, code=Code.HOST_NOT_ALLOWED)


def _tells_its_host(url: Template) -> bool:
    """Whether the host of a URL is known before anybody has looked up what is hidden in it."""
    return bool(parts_of(url.public_start).host) and bool(parts_of(url.public_start)[3:5] != ("", ""))


def host_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host fits one of the patterns, in any case; `*.acme.com` fits every name below acme.com, not itself."""
    return bool(host) and any(fnmatchcase(host, pattern.lower().rstrip(".")) for pattern in patterns)


def protected(changes: Iterable[Change], names: frozenset[str]) -> Iterator[Refusal]:
    """Retirements and replacements of protected webhooks; `names` are those that the lock or the file protects."""
    for change in changes:
        if change.name in names and change.action in (Action.DELETE, Action.DEACTIVATE, Action.REPLACE):
            summary = f"{change.name} is protected: {change.action} is refused"
            hint = "set `lifecycle: {protect: false}` for it and apply that first"
            yield Refusal(summary, hint, change.name, change.provider, code=Code.PROTECTED)


def too_many(
    changes: Iterable[Change], managed: Mapping[str, int], threshold: Threshold, what: str = "managed webhooks"
) -> Iterator[Refusal]:
    """Providers of which one run would change, or retire, more than the threshold.

    Updates that send something, and replacements, count together; retirements by themselves, so that no update makes
    room for one. `managed` says how many webhooks the lock holds of each provider.
    """
    changes = list(changes)
    writes = [change for change in changes if change.action is not Action.UPDATE or change.calls]
    changed = Counter(change.provider for change in writes if change.action in (Action.UPDATE, Action.REPLACE))
    retired = Counter(change.provider for change in changes if change.action in _RETIRING)
    for provider in sorted(changed.keys() | retired.keys()):
        total = managed.get(provider, 0)
        over = [(n, verb) for n, verb in _counts(changed, retired, provider) if _is_over(n, total, threshold)]
        for count, verb in over:
            told = f"{count} of the {total} {what} of {provider} would {verb}"
            hint = f"look at the plan; `--max-changed {max(over)[0]}` allows it for one run"
            yield Refusal(
                f"{told}{_share(count, total, threshold)}; max_changed is {threshold}",
                hint,
                None,
                provider,
                code=Code.TOO_MANY_CHANGES,
            )


def too_many_unlocked(
    changes: Iterable[Change], declared: Mapping[str, int], threshold: Threshold, lock_missing: Problem | None
) -> Iterator[Refusal]:
    """Providers of which one run would make or take over more than the threshold, although a lock should be there.

    Args:
        declared: how many webhooks the files have of each provider.
        lock_missing: says that the lock is not there; None where it is, or where nothing says that it ever was.
    """
    if lock_missing is None:
        return
    taken = Counter(change.provider for change in changes if change.action in (Action.CREATE, Action.ADOPT))
    for provider, count in sorted(taken.items()):
        total = declared.get(provider, 0)
        if _is_over(count, total, threshold):
            what = f"{count} of the {total} webhooks of {provider} would be made or adopted"
            hint = f"put the lock back; if there never was one, `--max-changed {count}` allows it for one run"
            yield Refusal(
                f"{what}, and {lock_missing.summary}; max_changed is {threshold}",
                hint,
                None,
                provider,
                code=Code.TOO_MANY_CHANGES,
            )


def emptied(changes: Iterable[Change], prunes_all: bool) -> Iterator[Refusal]:
    """A prune with files that have no webhook at all: more often the wrong file than the end of everything.

    Args:
        prunes_all: the user says that it is meant, or names each webhook.
    """
    going = [change for change in changes if change.action in (*_RETIRING, Action.FORGET)]
    if going and not prunes_all:
        summary = f"the files have no webhooks, so a prune would take away all that the lock has: {len(going)}"
        yield Refusal(
            summary,
            "see whether the right files are read (-c); `--prune-all` takes them all away",
            code=Code.FILES_EMPTIED,
        )


def strangers(unmanaged: Iterable[Unmanaged], spared: Container[Unmanaged], policy: Policy) -> Iterator[Refusal]:
    """Remote webhooks that nobody manages, where the policy denies them and does not spare them."""
    for found in (each for each in unmanaged if each not in spared):
        if policy.of(found.provider).unmanaged == "deny":
            summary = f"{found.provider} has {found.remote_id} ({found.url}), which the file does not manage"
            yield Refusal(
                summary,
                "add it to the file, or remove it at the vendor",
                None,
                found.provider,
                code=Code.UNMANAGED_FOUND,
            )


def minded(unmanaged: Iterable[Unmanaged], policy: Policy) -> tuple[Unmanaged, ...]:
    """Those of them that the policy does not ignore."""
    return tuple(found for found in unmanaged if policy.of(found.provider).unmanaged != "ignore")


def _counts(changed: Counter[str], retired: Counter[str], provider: str) -> tuple[tuple[int, str], ...]:
    return (changed[provider], "change"), (retired[provider], "go")


def _is_over(count: int, total: int, threshold: Threshold) -> bool:
    limit = total * threshold.value / 100 if threshold.percent else threshold.value
    return total >= FEW and count > limit


def _share(count: int, total: int, threshold: Threshold) -> str:
    return f" ({count * 100 / total:.0f}%)" if threshold.percent else ""


def may_be_plain(url: str, policy: Policy) -> bool:
    """Whether a URL needs no https, where https is asked for: the host is this machine, or an exception."""
    if is_encrypted_or_local(url):
        return True
    host = host_of(url)
    also = policy.http_also is None or host_allowed(host, policy.http_also)
    return also and host_allowed(host, policy.http_hosts)


def is_encrypted_or_local(url: str) -> bool:
    """Whether nobody on the way can read what goes to a URL: it is https, or does not leave this machine.

    What is no web address at all (`arn:…`) is delivered by the vendor's own means.
    """
    return url.lower().startswith("https://") or is_resource(url) or is_loopback(host_of(url))


def is_resource(url: str) -> bool:
    """Whether a text names a place that is reached by no host: `arn:aws:events:…`, `pubsub://project:topic`."""
    return _RESOURCE.match(url) is not None


def host_of(url: str) -> str:
    """The host of a URL in lower case; empty where readers of URLs do not agree on it."""
    plain = _PLAIN.match(url)
    if plain:
        return plain[1]
    if "\\" in url or not url.isprintable() or " " in url:
        return ""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
