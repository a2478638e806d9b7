"""One entry under `providers:` -> a ProviderConfig, held against its vendor. [pure]

Called by `config.load`, which also finds the vendor: the registry reads files. No credential is read, only whether its
variable says something.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.addresses import account_of, base_url_fault, scope_faults
from reconciler.config.fault import Faulty, FileFault, below, did_you_mean, validated
from reconciler.config.forms import typed
from reconciler.config.interpolate import Interpolation
from reconciler.config.policies import PolicyBlock
from reconciler.config.schema import ProviderBlock
from reconciler.config.written import Written
from reconciler.model.secret import SecretRef
from reconciler.model.webhook import Scope, Source, scope_of
from reconciler.providers.vendor import CallLimits, Origin, Setting, Switch, Vendor
from reconciler.secrets.scheme import Grammar


class ProviderConfig(NamedTuple):
    """One entry under `providers:`. `base_url` has a lower-case host and no trailing slash; its path prefix is kept."""

    name: str
    type: str
    base_url: str
    auth: Mapping[str, SecretRef]
    scope: Scope
    settings: Mapping[str, Switch]
    limits: CallLimits
    vendor: Vendor
    source: Source
    origin: Origin = Origin()
    account: str | None = None
    policy: PolicyBlock | None = None


class WrittenProvider(NamedTuple):
    """What an entry says, apart from its manifest. `faults` tells what was wrong with it and left out."""

    name: str
    block: ProviderBlock
    source: Source
    faults: tuple[FileFault, ...] = ()

    @property
    def type(self) -> str:
        """The name or the path of its manifest."""
        return self.block.type or self.name


class ChosenVendor(NamedTuple):
    """The vendor that an entry means: compiled for `settings`, unless `faults` tells what is wrong with them."""

    vendor: Vendor
    settings: Mapping[str, Switch]
    origin: Origin
    faults: tuple[FileFault, ...] = ()


def written_provider(written: Written, variables: Interpolation, grammar: Grammar) -> WrittenProvider:
    """The entry as far as it is well-formed.

    Raises:
        Faulty: nothing can be made of it.
    """
    tree, name, source = written.mapping(), written.name, written.source
    block, faults = validated(ProviderBlock, variables.fill_entry(tree, source, "auth"), source, grammar)
    named = tuple(fault._replace(provider=name) for fault in faults)
    if block is None:
        raise Faulty(*named)
    return WrittenProvider(name, block, source, named)


def provider_config(
    entry: WrittenProvider, chosen: ChosenVendor, environment: Mapping[str, str]
) -> tuple[ProviderConfig, tuple[FileFault, ...]]:
    """The entry, filled in, and what is wrong with it; what is wrong is left out, so that its webhooks can be checked.

    Args:
        environment: tells which of the vendor's usual variables are set.
    """
    block, vendor = entry.block, chosen.vendor
    base_url = block.base_url or vendor.base_url
    faults = (*entry.faults, *chosen.faults, *_faults(entry, vendor))
    provider = ProviderConfig(
        name=entry.name,
        type=entry.type,
        base_url="" if faults or base_url is None else account_of(base_url),
        auth=block.auth or usual_auth(vendor, environment),
        scope=scope_of(block.scope or {}),
        settings=chosen.settings,
        limits=vendor.limits._replace(**(block.limits.model_dump(exclude_none=True) if block.limits else {})),
        vendor=vendor,
        source=entry.source,
        origin=chosen.origin,
        account=block.account,
        policy=block.policy,
    )
    return provider, tuple(fault._replace(provider=entry.name) for fault in faults)


def settings_of(entry: WrittenProvider, vendor: Vendor) -> tuple[dict[str, Switch], tuple[FileFault, ...]]:
    """The entry's settings as the manifest has them, and what is wrong with them."""
    written = entry.block.settings or {}
    settings = {key: _declared(value, vendor.settings.get(key)) for key, value in written.items()}
    return settings, tuple(_setting_faults(settings, vendor, entry.source))


def _faults(entry: WrittenProvider, vendor: Vendor) -> Iterator[FileFault]:
    """What the vendor does not take; nothing about what was not well-formed and is left out."""
    block, source = entry.block, entry.source
    malformed = {step for fault in entry.faults for step in fault.source.path[2:3]}
    yield from _scope_faults(block.scope or {}, vendor, source)
    yield from _account_faults(block.account, vendor, below(source, "account"))
    if "auth" not in malformed:
        yield from _auth_faults(block.auth or {}, vendor, source)
    if "base_url" not in malformed:
        yield from _base_url_faults(block.base_url or vendor.base_url, vendor, source)


def _account_faults(account: str | None, vendor: Vendor, at: Source) -> Iterator[FileFault]:
    """An account that could not be held against anything would look like a protection."""
    if account is not None and vendor.capabilities.account == "untold":
        what = f"{vendor.title} does not tell whose credentials are used, as far as its manifest knows"
        yield FileFault(at, Code.ACCOUNT_UNKNOWN, what, "leave `account` out", key=True)
    elif account is not None and not account.strip():
        yield FileFault(at, Code.WRONG_VALUE, "`account` is empty", "write the account's id, or leave it out")


def _base_url_faults(base_url: str | None, vendor: Vendor, source: Source) -> Iterator[FileFault]:
    if base_url is None:
        yield FileFault(
            source,
            Code.MISSING_KEY,
            f"`base_url` is missing: {vendor.title} has no usual one",
            "add base_url: https://…",
        )
    elif what := base_url_fault(base_url):
        yield FileFault(
            below(source, "base_url"),
            Code.WRONG_BASE_URL,
            f"`base_url` {what}",
            "write it as https://HOST or https://HOST/PREFIX",
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
            yield FileFault(at, Code.UNKNOWN_SETTING, f"{vendor.title} has no setting `{key}`", hint, key=True)
        elif setting.choices and not any(
            value is each or (value == each and type(value) is type(each)) for each in setting.choices
        ):
            yield FileFault(
                at,
                Code.WRONG_SETTING,
                f"`{key}` cannot be {{value}}",
                did_you_mean(_shown(value), choices, f"write {' or '.join(choices)}"),
                value=_shown(value),
            )
        elif not setting.choices and type(value) is not type(setting.default):
            yield FileFault(
                at,
                Code.WRONG_SETTING,
                f"`{key}` cannot be {{value}}",
                f"the default is {_shown(setting.default)}",
                value=_shown(value),
            )


def _shown(value: Switch) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scope_faults(scope: Mapping[str, str], vendor: Vendor, source: Source) -> Iterator[FileFault]:
    known = {name for names in vendor.capabilities.scope for name in names}
    for key in scope.keys() - known:
        hint = did_you_mean(key, known, "" if known else "leave it out: there is one account and no scope")
        yield FileFault(
            below(source, "scope", key),
            Code.WRONG_SCOPE,
            f"{vendor.title} has no scope parameter `{key}`",
            hint,
            key=True,
        )
    for key, what, hint in scope_faults(scope, vendor.capabilities.neighbours):
        yield FileFault(below(source, "scope", key), Code.WRONG_SCOPE, what, hint, value=scope[key])


def _auth_faults(auth: Mapping[str, SecretRef], vendor: Vendor, source: Source) -> Iterator[FileFault]:
    ways = [scheme.needs for scheme in vendor.schemes]
    wanted = " or ".join(" + ".join(needs) for needs in ways)
    if not auth:
        if ways and not _usual_ways(vendor):
            yield FileFault(source, Code.CREDENTIALS_MISSING, "`auth` is missing", f"give {wanted}")
        return
    known = {name for needs in ways for name in needs}
    unknown = sorted(auth.keys() - known)
    for key in unknown:
        hint = did_you_mean(key, known, "" if known else "leave auth out")
        yield FileFault(
            below(source, "auth", key),
            Code.UNKNOWN_CREDENTIAL,
            f"{vendor.title} has no credential `{key}`",
            hint,
            key=True,
        )
    if not unknown and not any(auth.keys() >= set(needs) for needs in ways):
        what = f"`auth` is incomplete: it has only {', '.join(sorted(auth))}"
        yield FileFault(below(source, "auth"), Code.CREDENTIALS_MISSING, what, f"give {wanted}", key=True)


def _usual_ways(vendor: Vendor) -> list[tuple[str, ...]]:
    """The ways to authenticate of which each credential has a usual variable."""
    return [scheme.needs for scheme in vendor.schemes if set(scheme.needs) <= vendor.variables.keys()]


def usual_auth(vendor: Vendor, environment: Mapping[str, str]) -> dict[str, SecretRef]:
    """References to the manifest's usual variables: of the first way to authenticate that is set, else of the first."""
    ways = _usual_ways(vendor)
    set_now = (needs for needs in ways if all(environment.get(vendor.variables[name]) for name in needs))
    chosen = next(set_now, ways[0] if ways else ())
    return {name: SecretRef("env", vendor.variables[name]) for name in chosen}
