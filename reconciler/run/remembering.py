"""Whether, and where, this machine remembers which secrets it has compared. Called by `run.runtime`.

Not on a runner, which is mostly gone afterwards, or else works for others, too; not where the files are not our own,
and not within their reach.
"""

from collections.abc import Mapping
from pathlib import Path

from reconciler.secrets.remembered import Remembered
from reconciler.support.paths import is_in_checkout, state_folder
from reconciler.support.runners import listens

OPT_OUT = "WHSYNC_NO_MEMORY"


def remembered_by(environment: Mapping[str, str], folder: Path) -> Remembered | None:
    """What was compared before; None where nothing is remembered.

    Args:
        folder: of the configuration.
    """
    if environment.get(OPT_OUT, "").lower() not in ("", "0", "false", "no") or listens(environment):
        return None
    place = state_folder(environment) / "compared"
    return None if is_in_checkout(place, folder) else Remembered(place)
