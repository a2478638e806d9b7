"""One account as a command line names it, without any file -> the same `Loaded` that files give. Called by `cli`.

So whoever works with it has the checks, the credentials and the trust of every other run.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reconciler.config.fault import FileFault, validated
from reconciler.config.loaded import Loaded
from reconciler.config.provider import ChosenVendor, WrittenProvider, provider_config, settings_of
from reconciler.config.schema import ProviderBlock
from reconciler.errors import UsageError
from reconciler.model.webhook import Source
from reconciler.planning.policy import Policy
from reconciler.providers.vendor import Vendors
from reconciler.secrets import registry
from reconciler.state.address import LockAddress

NOWHERE = "the command line"


class OneAccount(NamedTuple):
    """What a command line says of an account.

    Args:
        type: the manifest, by its name or its file's path.
        base_url: where the API is.
        auth: references to credentials, by their names; empty for the usual variables.
        scope: the place within the account.
        settings: the manifest's switches.
    """

    type: str
    base_url: str
    auth: Mapping[str, str] = {}
    scope: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}


def load_one(
    asked: OneAccount, name: str, environment: Mapping[str, str], vendors: Vendors, lock: LockAddress
) -> Loaded:
    """The account as the only provider entry of a configuration, called `name`, that has no webhooks.

    Args:
        asked: what the command line says.
        name: how the entry is called.
        environment: tells which of the vendor's usual variables are set.
        vendors: where the manifest is found.
        lock: where a lock would be; nobody reads or writes it.

    Raises:
        UsageError: something of it does not fit the manifest; every fault is told.
        ConfigError: there is no such manifest, or it is wrong.
    """
    tree: dict[str, Any] = {key: value for key, value in asked._asdict().items() if value}
    source = Source(NOWHERE, ("providers", name))
    block, faults = validated(ProviderBlock, tree, source, registry)
    if block is None:
        raise _wrong(faults)
    entry = WrittenProvider(name, block, source, faults)
    config, faults = provider_config(entry, _chosen(entry, vendors), environment)
    if faults:
        raise _wrong(faults)
    return Loaded(
        files={NOWHERE: json.dumps({"providers": {name: tree}}).encode()},
        digest="",
        folder=Path(),
        lock=lock,
        usual_lock=lock,
        lock_in=None,
        providers={name: config},
        templates=(),
        desired=(),
        policy=Policy(),
    )


def _chosen(entry: WrittenProvider, vendors: Vendors) -> ChosenVendor:
    """The vendor; its settings are typed as the manifest has them."""
    vendor, origin = vendors.vendor(entry.type, {}, "."), vendors.origin(entry.type, {}, ".")
    origin = origin._replace(base_url=vendor.base_url, variables=vendor.variables)
    settings, faults = settings_of(entry, vendor)
    if settings and not faults:
        vendor = vendors.vendor(entry.type, settings, ".")
    return ChosenVendor(vendor, settings, origin, faults)


def _wrong(faults: tuple[FileFault, ...]) -> UsageError:
    """Every fault in one sentence: a command line has no places that could be named."""
    told = [fault.summary.replace("{value}", fault.value or "") for fault in faults]
    hints = [fault.hint for fault in faults if fault.hint]
    return UsageError("; ".join(dict.fromkeys(told)), "; ".join(dict.fromkeys(hints)), code=faults[0].code)
