"""`whsync providers check NAME --against URL`: what is asked for on the command line, the question, and the signals.

Called by `cli.providers`; the trial itself is `run.trial`.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from reconciler.cli import session
from reconciler.cli.context import Context
from reconciler.cli.progress import told
from reconciler.cli.signals import handling
from reconciler.cli.trial_options import Wanted, pairs
from reconciler.codes import Code
from reconciler.config import forms
from reconciler.config.loaded import Loaded
from reconciler.config.one_account import OneAccount, load_one
from reconciler.config.provider import ProviderConfig
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, EXIT_INTERRUPTED, UsageError
from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import shown_url
from reconciler.model.webhook import EVENTS, URL, Leaf
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.registry import Registry
from reconciler.render.base import plain
from reconciler.render.trial import trial_json, trial_text
from reconciler.run.runtime import Runtime
from reconciler.run.trial import Asked, tried
from reconciler.secrets.generate import generate
from reconciler.state.address import DEFAULT_LOCK, FILE, LockAddress
from reconciler.support.scalars import as_text
from reconciler.trial.sample import Given, Sample, sample_of
from reconciler.trial.types import TrialReport

SECRET_BYTES = 24
COMMON = ("url", "events", "status", "description")


def check_against(whsync: Context, manifest: str, wanted: Wanted, form: str) -> int:
    """Try a manifest against a server, and tell what it does otherwise.

    Args:
        whsync: the global options.
        manifest: its name or its file's path.
        wanted: the options.
        form: `text` or `json`.
    """
    loaded = _loaded(manifest, wanted)
    (config,) = loaded.providers.values()
    asked = _asked(config, wanted)
    whsync.require(_question(config, asked), wanted.yes)
    with session.running(whsync, loaded) as runtime, _stoppable(whsync, runtime):
        for secret in asked.secrets:
            runtime.redactor.learn(secret)
        with told(whsync, f"Trying {plain(config.vendor.title)} …", runtime.activity.seen):
            report = tried(runtime, asked, lambda line: whsync.note(plain(runtime.redactor.hide(line))))
    whsync.out(trial_json(report) if form == "json" else trial_text(report, whsync.style()))
    return exit_code(report)


def exit_code(report: TrialReport) -> int:
    """Interrupted, not finished or something left, deviations, none: in this order."""
    if report.interrupted:
        return EXIT_INTERRUPTED
    if not report.is_whole:
        return EXIT_ERROR
    return EXIT_DIFFERENCES if report.deviations else EXIT_FINE


def _loaded(manifest: str, wanted: Wanted) -> Loaded:
    account = OneAccount(
        manifest,
        wanted.url,
        pairs("--auth", wanted.auth),
        pairs("--scope", wanted.scope),
        pairs("--setting", wanted.setting),
    )
    return load_one(account, "check", os.environ, Registry(), LockAddress(FILE, DEFAULT_LOCK))


def _asked(config: ProviderConfig, wanted: Wanted) -> Asked:
    caps, token = config.vendor.capabilities, secrets.token_hex(4)
    if not any({key for key, _ in config.scope} == set(names) for names in caps.scope):
        ways = " or ".join(", ".join(f"--scope {name}=…" for name in names) or "no --scope" for names in caps.scope)
        raise UsageError(f"{config.vendor.title} needs a place for the webhook", f"give {ways}", code=Code.WRONG_SCOPE)
    hook = {URL: wanted.hook_url} if wanted.hook_url is not None else {}
    first, second = (
        {**dict(_leaves(flag, texts, caps))} for flag, texts in (("--set", wanted.first), ("--change", wanted.second))
    )
    manifest = config.vendor.manifest if isinstance(config.vendor, CompiledVendor) else None
    sample = sample_of(manifest, caps, config.scope, Given(token, {**hook, **first}, second))
    _complete(sample, manifest, caps)
    ours = caps.secret.lifecycle in ("supplied", "either")
    made = tuple(generate(SECRET_BYTES, secrets.token_bytes, caps.secret.rule) for _ in range(2)) if ours else ()
    return Asked(config.name, config.scope, sample, f"check-{token}", made)


def _complete(sample: Sample, manifest: Any, caps: Capabilities) -> None:
    """What the vendor needs and nobody has given a value for is asked for before anything is sent."""
    needs = {pointer for create in manifest.create for pointer in create.needs} if manifest is not None else set()
    needs |= {EVENTS} & caps.writable
    lacking = sorted(pointer for pointer in needs & caps.writable if pointer not in sample.first)
    if lacking:
        names = ", ".join(pointer[1:].replace("/", ".") for pointer in lacking)
        hint = f"give --set {names.partition(',')[0]}=VALUE"
        raise UsageError(f"a webhook needs {names}, of which no value is known here", hint, code=Code.FIELD_NEEDED)


def _leaves(flag: str, texts: Iterable[str], caps: Capabilities) -> Iterator[tuple[str, Leaf]]:
    """Fields by their pointer, with values as the manifest has them."""
    for name, text in pairs(flag, texts).items():
        pointer = "/" + name.replace(".", "/") if name in COMMON or name.startswith("options.") else f"/options/{name}"
        if pointer not in caps.writable:
            there = ", ".join(sorted(each[1:].replace("/", ".") for each in caps.writable))
            raise UsageError(f"there is no field {name}", f"there are: {there}", code=Code.UNKNOWN_NAME)
        yield pointer, _leaf(flag, name, pointer, text, caps)


def _leaf(flag: str, name: str, pointer: str, text: str, caps: Capabilities) -> Leaf:
    items = tuple(filter(None, (item.strip() for item in text.split(","))))
    if pointer == EVENTS:
        return frozenset(items)
    kind = dict(caps.types).get(pointer, "text")
    for choice in dict(caps.choices).get(pointer, ()):
        if text == (str(choice).lower() if isinstance(choice, bool) else str(choice)):
            return choice
    leaf: Leaf | None = items if kind == "list" else _whole(text) if kind in forms.WHOLE else forms.typed(text, kind)
    if leaf is None:
        raise UsageError(f"{flag} {name}: the value {forms.TYPES[kind]}", code=Code.WRONG_VALUE)
    return leaf


def _whole(text: str) -> str | None:
    """A map, or a list of maps, as the one text that stands for it; None where it is no JSON."""
    import json

    try:
        return as_text(json.loads(text))
    except ValueError:
        return None


def _question(config: ProviderConfig, asked: Asked) -> str:
    where = f" ({', '.join(f'{key} {value}' for key, value in asked.scope)})" if asked.scope else ""
    url = shown_url(str(asked.sample.first.get(URL, ""))) or "nowhere"
    leaves = (
        "switched off in the end, since this API has no delete"
        if config.vendor.capabilities.retire == "deactivate"
        else "deleted"
    )
    return (
        f"This writes to {config.base_url}{where}: webhooks that point to {url} are made, changed and {leaves}. "
        "No other webhook is touched. Go on?"
    )


@contextmanager
def _stoppable(whsync: Context, runtime: Runtime) -> Iterator[None]:
    """While inside: the first signal ends the trial and what it made is removed; the second leaves that as it is."""

    def stop(number: int, frame: FrameType | None) -> None:
        runtime.stop.set()
        whsync.err("Interrupted: what was made is removed first. Once more to leave it where it is.")

    with handling(stop):
        yield
