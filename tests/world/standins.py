"""Where a real run has threads, a registry of files and a clock, a simulated one has these. Used by `world`."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.registry import builtin, builtin_names, read_manifest
from reconciler.providers.vendor import Origin, Switch, Vendor

MANIFESTS = Path(__file__).parent / "manifests"


class Serial:
    """An executor that does the work at once, in order, so that a run is the same every time."""

    def __init__(self, *args: Any, **how: Any) -> None:
        pass

    def __enter__(self) -> "Serial":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        """As an executor would, an error included."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args))
        except BaseException as error:  # noqa: BLE001 - executors keep whatever it is
            done.set_exception(error)
        return done


class Never:
    """A timer that does not go off."""

    def __init__(self, *args: Any) -> None:
        pass

    def start(self) -> None:
        """Do not begin."""

    def cancel(self) -> None:
        """There is nothing to end."""


class Manifests:
    """The registry, with the test manifests by name; compiled once for all tests."""

    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*builtin_names(), *sorted(path.stem for path in MANIFESTS.glob("*.yaml")))

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        """See `registry.Registry`."""
        return _compiled(type)

    def origin(self, type: str, settings: Mapping[str, Switch], folder: str) -> Origin:
        """See `registry.Registry`."""
        return Origin(type.encode())


@cache
def _compiled(type: str) -> Vendor:
    return CompiledVendor(builtin(type) if type in builtin_names() else read_manifest(MANIFESTS / f"{type}.yaml"))


@dataclass
class Clock:
    """The true time, which the vendors have and which only goes forward, and how far this machine's clock is off.

    It stands where the code under test has `datetime`.
    """

    true: float = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
    off: float = 0.0

    def seconds(self) -> float:
        """The true time, in seconds since 1970."""
        return self.true

    def pass_by(self, seconds: float) -> None:
        """Time goes by."""
        self.true += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets this machine's clock."""
        self.off += seconds

    def now(self, zone: tzinfo) -> datetime:
        """What this machine takes for the present."""
        return datetime.fromtimestamp(self.true + self.off, zone)
