"""From what exists at the vendors to lines for a file and entries for the lock. Called by `cli.importing`.

read -> draft -> put together -> lay out -> read again -> fill in -> bind -> prove that the next plan is empty

A webhook for which the proof fails is left out, and the rest is laid out anew. Nothing is written here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler import __version__
from reconciler.codes import Code
from reconciler.config.discovered import Ask
from reconciler.config.loaded import Loaded
from reconciler.config.lookups import is_usable
from reconciler.document.insertion import Entry, inserted
from reconciler.errors import ConfigError, Problem, WhsyncError
from reconciler.importing import text
from reconciler.importing.blocks import blocks_of
from reconciler.importing.lists import Places
from reconciler.importing.looks import hidden
from reconciler.importing.types import Block, Draft, Found, Imported, ImportReport, LeftOut, Omitted
from reconciler.matching.lost_creates import with_names_of_now
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record
from reconciler.model.urls import is_url
from reconciler.model.webhook import URL, Desired, Fields
from reconciler.planning.causes import one_for_each_cause
from reconciler.providers.protocol import Listed
from reconciler.run.discover import as_answered, discover
from reconciler.run.drafts import drafts_of
from reconciler.run.hiding import unveil
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.secrets import fingerprints_of
from reconciler.run.strangers import Seen, Sought, Wish, see, sought
from reconciler.run.taken_over import taken_over
from reconciler.state.event import Applied
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Snapshot


class Target(NamedTuple):
    """The file that webhooks are written into.

    Args:
        name: as the user names it.
        text: what it holds, or is to begin with.
        is_new: it is made by this run, so that it may get defaults.
        discreet: what is shown of it goes to a terminal.
    """

    name: str
    text: str
    is_new: bool
    discreet: bool


class Outcome(NamedTuple):
    """What an import makes.

    Args:
        text: the whole file, as it would be; None where nothing is to be written.
        events: what binds its webhooks in the lock.
    """

    report: ImportReport
    text: str | None
    events: tuple[Applied, ...]


class _Laid(NamedTuple):
    """Blocks in their file: the whole text, what was added (as it may be shown), and the blocks."""

    whole: str
    added: str
    blocks: tuple[Block, ...]

    @property
    def drafts(self) -> dict[str, Draft]:
        """By their names."""
        return {name: draft for block in self.blocks for name, draft in block.drafts.items()}

    def values(self) -> dict[str, str]:
        """What the references that stand in the blocks are to give."""
        every = (pair for block in self.blocks for each in block.variables for pair in each.values.values())
        return {f"env:{name}": value for name, value in every}


Read = Callable[[str], Loaded]
"""Reads all files, with this text in the place of the one that is written into; raises what `load` does."""


def imported(runtime: Runtime, snapshot: Snapshot, wish: Wish, target: Target, read: Read) -> Outcome:
    """What exists there and nobody manages, as lines for the file, and as entries for the lock.

    Args:
        snapshot: the lock as it is.
        wish: where to look.
        target: the file that gets it.
        read: reads the files as they would be then.

    Raises:
        WhsyncError: the file would not say what it said before.
        Interrupted: the user stopped the run.
    """
    found = discover(runtime, snapshot.lock)
    where = sought(runtime, snapshot.lock, wish)
    where = where._replace(problems=(*found.problems, *where.problems))
    lock = with_names_of_now(runtime.loaded.desired, snapshot.lock)
    failures = unveil(runtime, lock, runtime.fingerprinter(fingerprints_of(lock)), offline=False)
    where = where._replace(problems=(*where.problems, *failures.values()))
    seen = see(runtime, snapshot, lock, where, found)
    drafts, left_out = drafts_of(seen.strangers, target.name, runtime)
    lists = tuple(_lists(runtime, seen)) if wish.discover else ()
    now = utc_now()
    while drafts:
        laid = _laid_out(drafts, left_out, target, runtime.loaded, lock, lists)
        after = _read_again(read, laid, runtime, lock)
        done = taken_over(laid.drafts, laid.values(), after, seen.observed, lock, runtime, now)
        if not done.refused:
            return Outcome(_report(seen, where, laid, left_out, runtime, now), laid.whole, done.events)
        left_out += [LeftOut(laid.drafts[name].found, why) for name, why in done.refused.items()]
        drafts = [draft for name, draft in laid.drafts.items() if name not in done.refused]
    return Outcome(_report(seen, where, _Laid("", "", ()), left_out, runtime, now), None, ())


def _lists(runtime: Runtime, seen: Seen) -> Iterator[Places]:
    """What vendors have listed in this run; not where a name cannot be used, or a place could not be read."""
    observed = seen.observed
    unread = {*observed.failed, *(place for place, each in observed.places.items() if each.failed)}
    for ask, answer in sorted(runtime.answers.items(), key=lambda item: item[0]):
        if isinstance(answer, Listed) and all(is_usable(place.value) for place in answer.places):
            places = _places(ask, answer, runtime.loaded.capabilities_of[ask.provider])
            here = [dict(scope) for name, scope in unread if name == ask.provider]
            if not any(scope.get(places.fills) in places.values for scope in here):
                yield places


def _places(ask: Ask, answer: Listed, capabilities: Capabilities) -> Places:
    fills = next(each.fills for each in capabilities.discovers if each.what == ask.what)
    in_scope = frozenset(name for names in capabilities.scope if fills in names for name in names)
    values = {place.value: place.facts for place in answer.places}
    return Places(ask.provider, ask.what, fills, ask.given, in_scope, values)


def _laid_out(
    drafts: Sequence[Draft],
    left_out: Sequence[LeftOut],
    target: Target,
    loaded: Loaded,
    lock: Lock,
    lists: Sequence[Places],
) -> _Laid:
    """The drafts as blocks, in the file.

    Args:
        drafts: what is written.
        left_out: what is not.
        target: the file.
        loaded: what the files say.
        lock: as it is.
        lists: what vendors list, where that may be left to them.

    Raises:
        WhsyncError: there is no place for them.
    """
    taken = {*lock.entries, *lock.intents, *(webhook.name for webhook in loaded.desired)}
    taken |= {template.name for template in loaded.templates}
    blocks = blocks_of(drafts, taken, lists)
    remarks = [*text.left_out_lines(left_out)]
    defaults = text.shared(blocks) if target.is_new else {}
    written = [text.without(block, defaults) for block in blocks]
    begun = _with_defaults(target, defaults)
    whole = _put_in(begun, target, _entries(written, discreet=False), remarks)
    shown = _put_in("version: 1\n", target, _entries(written, target.discreet), remarks)
    return _Laid(whole, shown.removeprefix("version: 1\n").lstrip("\n"), blocks)


def _with_defaults(target: Target, defaults: Mapping[str, object]) -> str:
    if not defaults:
        return target.text
    lines = text.provider_lines("defaults", defaults).lines
    return f"{target.text}\n" + "".join(f"{line}\n" for line in lines)


def _entries(blocks: Sequence[Block], discreet: bool) -> list[Entry]:
    return [Entry(block.name, *text.block_lines(block, discreet)) for block in blocks]


def _put_in(begun: str, target: Target, entries: Sequence[Entry], remarks: Sequence[str]) -> str:
    whole = inserted(begun, target.name, "webhooks", entries, remarks)
    if whole is None:
        summary = f"{target.name} has no place for webhooks that leaves all else in it as it is"
        hint = "write `webhooks:` as a plain block, or name another file and include it"
        raise WhsyncError(summary, hint, kind="config", code=Code.LAYOUT_UNSAFE)
    return whole


def _read_again(read: Read, laid: _Laid, runtime: Runtime, lock: Lock) -> Loaded:
    """The files as they would be, if they say all that they said and the imported webhooks beside it.

    Raises:
        WhsyncError: they would not.
    """
    summary = "what would be written does not read back as it is meant, so nothing was written"
    try:
        after = as_answered(read(laid.whole), runtime.answers, lock)
    except ConfigError as error:
        raise WhsyncError(f"{summary}: {error.summary}", error.hint, kind="internal", code=Code.LAYOUT_UNSAFE) from None
    drafts = laid.drafts
    old = [webhook for webhook in after.desired if webhook.name not in drafts]
    names = {webhook.name for webhook in after.desired} - {webhook.name for webhook in old}
    if sorted(old, key=_name) != sorted(runtime.written.desired, key=_name) or names != drafts.keys():
        raise WhsyncError(summary, kind="internal", code=Code.LAYOUT_UNSAFE)
    return after


def _name(webhook: Desired) -> str:
    return webhook.name


def _report(
    seen: Seen, where: Sought, laid: _Laid, left_out: Sequence[LeftOut], runtime: Runtime, now: str
) -> ImportReport:
    report = ImportReport(
        __version__,
        now,
        seen.places,
        tuple(_imported(name, draft, block) for block in laid.blocks for name, draft in block.drafts.items()),
        tuple(_omitted(each.found, each.reason) for each in left_out),
        where.not_looked,
        _problems(seen, where, runtime),
        text=laid.added,
        reads=runtime.reads,
    )
    return runtime.redactor.over(report)


def _problems(seen: Seen, where: Sought, runtime: Runtime) -> tuple[Problem, ...]:
    """What could not be read."""
    return runtime.loaded.located(tuple(one_for_each_cause([*where.problems, *seen.observed.problems])))


def _imported(name: str, draft: Draft, block: Block) -> Imported:
    found, place = draft.found, name.removeprefix(block.name)[1:-1]
    variables = tuple(each.values[place][0] for each in block.variables)
    managed = {each for each in found.remote.fields if _is_written(each, draft)}
    fields = _shown(found.remote.fields.only(managed))
    remote_id = found.remote.remote_id
    told = (draft.secret, draft.remarks, draft.doubts, variables)
    return Imported(name, found.provider, found.scope, remote_id, fields, *told)


def _is_written(pointer: str, draft: Draft) -> bool:
    tree: object = draft.tree
    for step in pointer.split("/")[1:]:
        if not isinstance(tree, dict) or step.replace("~1", "/").replace("~0", "~") not in tree:
            return False
        tree = tree[step.replace("~1", "/").replace("~0", "~")]
    return True


def _omitted(found: Found, reason: str) -> Omitted:
    fields = _shown(found.remote.fields.only([URL]))
    return Omitted(found.provider, found.scope, found.remote.remote_id, fields, reason)


def _shown(fields: Fields) -> Fields:
    """Fields as outputs may show them: without what looks like a secret, too."""
    return Fields(
        {at: hidden(leaf) if isinstance(leaf, str) and is_url(leaf) else leaf for at, leaf in record(fields).items()}
    )
