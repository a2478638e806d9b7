"""What plans of many secrets take: `python -m benchmarks.secrets` in an empty folder.

The vendor is simulated in this process, and every plan is a process of its own. Prints JSON: seconds by name. What is
set against each other is measured in one run. Run by `__main__` in a child.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks import material
from benchmarks.measure import WHSYNC, run
from reconciler.sandbox import Sandbox
from reconciler.wire.limit import USUAL

OWN, COMMANDS = 1_000, 100
TIMES = 3
COMMAND = "sleep 0.05; echo a-secret-of-its-own-{:05d}"
VARIABLES = {f"S{number}": f"a-secret-of-its-own-{number:05d}" for number in range(OWN)}


def figures(folder: Path, box: Sandbox) -> dict[str, float]:
    """Seconds, by what they are of."""
    vendor, found = box["github"], {}
    home = {"GITHUB_TOKEN": vendor.credentials["token"], "SHARED": "one-secret-for-all", **VARIABLES}

    def plans(name: str, count: int, secret: Callable[[int], str]) -> Callable[[Mapping[str, str]], float]:
        """Applied once, so that every plan after it is empty; gives what one takes."""
        place = folder / name
        place.mkdir()
        material.write_config(place, count, vendor.url, secret)
        variables = {**home, "XDG_STATE_HOME": str(folder / "home")}
        run((*WHSYNC, "apply", "--yes"), place, variables)
        return lambda more: run((*WHSYNC, "plan", "--detailed-exitcode"), place, {**variables, **more}).wall

    def best(plan: Callable[[Mapping[str, str]], float]) -> float:
        return min(plan({}) for _ in range(TIMES))

    own = plans("own", OWN, lambda number: f"env:S{number}")
    found["own"] = best(own)
    found["first"] = own({"XDG_STATE_HOME": str(folder / "another")})
    found["shared"] = best(plans("shared", OWN, lambda _: "env:SHARED"))
    found["at hand"] = best(plans("few", COMMANDS, lambda number: f"env:S{number}"))
    found["commands"] = best(plans("commands", COMMANDS, lambda number: "cmd:" + COMMAND.format(number)))
    found["bare commands"] = min(_bare() for _ in range(TIMES))
    found["slow step"] = min(_slow_step() for _ in range(TIMES))
    return found


def _bare() -> float:
    """The same commands, and nothing else, as many at once as whsync runs them."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(USUAL) as pool:
        list(pool.map(_asked, map(COMMAND.format, range(COMMANDS))))
    return time.perf_counter() - begun


def _asked(command: str) -> bytes:
    return subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE).stdout


def _slow_step() -> float:
    begun = time.perf_counter()
    hashlib.scrypt(b"secret", salt=b"salt", n=2**14, r=8, p=1, maxmem=2**26, dklen=32)
    return time.perf_counter() - begun


if __name__ == "__main__":
    with Sandbox(["github"], settings={"github": {"rate_limit": 100 * OWN}}) as made:
        json.dump(figures(Path.cwd(), made), sys.stdout)
