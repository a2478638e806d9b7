"""What is kept of each tenant, a file for each command, in a folder beside the fleet file.

Used by `cli.fleet_asked` and `fleet.sweep`.

Files are written whole or not at all, for their owner alone. They hold whsync's own documents, in which no secret is.
Another way to keep them needs `read_all`, `write` and `scratch`.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reconciler.errors import EXIT_ERROR
from reconciler.fleet.outcome import problem
from reconciler.fleet.standing import Kept
from reconciler.fleet.types import COMMANDS, RESULT_FORMAT, Command, Result, Tenant
from reconciler.support import atomic, intake

_KEYS = frozenset(Result._fields)


class Results:
    """The folder of results.

    Args:
        folder: its path; it is made when the first result is written.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def path(self, tenant: str, command: str) -> Path:
        """Where the result of a command for a tenant is kept."""
        return self.folder / f"{tenant}.{command}.json"

    def read_all(self, tenants: Iterable[Tenant]) -> Kept:
        """The last result of each command for each tenant; one that cannot be read is a failure that says so."""
        found = ((tenant.name, command, self._read(tenant.name, command)) for tenant in tenants for command in COMMANDS)
        return {(name, command): result for name, command, result in found if result is not None}

    def write(self, result: Result) -> None:
        """Keep a result in place of the last one.

        Raises:
            OSError: it cannot be written, and the last one is still there.
        """
        atomic.make_private_folders(self.folder)
        text = json.dumps({"format": RESULT_FORMAT, **result._asdict()}, indent=1, allow_nan=False)
        atomic.replace(self.path(result.tenant, result.command), text.encode() + b"\n")

    def scratch(self, tenant: str, what: str) -> Path:
        """A file of a run's own, which whoever asks for it removes; its folder is there.

        Raises:
            OSError: the folder cannot be made.
        """
        atomic.make_private_folders(self.folder)
        return self.folder / f".{tenant}.{what}.{os.getpid()}.json"

    def _read(self, tenant: str, command: Command) -> Result | None:
        path = self.path(tenant, command)
        try:
            data: Any = json.loads(intake.read(path, intake.MADE, ordinary=True))
            return _result(data, tenant, command)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            told = problem(f"{path.name} cannot be read as a result", "remove it, and run the command again")
            return Result(tenant, command, _written_at(path), 0.0, EXIT_ERROR, problems=(told,))


def _written_at(path: Path) -> str:
    """When a file was written (UTC, ISO 8601), as far as anybody can tell."""
    with suppress(OSError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "1970-01-01T00:00:00Z"


def _result(data: Any, tenant: str, command: Command) -> Result:
    """A result as it was kept.

    Raises:
        ValueError, KeyError, TypeError: it is none, or another tenant's.
    """
    if data["format"] != RESULT_FORMAT or (data["tenant"], data["command"]) != (tenant, command):
        raise ValueError("another's")
    kept = {key: value for key, value in data.items() if key in _KEYS}
    return Result(**{**kept, "problems": tuple(kept["problems"]), "repaired": tuple(kept["repaired"])})
