"""Why a webhook stops instead of being matched, in words: the problem, and the way out. [pure]

Used by `matching.match` and its parts.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from heapq import nsmallest

from reconciler.codes import Code
from reconciler.errors import Problem
from reconciler.matching.index import Place
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Address, Desired, Entry, Remote, Scope
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.support.hints import command

NAMED = 5
"""So many names stand in one command of a hint; more are left to the reader."""


def first(names: Iterable[str], between: str) -> str:
    """The first of them in words: a sentence stays one, however many there are."""
    some = nsmallest(NAMED + 1, names)
    return between.join(some) if len(some) <= NAMED else f"{between.join(some[:NAMED])} and others"


def moved_since(webhook: Desired, intent: Intended, providers: Container[str]) -> Problem | None:
    """As `moved`, of a create whose answer was lost: it may have been made where the file does not want it any more."""
    problem = moved(webhook, webhook.name, intent.address, providers)
    lost = f"since a create of it was sent on {intent.at}, whose answer was lost"
    return problem and problem._replace(summary=f"{problem.summary}, {lost}")


def moved(webhook: Desired, name: str, before: Address, providers: Container[str]) -> Problem | None:
    """Why what was applied or sent does not fit the webhook any more: another account, vendor or scope.

    Args:
        name: under which the lock has it.
        before: its address.
        providers: the entries of the file.
    """
    now = webhook.address
    if (before.type, before.account) != (now.type, now.account):
        return elsewhere(name, before, now)._replace(provider=webhook.provider, name=webhook.name)
    if before.provider != now.provider and before.provider in providers:
        old, new = f"the provider {before.provider}", f"the provider {now.provider}"
    elif before.scope != now.scope:
        summary = f"{webhook.name}: its scope changed from {_scope(before.scope)} to {_scope(now.scope)}"
        hint = f"{only_renamed(before, now)}give the webhook a new name and prune {name}, or {_back(name)}"
        return Problem("config", summary, hint, webhook.provider, webhook.name, code=Code.SCOPE_MOVED)
    else:
        return None
    summary, hint = f"{webhook.name} was applied through {old}; the file now points to {new}", _back(name)
    hint = f"{only_renamed(before, now)}{hint}"
    return Problem("config", summary, hint, webhook.provider, webhook.name, code=Code.ACCOUNT_MOVED)


def only_renamed(before: Address, now: Address) -> str:
    """The way out where it is the same place under another name, to go before another one; empty where it cannot be."""
    if before.type != now.type:
        return ""
    if before.provider != now.provider:
        words = ("--provider", before.provider, now.provider)
    elif before.account != now.account:
        words = ("--account", before.account, now.account)
    elif dict(before.scope).keys() == dict(now.scope).keys():
        words = ("--scope", _written(before.scope), _written(now.scope))
    else:
        return ""
    return f"if it is the same place under another name, {command('state', 'mv', *words)}; if not, "


def elsewhere(name: str, before: Address, now: Address) -> Problem:
    """Why nothing is read of what the lock has: the provider entry leads to another vendor or account by now."""
    old, new = f"{before.type} at {before.account}", f"{now.type} at {now.account}"
    summary = f"{name} was applied through {old}; the file now points to {new}"
    hint = f"{only_renamed(before, now)}{_back(name)}"
    return Problem("config", summary, hint, before.provider, name, code=Code.ACCOUNT_MOVED)


def _back(name: str) -> str:
    return f"put it back, or let go of what was applied with {command('state', 'rm', name)}"


def several_fit(webhook: Desired, found: Mapping[str, Remote], how: str, capabilities: Capabilities) -> Problem:
    """Two remote webhooks are one webhook by the same step."""
    words = {"lock": "remote id", "mark": "owner mark", "was": "former name", "natural key": "natural key"}
    summary = f"{webhook.name}: {len(found)} remote webhooks fit by {words[how]}: {first(found, ', ')}"
    hint = f"say which one it is: {command('adopt', webhook.name, '--id', 'ID')}"
    if how == "natural key" and not webhook.key and capabilities.natural_key and not capabilities.fan_out:
        names = [pointer[1:] for pointer in (*capabilities.natural_key, *(capabilities.further_key or ("/…",)))]
        hint += f", or by which fields: `key: [{', '.join(names)}]`"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.SEVERAL_FIT)


def hidden(webhook: Desired, ids: Sequence[str]) -> Problem:
    """What the vendor shows behind asterisks may be this webhook, so that a create might make it twice."""
    shown = f"{', '.join(ids[:NAMED])}{' and others' if len(ids) > NAMED else ''}"
    summary = f"{webhook.name} may be there already: the vendor hides a part of what tells {shown} apart from it"
    adopt = command("adopt", webhook.name, "--id", ids[0] if len(ids) == 1 else "ID")
    hint = f"if it is: {adopt}; if not, write `lifecycle: {{new: true}}`, and it is made beside"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.MAY_BE_HIDDEN)


def several_names(webhook: Desired, names: Sequence[str]) -> Problem:
    """The lock has several entries that a webhook's `was:` names, and no read tells which one is it."""
    summary = f"{webhook.name}: the lock holds more than one of its former names: {', '.join(sorted(names))}"
    hint = "keep the right one under `was:`, and let go of the other with `whsync state rm NAME`"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.SEVERAL_FORMER_NAMES)


def shared(webhook: Desired, names: Sequence[str], claim: str) -> Problem:
    """Several webhooks of the file mean one thing: the remote webhook or the lock's entry `claim`."""
    summary = f"{first(names, ' and ')} all match {claim}"
    hint = "each webhook needs a remote of its own: correct the file, or the lock with `whsync state rm NAME`"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.SHARED_REMOTE)


def in_flight(name: str, intent: Intended, who: str, since: str) -> Problem:
    """A write of another run that is at work now: `who` it is, and `since` when (UTC, ISO 8601)."""
    summary = f"{name}: an apply by {who} is running since {since}, and its {intent.action} of {name} is in flight"
    return Problem(
        "lock_held",
        summary,
        "wait until that run has ended, then plan again",
        intent.provider,
        name,
        code=Code.LOCK_HELD,
    )


def perhaps_made(intent: Intended) -> Problem:
    """A create whose answer was lost, of a webhook that the file no longer has, and that may be there."""
    name = intent.name
    summary = f"a create of {name} was sent on {intent.at} and its answer was lost; the file no longer has {name}"
    where, rm = intent.url or "it", command("state", "rm", name)
    hint = f"look at the vendor for {where} and remove what is not wanted, then {rm}"
    return Problem("ambiguous", summary, hint, intent.provider, name, code=Code.CREATE_STRAY)


def perhaps_ours(name: str, entry: Entry, ours: str) -> Problem:
    """A stranger that is to go, where nobody knows yet which remote webhook one of ours is."""
    summary = f"{name} is not deleted: it may be {ours}, of which nobody knows which one it is"
    return Problem("ambiguous", summary, f"settle {ours} first", entry.provider, name, code=Code.MAY_BE_ANOTHERS)


def nowhere(name: str, entry: Entry) -> Problem:
    """An orphan whose account the file no longer reaches."""
    summary = f"{name} cannot be pruned: the file has no provider {entry.provider} for {entry.type} at {entry.account}"
    hint = f"put the provider back until it is pruned, or let go of it with {command('state', 'rm', name)}"
    return Problem("config", summary, hint, entry.provider, name, code=Code.PROVIDER_GONE)


def unsettled_create(webhook: Desired, intent: Intended, entry_name: str, read: bool) -> Problem:
    """A create whose answer was lost, and no read that would have shown it; `read` says whether it could be read."""
    sent = f"a create of {webhook.name} was sent on {intent.at} and its answer was lost"
    if not read:
        summary, hint = f"{sent}; {webhook.provider} could not be read", "run again once it can be read"
    else:
        summary = f"{sent}; this API cannot be searched"
        hint = (
            f"look at the vendor: if it is there, {command('adopt', webhook.name, '--id', 'ID')}; "
            f"if not, {command('state', 'rm', entry_name)}"
        )
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.CREATE_UNSETTLED)


def unsearchable_create(webhook: Desired, intent: Intended) -> Problem:
    """A create whose answer was lost, of a webhook that nothing tells apart from others: none that was read is it."""
    summary = (
        f"a create of {webhook.name} was sent on {intent.at} and its answer was lost; "
        "the file does not say all that tells it apart at the vendor"
    )
    hint = (
        f"look at the vendor for {intent.url or 'it'}: if it is there, {command('adopt', webhook.name, '--id', 'ID')}; "
        f"if not, {command('state', 'rm', webhook.name)}"
    )
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.CREATE_UNSETTLED)


def unsettled_replacement(webhook: Desired, intent: Intended) -> Problem:
    """A new webhook beside the old one that it replaces: its answer was lost, and no read would have shown it."""
    summary = f"a new {webhook.name} was sent on {intent.at} and its answer was lost; this API cannot be searched"
    adopt = command("adopt", webhook.name, "--id", "ID")
    new_or_old = f"with the id of the new one if it is there, else with {intent.remote_id}, which it replaces"
    hint = f"look at the vendor: {adopt} {new_or_old}"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.REPLACEMENT_UNSETTLED)


def replaced_in_vain(webhook: Desired, intent: Intended, made: Sequence[Remote]) -> Problem:
    """The file has the old webhook's URL again, and what was made to replace it may be there."""
    there = " or ".join(sorted(remote.remote_id for remote in made))
    summary = (
        f"a new {webhook.name} in the place of {intent.remote_id} was sent on {intent.at} and its answer was lost; "
        f"the file wants the old one again, and {there} may be the new one"
    )
    adopt = command("adopt", webhook.name, "--id", intent.remote_id or "ID")
    hint = f"look at the vendor, remove {there} if nobody needs it, then {adopt}"
    return Problem("ambiguous", summary, hint, webhook.provider, webhook.name, code=Code.REPLACEMENT_STRAY)


def _written(scope: Scope) -> str:
    return ",".join(f"{key}={value}" for key, value in scope)


def gone(places: Sequence[Place], lock: Lock, wanted: AbstractSet[str]) -> str:
    """The way out where a vendor says that places are not there, which may also be a lack of rights.

    Args:
        wanted: what the files have.
    """
    missing = frozenset(places)
    entries = sorted(name for name, entry in lock.entries.items() if (entry.provider, entry.scope) in missing)
    if not entries:
        return "check how its scope is spelled, and what the credentials may see"
    names = entries if len(entries) <= NAMED else ["NAME"]
    first = "take it out of the files and " if wanted & set(entries) else ""
    let_go = f"{first}let go of what was applied there: {command('state', 'rm', *names)}"
    were = "they were" if len(missing) > 1 else "it was"
    return f"if {were} deleted, {let_go}; if not, check what the credentials may see"


def _scope(scope: Scope) -> str:
    return ", ".join(f"{key}={value}" for key, value in scope) or "no scope"
