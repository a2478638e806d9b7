"""Asks vendors what the files leave to them to list, before anything else is read; gives the files their webhooks.

Called by `run.survey`, `run.drift`, `run.audit` and `run.imports`, each once in a run, and by `cli` where a command
means one webhook by name. `places` lists one thing for whoever else wants it.

A list is asked for once in a run, however many blocks want it, by the same wire as every read, and as many lists of an
account beside each other as it takes reads. What could not be had plans nothing for its block; what is listed no more
is gone, and never a reason to prune.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.discovered import (
    Answers,
    Ask,
    Explored,
    Learned,
    as_locked,
    explored,
    instances,
    is_listed,
    learned,
    open_blocks,
    remembered,
)
from reconciler.config.expand import Template
from reconciler.config.loaded import Loaded
from reconciler.config.rows import Row
from reconciler.errors import Problem, WhsyncError
from reconciler.matching.types import Matching
from reconciler.model.discovery import Apart, Discoverable, Discovered
from reconciler.model.webhook import Certainty
from reconciler.providers.protocol import Discovers, Listed
from reconciler.run.accounts import strangers
from reconciler.run.runtime import Runtime, tried
from reconciler.state.lock import Lock
from reconciler.support.hints import command
from reconciler.support.turns import Lane, Stage, take_turns

_CERTAINTY = {"gone": Certainty.ABSENT, "unfit": Certainty.UNREADABLE, "unknown": Certainty.UNKNOWN}


class Discovery(NamedTuple):
    """What was discovered.

    Args:
        seen: what each list gave to each block.
        problems: what could not be had or used.
        apart: webhooks of the lock that are none of the files' now, and yet no orphans; by name.
    """

    seen: tuple[Discovered, ...] = ()
    problems: tuple[Problem, ...] = ()
    apart: Mapping[str, Apart] = {}

    @property
    def digest(self) -> str | None:
        """Of what the plan hangs on; None where nothing was left to discover."""
        if not self.seen:
            return None
        parts = sorted((*each[:5], sorted(each.values), each.source, each.failed) for each in self.seen)
        return f"sha256:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"

    def over(self, matching: Matching) -> Matching:
        """The matching, with what is known of webhooks whose places were not read."""
        orphans = {
            name: found._replace(certainty=_CERTAINTY[self.apart[name].state], remote=None, problem=None)
            if name in self.apart
            else found
            for name, found in matching.orphans.items()
        }
        return matching._replace(orphans=orphans) if self.apart else matching


def discover(runtime: Runtime, lock: Lock, *, offline: bool = False) -> Discovery:
    """Let the vendors list what the blocks of the files leave to them, and give the files the webhooks of that.

    Args:
        offline: nobody is asked, and each block makes what the lock has of it.

    Raises:
        UntrustedError: what the files say of a webhook that was found asks for what nobody has granted.
        Interrupted: the user stopped the run.
    """
    blocks = open_blocks(runtime.loaded)
    if not blocks:
        return Discovery()
    if offline:
        found = {block.name: remembered(block, lock.entries) for block in blocks}
    else:
        found = {
            block.name: each._replace(rows=as_locked(block, each.rows, lock.entries))
            for block, each in _explored(blocks, lock, runtime)
        }
    made = learned(runtime.loaded, {name: each.rows for name, each in found.items()})
    runtime.take(made.loaded)
    apart = {} if offline else dict(_apart(blocks, found, made, lock, runtime))
    return Discovery(_seen(found, made), _problems(found, made), apart)


def _seen(found: Mapping[str, Explored], made: Learned) -> tuple[Discovered, ...]:
    """What each list gave; one whose block makes nothing has failed for all that follows."""
    seen = [
        each._replace(failed=each.failed or name in made.spoilt) for name, one in found.items() for each in one.seen
    ]
    return tuple(sorted(seen, key=lambda each: each[:5]))


def _problems(found: Mapping[str, Explored], made: Learned) -> tuple[Problem, ...]:
    own = (problem for each in found.values() for problem in each.problems)
    spoilt = (problem for problems in made.spoilt.values() for problem in problems)
    return tuple(dict.fromkeys((*own, *spoilt)))


def as_remembered(loaded: Loaded, lock: Lock) -> Loaded:
    """What the files say with the webhooks that the lock has of their blocks; nobody is asked."""
    blocks = open_blocks(loaded)
    return learned(loaded, {block.name: remembered(block, lock.entries).rows for block in blocks}).loaded


def as_answered(loaded: Loaded, answers: Answers, lock: Lock) -> Loaded:
    """What files say with the webhooks of what was listed in this run; a list that nobody asked for gives none."""
    blocks = open_blocks(loaded)
    if not blocks:
        return loaded
    rows = {block.name: as_locked(block, explored(block, answers).rows, lock.entries) for block in blocks}
    return learned(loaded, rows).loaded


def places(runtime: Runtime, provider: str, what: str, given: Mapping[str, str]) -> Listed | Problem:
    """All places of one list of a provider entry, asked for once in a run; or why they cannot be had.

    Args:
        what: one of the vendor's `capabilities.discovers`.
        given: a value for each of its needs.

    Raises:
        Interrupted: the user stopped the run.
    """
    needs = next(each.needs for each in _discovers(runtime, provider) if each.what == what)
    ask = Ask(provider, what, tuple((name, given[name]) for name in needs))
    ask_all([ask], runtime)
    return runtime.answers[ask]


def ask_all(asks: Collection[Ask], runtime: Runtime) -> None:
    """Ask for each list that was not asked for yet; accounts take turns, and each reads as much as it may at once."""
    accounts: dict[str, list[Ask]] = defaultdict(list)
    for ask in sorted({*asks} - runtime.answers.keys()):
        accounts[ask.provider].append(ask)
    runtime.activity.expect("list", sum(map(len, accounts.values())))

    def answer(ask: Ask) -> None:
        runtime.answers[ask] = _answer(ask, runtime)
        runtime.activity.did("list")

    def lane(name: str, own: Iterable[Ask]) -> Lane:
        yield Stage(runtime.loaded.providers[name].limits.reads, [partial(answer, ask) for ask in own])

    take_turns((lane(*account) for account in accounts.items()), runtime.handles.workers, "list")


def _answer(ask: Ask, runtime: Runtime) -> Listed | Problem:
    provider = runtime.provider(ask.provider)
    assert isinstance(provider, Discovers), f"{ask.provider} says that it can list {ask.what}"
    found = tried(lambda: runtime.drive(ask.provider, provider.discover(ask.what, dict(ask.given))))
    if not isinstance(found, WhsyncError):
        hide = runtime.redactor.hide  # a name that holds a secret is none that can be used, and is not shown
        return found._replace(places=tuple(place._replace(value=hide(place.value)) for place in found.places))
    where = Discovered("", "", *ask).where
    hint = found.hint or "run again, with -v to see each call"
    return Problem(
        found.kind,
        f"the {ask.what} of {where} could not be listed: {found.summary}",
        hint,
        ask.provider,
        code=Code.DISCOVERY_FAILED,
    )


def _discovers(runtime: Runtime, provider: str) -> tuple[Discoverable, ...]:
    return runtime.loaded.providers[provider].vendor.capabilities.discovers


def _explored(blocks: Iterable[Template], lock: Lock, runtime: Runtime) -> list[tuple[Template, Explored]]:
    """The rows of each block; one list after the other where what one gives is what the next one needs."""
    asked = {block.provider.name for block in blocks if block.provider is not None}
    strange = strangers(asked, runtime.loaded.desired, lock, runtime)
    while True:
        found = [(block, explored(block, runtime.answers)) for block in blocks]
        asks = {ask for _, each in found for ask in each.asks}
        if not asks:
            return found
        runtime.answers.update((ask, strange[ask.provider]) for ask in asks if ask.provider in strange)
        ask_all(asks, runtime)


def _apart(
    blocks: Iterable[Template], found: Mapping[str, Explored], made: Learned, lock: Lock, runtime: Runtime
) -> Iterable[tuple[str, Apart]]:
    """What the lock has of each block, and nobody lists now."""
    wanted = {webhook.name for webhook in made.loaded.desired}
    for block in blocks:
        known = found[block.name]
        rows = {row.key for row in known.rows}
        trouble = (*known.problems, *made.spoilt.get(block.name, ()))
        for name, row in instances(block, lock.entries).items():
            if name in wanted:
                continue
            if known.failed or block.name in made.spoilt:
                yield name, Apart("unknown", f"what `{block.name}` hangs on is not known: {trouble[0].summary}")
            elif row.key not in rows:
                yield name, _left(name, block, row, is_listed(block, row, runtime.answers))


def _left(name: str, block: Template, row: Row, listed: bool) -> Apart:
    """A webhook of the lock whose place the vendor lists no more, or lists as one that the block does not mean."""
    what = " or ".join(f"{each.listing.what} ({row.values[each.key]})" for each in block.lookups)
    way_out = command("state", "rm", name)
    if listed:
        words = f"its place no longer fits what `{block.name}` takes of the {what}; never pruned for that"
        return Apart("unfit", f"{words}: name it in `except`, and prune, or let go of it: {way_out}")
    words = f"its place is gone: it is not among the {what} any more; never pruned for that"
    return Apart("gone", f"{words}: let go of it with {way_out}")
