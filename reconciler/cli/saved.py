"""The file of a saved plan. Used by `cli.plan`, which writes it, and by `cli.show` and `cli.apply`, which read it.

Cheap to import, since `show` needs no vendor.
"""

from reconciler.cli import outputs
from reconciler.codes import Code
from reconciler.errors import StateError
from reconciler.planning.planfile import plan_from_json
from reconciler.planning.types import Plan
from reconciler.render.json import plan_json
from reconciler.support import intake


def save_plan(path: str, plan: Plan) -> None:
    """Write the plan to `path`: see `cli.outputs`."""
    outputs.write(path, plan_json(plan), private=True)


def read_plan(path: str) -> Plan:
    """The saved plan at `path`.

    Raises:
        StateError: there is no such file, or it holds no plan.
    """
    try:
        return plan_from_json(intake.read(path, intake.MADE).decode(), path)
    except FileNotFoundError:
        raise StateError(
            f"there is no plan {path}", "make one with `whsync plan --out FILE`", code=Code.PLAN_UNREADABLE
        ) from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise StateError(
            f"{path} is not a plan of whsync", "name a file that `whsync plan --out` wrote", code=Code.PLAN_UNREADABLE
        ) from None
