"""A user's folder, simulated vendors, and the command line in between, in one process without threads or sockets.

A run may be given faults (what becomes of its n-th write, or of reading a vendor) and a crash: at the chosen one of its
effects (a call that commits, a journal line, a lock, a secret's file) everything in memory is gone and the files are as
they were at that instant, as after `kill -9`.
"""

import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from reconciler.cli.main import main
from reconciler.config.provider import ProviderConfig
from reconciler.errors import Interrupted, Rejected, WhsyncError
from reconciler.providers.protocol import Call, Reply
from reconciler.providers.steps import in_turn
from reconciler.run.runtime import Runtime
from reconciler.state.stores import writer
from reconciler.support import atomic
from reconciler.wire.limit import Reading
from tests.tally import played
from tests.world import vendors
from tests.world.doors import REFUSED, Door
from tests.world.faults import AFTER, INSTEAD, SHIFTS, Crash, Faults
from tests.world.machine import Handles, mounts
from tests.world.standins import Clock, Manifests, Never, Serial


class Outcome(NamedTuple):
    """What is left of one run: exit code (None: killed), what it said, and what it did."""

    exit: int | None
    out: str
    err: str
    struck: tuple[str, ...]
    unread: frozenset[str]
    hurt: frozenset[str]
    writes: Mapping[str, int]
    effects: int
    refused: int

    @property
    def happened(self) -> list[str]:
        """What an apply said, in short."""
        told = (json.loads(line) for line in self.out.splitlines() if line.startswith('{"event"'))
        kept = (event for event in told if event["event"] in ("applied", "removed", "failed", "unplanned"))
        return [f"{each['event']} {each.get('action', '')} {_whom(each)}" for each in kept]

    @property
    def clean(self) -> bool:
        """Whether it ended well and nothing was made to go wrong."""
        return self.exit == 0 and not self.struck


def _whom(event: Mapping[str, Any]) -> str:
    problem = event.get("problem", {})
    return str(event.get("name") or problem.get("summary")) + (f" ({problem['kind']})" if problem else "")


@dataclass
class Process:
    """One run of the command line, as far as it has effects."""

    folder: Path
    sold: Mapping[str, vendors.Vendor]
    faults: Faults
    clock: Clock
    effects: int = 0
    struck: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    hurt: set[str] = field(default_factory=set)
    writes: dict[str, int] = field(default_factory=dict)
    left: dict[str, bytes] | None = None
    runtime: Runtime | None = None
    handles: Handles = field(default_factory=Handles)
    refused: int = 0
    token: str = ""  # of the call that is made, where a command gives it
    storing: bool = False  # what was held for a secret is lent to the one that is just stored

    def effect(self, what: str) -> None:
        """Another moment at which it may be killed."""
        if self.left is None and self.effects == self.faults.crash:
            self.handles.come_back()
            self.left = contents(self.folder)
            self.struck.append(f"killed {what}")
            if self.runtime is not None:
                self.runtime.stop.set()
        if self.left is not None:
            raise Crash
        if self.faults.no_handle is not None and self.effects >= self.faults.no_handle and not self.storing:
            self.struck.append(f"no handle {what}")
            self.handles.run_out()
            self.faults = self.faults._replace(no_handle=None)
        if self.effects in self.faults.dies:
            self.next_token()
        self.clock.jump(self.faults.jumps.get(self.effects, 0))
        self.clock.pass_by(1)
        self.effects += 1

    def call(self, kind: str, call: Call) -> Reply:
        """One call to a vendor, and what becomes of it."""
        vendor = self.sold[kind]
        if not call.writes:
            return self.read(kind, vendor, call)
        number = sum(self.writes.values())
        self.effect(f"before {call.method} {call.path}")
        if self.refuses():
            return REFUSED
        self.writes[kind] = self.writes.get(kind, 0) + 1
        fault = self.faults.writes.get(number, "")
        if fault:
            self.struck.append(f"{fault}: {call.method} {call.path}")
            self.hurt.add(kind)
        if fault == "429":
            raise Rejected("too many calls", kind="rate_limited")
        if fault in INSTEAD:
            return INSTEAD[fault]
        if fault == "twice" and call.safe_to_repeat:
            vendor(call)
        reply = vendor(call)
        self.effect(f"after {call.method} {call.path}")
        return AFTER[fault](reply) if fault in AFTER else reply

    def refuses(self) -> bool:
        """Whether the call that is made has a token that is dead."""
        dead = bool(self.token) and (self.folder / "token").read_text("utf-8") != self.token
        self.refused += dead
        return dead

    def next_token(self) -> None:
        """The token that was good dies; the next one may be another account's."""
        before = (self.folder / "token").read_text("utf-8")
        (self.folder / "token").write_text(f"{before}+", "utf-8")
        self.use_keys(self.faults.strange)

    def use_keys(self, strange: bool) -> None:
        """The keys are another account's from now on, where somebody could tell; or ours again."""
        for sold in self.sold.values():
            if sold.tells_account:
                sold.use_key(strange)
        if strange:
            self.struck.append("another account's key")

    def is_mounted(self, path: Path) -> bool:
        """Whether a file is mounted by itself."""
        name = str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else ""
        return any(name == each or (each.endswith("/") and name.startswith(each)) for each in self.faults.mounted)

    def read(self, kind: str, vendor: vendors.Vendor, call: Call) -> Reply:
        """A read; a fault of reading lasts for the whole run, except that pages shift once."""
        fault = self.faults.reads.get(kind, "") or (self.writes.get(kind) and self.faults.later.get(kind)) or ""
        if fault in SHIFTS:
            if re.search(r"page=[2-9]", call.path) or _turns_a_page(dict(call.query)):
                self.struck.append(f"{fault}: {call.path}")
                vendor.shift(fault.split()[1])
                self.faults = self.faults._replace(reads={**self.faults.reads, kind: ""})
            return vendor(call)
        said = INSTEAD[fault] if fault in INSTEAD else AFTER[fault](vendor(call)) if fault in AFTER else None
        if not fault or (said is not None and vendor.says_nothing(said)):
            return vendor(call)
        self.struck.append(f"{fault}: GET {call.path}")
        self.hurt.add(kind)
        if not self.writes.get(kind):
            self.unread.add(kind)
        if fault == "429":
            raise Rejected("too many calls", kind="rate_limited")
        assert said is not None
        return said


def _turns_a_page(query: Mapping[str, str]) -> bool:
    """Whether a read asks for more than the first page."""
    return bool(query.keys() & {"page", "after"}) or int(query.get("skip", "0")) > 0


class Wire:
    """Stands where the real one stands; see `wire.drive`."""

    def __init__(self, process: Process, kind: str, stopping: Callable[[], bool]) -> None:
        self.reads = 0
        self._process, self._kind, self._stopping = process, kind, stopping

    def drive(self, steps: Any, on_progress: Callable[[Any], None] | None = None) -> Any:
        """Carry out what a provider describes."""
        steps = in_turn(steps)
        advance = partial(next, steps)
        with closing(steps):
            while True:
                try:
                    step = advance()
                except StopIteration as end:
                    return end.value
                if isinstance(step, Call):
                    try:
                        advance = partial(steps.send, self._reply(step))
                    except WhsyncError as error:
                        advance = partial(steps.throw, error)
                else:
                    if on_progress is not None:
                        on_progress(step)
                    advance = partial(steps.send, Reply(0))

    def _reply(self, call: Call) -> Reply:
        if self._stopping():
            raise Interrupted("interrupted before the next call was sent")
        self.reads += not call.writes
        return self._process.call(self._kind, call)

    @property
    def reading(self) -> Reading:
        """The reads so far, one at a time."""
        return Reading(self.reads, 1)

    def close(self) -> None:
        """Nothing is open."""


def run(
    folder: Path,
    sold: Mapping[str, vendors.Vendor],
    argv: list[str],
    env: Mapping[str, str],
    clock: Clock,
    faults: Faults,
) -> Outcome:
    """Start the command line in `folder`, as a user would."""
    process = Process(folder, sold, faults, clock)
    out, err = io.StringIO(), io.StringIO()
    code: int | None = None
    with simulated(process, env, out, err), suppress(Crash):
        try:
            process.use_keys(faults.strange and not faults.dies)
            code = main(["-c", str(folder / "webhooks.yaml"), *argv])
        finally:
            process.handles.come_back()
            process.use_keys(strange=False)
    if process.left is not None:
        code = None
        put_back(folder, process.left)
    struck = tuple(dict.fromkeys(process.struck))
    played("commands")
    usual: dict[str, object] = {"a clock that jumps": faults.jumps, "a mounted file": faults.mounted}
    usual["a token that dies"] = process.refused
    for what in {_kind_of_fault(each) for each in struck} | {what for what, there in usual.items() if there}:
        played(f"fault: {what}")
    unread, hurt = frozenset(process.unread), frozenset(process.hurt)
    said = out.getvalue(), err.getvalue()
    return Outcome(code, *said, struck, unread, hurt, process.writes, process.effects, process.refused)


def _kind_of_fault(struck: str) -> str:
    """Without the call or the file that it struck."""
    if struck.startswith("killed"):
        return "killed"
    for short in ("no space", "no handle"):
        if struck.startswith(short):
            return short
    what, _, call = struck.partition(": ")
    return f"{what} (reading)" if call.startswith("GET") else what


@contextmanager
def simulated(process: Process, env: Mapping[str, str], out: io.StringIO, err: io.StringIO) -> Iterator[None]:
    """Everything that reaches out of the process goes through `process`."""
    replace, write_whole = atomic.replace, writer._write_whole

    class SimulatedRuntime(Runtime):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            process.runtime = self

        def _open(self, config: ProviderConfig) -> Any:
            if (process.folder / "token").exists():
                return super()._open(config)
            return Wire(process, config.type, self.stop.is_set)

    def mortal_replace(path: Path, data: bytes, **how: Any) -> None:
        process.storing = path.parent.name == "secrets"
        process.effect(f"before {path.name} is replaced")
        if process.faults.full_disk and path.parent.name == "secrets":
            process.struck.append(f"no space for {path.name}")
            raise OSError(28, "No space left on device")
        replace(path, data, **how)
        process.effect(f"after {path.name} was replaced")
        process.storing = False

    def mortal_write(descriptor: int, data: bytes) -> None:
        process.effect("before the journal is written")
        write_whole(descriptor, data[: len(data) // 2])
        process.effect("within the journal's line")
        write_whole(descriptor, data[len(data) // 2 :])
        process.effect("after the journal was written")

    with ExitStack() as stack:
        if process.faults.mounted:
            stack.enter_context(mounts(process.is_mounted, process.faults.listed, process.effect))
        for patched in (
            patch("reconciler.cli.session.Runtime", SimulatedRuntime),
            patch("reconciler.wire.client.Client", partial(Door, process)),
            patch("reconciler.providers.registry.Registry", Manifests),
            patch("reconciler.support.turns.ThreadPoolExecutor", Serial),
            patch("threading.Timer", Never),  # it would only tell that something takes long
            patch("reconciler.run.runtime.datetime", process.clock),
            patch("reconciler.secrets.fingerprint.COST", 1),  # slow on purpose, and not what is tested here
            patch.object(atomic, "replace", mortal_replace),
            patch.object(writer, "_write_whole", mortal_write),
            patch.object(os, "fsync", lambda descriptor: None),  # no power is lost here
            patch.dict(os.environ, env, clear=True),
            patch.object(sys, "stdout", out),
            patch.object(sys, "stderr", err),
        ):
            stack.enter_context(patched)
        yield


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder; a run that died may still be tidying up, which `put_back` undoes."""
    found = {}
    for root, _, names in os.walk(folder):
        for path in (Path(root) / name for name in names):
            with suppress(FileNotFoundError):
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def put_back(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder's files those again."""
    for name in contents(folder).keys() - files.keys():
        (folder / name).unlink(missing_ok=True)
    for name, data in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
