"""Whether each provider's credentials are those of the account that the lock, or the file, speaks of.

Called by `run.search` and `run.bind`, before anything else is read there. Another account holds other webhooks: all of
ours would look deleted and be made again, and where ids are counted by account, somebody else's would be changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from reconciler.codes import Code
from reconciler.errors import Problem, WhsyncError
from reconciler.model.webhook import Desired, Entry
from reconciler.providers.protocol import AccountSeen
from reconciler.run.ahead import ask_for_credentials
from reconciler.run.runtime import Runtime
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.support.hints import command
from reconciler.support.turns import side_by_side


def strangers(names: Collection[str], desired: Iterable[Desired], lock: Lock, runtime: Runtime) -> dict[str, Problem]:
    """Why some of the provider entries `names` are not to be used; only those are asked that something is known of.

    Raises:
        Interrupted: the user stopped the run.
    """
    ask_for_credentials(names, runtime)
    applied, providers = _applied(desired, lock, runtime), runtime.loaded.providers
    asked = sorted(name for name in names if applied.get(name) or providers[name].account is not None)
    told = side_by_side(lambda name: _trouble(name, applied.get(name, {}), runtime), asked, runtime.handles.workers)
    return {name: problem for name, problem in zip(asked, told, strict=True) if problem is not None}


def _applied(desired: Iterable[Desired], lock: Lock, runtime: Runtime) -> Mapping[str, Mapping[str, str]]:
    """The accounts that the lock has of each provider entry, by one webhook of each, as far as it has any."""
    wanted, found = {webhook.name: webhook.provider for webhook in desired}, defaultdict[str, dict[str, str]](dict)
    for name, entry in sorted(lock.entries.items()):
        provider = wanted.get(name, entry.provider)
        if entry.account_id is not None and _is_reached(entry, provider, runtime):
            found[provider].setdefault(entry.account_id, name)
    for name, intent in sorted(lock.intents.items()):  # a killed run may have made a webhook there
        if intent.account_id is not None and _is_reached(intent, intent.provider, runtime):
            found[intent.provider].setdefault(intent.account_id, name)
    return found


def _is_reached(entry: Entry | Intended, provider: str, runtime: Runtime) -> bool:
    """Whether what was applied may be reached through the provider entry, as it is now."""
    config = runtime.loaded.providers.get(provider)
    return config is not None and config.base_url == entry.account and config.vendor.capabilities.account == "own"


def _trouble(name: str, applied: Mapping[str, str], runtime: Runtime) -> Problem | None:
    """Why one provider entry is not to be used: its credentials are another account's, or nobody can tell whose.

    Args:
        applied: a webhook's name by the account that the lock has of it.
    """
    pinned, seen = runtime.loaded.providers[name].account, runtime.account(name)
    if isinstance(seen, WhsyncError):
        summary = f"{name}: whose credentials these are could not be read: {seen.summary}"
        return Problem(seen.kind, summary, seen.hint, name, code=seen.code)
    if seen is None and pinned is not None:
        summary = f"{name}: the vendor does not tell whose credentials these are, and the file says {pinned}"
        hint = "use credentials of an account, or leave `account` out"
        return Problem("forbidden", summary, hint, name, code=Code.ACCOUNT_UNKNOWN)
    if seen is None:
        return None
    if pinned is not None and not seen.is_of(pinned):
        return _wrong(name, seen, f"the file says {pinned}", f"correct `account`, or the credentials of {name}")
    others = {account: webhook for account, webhook in applied.items() if account != seen.id}
    if not others:
        return None
    let_go = command("state", "rm", *sorted(others.values())[:1])
    hint = f"use the credentials of that account; what was applied with others that are gone for good: {let_go}"
    return _wrong(name, seen, f"the lock has webhooks of {' and '.join(sorted(others))}", hint)


def _wrong(name: str, seen: AccountSeen, but: str, hint: str) -> Problem:
    summary = f"{name}: these credentials are those of the account {seen}, and {but}; nothing is read or written there"
    return Problem("wrong_account", summary, hint, name, code=Code.WRONG_ACCOUNT)
