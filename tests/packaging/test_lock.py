"""What `make demo` and `make test` install is written down to the last byte, and fits `pyproject.toml`."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hatchling.build
import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = ({"sys_platform": "linux"}, {"sys_platform": "darwin"}, {"sys_platform": "win32"})
ENVIRONMENTS = [
    {**system, "python_version": python, "python_full_version": f"{python}.1"}
    for python in PYTHONS
    for system in SYSTEMS
]
"""What the markers of our requirements ask about."""


class Entry(NamedTuple):
    """One release that a lock names."""

    requirement: Requirement
    hashes: tuple[str, ...]


def _text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def _entries(lock: str) -> Iterator[Entry]:
    """The lines of a lock, each with the lines that it goes on with."""
    lines = (line for line in _text(lock).replace("\\\n", " ").splitlines() if not line.startswith("#"))
    for line in lines:
        requirement, *hashes = line.split(" --hash=")
        yield Entry(Requirement(requirement.strip()), tuple(each.strip() for each in hashes))


def _holds(marker: Marker | None, environment: dict[str, str]) -> bool:
    return marker is None or marker.evaluate({"extra": "", **environment})


def _pins(lock: str, environment: dict[str, str]) -> dict[NormalizedName, str]:
    """The exact version of each package that one Python on one system gets."""
    pins: dict[NormalizedName, str] = {}
    for entry in _entries(lock):
        if _holds(entry.requirement.marker, environment):
            (exact,) = entry.requirement.specifier
            assert exact.operator == "=="
            assert canonicalize_name(entry.requirement.name) not in pins
            pins[canonicalize_name(entry.requirement.name)] = exact.version
    return pins


def _fits(requirement: Requirement, pins: dict[NormalizedName, str]) -> bool:
    """Whether the pinned version, if there is one, is allowed."""
    version = pins.get(canonicalize_name(requirement.name))
    return version is not None and requirement.specifier.contains(version, prereleases=True)


PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["checkout"]]
WANTED = {
    "requirements.lock": RUNTIME,
    "requirements-dev.lock": [*RUNTIME, *(each for name, extra in EXTRAS.items() if name != "fuzz" for each in extra)],
}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_to_a_version_that_it_allows(lock: str) -> None:
    """A dependency that is added or raised in `pyproject.toml` reaches the locks (`make lock`), for every Python."""
    wanted = [Requirement(text) for text in WANTED[lock]]
    for environment in ENVIRONMENTS:
        pins = _pins(lock, environment)
        needed = [each for each in wanted if each.name != "whsync" and _holds(each.marker, environment)]
        missing = [str(each) for each in needed if not _fits(each, pins)]
        assert missing == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_release_is_known_by_its_bytes(lock: str) -> None:
    """A file that was replaced under the same version is not installed."""
    entries = list(_entries(lock))
    assert entries
    wrong = [
        str(entry.requirement)
        for entry in entries
        if not entry.hashes or not all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in entry.hashes)
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_says_where_packages_come_from(lock: str) -> None:
    """Whoever has a mirror uses it: a lock holds no address, no option of an index and no path."""
    assert re.findall(r"^\s*-(?!-hash=sha256:).*|.*(?:://|\s@\s).*", _text(lock), re.MULTILINE) == []


def test_the_demo_runs_with_what_was_tested() -> None:
    """The short lock names the very releases that the long one names, and nothing else."""
    assert {*map(str, _entries("requirements.lock"))} <= {*map(str, _entries("requirements-dev.lock"))}


def test_a_checkout_is_built_with_what_the_locks_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip asks no index for the build backend: all that an editable install needs is in the short lock already."""
    monkeypatch.chdir(ROOT)
    needed = [*PROJECT["build-system"]["requires"], *hatchling.build.get_requires_for_build_editable()]
    pins = _pins("requirements.lock", ENVIRONMENTS[0])
    assert [text for text in needed if not _fits(Requirement(text), pins)] == []


@pytest.mark.parametrize(
    "environment", ENVIRONMENTS, ids=lambda each: f"{each['python_version']}-{each['sys_platform']}"
)
def test_the_lowest_releases_are_those_that_stand_in_the_project(environment: dict[str, str]) -> None:
    """Of what the project names itself, CI tries the very releases at the lower ends, on each Python."""
    pins = _pins("requirements-lowest.lock", environment)
    bounds: dict[NormalizedName, Version] = {}
    for each in map(
        Requirement, (*PROJECT["project"]["dependencies"], *EXTRAS["aws"], *EXTRAS["jwt"], *EXTRAS["keyring"])
    ):
        if _holds(each.marker, environment):
            (bound,) = (Version(clause.version) for clause in each.specifier if clause.operator == ">=")
            name = canonicalize_name(each.name)
            bounds[name] = max(bound, bounds.get(name, bound))
    assert {name: Version(pins[name]) for name in bounds} == bounds
