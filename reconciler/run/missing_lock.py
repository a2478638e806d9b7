"""Whether a lock that should be there is not: then nothing counts as applied, and what exists may be made again.

Called by `run.survey`, `run.drift` and `cli.adopt`. A first apply has no lock either; what tells the two apart is who
speaks of one.
"""

from pathlib import Path

from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.errors import Problem
from reconciler.state.stores.base import Store
from reconciler.support.git_index import knows


def lock_missing(loaded: Loaded, store: Store) -> Problem | None:
    """Says that the lock is not there, and who says that it should be; None where it is, or where nobody does."""
    if store.is_there():
        return None
    file = loaded.lock.file
    if file is not None and knows(Path(file)):
        why, way = "git has it", f"`git checkout -- {file}` brings it back"
    elif loaded.lock_in is not None and loaded.lock == loaded.usual_lock:
        why, way = f"{loaded.lock_in} names it", "bring it back from where the last apply kept it, if there was one"
    else:
        return None
    summary = f"there is no lock {loaded.lock}, although {why}, so nothing counts as applied"
    return Problem("config", summary, way, code=Code.LOCK_MISSING)
