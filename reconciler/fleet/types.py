"""What a fleet is made of, and what is known of a tenant: values. [pure] Used by every module of the wing."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from reconciler.errors import Location

Command = Literal["plan", "drift", "apply"]
COMMANDS: tuple[Command, ...] = ("plan", "drift", "apply")
"""What is run for a tenant, and what results are of."""

RESULT_FORMAT = "whsync.fleet-result/1"

Problems = tuple[Mapping[str, Any], ...]
"""Problems as whsync's documents have them."""


class Environment(NamedTuple):
    """Where a tenant's variables come from: env-files by their whole paths, a prefix, names that tenants share."""

    files: tuple[str, ...] = ()
    prefix: str = ""
    inherit: tuple[str, ...] = ()


class Tenant(NamedTuple):
    """One tenant; every path is whole.

    Args:
        files: its configuration; the first one's folder is where it is run.
        lock: another lock than the files name.
        variables: of its configuration, in order; no secrets.
        schedule: how old what is known may become, in seconds; None: nobody said.
        repairs: `fleet drift --repair` puts back what was changed at the vendor.
        at: where the fleet file has it.
    """

    name: str
    files: tuple[str, ...]
    folder: str
    lock: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    var_files: tuple[str, ...] = ()
    environment: Environment = Environment()
    schedule: int | None = None
    repairs: bool = False
    at: Location | None = None


class Fleet(NamedTuple):
    """All tenants in their order, and the folder that keeps their results. `file` is as the user named it."""

    file: str
    tenants: tuple[Tenant, ...]
    results: str


class Result(NamedTuple):
    """What became of one command for one tenant.

    Args:
        at: when it began (UTC, ISO 8601).
        seconds: how long it took.
        exit_code: as whsync's own; 1 for a process that was killed.
        signal: the number of the signal that killed it.
        document: whsync's own JSON document (a plan, a drift report, an apply's plan with its events); None: there is
            none.
        problems: of the document, or what ended the command without one.
        repaired: names of webhooks that were put back.
    """

    tenant: str
    command: Command
    at: str
    seconds: float
    exit_code: int
    signal: int | None = None
    document: Mapping[str, Any] | None = None
    problems: Problems = ()
    repaired: tuple[str, ...] = ()
