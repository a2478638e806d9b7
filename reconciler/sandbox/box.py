"""The sandbox as a whole: chosen vendors, started together on loopback ports, stopped together.

Used through `sandbox`, which offers it to the tests, to `whsync sandbox` and to `whsync demo`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from . import faults as _faults
from .coinbase_payments import CoinbasePayments
from .cryptofuse import Cryptofuse
from .cryptopocket import Cryptopocket
from .github import GitHub
from .server import VendorServer
from .vendor import SimulatedVendor

VENDORS: dict[str, type[SimulatedVendor]] = {
    kind.NAME: kind for kind in (GitHub, CoinbasePayments, Cryptofuse, Cryptopocket)
}


def parse_faults(spec: str) -> dict[str, tuple[_faults.Fault, ...]]:
    """Read `--faults`, for example `github:drop-after:POST:2,cryptofuse:429`; the grammar heads `faults`.

    Returns the faults of each vendor named, in order. Raises ValueError with what would be right.
    """
    found: dict[str, tuple[_faults.Fault, ...]] = {}
    for item in filter(str.strip, spec.split(",")):
        vendor, fault = _faults.parse_item(item, VENDORS)
        found[vendor] = (*found.get(vendor, ()), fault)
    return found


class Sandbox:
    """Simulated vendors on loopback, one port each; a context manager, and a mapping from name to `SimulatedVendor`.

    Args:
        vendors: names to start; all when left out.
        latency: seconds that every request waits first.
        settings: switches of each vendor, `{"coinbase-payments": {"list": True}}`; each class documents its own.
        faults: what `parse_faults` returned, or its text.
        port: the first vendor's port, the others follow; 0 lets the system choose.

    Raises ValueError for unknown vendors, switches or faults, OSError when a port is taken.
    """

    def __init__(
        self,
        vendors: Iterable[str] | None = None,
        *,
        latency: float = 0.0,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        faults: Mapping[str, Iterable[_faults.Fault]] | str = "",
        port: int = 0,
    ) -> None:
        names = list(VENDORS if vendors is None else vendors)
        for name in [*names, *(settings or {})]:
            if name not in VENDORS:
                hint = _faults.did_you_mean(name, VENDORS)
                raise ValueError(f"no simulated vendor {name!r}{hint}; there are: {', '.join(VENDORS)}")
        planned = parse_faults(faults) if isinstance(faults, str) else faults
        for name in [*(settings or {}), *planned]:
            if name not in names:
                raise ValueError(f"settings or faults for {name!r}, which is not started")
        self._vendors = {name: VENDORS[name]((settings or {}).get(name), latency=latency) for name in names}
        for name, waiting in planned.items():
            for fault in waiting:
                self._vendors[name].faults.add(fault)
        self._port = port
        self._servers: list[VendorServer] = []

    def __getitem__(self, name: str) -> Any:
        return self._vendors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._vendors)

    def __len__(self) -> int:
        return len(self._vendors)

    def start(self) -> "Sandbox":
        """Open every port and serve; all or none."""
        try:
            for offset, vendor in enumerate(self._vendors.values()):
                server = VendorServer(vendor, self._port + offset if self._port else 0)
                server.start()
                self._servers.append(server)
        except OSError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close every port and connection at once; a second call does nothing."""
        while self._servers:
            self._servers.pop().stop()

    def wait(self) -> None:
        """Block until the user presses Ctrl-C; for `whsync sandbox`."""
        with suppress(KeyboardInterrupt):
            while self._servers:
                next(iter(self._vendors.values())).stopping.wait(3600)

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop; raises RuntimeError when a vendor's simulation itself had crashed, so that it never goes unseen."""
        self.stop()
        crashes = [crash for vendor in self._vendors.values() for crash in vendor.crashes]
        if crashes and error is None:
            raise RuntimeError("the sandbox itself crashed:\n" + "\n".join(crashes))
