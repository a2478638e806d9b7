"""What happens in a world: the user's file and its edits, what others do at the vendors, runs, and the way out.

Used by `test_world`; `promises` says what must hold after each step.
"""

import json
import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.world import promises, userfile
from tests.world.doors import COMMAND, FIRST
from tests.world.faults import NOTHING_WRONG, Faults
from tests.world.standins import Clock
from tests.world.userfile import KINDS, Hook
from tests.world.vendors import LEAK, Row, Vendor
from tests.world.world import Outcome, contents, run

CREDENTIALS = {f"{word}_TOKEN": f"{LEAK}-token" for word in "GITHUB COINBASE CRYPTOFUSE CRYPTOPOCKET".split()}
URLS = ("https://hooks.acme.com/0", f"https://hooks.acme.com/1?token={LEAK}-url", "https://hooks.acme.com/2")
SECONDS_BETWEEN = 20 * 60.0  # two runs
RESCUED = re.compile(r"its secret(?: basic)? is in (\S+), not in file:(\S+)")
HINT = re.compile(r"`whsync (adopt|state rm|apply|rotate)\s+([^`]*)`")


@dataclass
class Story:
    """One user's folder and vendors.

    Args:
        removed: what was taken out of the file.
        values: the user's own secrets, by owner.
        broken: a promise was just broken, so nothing more is to be asked of this world.
        told: hears of each run.
        asks: the credentials are from a command.
        mounted: the sinks are files that are mounted by themselves; `listed`: the system says so.
    """

    folder: Path
    vendors: dict[str, Vendor] = field(default_factory=dict)
    hooks: dict[str, Hook] = field(default_factory=dict)
    removed: dict[str, Hook] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    count: int = 0
    last: Outcome | None = None
    broken: bool = False
    told: Callable[[str], object] = str
    clock: Clock = field(default_factory=Clock)
    asks: bool = False
    mounted: bool = False
    listed: bool = True

    def open(self, names: Iterable[str]) -> None:
        """Accounts at these kinds of vendors."""
        for kind in names:
            owner_of = partial(self.owner, kind)
            self.vendors[kind] = KINDS[kind](
                kind, owner_of=owner_of, is_retiring=self.is_retiring, clock=self.clock.seconds
            )

    def owner(self, kind: str, url: str) -> str | None:
        """Whose webhook is being made, by its URL."""
        return next((hook.owner for hook in self.of(kind) if hook.url == url), None)

    def is_retiring(self, owner: str | None) -> bool:
        """Whether the file no longer has this webhook."""
        return all(hook.owner != owner for hook in self.hooks.values())

    def of(self, kind: str) -> list[Hook]:
        """The file's webhooks at one vendor."""
        return [hook for hook in self.hooks.values() if hook.kind == kind]

    def number(self) -> int:
        """A number that was not used before."""
        self.count += 1
        return self.count

    def state(self) -> int:
        """A number that is the same where all is the same that the future depends on; the folder's place apart."""
        files = {name: data.replace(bytes(self.folder), b".") for name, data in contents(self.folder).items()}
        sold = [
            {key: value for key, value in vars(each).items() if not callable(value)} for each in self.vendors.values()
        ]
        mine = (self.hooks, self.removed, self.values, self.clock)
        return hash((repr(sorted(files.items())), repr(sold), repr(mine)))

    # The user's file

    def free_url(self, kind: str) -> str | None:
        """A URL that neither the file nor what was removed from it uses."""
        used = {hook.url for hook in (*self.of(kind), *self.removed.values()) if hook.kind == kind}
        return next((url for url in URLS if url not in used), None)

    def add(self, kind: str, events: int, status: str | None, text: str | None, secret: int) -> None:
        """One more webhook, where the vendor has room and a free URL."""
        sold, url = self.vendors[kind], self.free_url(kind)
        if url is None or len(self.of(kind)) + sum(hook.kind == kind for hook in self.removed.values()) >= sold.most:
            return
        name = f"h{self.number()}"
        choices = (*sold.secrets, None) if sold.secrets else (None,)
        self.hooks[name] = Hook(
            name,
            kind,
            name,
            url,
            self.chosen(kind, events),
            status if sold.statuses else None,
            text if sold.descriptions else None,
            self.option(kind, text),
            choices[secret % len(choices)],
        )
        self.values[name] = f'{LEAK}-ours-{self.number()} "ä"/+&1'

    def chosen(self, kind: str, bits: int) -> frozenset[str]:
        """Some events, by the bits of a number."""
        events = KINDS[kind].events
        return frozenset(event for at, event in enumerate(events) if bits >> at & 1) or frozenset(events[:1])

    def option(self, kind: str, text: str | None) -> str | None:
        """A value of the vendor's option."""
        if "content_type" in KINDS[kind].options:
            return None if text is None else ("json", "form")[len(text) % 2]
        return text if KINDS[kind].options else None

    def edit(self, hook: Hook, what: str, events: int, status: str, text: str) -> None:
        """Change one field of one webhook."""
        sold = self.vendors[hook.kind]
        if what == "url":
            hook.url = self.free_url(hook.kind) or hook.url
        elif what == "events":
            hook.events = self.chosen(hook.kind, events)
        elif what == "status" and sold.statuses:
            hook.status = status
        elif what == "text":
            hook.description = text if sold.descriptions else None
            hook.option = self.option(hook.kind, text)
        elif what == "secret":
            self.values[hook.owner] = f'{LEAK}-ours-{self.number()} "ä"/+&1'
        elif what == "unmanage":
            hook.status = hook.description = hook.option = None

    def swap(self, kind: str) -> None:
        """Two webhooks of a vendor take each other's URL."""
        if len(pair := self.of(kind)[:2]) == 2:
            pair[0].url, pair[1].url = pair[1].url, pair[0].url

    def rename(self, hook: Hook) -> None:
        """Another name, told by `was:`."""
        del self.hooks[hook.name]
        name = f"h{self.number()}"
        self.hooks[name] = replace(hook, name=name, was=(*hook.was, hook.name))

    def remove(self, hook: Hook) -> None:
        """Out of the file."""
        self.removed[hook.name] = self.hooks.pop(hook.name)

    def restore(self) -> None:
        """Everything that was removed comes back."""
        self.hooks |= self.removed
        self.removed = {}

    def write(self) -> None:
        """The file as it is now."""
        token = self.folder / "token"
        if self.asks and not token.exists():
            token.write_text(FIRST, "utf-8")
        document = userfile.document(self.vendors, self.hooks.values(), COMMAND if self.asks else None)
        (self.folder / "webhooks.yaml").write_text(json.dumps(document), encoding="utf-8")
        for hook in self.hooks.values() if self.mounted else ():
            if hook.secret in ("to", "generate"):
                (self.folder / "secrets").mkdir(exist_ok=True)
                (self.folder / "secrets" / hook.owner).touch()
            if KINDS[hook.kind].further:
                (self.folder / "secrets").mkdir(exist_ok=True)
                (self.folder / "secrets" / f"{hook.owner}-basic").touch()

    # Runs

    def run(self, *argv: str, faults: Faults = NOTHING_WRONG) -> Outcome:
        """Start the command line, and check what must hold after every run."""
        self.write()
        if self.mounted:
            faults = faults._replace(mounted=(*faults.mounted, "secrets/"), listed=self.listed)
        before = promises.snapshot(self)
        if not faults.dies and not (before.lock.entries or before.lock.intents):
            faults = faults._replace(strange=False)  # nobody could know that they are
        for sold in self.vendors.values():
            sold.touched.clear()
            sold.reissued.clear()
        environment = {
            "PATH": os.defpath,
            **CREDENTIALS,
            **{f"{kind.upper()}_TOKEN": f"{LEAK}-token" for kind in self.vendors},
        }
        environment |= {f"OURS_{owner}": value for owner, value in self.values.items()}
        self.clock.pass_by(SECONDS_BETWEEN)
        outcome = run(self.folder, self.vendors, list(argv), environment, self.clock, faults)
        self.told(f"    $ whsync {' '.join(argv)} -> {outcome.exit}  {'; '.join((*outcome.struck, *outcome.happened))}")
        self.broken = True
        promises.after_any_run(self, argv, before, outcome)
        self.broken = False
        return outcome

    def apply(self, *argv: str, faults: Faults = NOTHING_WRONG) -> Outcome:
        """`whsync apply --yes`, with what must hold after it."""
        self.last = outcome = self.run("apply", "--yes", "--format", "json", *argv, faults=faults)
        if outcome.exit == 0 and "--prune-all" in argv:
            self.removed = {name: hook for name, hook in self.removed.items() if name in promises.lock(self).entries}
        if "--target" not in argv:
            self.broken = True
            if outcome.clean:
                promises.after_a_clean_apply(self)
                if "--prune-all" in argv:
                    promises.after_a_clean_prune(self)
            elif outcome.exit is not None:
                promises.after_a_failed_apply(self, outcome)
            self.broken = False
        return outcome

    def rotate(self, hook: Hook, faults: Faults = NOTHING_WRONG) -> Outcome:
        """`whsync rotate NAME --yes`, with what must hold after it."""
        before = promises.secret_of(self, hook)
        self.last = outcome = self.run("rotate", hook.name, "--yes", faults=faults)
        self.broken = True
        promises.after_a_rotation(self, hook, before, outcome)
        self.broken = False
        return outcome

    def do(self, argv: Sequence[str], faults: Faults) -> Outcome:
        """The rest of a command line that changes something: of `apply`, unless it begins with `rotate`."""
        if argv[:1] == ("rotate",):
            return self.rotate(self.hooks[argv[1]], faults)
        return self.apply(*argv, faults=faults)

    def plan(self, *argv: str, faults: Faults = NOTHING_WRONG) -> dict[str, Any]:
        """`whsync plan`, as JSON."""
        outcome = self.run("plan", "--format", "json", *argv, faults=faults)
        plan: dict[str, Any] = json.loads(outcome.out)
        return plan

    # The way out

    def follow(self, outcome: Outcome) -> bool:
        """Do what the problems say, as far as they name a command or a file to be moved; whether they did."""
        moves = {(self.folder / rescue, self.folder / sink) for rescue, sink in RESCUED.findall(outcome.err)}
        for rescue, sink in moves:
            sink.parent.mkdir(exist_ok=True)
            sink.write_bytes(rescue.read_bytes())
            rescue.unlink()
        told: dict[str, dict[str, str]] = {}
        for verb, rest in HINT.findall(" ".join((outcome.out + outcome.err).split())):
            name = shlex.split(rest)[-1 if verb == "apply" else 0]
            told.setdefault(name, {}).setdefault(verb, rest)
        for name, verbs in sorted(told.items()):
            now = promises.lock(self)
            if name not in {*now.entries, *now.intents, *self.hooks}:
                continue
            self.go(name, verbs)
        return bool(told or moves)

    def go(self, name: str, verbs: Mapping[str, str]) -> None:
        """One way out: who is asked to look at the vendor does, and tells the truth."""
        known = (*self.hooks.values(), *self.removed.values())
        hook = next((hook for hook in known if name in (hook.name, *hook.was)), None)
        rows = self.candidates(hook) if hook else []
        if "adopt" in verbs and rows and hook and name in self.hooks:
            events = {event: row.id for row in rows for event in row.fields["events"]}
            given = {"cryptopocket": ",".join(events), "fan": ",".join(f"{key}={at}" for key, at in events.items())}
            if hook.secret == "to" and rows[0].secret:
                self.store(hook, rows[0].secret)  # the vendor was asked for it
            named = shlex.split(verbs["adopt"])[-1]
            self.run("adopt", name, "--yes", "--id", given.get(hook.kind, rows[0].id) if named == "ID" else named)
        elif "state rm" in verbs and name in {*promises.lock(self).entries, *promises.lock(self).intents}:
            self.run("state", "rm", name, "--yes")
            for row in self.vendors[hook.kind].living(hook.owner) if hook else ():
                row.released = True
            self.removed = {key: gone for key, gone in self.removed.items() if gone is not hook}
        elif "apply" in verbs:
            self.apply("--reassert", "--target", name)
        elif "rotate" in verbs and hook and name in self.hooks:
            hook.secret = hook.secret or self.vendors[hook.kind].secrets[0]  # a hint may say: with one in the file
            self.rotate(self.hooks[name])

    def store(self, hook: Hook, secret: str) -> None:
        """Somebody puts a secret where it belongs."""
        sink = self.folder / "secrets" / hook.owner
        sink.parent.mkdir(exist_ok=True)
        sink.write_text(secret, encoding="utf-8")

    def candidates(self, hook: Hook) -> list[Row]:
        """What somebody who looks at the vendor takes for this webhook: ours first."""
        sold = self.vendors[hook.kind]
        theirs = [row for row in sold.rows if row.fields["url"] == hook.url and row.owner in (None, hook.owner)]
        return sold.living(hook.owner) or theirs

    def heal(self) -> None:
        """With nothing going wrong any more, and the hints followed, everything comes to rest."""
        for sold in self.vendors.values():
            sold.quota, sold.frozen, sold.masks, sold.clings = 99, set(), False, False
        outcomes = []
        for _ in range(6):
            outcomes.append(self.apply("--prune-all"))
            if outcomes[-1].exit == 0:
                return
            self.follow(outcomes[-1])
        raise AssertionError(f"it does not come to rest:\n{outcomes[-1].out}\n{outcomes[-1].err}")
