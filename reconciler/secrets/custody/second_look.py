"""A second look at every sink, once a run has put all its secrets where they belong. Called by `apply.scheduler`.

Each was there when it was stored. But what keeps secrets may take two places for one, by rules that nobody told us, and
then a later secret costs an earlier one. What was lost is still known here, so it is rescued, and told.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Interrupted, Problem, SecretError
from reconciler.model.action import Action
from reconciler.model.further import called, records_of
from reconciler.model.secret import Secret
from reconciler.model.webhook import Entry, SecretRecord
from reconciler.secrets import rescue, sink
from reconciler.secrets.custody.matter import Put, Tools
from reconciler.secrets.custody.places import rescued_to
from reconciler.secrets.source import Resolver
from reconciler.state.event import SecretStored

_AT_ONCE = 8


class Lost(NamedTuple):
    """A secret that its sink has no more.

    Args:
        name: the webhook's.
        action: what was done to it in this run.
        problem: what to tell.
        news: for the journal, where the lock says of the secret that it is in that sink.
    """

    name: str
    action: Action
    problem: Problem
    news: SecretStored | None


def look_again(tools: Tools, entry_of: Callable[[str], Entry | None]) -> Iterator[Lost]:
    """Every secret that this run stored and that is gone; it is in a rescue file, if that could be written.

    What nobody can read (a command's, a manager that lets us write only) is taken to be there.

    Args:
        entry_of: what the lock has of a webhook by now.
    """
    puts, anew = tools.kept.all(), tools.resolver.another()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="second look") as pool:
        found = [*pool.map(lambda put: _held(put, anew), puts)]
    for put, held in zip(puts, found, strict=True):
        if held is not None and not any(sink.reads_as(put.secret, each) for each in held):
            there = (each for each in puts if each is not put)
            others = [_called(each) for each in there if any(sink.reads_as(each.secret, one) for one in held)]
            yield _rescued(put, others, entry_of(put.name), tools)


def _held(put: Put, anew: Resolver) -> tuple[Secret, ...] | None:
    """What is in the sink now; None where nobody can tell, as of what could not be read back as a secret."""
    try:
        return anew.seen(put.sink) if sink.is_readable(put.secret) else None
    except Interrupted:
        return None


def _rescued(put: Put, others: list[str], entry: Entry | None, tools: Tools) -> Lost:
    gone = "something else has taken its place, or removed it"
    instead = f"that of {others[0]} has taken its place" if others else gone
    place: str | None = None
    try:
        file = rescue.rescue(put.secret, ".".join(filter(None, (put.name, put.which))), tools.rescues)
        place, stored = str(file), rescued_to(file)
        hint = f"it is safe in {place}: give it a sink that no other has, put it there, then delete that file"
    except SecretError as error:
        lost = f"{error.summary}: it is lost"
        stored, hint = str(put.sink), f"{lost}; give it a sink that no other has, and another secret"
    summary = f"{put.name}: the {called(put.which)} is not in {put.sink} any more: {instead}"
    problem = Problem("secret", summary, hint, put.provider, put.name, code=Code.SECRET_NOT_STORED)
    record = records_of(entry).get(put.which) if entry is not None else None
    if record is None or record.stored != str(put.sink) or record.fingerprint is None:
        return Lost(put.name, put.action, problem, None)
    known = record.fingerprint if place else None
    moved = SecretRecord(known, record.mask, stored, tools.now())
    return Lost(put.name, put.action, problem, SecretStored(put.name, moved, place, put.which))


def _called(put: Put) -> str:
    return f"{put.name} ({put.which})" if put.which else put.name
