"""Every fuzz target stands its own seeds and a few hundred changes of them, so that it is known to work."""

import random

import pytest

from tests.fuzz.__main__ import mutated
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_only_documented_errors(name: str) -> None:
    """Foreign bytes are read or refused in words that tell no secret, whatever they are."""
    target, chance = TARGETS[name], random.Random(name)
    assert target.seeds
    for seed in target.seeds:
        target(seed)
        for _ in range(20):
            target(mutated(seed, chance))


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_read(name: str) -> None:
    """The first seed gets to the end of what reads it, so that changes begin from something whole."""
    TARGETS[name].read(TARGETS[name].seeds[0])
