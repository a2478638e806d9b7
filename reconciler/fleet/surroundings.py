"""Which variables a tenant's process gets: what the machine needs, its own, and nothing of another tenant's. [pure]

Used by `fleet.sweep`. Where variables say that somebody else's change is checked, they reach every tenant, and nothing
of a tenant's own can hide them: strict stays strict.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from reconciler.codes import Code
from reconciler.errors import ConfigError
from reconciler.fleet.types import Tenant
from reconciler.trust.level import REQUESTS

FINGERPRINT_KEY = "WHSYNC_FINGERPRINT_KEY"
"""The only one of whsync's own variables that belongs to a tenant."""

_MACHINE = frozenset(
    "PATH HOME USER LOGNAME SHELL TZ LANG LANGUAGE TMPDIR TEMP TMP SYSTEMROOT COMSPEC PATHEXT USERPROFILE APPDATA "
    "LOCALAPPDATA SSL_CERT_FILE SSL_CERT_DIR HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY XDG_STATE_HOME XDG_CONFIG_HOME "
    "XDG_CACHE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS".split()
)
_REVIEW = frozenset({"GITHUB_EVENT_NAME", "GITHUB_REF", "BUILD_REASON", *REQUESTS})
"""What says that a change is checked: see `trust.level`."""
_PIPELINE = frozenset(
    "CI GITLAB_CI GITLAB_USER_LOGIN CI_COMMIT_SHA CI_PIPELINE_URL TF_BUILD BUILD_SOURCEVERSION BUILD_BUILDID "
    "SYSTEM_COLLECTIONURI SYSTEM_TEAMPROJECT".split()
)
"""Who runs this, for the lock's `by`. What makes a process write masks for a runner's log, which hold secrets, is not
among them: nobody there would read them."""
_KEPT = _MACHINE | _REVIEW | _PIPELINE
_PER_RUN = frozenset(
    {"WHSYNC_CONFIG", "WHSYNC_LOCK", "WHSYNC_VAR", "WHSYNC_VAR_FILE", "WHSYNC_RECORD", FINGERPRINT_KEY}
)
"""Of ours, what means one configuration and so no tenant's."""
_GUARDED = re.compile(r"GITHUB_ACTIONS|PYTHON.*|LD_.*|DYLD_.*|(?!WHSYNC_FINGERPRINT_KEY$)WHSYNC_.*", re.DOTALL)


def machine_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What every tenant's process gets of our own environment: paths, proxies, certificates, the run's options."""
    return {name: value for name, value in environment.items() if _is_shared(name)}


def own_of(
    tenant: Tenant, environment: Mapping[str, str], prefixes: Collection[str], granted: Collection[str] | None
) -> dict[str, str]:
    """What a tenant gets of our own environment by its prefix and by name.

    Args:
        prefixes: of all tenants; a variable that begins with several belongs to the longest alone.
        granted: where the fleet file is not believed, the variables that may be handed on under another name.

    Raises:
        ConfigError: one would replace what the machine or whsync itself lives on.
    """
    prefix, found = (
        tenant.environment.prefix,
        {name: environment[name] for name in tenant.environment.inherit if name in environment},
    )
    for name, value in environment.items() if prefix else ():
        longest = max((each for each in prefixes if name.startswith(each)), key=len, default="")
        if longest == prefix and name != prefix and (granted is None or name in granted):
            found[name.removeprefix(prefix)] = value
    refuse_guarded(tenant, found)
    return found


def refuse_guarded(tenant: Tenant, names: Iterable[str], where: str = "its environment") -> None:
    """Stop where a tenant's own variables would change how its process is run or believed.

    Raises:
        ConfigError: one would.
    """
    wrong = sorted(name for name in names if _GUARDED.fullmatch(name.upper()) or name.upper() in _KEPT)
    if wrong:
        summary = f"{tenant.name}: {where} may not set {', '.join(wrong)}"
        hint = "a tenant's variables are its own credentials and values; take another prefix, or leave that line out"
        raise ConfigError(summary, hint, code=Code.WRONG_NAME)


def _is_shared(name: str) -> bool:
    upper = name.upper()
    ours = upper.startswith("WHSYNC_") and upper not in _PER_RUN
    return ours or upper.startswith("LC_") or upper in _KEPT
