"""How many calls are in flight, and what is said of it."""

import pytest

from tests.cli.world import World, hook


@pytest.mark.parametrize(
    ("limits", "flags", "told"),
    [
        ({"reads": 1}, (), "limited by github.limits.reads = 1"),
        ({"reads": 4}, ("--parallelism", "1"), "limited by parallelism = 1"),
        ({"reads": 4}, (), ""),
    ],
)
def test_many_reads_say_what_they_waited_for(world: World, limits: dict, flags: tuple[str, ...], told: str) -> None:
    """The first line of a plan names the one setting that would make it quicker, where there were many reads."""
    repositories = {f"ci{n}": hook(scope={"repo": f"r{n}"}) for n in range(12)}
    world.write(repositories, providers={"github": {"limits": limits}})
    first = world(*flags, "plan").stdout.splitlines()[0]
    assert ("limited by" in first) == bool(told)
    assert told in first
