"""A run dies before it has noted the mask of an issued secret, and somebody sets another one before the next."""

from pathlib import Path

import pytest

from tests.world.faults import Faults
from tests.world.others import somebody
from tests.world.story import Story


@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("moment", range(6, 20))
def test_it_is_not_called_the_same(tmp_path: Path, moment: int, masks: bool) -> None:
    """The mask that is seen then may be the other one's: it is no proof, and is not noted as ours."""
    story = Story(tmp_path, told=lambda _: None)
    story.open(["cryptofuse"])
    story.vendors["cryptofuse"].masks = masks
    story.add("cryptofuse", 1, None, None, 0)
    story.apply(faults=Faults(crash=moment))
    somebody(story, "cryptofuse", "rotates", 0)
    story.heal()  # which holds every promise
