"""`whsync providers show TYPE --events`: the vendor itself tells which events an account may have.

Called by `cli.providers`.
"""

import os
from collections.abc import Iterable

from reconciler.cli import session
from reconciler.cli.context import Context
from reconciler.cli.trial_options import pairs
from reconciler.codes import Code
from reconciler.config.one_account import OneAccount, load_one
from reconciler.errors import UsageError
from reconciler.model.webhook import scope_of
from reconciler.providers.event_list import ListsEvents
from reconciler.providers.registry import Registry
from reconciler.state.address import DEFAULT_LOCK, FILE, LockAddress

_ENTRY = "show"


def asked_events(
    whsync: Context, type: str, url: str | None, scope: Iterable[str], auth: Iterable[str]
) -> tuple[str, ...]:
    """The names that the vendor lists, sorted; it is only read.

    Args:
        whsync: the global options.
        type: the manifest's name or its file's path.
        url: where the API is, where not at the manifest's own base URL.
        scope, auth: `KEY=VALUE` and `NAME=REF`, as typed.

    Raises:
        UsageError: this vendor has no such list, or needs a place, an address or credentials.
        VendorError: the list cannot be had.
    """
    vendor, place = Registry().vendor(type, {}, "."), pairs("--scope", scope)
    lists = vendor.capabilities.events
    if not lists.lists:
        hint = f"whsync providers show {type} tells those that its manifest knows"
        raise UsageError(f"{vendor.title} has no call that lists events", hint, code=Code.WRONG_USAGE)
    if not any(set(names) == place.keys() for names in vendor.capabilities.scope):
        ways = " or ".join(
            ", ".join(f"--scope {name}=…" for name in names) or "no --scope" for names in vendor.capabilities.scope
        )
        raise UsageError(f"{vendor.title} tells its events for a place", f"give {ways}", code=Code.WRONG_SCOPE)
    if url is None and vendor.base_url is None:
        raise UsageError(f"{vendor.title} has no usual address", "give --url URL", code=Code.WRONG_USAGE)
    account = OneAccount(type, url or vendor.base_url or "", pairs("--auth", auth), place)
    loaded = load_one(account, _ENTRY, os.environ, Registry(), LockAddress(FILE, DEFAULT_LOCK))
    with session.running(whsync, loaded) as runtime:
        provider = runtime.provider(_ENTRY)
        assert isinstance(provider, ListsEvents), f"{type} says that it can list its events"
        return tuple(sorted(map(runtime.redactor.hide, runtime.drive(_ENTRY, provider.event_names(scope_of(place))))))
