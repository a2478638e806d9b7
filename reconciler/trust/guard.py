"""Refuses what the files ask for and nobody granted, before anything is looked up or sent.

Called by `cli.session` for every command that could reach a vendor or a secret.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.errors import Problem
from reconciler.matching.problems import only_renamed
from reconciler.model.webhook import Address, Entry
from reconciler.providers.registry import authentication_by_name
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from reconciler.trust.grants import Trust
from reconciler.trust.level import Level
from reconciler.trust.needs import Need, is_own, needs_of, origin_of

Known = Entry | Intended
"""What a lock has of a webhook: what was applied, or what may have been."""

_CODES = {
    "origin": Code.ORIGIN_UNTRUSTED,
    "credential": Code.CREDENTIAL_UNTRUSTED,
    "command": Code.COMMAND_UNTRUSTED,
    "manifest": Code.MANIFEST_UNTRUSTED,
    "file": Code.FILE_UNTRUSTED,
}


class Refused(NamedTuple):
    """What is refused: each need that nobody granted, and the problem that says so at its place."""

    needs: tuple[Need, ...] = ()
    problems: tuple[Problem, ...] = ()


def refused(loaded: Loaded, trust: Trust) -> Refused:
    """What the level allows nobody to do with these files, whatever the lock says.

    At the level `untrusted` no credential is used and no command runs, so none is refused. Variables and the files
    that configurations lead to were refused before: `config.load` fills in and opens only what may be.
    """
    if trust.level is Level.OPEN:
        return Refused()
    reach = trust.reach(loaded.folder)
    missing = [need for need in needs_of(loaded) if not trust.grants_need(need, reach)]
    if trust.level is Level.UNTRUSTED:
        missing = [need for need in missing if need.kind == "file"]
    return _told(missing, loaded)


def unlike_lock(loaded: Loaded, lock: Lock, trust: Trust) -> Refused:
    """What the lock contradicts: a webhook of its would be looked for, with credentials, where it never was.

    Only at the level `open`: elsewhere the lock is a part of what is not believed.
    """
    if trust.level is not Level.OPEN or not (lock.entries or lock.intents):
        return Refused()
    moved = {config: applied for config, applied in _applied(loaded, lock).items() if applied}
    suspects = {name for name, applied in moved.items() if _is_moved(loaded, name, applied)}
    reach = trust.reach(loaded.folder)
    missing: list[Need] = []
    for need in needs_of(loaded) if suspects else ():
        if need.provider not in suspects or trust.grants_need(need._replace(usual=False), reach):
            continue
        if need.kind in _asked_for(loaded, need.provider, moved[need.provider]):
            missing.append(need)
    return _told(missing, loaded, moved)


def _asked_for(loaded: Loaded, name: str, applied: Sequence[Known]) -> tuple[str, ...]:
    """What somebody has to grant of a provider entry that is not where, or not as, it was."""
    elsewhere = ("origin", "credential") if _is_elsewhere(loaded, name, applied) else ()
    return (*elsewhere, "manifest") if _proves_itself_otherwise(loaded, name, applied) else elsewhere


def _applied(loaded: Loaded, lock: Lock) -> dict[str, list[Known]]:
    """What the lock has, settled or not, by the provider entry through which it would be reached now.

    What an entry itself was used for says where it belongs; only where that is nothing, what came to it from others.
    """
    wanted = {name: webhook.provider for webhook in loaded.desired for name in (webhook.name, *webhook.was)}
    own: dict[str, list[Known]] = {name: [] for name in loaded.providers}
    came: dict[str, list[Known]] = {name: [] for name in loaded.providers}
    for known in (lock.entries, lock.intents):
        for name, each in known.items():
            if each.provider in own:
                own[each.provider].append(each)
            if (now := wanted.get(name)) in came and now is not None:
                came[now].append(each)
    return {name: own[name] or came[name] for name in loaded.providers}


def _is_moved(loaded: Loaded, name: str, applied: Sequence[Known]) -> bool:
    return _is_elsewhere(loaded, name, applied) or _proves_itself_otherwise(loaded, name, applied)


def _is_elsewhere(loaded: Loaded, name: str, applied: Sequence[Known]) -> bool:
    origin = origin_of(loaded.providers[name].base_url)
    before = {origin_of(account) for account in {each.account for each in applied}}
    return origin not in before if applied[0].provider == name else before != {origin}


def _proves_itself_otherwise(loaded: Loaded, name: str, applied: Sequence[Known]) -> bool:
    """Whether a manifest of one's own says another way of authentication than what was applied by it, or without one.

    Of a type that has no manifest by that name nobody knows: a lock of before this was noted may have it.
    """
    config = loaded.providers[name]
    if not is_own(config):
        return False
    noted = {each.manifest for each in applied if isinstance(each, Entry) and each.manifest is not None}
    unnoted = {each.type for each in applied if not isinstance(each, Entry) or each.manifest is None}
    by_name = set() if noted else {authentication_by_name(type) for type in unnoted} - {None}
    known = noted | by_name
    return bool(known) and config.origin.authentication not in known


def _told(
    needs: Iterable[Need], loaded: Loaded, moved: Mapping[str, Sequence[Known]] = MappingProxyType({})
) -> Refused:
    """One problem for each need, at its place; of an origin that is refused, its credentials are not told again.

    Args:
        moved: what was applied, by the provider entry that would look for it elsewhere now.
    """
    missing = tuple(needs)
    origins = {(need.provider, need.what) for need in missing if need.kind == "origin"}
    credentials: dict[tuple[str | None, str], list[str]] = {}
    for need in missing:
        if need.kind == "credential":
            credentials.setdefault((need.provider, need.origin), []).append(need.what)
    places = loaded.places()
    problems = []
    for need in missing:
        if need.kind == "credential" and (need.provider, need.origin) in origins:
            continue
        refs = credentials.get((need.provider, need.what), [])
        applied = moved.get(need.provider or "", ())
        hint = f"{_renamed(loaded, need, applied)}the trust file would have to say: {_line(need, refs)}"
        summary, at = _summary(need, refs, applied), places.at(need.source)
        problems.append(Problem("untrusted", summary, hint, need.provider, need.name, at, code=_CODES[need.kind]))
    return Refused(missing, tuple(sorted(problems, key=lambda problem: problem.at or ("", 0, 0))))


def _renamed(loaded: Loaded, need: Need, applied: Sequence[Known]) -> str:
    """The way out where nothing moved but a name."""
    if not applied or need.kind not in ("origin", "credential"):
        return ""
    config, before = loaded.providers[need.provider or ""], applied[0].address
    return only_renamed(before, Address(config.name, config.vendor.capabilities.type, config.base_url, before.scope))


def _summary(need: Need, refs: Sequence[str], applied: Sequence[Known]) -> str:
    accounts = ", ".join(sorted({each.account for each in applied}))
    was = f"; what the lock has of it was applied at {accounts}" if applied else ""
    match need.kind:
        case "origin":
            sent = f" with {', '.join(refs)}" if refs else ""
            return f"{need.about} leads to {need.what}{sent}, which nobody trusts{was}"
        case "credential":
            return f"{need.about} is {need.what}, and nobody trusts {need.origin} with that{was}"
        case "command":
            return f"{need.about} runs a command that nobody trusts: {need.what}"
        case "manifest":
            other = (
                "proves who we are in another way than when it was applied" if applied else "is not trusted as it is"
            )
            return f"the manifest {need.origin} of {need.about} {other}"
        case "file":
            return f"{need.about} is the file {need.what}, which leads out of the configuration's folder"


def _line(need: Need, refs: Sequence[str]) -> str:
    """What the trust file would have to say, as YAML on one line."""
    match need.kind:
        case "origin":
            return f"origins: [{{origin: {_text(need.what)}, credentials: [{', '.join(map(_text, refs))}]}}]"
        case "credential":
            return f"origins: [{{origin: {_text(need.origin)}, credentials: [{_text(need.what)}]}}]"
        case "file":
            return f"roots: [{_text(folder_of(need.what))}]"
        case _:
            return f"{need.kind}s: [{_text(need.what)}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def folder_of(path: str) -> str:
    """The folder that a file really is in, as a root is to be written."""
    return os.path.dirname(os.path.realpath(path))
