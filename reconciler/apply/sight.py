"""What a place shows when it is read back after writes, as each change asks it. [pure]

Made by `apply.verify`; asked by `apply.proof`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from reconciler.model.webhook import Observation, Remote


class Sight(NamedTuple):
    """One place as read back.

    Args:
        found: what was seen, by remote id.
        seen: what the read proves beside that.
        why: why it was not read, where it was not.
    """

    found: Mapping[str, Remote]
    seen: Observation
    why: str = ""

    def lacks(self, remote_id: str) -> bool:
        """Whether it is proven that no webhook of this id is there.

        The vendor has just let these credentials write here, so where it says that it has none, it is believed.
        """
        seen = self.seen
        return remote_id not in self.found and (seen.complete or remote_id in seen.absent or remote_id in seen.missing)


def sight_of(seen: Observation, why: str = "") -> Sight:
    """What a read that worked, or failed, shows."""
    return Sight({remote.remote_id: remote for remote in seen.remotes}, seen, why)
