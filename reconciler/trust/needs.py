"""What a configuration needs to be trusted with: origins, credentials, commands, files, manifests.

Used by `trust.guard`, which refuses what nobody granted, and by `trust.file`, which writes all of it down for review.
Nothing is resolved here and no file of a reference is opened.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from reconciler.config.fault import below
from reconciler.config.loaded import Loaded
from reconciler.config.provider import ProviderConfig
from reconciler.config.taken import file_of
from reconciler.model.further import called, specs_of
from reconciler.model.secret import SecretRef, SecretSpec
from reconciler.model.template import templates_in
from reconciler.model.webhook import Desired, Source
from reconciler.providers.registry import is_path
from reconciler.secrets import registry
from reconciler.secrets.scheme import SchemeKind
from reconciler.state.stores import origin as place_of_lock


class _Who(NamedTuple):
    """What asks: an entry under `providers:`, and the webhook where it is one."""

    provider: str
    name: str | None = None


class Need(NamedTuple):
    """One thing that the files ask for.

    Args:
        kind: what it is; a `credential` is a reference that goes to `origin`.
        what: as the trust file says it: an origin, a reference, a digest, a command's text, a path.
        source: where the files ask for it.
        origin: where a credential goes.
        about: what asks for it, in words.
        usual: whsync knows by itself that this is as it should be.
    """

    kind: Literal["origin", "credential", "command", "manifest", "file"]
    what: str
    source: Source
    about: str
    origin: str = ""
    provider: str | None = None
    name: str | None = None
    usual: bool = False


def origin_of(url: str) -> str:
    """The scheme, host and port of an address, in one spelling: `https://api.example.com`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def digest_of(content: bytes) -> str:
    """What a trust file says of a manifest: the digest of its bytes, as `sha256sum` gives it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_own(config: ProviderConfig) -> bool:
    """Whether the provider's manifest is the user's own file; one of an installed package is that package's."""
    return is_path(config.type)


def needs_of(loaded: Loaded) -> Iterator[Need]:
    """Everything that the files ask for, once for each provider; not variables, which `config.load` asks for itself."""
    seen: set[tuple[str, str, str, str | None]] = set()
    for need in _every(loaded):
        key = (need.kind, need.what, need.origin, need.provider)
        if key not in seen:
            seen.add(key)
            yield need


def _every(loaded: Loaded) -> Iterator[Need]:
    if loaded.lock_in is not None and (place := place_of_lock(loaded.usual_lock)) is not None:
        yield Need("origin", place, Source(loaded.lock_in, ("lock",)), "the lock")
    for reference, source in loaded.lists:
        scheme, _, target = reference.partition(":")
        if scheme == "cmd":
            yield Need("command", target, source, "a list")
        elif scheme == "file" and (path := file_of(SecretRef(scheme, target), loaded.folder)) is not None:
            yield Need("file", str(path), source, "a list")
    for config in loaded.providers.values():
        yield from _of_provider(config, loaded.folder)
    for webhook in (*loaded.desired, *loaded.stand_ins):
        yield from _of_hidden(webhook, loaded.folder)
        for which, spec in specs_of(webhook).items():
            at = below(webhook.source, *(("secrets", which) if which else ("secret",)))
            yield from _of_secret(f"{called(which)} of `{webhook.name}`", webhook, spec, at, loaded.folder)


def _of_secret(about: str, webhook: Desired, spec: SecretSpec, at: Source, folder: Path) -> Iterator[Need]:
    origin, who = origin_of(webhook.account), _Who(webhook.provider, webhook.name)
    if spec.source is not None:
        yield Need("credential", str(spec.source), at, f"the {about}", origin, *who)
        yield from _of_reference(spec.source, at, f"the {about}", folder, who)
    if spec.sink is not None:
        about = f"the place for the {about}"
        if _is_managed(spec.sink):  # a plan looks there, with what this machine has for that manager
            yield Need("credential", str(spec.sink), at, about, origin, *who)
        yield from _of_reference(spec.sink, at, about, folder, who)


def _of_hidden(webhook: Desired, folder: Path) -> Iterator[Need]:
    """References in its URL and its options: what is behind them goes to the vendor, as a secret does."""
    for pointer in webhook.hidden:
        key = pointer.split("/")[1]
        at, about = below(webhook.source, key), f"a hidden value in the {key} of `{webhook.name}`"
        who = _Who(webhook.provider, webhook.name)
        for ref in (ref for each in templates_in(webhook.fields[pointer]) for ref in each.references):
            yield Need("credential", str(ref), at, about, origin_of(webhook.account), *who)
            yield from _of_reference(ref, at, about, folder, who)


def _of_provider(config: ProviderConfig, folder: Path) -> Iterator[Need]:
    """An origin is usual where a manifest of ours has it, whatever the settings, and so are its variables there."""
    about, who = f"`{config.name}`", _Who(config.name)
    origin, default = origin_of(config.base_url), config.origin.base_url
    own = is_own(config)
    usual = not own and default is not None and origin_of(default) == origin
    if own:
        yield Need("manifest", digest_of(config.origin.content), below(config.source, "type"), about, config.type, *who)
    yield Need("origin", origin, below(config.source, "base_url"), about, "", *who, usual)
    for name, ref in config.auth.items():
        at, mine = below(config.source, "auth", name), f"`{name}` of `{config.name}`"
        known = usual and ref == SecretRef("env", config.origin.variables.get(name, ""))
        yield Need("credential", str(ref), at, mine, origin, *who, known)
        yield from _of_reference(ref, at, mine, folder, who)


def _of_reference(ref: SecretRef, at: Source, about: str, folder: Path, who: _Who) -> Iterator[Need]:
    """The command that a reference runs, and the file that it means."""
    scheme = registry.find(ref.scheme)
    if scheme is not None and scheme.kind is SchemeKind.COMMAND:
        yield Need("command", ref.target, at, about, "", *who)
    if (path := file_of(ref, folder)) is not None:
        yield Need("file", str(path), at, about, "", *who)


def _is_managed(ref: SecretRef) -> bool:
    scheme = registry.find(ref.scheme)
    return scheme is not None and scheme.kind is SchemeKind.MANAGER
