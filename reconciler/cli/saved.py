"""The plan file that `show` and `apply` are given. Cheap to import: `show` needs no vendor."""

from pathlib import Path

from reconciler.errors import StateError
from reconciler.planning.planfile import plan_from_json
from reconciler.planning.types import Plan


def read_plan(path: str) -> Plan:
    """The saved plan at `path`.

    Raises:
        StateError: there is none, or it is not one.
    """
    try:
        return plan_from_json(Path(path).read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise StateError(f"there is no plan {path}", "make one with `whsync plan --out FILE`") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise StateError(f"{path} is not a plan of whsync", "name a file that `whsync plan --out` wrote") from None
