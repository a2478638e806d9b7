"""One entry under `providers:` -> a ProviderConfig, held against its vendor.

Called by `load`. The vendor comes from `Vendors`. No credential is read, only whether its variable exists.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from reconciler.config import ProviderConfig
from reconciler.config.fault import Faulty, FileFault, below, did_you_mean, validated
from reconciler.config.forms import NAME_HINT, is_name, typed
from reconciler.config.interpolate import Interpolation
from reconciler.config.schema import Provider
from reconciler.model.secret import SecretRef
from reconciler.model.webhook import Source, scope_of
from reconciler.providers.vendor import Setting, Switch, Vendor, Vendors
from reconciler.support.loopback import is_loopback

_PORTS = {"http": 80, "https": 443}


class Around(NamedTuple):
    """What a provider entry is looked at with."""

    variables: Interpolation
    environment: Mapping[str, str]
    vendors: Vendors


def provider_config(
    name: str, block: Provider, source: Source, around: Around, faults: list[FileFault]
) -> tuple[ProviderConfig, list[FileFault]]:
    """The entry, filled in, and what is wrong with it; what is wrong is left out, so that its webhooks can be checked.

    Args:
        block: the entry, as `provider_block` has read it.
        faults: what that found.

    Raises:
        ConfigError: there is no such manifest, or it is wrong.
    """
    faults = list(faults)
    type_name = block.type or name
    folder = os.path.dirname(source.file)  # a manifest of one's own stands beside the file that names it
    vendor = around.vendors.vendor(type_name, {}, folder)
    settings = {key: _declared(value, vendor.settings.get(key)) for key, value in (block.settings or {}).items()}
    wrong_settings = [*_setting_faults(settings, vendor, source)]
    if settings and not wrong_settings:
        vendor = around.vendors.vendor(type_name, settings, folder)
    base_url = block.base_url or vendor.base_url
    faults += wrong_settings
    faults += _scope_faults(block.scope or {}, vendor, source)
    faults += _auth_faults(block.auth or {}, vendor, source) if not _touches(faults, "auth") else ()
    faults += _base_url_faults(base_url, vendor, source) if not _touches(faults, "base_url") else ()
    limits = vendor.limits._replace(**(block.limits.model_dump(exclude_none=True) if block.limits else {}))
    provider = ProviderConfig(
        name=name,
        type=type_name,
        base_url="" if faults or base_url is None else account_of(base_url),
        auth=block.auth or usual_auth(vendor, around.environment),
        scope=scope_of(block.scope or {}),
        settings=settings,
        limits=limits,
        vendor=vendor,
        source=source,
        origin=around.vendors.origin(type_name, {}, folder),
    )
    return provider, [fault._replace(provider=name) for fault in faults]


def provider_block(name: str, tree: Any, source: Source, variables: Interpolation) -> tuple[Provider, list[FileFault]]:
    """What is written under a provider's name, apart from its manifest: what is wrong with it, and the rest.

    Raises:
        Faulty: nothing can be made of it.
    """
    if not is_name(name):
        raise Faulty(FileFault(source, f"{name[:40]!r} cannot be a name", NAME_HINT, key=True))
    if not isinstance(tree, dict):
        raise Faulty(
            *([] if tree is None else [FileFault(source, f"`{name}` must be a mapping", "indent its fields below it")])
        )
    block, faults = validated(Provider, variables.fill_entry(tree, source, "auth"), source)
    if block is None:
        raise Faulty(*(fault._replace(provider=name) for fault in faults))
    return block, [fault._replace(provider=name) for fault in faults]


def _touches(faults: list[FileFault], key: str) -> bool:
    return any(key in fault.source.path[2:3] for fault in faults)


def _base_url_faults(base_url: str | None, vendor: Vendor, source: Source) -> Iterator[FileFault]:
    if base_url is None:
        yield FileFault(source, f"`base_url` is missing: {vendor.title} has no usual one", "add base_url: https://…")
    elif what := base_url_fault(base_url):
        yield FileFault(
            below(source, "base_url"), f"`base_url` {what}", "write it as https://HOST or https://HOST/PREFIX"
        )


def _declared(value: Switch, setting: Setting | None) -> Switch:
    """A setting's value as the manifest has it, also where a variable gave it as text."""
    found = typed(value, "bool") if setting and isinstance(setting.default, bool) else value
    return found if isinstance(found, bool) else value


def _setting_faults(settings: Mapping[str, Switch], vendor: Vendor, source: Source) -> Iterator[FileFault]:
    for key, value in settings.items():
        setting, at = vendor.settings.get(key), below(source, "settings", key)
        choices = [_shown(choice) for choice in setting.choices] if setting else []
        if setting is None:
            hint = did_you_mean(key, vendor.settings, "" if vendor.settings else "leave it out")
            yield FileFault(at, f"{vendor.title} has no setting `{key}`", hint, key=True)
        elif setting.choices and not any(
            value is each or (value == each and type(value) is type(each)) for each in setting.choices
        ):
            yield FileFault(
                at,
                f"`{key}` cannot be {_shown(value)}",
                did_you_mean(_shown(value), choices, f"write {' or '.join(choices)}"),
            )
        elif not setting.choices and type(value) is not type(setting.default):
            yield FileFault(at, f"`{key}` cannot be {_shown(value)}", f"the default is {_shown(setting.default)}")


def _shown(value: Switch) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scope_faults(scope: Mapping[str, str], vendor: Vendor, source: Source) -> Iterator[FileFault]:
    known = {name for names in vendor.capabilities.scope for name in names}
    for key in scope.keys() - known:
        hint = did_you_mean(key, known, "" if known else "leave it out: there is one account and no scope")
        yield FileFault(below(source, "scope", key), f"{vendor.title} has no scope parameter `{key}`", hint, key=True)
    for key, value in scope.items():
        if what := scope_value_fault(value):
            yield FileFault(below(source, "scope", key), f"the scope's `{key}` {what}", "it becomes part of an address")


def scope_value_fault(value: str) -> str | None:
    """What is wrong with a scope parameter's value, or None."""
    return f"cannot be {value!r}" if value in ("", ".", "..") else None


def _auth_faults(auth: Mapping[str, SecretRef], vendor: Vendor, source: Source) -> Iterator[FileFault]:
    ways = [scheme.needs for scheme in vendor.schemes]
    known = {name for needs in ways for name in needs}
    unknown = auth.keys() - known
    for key in sorted(unknown):
        hint = did_you_mean(key, known, "" if known else "leave auth out")
        yield FileFault(below(source, "auth", key), f"{vendor.title} has no credential `{key}`", hint, key=True)
    wanted = " or ".join(" + ".join(needs) for needs in ways)
    if auth and not unknown and not any(auth.keys() >= set(needs) for needs in ways):
        yield FileFault(
            below(source, "auth"),
            f"`auth` is incomplete: it has only {', '.join(sorted(auth))}",
            f"give {wanted}",
            key=True,
        )
    if not auth and not any(set(needs) <= vendor.variables.keys() for needs in ways) and ways:
        yield FileFault(source, "`auth` is missing", f"give {wanted}")


def usual_auth(vendor: Vendor, environment: Mapping[str, str]) -> dict[str, SecretRef]:
    """References to the manifest's usual variables: of the first way to authenticate that is set, else of the first."""
    ways = [scheme.needs for scheme in vendor.schemes if set(scheme.needs) <= vendor.variables.keys()]
    set_now = (needs for needs in ways if all(environment.get(vendor.variables[name]) for name in needs))
    chosen = next(set_now, ways[0] if ways else ())
    return {name: SecretRef("env", vendor.variables[name]) for name in chosen}


def base_url_fault(url: str) -> str | None:
    """What is wrong with a base URL, or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in _PORTS or not host or any(character.isspace() or ord(character) < 32 for character in url):
        return "is not an absolute http(s) URL"
    if "@" in parts.netloc:
        return "must not hold credentials"
    if "?" in url or "#" in url:
        return "must not hold a query or a fragment"
    if any(unquote(segment) in (".", "..") for segment in parts.path.split("/")):
        return "must not hold `.` or `..` in its path"
    if parts.scheme == "http" and not is_loopback(host):
        return "must be https, since credentials are sent there"
    return None


def account_of(base_url: str) -> str:
    """One spelling for one account: lower-case host, no default port, no slash at the end; the path stays."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"
