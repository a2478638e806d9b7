"""What a target means: names, blocks, patterns and provider entries."""

import pytest

from reconciler.errors import UsageError
from reconciler.support.targets import is_single, select

KNOWN = [
    ("ledger", "coinbase"),
    ("ci[prod,api]", "github"),
    ("ci[prod,web]", "github"),
    ("ci[dev,api]", "gitea"),
    ("pay", "stripe"),
    ("pay-out", "stripe"),
    ("odd[*]", "stripe"),
    ("odd[x]", "stripe"),
]
CI = {"ci[prod,api]", "ci[prod,web]", "ci[dev,api]"}

ROWS = [
    ("ledger", {"ledger"}),
    ("ci", CI),
    ("ci[prod,api]", {"ci[prod,api]"}),
    ("ci[prod,*]", {"ci[prod,api]", "ci[prod,web]"}),
    ("ci[*,api]", {"ci[prod,api]", "ci[dev,api]"}),
    ("ci[*]", CI),
    ("c?", CI),
    ("pay", {"pay"}),
    ("pay*", {"pay", "pay-out"}),
    ("*", {name for name, _ in KNOWN}),
    ("odd[*]", {"odd[*]"}),
    ("provider:github", {"ci[prod,api]", "ci[prod,web]"}),
    ("provider:git*", CI),
]


@pytest.mark.parametrize(("target", "meant"), ROWS, ids=[target for target, _ in ROWS])
def test_what_a_target_means(target: str, meant: set[str]) -> None:
    """A name means itself, a block all that it made, a pattern what fits, an entry of `providers:` what it reaches."""
    assert select(KNOWN, [target]) == meant


@pytest.mark.parametrize(
    ("target", "near"),
    [("leger", "ledger"), ("provider:githup", "provider:github"), ("ci[stage,*]", ""), ("[prod]", ""), ("pay.", "pay")],
)
def test_a_target_that_means_nothing_is_an_error(target: str, near: str) -> None:
    """Whatever is misspelt stops the command; one that means something beside it changes nothing."""
    with pytest.raises(UsageError) as error:
        select(KNOWN, ["ledger", target])
    assert target in error.value.summary
    assert near in error.value.hint


def test_targets_add_up_and_none_means_all() -> None:
    """Several targets mean all that one of them means; no target at all means everything."""
    assert select(KNOWN, ["ledger", "pay*"]) == {"ledger", "pay", "pay-out"}
    assert select(KNOWN, None) == {name for name, _ in KNOWN}
    assert select([], None) == frozenset()


def test_only_its_own_name_is_one_webhook() -> None:
    """A block of one webhook may have more of them tomorrow."""
    assert is_single("ci[dev,api]", KNOWN)
    assert not is_single("ci", KNOWN)
    assert not is_single("ledger*", KNOWN)
