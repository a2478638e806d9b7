"""What reads bytes that others wrote, as functions of bytes: each may end in a documented error and in nothing else.

Run over its seeds by `test_seeds.py`, with bytes that nobody thought of by `python -m tests.fuzz`.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from reconciler.cli.fmt import laid_out_all
from reconciler.config.load import load
from reconciler.errors import ConfigError, StateError, VendorError, WhsyncError
from reconciler.planning.planfile import plan_from_json
from reconciler.providers import registry
from reconciler.providers.protocol import Call, Provider, Reply
from reconciler.providers.rehearse import drive
from reconciler.render.json import plan_json
from reconciler.state import journal, record
from reconciler.state.event import Durable
from reconciler.state.lock import Lock, from_json, to_json
from reconciler.state.merging import reading
from reconciler.state.merging.locks import merged
from reconciler.trust import file as trust_file
from tests.unit.providers import rig
from tests.unit.render.plans import example
from tests.unit.render.test_events import ENTRY, EVENTS
from tests.unit.test_record import WHOLE

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-of-this-run"
"""A secret that every vendor's answer may repeat; no error may."""

ENVIRONMENT = {
    "GITHUB_TOKEN": SECRET,
    "COINBASE_TOKEN": f"{SECRET}-of-coinbase",
    "CI_SECRET": f"-----BEGIN {SECRET}\nsecond line\n",
    "REGION": "eu-1",
    "HOST": "hooks.acme.com",
    "EMPTY": "",
}
"""What configurations may ask for; some of it is secret, whatever name a reference gives it."""

PLACES = {
    "github": (("owner", "acme"), ("repo", "api")),
    "cryptofuse": (),
    "cryptopocket": (),
    "coinbase-payments": (),
}


LISTS = """\
version: 1
providers: {github: {scope: {owner: acme}}}
webhooks:
  a: {for_each: {from: "file:rows.yaml"}, scope: {repo: "${each.repo}"}, url: "https://a.example/${each.id:-0}"}
  b: {for_each: {from: "file:rows.txt"}, scope: {repo: "${each.repo}"}, url: "https://b.example/${each.id:-0}"}
"""
ROWS = b'[{"repo": "api", "id": 1}, {"repo": "web", "id": 1.10, "events": ["push"]}]'


class Target(NamedTuple):
    """One reader: what it is given, what it may end in, and what to begin with."""

    read: Callable[[bytes], object]
    may_raise: tuple[type[WhsyncError], ...]
    seeds: tuple[bytes, ...]

    def __call__(self, data: bytes) -> None:
        """Read `data`; a documented error is fine, as long as it tells no secret."""
        try:
            self.read(data)
        except self.may_raise as error:
            said = [error.summary, error.hint, *(f"{each.summary} {each.hint}" for each in error.problems)]
            assert SECRET not in " ".join(said), "an error tells a secret"


def _config(data: bytes) -> object:
    with tempfile.TemporaryDirectory(prefix="whsync-fuzz-") as folder:
        file = Path(folder, "webhooks.yaml")
        file.write_bytes(data)
        return load([file], ENVIRONMENT, registry.Registry())


def _lists(data: bytes) -> object:
    """The bytes as rows in a YAML file, and as a list in any other one."""
    with tempfile.TemporaryDirectory(prefix="whsync-fuzz-") as folder:
        file = Path(folder, "webhooks.yaml")
        file.write_text(LISTS, encoding="utf-8")
        for name in ("rows.yaml", "rows.txt"):
            Path(folder, name).write_bytes(data)
        return load([file], ENVIRONMENT, registry.Registry())


def _trust(data: bytes) -> object:
    return trust_file.parse(data, "trust.yaml")


def _manifest(data: bytes) -> object:
    return registry.parse(data, "vendor.yaml")


def _lock(data: bytes) -> object:
    return from_json(data.decode("utf-8", "replace"), "webhooks.lock.json")


def _merge(data: bytes) -> object:
    """The bytes as one side of a merge, and as both versions that became our lock."""
    found, whole = reading.read(data, "webhooks.lock.json"), Lock({"a": ENTRY})
    for three in ((Lock(), whole, found), (whole, whole, found), (found, whole, Lock()), (found, found, whole)):
        result = merged(*three)
        if not result.conflicts:
            from_json(to_json(result.ours), "merged")
    return None


def _layout(data: bytes) -> object:
    """What is laid out says the same, and stays as it is; `laid_out_all` refuses anything else."""
    return laid_out_all({"webhooks.yaml": data})


def _plan(data: bytes) -> object:
    return plan_from_json(data.decode("utf-8", "replace"), "plan.json")


def _journal(data: bytes) -> object:
    return journal.parse(data, "webhooks.lock.json.journal")


def _answers(data: bytes) -> object:
    """The same answer to every call of a read, at each vendor; what is raised beyond `VendorError` goes through."""
    status, _, body = data.partition(b"\n")
    reply = Reply(200 + sum(status) % 400, {"content-type": "application/json"}, body, hide=_hidden)
    for name, scope in PLACES.items():
        error = drive(_provider(name).observe(scope, frozenset({"1"})), _Repeating(reply)).error
        if error is not None and not isinstance(error, VendorError):
            raise TypeError(f"a read ends in {type(error).__name__}")
        if error is not None and SECRET in f"{error.summary} {error.hint}":
            raise ValueError("an error tells a secret")
    return None


class _Repeating:
    """A vendor with one answer, whose connection ends after twenty calls, since pages may go on for ever."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._calls = 0

    def __call__(self, call: Call) -> Reply:
        self._calls += 1
        return self._reply if self._calls <= 20 else Reply(0, failure="the connection ended")


@cache
def _provider(name: str) -> Provider:
    return rig.provider(name)


def _hidden(text: str) -> str:
    return text.replace(SECRET, "***")


def _read(pattern: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(ROOT.glob(pattern)))


def _answer_seeds() -> tuple[bytes, ...]:
    hook = {"id": 1, "active": True, "events": ["push"], "config": {"url": "https://a.example/x", "secret": SECRET}}
    bodies: tuple[Any, ...] = (
        [hook],
        {"data": [hook]},
        {"items": [hook], "next": "/x"},
        {"message": SECRET},
        [],
        None,
        [[hook]],
    )
    return (*tuple(b"\n" + json.dumps(each).encode() for each in bodies), b"\xc8\n" + SECRET.encode(), b"", b"\n{")


ASKING = """
version: 1
providers:
  github: {auth: {token: "env:GITHUB_TOKEN"}, scope: {owner: "${OWNER:-acme}", repo: "${REGION}"}}
webhooks:
  ci:
    provider: github
    url: https://${HOST}/${REGION}?key=${CI_SECRET}
    events: [push]
    secret: {from: "env:CI_SECRET"}
"""

TRUST = json.dumps(
    {
        "version": 1,
        "origins": [{"origin": "https://api.github.com", "credentials": ["env:GITHUB_TOKEN"]}],
        "manifests": ["sha256:" + "0" * 64],
        "commands": ["cat token"],
        "roots": ["../shared"],
        "variables": ["REGION"],
        "policy": {"max_changed": "30%"},
    }
)

TARGETS: Mapping[str, Target] = {
    "config": Target(_config, (ConfigError,), (*_read("examples/*/webhooks.yaml"), ASKING.encode())),
    "lists": Target(
        _lists, (ConfigError,), (ROWS, b"- {repo: a}\n- {repo: b}\n", b"a, b", b"[", b"", b'{"repo": ["a"]}')
    ),
    "trust": Target(_trust, (ConfigError,), (*_read("examples/*/trust.yaml"), TRUST.encode(), b"version: 1\n", b"{")),
    "manifest": Target(_manifest, (ConfigError,), _read("reconciler/providers/builtin/*.yaml")),
    "layout": Target(
        _layout, (ConfigError,), (*_read("examples/*/webhooks.yaml"), *_read("reconciler/providers/builtin/*.yaml"))
    ),
    "lock": Target(_lock, (StateError,), (to_json(Lock({"a": ENTRY})).encode(), b"", b"{")),
    "merge": Target(_merge, (StateError,), (to_json(Lock({"a": ENTRY, "b": ENTRY})).encode(), b"", b"{")),
    "plan": Target(_plan, (StateError,), (plan_json(example()).encode(), b"", b"{")),
    "journal": Target(
        _journal, (StateError,), (journal.text(each for each in EVENTS if isinstance(each, Durable)), b"", b"{\n")
    ),
    "record": Target(record.parse, (), (WHOLE, b"", b"{", WHOLE[:-30])),
    "answers": Target(_answers, (VendorError,), _answer_seeds()),
}
