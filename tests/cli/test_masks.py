"""Under GitHub Actions the runner is told to mask every secret, before anything could print it."""

import pytest

from reconciler.model.secret import Secret
from reconciler.secrets.ci_masking import commands
from tests.cli.world import CI_SECRET, World, hook, ledger, wallet

ACTIONS = {"GITHUB_ACTIONS": "true"}


def masks(stderr: str) -> list[str]:
    """The values that the runner was told to mask."""
    lines = [line for line in stderr.splitlines() if line.startswith("::add-mask::")]
    return [line.removeprefix("::add-mask::").replace("%25", "%") for line in lines]


def test_every_secret_of_a_run_is_announced(world: World) -> None:
    """References, credentials, fetched tokens and issued secrets are announced on stderr once; stdout is clean."""
    world.write({"ci": hook(), "ledger": ledger(), "wallet": wallet()}, drop=("cryptopocket",))
    result = world.apply("--format", "json", env=ACTIONS)
    assert result.exit == 0, result
    told = masks(result.stderr)
    issued = [world.box["coinbase-payments"].webhooks()[0]["secret"], world.box["cryptofuse"].webhooks()[0]["secret"]]
    ours = [value for name, value in world.environment.items() if not name.startswith("POCKET")]
    assert {*ours, *issued} <= set(told)
    assert len(told) == len(set(told)) > len({*ours, *issued})  # the fetched token is among them
    assert "::add-mask::" not in result.stdout


def test_the_announcement_comes_first(world: World) -> None:
    """No line stands before the mask of a secret that comes from a reference: no trace, no name of a file."""
    world.write({"ci": hook()})
    world.applied()
    result = world("plan", "-vv", "--lock", "other.lock.json", env=ACTIONS)
    assert "Warning: there is no lock" in result.stderr
    lines = result.stderr.splitlines()
    first = min(number for number, line in enumerate(lines) if not line.startswith("::add-mask::"))
    assert f"::add-mask::{CI_SECRET}" in lines[:first]


@pytest.mark.parametrize("value", [None, "", "false", "1", "TRUE", "true "])
def test_elsewhere_nothing_is_announced(world: World, value: str | None) -> None:
    """Only GITHUB_ACTIONS=true, exactly, opens this channel: anywhere else it would show the secret."""
    world.write({"ci": hook()})
    result = world.apply("-vv", env={} if value is None else {"GITHUB_ACTIONS": value})
    assert "add-mask" not in result.stdout + result.stderr
    assert CI_SECRET not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("hunter2", ["hunter2"]),
        ("a", []),
        ("short", []),
        ("100% sure%0A", ["100%25 sure%250A"]),
        ("hunter2\n", ["hunter2"]),
        ("-----BEGIN-----\r\nMIIEvQIB\n\n}\n", ["-----BEGIN-----", "MIIEvQIB"]),
        ("\n \n", []),
    ],
)
def test_workflow_commands_are_escaped(value: str, lines: list[str]) -> None:
    """A percent sign is escaped, a secret of several lines gets one command for each, and a lone brace none."""
    assert commands(Secret(value)).splitlines() == [f"::add-mask::{line}" for line in lines]


def test_what_is_too_short_is_not_masked_and_said_so(world: World) -> None:
    """The mask of a digit would blank the whole log; that there is none is said once, without the secret."""
    world.environment["CI_SECRET"] = world.environment["GITHUB_TOKEN"] = "7"
    world.write({"ci": hook()})
    result = world("plan", env=ACTIONS)
    assert "7" not in masks(result.stderr)
    assert result.stderr.count("is not masked in this log") == 1
    assert "not masked" not in world("plan").stderr
