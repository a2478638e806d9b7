"""What must always hold (contract, section 7), asked of files, vendors and outputs; never of the code under test.

Each check says in its message which promise was broken.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reconciler.model.action import Action
from reconciler.model.secret import Secret
from reconciler.model.webhook import Entry
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.lock import Lock
from reconciler.state.stores.file import FileStore
from tests.world.vendors import LEAK, Row
from tests.world.world import Outcome, contents

if TYPE_CHECKING:
    from tests.world.story import Story
    from tests.world.userfile import Hook

PRIVATE = ("secrets/", "token", "webhooks.lock.json.rescue/", "webhooks.yaml")
AT_REST = ("noop", "orphan")


class Before(NamedTuple):
    """The world before a run."""

    files: dict[str, bytes]
    lock: Lock
    urls: frozenset[tuple[str, str]]
    torn: frozenset[str]  # webhooks of which the lock knows nothing and that several remote ones may be
    secrets: frozenset[tuple[str, str | None]]  # by owner


def lock(story: "Story") -> Lock:
    """The lock, with what a killed run left in its journal."""
    return FileStore(story.folder / "webhooks.lock.json").read().lock


def snapshot(story: "Story") -> Before:
    """What is compared with afterwards."""
    urls = frozenset((hook.kind, hook.url) for hook in story.hooks.values())
    held = lock(story)
    torn = frozenset(
        hook.name
        for hook in story.hooks.values()
        if hook.kind not in ("marked", "coinbase-payments", "blind") and story.vendors[hook.kind].most > 1
        if not {hook.name, *hook.was} & (held.entries.keys() | held.intents.keys())
        if sum(row.fields["url"] == hook.url for row in _strays(story, hook, held)) > 1
    )
    return Before(contents(story.folder), held, urls, torn, frozenset(_secrets(story)))


def _secrets(story: "Story") -> Iterator[tuple[str, str | None]]:
    """The secrets that whsync has to keep, by the owners of what signs with them."""
    sinks = {hook.owner for hook in story.hooks.values() if hook.secret in ("to", "generate")}
    rows = [row for sold in story.vendors.values() if not sold.masks for row in sold.living()]
    return ((row.owner, row.secret) for row in rows if row.owner in sinks and row.secret and not row.tampered)


def _strays(story: "Story", hook: "Hook", held: Lock) -> list[Row]:
    bound = {entry.remote_id for entry in held.entries.values() if entry.provider == hook.kind}
    sold = story.vendors[hook.kind]
    return [row for row in sold.rows if row.id not in bound] if sold.readable else []


def after_any_run(story: "Story", argv: Sequence[str], before: Before, outcome: Outcome) -> None:
    """Whatever a run did, however it ended."""
    tell = f"\n$ whsync {' '.join(argv)} -> {outcome.exit} {outcome.struck}\n{outcome.out}\n{outcome.err}"
    assert "internal error" not in outcome.err, f"an internal error{tell}"
    assert "unforeseen" not in outcome.out, f"an internal error{tell}"
    assert outcome.exit in (None, 0, 1, 2, 3), f"an odd exit code{tell}"
    _nothing_leaks(story, outcome, tell)
    if argv[0] in ("plan", "drift"):
        assert not outcome.writes, f"{argv[0]} wrote to a vendor{tell}"
        assert _lock_files(contents(story.folder)) == _lock_files(before.files), f"{argv[0]} changed the lock{tell}"
    for kind in outcome.unread:
        if kind not in ("blind", "coinbase-payments"):
            assert not outcome.writes.get(kind), f"{kind} could not be read and was written to{tell}"
    _one_each(story, argv[0] == "apply" and outcome.clean, tell)
    _strangers_untouched(story, before, tell)
    guessed = before.torn & lock(story).entries.keys() if argv[0] == "apply" else None
    assert not guessed, f"several remote webhooks fitted {guessed}, and whsync chose one{tell}"
    _prints_fit(story, tell)
    _claims_hold(story, tell)
    _rotated_on_purpose(story, argv, tell)
    for kind, sold in story.vendors.items():
        assert sold.elsewhere in ([], sold.theirs()), f"whsync wrote to another account at {kind}{tell}"
    if outcome.exit is not None and all(each.startswith(("no space", "no handle")) for each in outcome.struck):
        _nothing_lost(story, before, tell)


def _nothing_lost(story: "Story", before: Before, tell: str) -> None:
    """A secret of a run whose answers all came is in its sink or rescued, whatever this machine lacks."""
    for owner, secret in sorted(frozenset(_secrets(story)) - before.secrets):
        there = kept(story, f"secrets/{owner}") | kept(story, "rescue:")
        assert secret in there, f"a secret of {owner} is in no sink and was not rescued{tell}"


def _nothing_leaks(story: "Story", outcome: Outcome, tell: str) -> None:
    told = {"stdout": outcome.out.encode(), "stderr": outcome.err.encode()}
    files = {name: data for name, data in contents(story.folder).items() if not name.startswith(PRIVATE)}
    made = [path.read_bytes() for path in (story.folder / "secrets").glob("*")]
    for name, data in {**told, **files}.items():
        assert LEAK.encode() not in data, f"a secret leaks into {name}{tell}"
        assert not any(value in data for value in made if value), f"a generated secret leaks into {name}{tell}"


def _lock_files(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name.startswith("webhooks.lock.json")}


def _one_each(story: "Story", clean: bool, tell: str) -> None:
    for kind, sold in story.vendors.items():
        seen: dict[Any, int] = {}
        for row in sold.living():
            who = (row.owner, *(() if sold.readable else row.fields["events"]))
            seen[who] = seen.get(who, 0) + 1
        # A replacement exists beside the old one until that is retired; a clean run leaves one.
        most = 2 if kind in ("marked", "mute", "lonely") and not clean else 1
        twice = {who: count for who, count in seen.items() if count > most}
        assert not twice, f"whsync made more than one webhook at {kind}: {twice}{tell}"


def _strangers_untouched(story: "Story", before: Before, tell: str) -> None:
    entries = (*before.lock.entries.values(), *lock(story).entries.values())
    bound = {(entry.provider, entry.remote_id) for entry in entries}
    for kind, sold in story.vendors.items():
        if kind == "cryptofuse":
            continue  # the account has one place, and the file says what stands there
        for row in sold.touched:
            known = row.ours or (kind, row.id) in bound or (kind, row.fields["url"]) in before.urls
            assert known, f"whsync touched a stranger's webhook at {kind}: {row}{tell}"


def _prints_fit(story: "Story", tell: str) -> None:
    """A stored secret that the lock speaks of is in its sink or rescued, unless a killed run had replaced it there."""
    now, made = lock(story), Fingerprinter(None, "", ())
    for name, entry in now.entries.items():
        record, hook = entry.secret, story.hooks.get(name)
        if record is None or record.stored is None or record.fingerprint is None:
            continue
        row = _row(story, hook, entry) if hook else None
        current = row is not None and any(made.matches(Secret(value), record.fingerprint) for value in row.accepted)
        intent = now.intents.get(name)
        if (not current and (intent or row is None or row.tampered)) or (intent and intent.action is Action.REPLACE):
            continue
        fits = any(made.matches(Secret(value), record.fingerprint) for value in kept(story, record.stored))
        assert fits, f"the lock has a fingerprint of {name} that its sink does not{tell}"


def kept(story: "Story", stored: str) -> set[str]:
    """What a sink holds, and what was rescued; a rescued secret may have been put into its sink by hand since."""
    sink = Path(stored.removeprefix("file:")).as_posix()
    folders = ("webhooks.lock.json.rescue/", *(["secrets/"] if stored.startswith("rescue:") else []))
    files = {name: data for name, data in contents(story.folder).items() if name == sink or name.startswith(folders)}
    return {data.decode(errors="replace") for name, data in files.items() if not Path(name).name.startswith(".")}


def _claims_hold(story: "Story", tell: str) -> None:
    """What the lock says of a secret is good at its vendor, unless an open intent or somebody else's deed denies it."""
    now, made = lock(story), Fingerprinter(None, "", ())
    for name, hook in story.hooks.items():
        entry = now.entries.get(name)
        claim = entry.secret.in_force if entry and entry.secret and name not in now.intents else None
        row = _row(story, hook, entry) if entry and claim else None
        if claim is None or row is None or row.tampered:
            continue
        fits = any(made.matches(Secret(value), claim) for value in row.accepted)
        assert fits, f"the lock has a fingerprint of {name} that {hook.kind} does not{tell}"


def _rotated_on_purpose(story: "Story", argv: Sequence[str], tell: str) -> None:
    """Another secret of the vendor's is asked for by `rotate` alone, and once."""
    for kind, sold in story.vendors.items():
        most = 1 if argv[0] == "rotate" else 0
        assert sold.reissued.total() <= most, f"{kind} was asked for another secret {sold.reissued}{tell}"


def secret_of(story: "Story", hook: "Hook") -> str | None:
    """What a vendor holds as the secret of a webhook that the lock knows."""
    entry = lock(story).entries.get(hook.name)
    row = _row(story, hook, entry) if entry else None
    return row.secret if row else None


def after_a_rotation(story: "Story", hook: "Hook", before: str | None, outcome: Outcome) -> None:
    """`whsync rotate` has ended: sink and vendor agree on another secret, or it is said what is wrong with this one."""
    entry = lock(story).entries.get(hook.name)
    row = _row(story, hook, entry) if entry else None
    tell = f"\n$ whsync rotate {hook.name} -> {outcome.exit} {outcome.struck}\n{outcome.out}\n{outcome.err}"
    if outcome.exit not in (None, 0) and outcome.writes:
        assert hook.name in outcome.out + outcome.err, f"a rotation failed without a word of {hook.name}{tell}"
    elif outcome.exit == 0 and row is not None:
        assert entry is not None
        assert entry.secret is not None, f"a rotated secret is unknown to the lock{tell}"
        assert entry.secret.in_force is not None, f"a rotation ended well, and the lock does not know it{tell}"
        assert hook.secret == "from" or row.secret != before, f"the secret is the old one{tell}"
        _same_secret(story, hook, row)


def after_a_clean_apply(story: "Story") -> None:
    """Nothing went wrong and nothing was reported: then all is as the file says, and a plan is empty."""
    plan = story.plan()
    moving = [change for change in plan["changes"] if change["action"] not in AT_REST]
    assert not moving, f"a plan after a clean apply is not empty: {json.dumps(moving, indent=1)}"
    assert not plan["problems"], f"a plan after a clean apply has problems: {plan['problems']}"
    now = lock(story)
    left = now.intents.keys() & story.hooks.keys()
    assert not left, f"intents stay open after a clean apply: {left}"
    states = {change["name"]: change["secret"] for change in plan["changes"]}
    for name, hook in story.hooks.items():
        rows = list(_rows(story, hook, now.entries[name]))
        _as_wanted(story, hook, rows, now.entries[name])
        for row in rows:
            row.released = row.retired = False
            row.owner = hook.owner if row.ours else row.owner
        if rows and hook.secret is not None and states[name] == "same":
            _same_secret(story, hook, rows[0])
        if rows and story.vendors[hook.kind].further:
            there = kept(story, f"secrets/{hook.owner}-basic")
            assert rows[0].fields.get("basic") in there, f"{hook.name} has another second secret than its sink"


def after_a_clean_prune(story: "Story") -> None:
    """What the file no longer has is gone where vendors delete, whatever they answered."""
    owners = {hook.owner for hook in story.hooks.values()}
    for kind, sold in story.vendors.items():
        left = [row for row in sold.living() if row.owner not in owners] if sold.readable and sold.deletes else []
        assert not left, f"a clean apply with --prune leaves {left} at {kind}"


def after_a_failed_apply(story: "Story", outcome: Outcome) -> None:
    """One failure stops nothing else: vendors that were not hurt are done, unless everything was refused."""
    if outcome.exit == 3 or not outcome.hurt:
        return
    for change in story.plan()["changes"]:
        kind = change["provider"]
        if kind not in outcome.hurt and change["name"] not in outcome.out:
            assert change["action"] in AT_REST, f"{change['name']} was left out although {kind} was well: {outcome.out}"


def _row(story: "Story", hook: "Hook", entry: Entry) -> Row | None:
    """What a webhook is at a vendor that can be read."""
    sold = story.vendors[hook.kind]
    if hook.kind == "cryptofuse":
        return sold.rows[0] if sold.rows else None
    return sold.find(entry.remote_id) if sold.readable and entry.remote_id else None


def _rows(story: "Story", hook: "Hook", entry: Entry) -> Iterator[Row]:
    sold = story.vendors[hook.kind]
    for row in sold.rows:
        seen = row.id == entry.remote_id if sold.readable else row.owner == hook.owner and not row.released
        if seen or hook.kind == "cryptofuse":
            yield row


def _as_wanted(story: "Story", hook: "Hook", rows: list[Row], entry: Entry) -> None:
    sold = story.vendors[hook.kind]
    assert rows, f"{hook.name} is not at {hook.kind} after a clean apply"
    if not sold.readable:
        there = {event: row.fields["url"] for row in rows for event in row.fields["events"]}
        wanted = dict.fromkeys(hook.events, hook.url)
        # A part that was lost with its answer, and that the file no longer wants, is nobody's any more.
        if not sold.deletes or not any(part.key in there.keys() - wanted.keys() for part in entry.parts):
            there = {event: url for event, url in there.items() if event in wanted}
        assert there == wanted, f"{hook.name} should be {wanted} and is {there}"
        return
    assert len(rows) == 1, f"{hook.name} is {len(rows)} webhooks at {hook.kind}"
    lost = [row.id for row in sold.living(hook.owner) if row.id != rows[0].id]
    assert not lost, f"whsync made {lost} for {hook.name} as well, and forgot it"
    wanted_fields: dict[str, Any] = {"url": hook.url, "status": hook.status, "description": hook.description}
    wanted_fields |= {"events": set(hook.events) or None} | dict.fromkeys(sold.options, hook.option)
    for name, want in wanted_fields.items():
        have = rows[0].fields.get(name)
        have = (
            have or "" if name == "description" else have
        )  # no description is an empty one; an option's text is its own
        assert want is None or have == want, (
            f"{hook.name}: {name} should be {want!r} and is {have!r} after a clean apply"
        )


def _same_secret(story: "Story", hook: "Hook", row: Row) -> None:
    if row.foreign_secret or (row.tampered and story.vendors[hook.kind].masks):
        return  # nobody can see it
    wanted = {story.values[hook.owner]} if hook.secret == "from" else kept(story, f"secrets/{hook.owner}")
    assert row.secret in wanted, f"the secret of {hook.name} is called the same, but {hook.kind} has another than ours"
