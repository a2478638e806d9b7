"""`make bench`: measures, prints a table, and ends with 1 where a limit is broken."""

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import material, pages, secrets
from benchmarks.measure import WHSYNC, Cost, cheapest, run
from reconciler.sandbox import Sandbox

MANIFESTS = 4
FEW, MANY, MORE = 2_000, 10_000, 100_000
ROUNDS = 15
CHECKOUT = Path(__file__).parents[1]
_CLICK = "import click"
HTTP_CLIENTS = ("httpx", "httpcore", "requests", "urllib3", "aiohttp")
_TELL = """\
import sys
from reconciler.cli.main import main
assert main(["validate"]) == 0
print(sum(name in sys.modules for name in {names}))
"""


class Figure(NamedTuple):
    """One line of the table; without a limit it is only told."""

    what: str
    value: float
    unit: str = ""
    limit: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it keeps to its limit."""
        return self.limit is None or self.value <= self.limit


def main() -> int:
    """Measure everything; the exit code says whether all limits hold."""
    figures: list[Figure] = []
    for measured in (_start, _planning, _reading, _offline, _expanding, _inside, _reports, _secrets, _applying):
        with tempfile.TemporaryDirectory(prefix="whsync-bench-") as folder:
            figures += measured(Path(folder))
    print(_machine(), end="\n\n")
    print(_table(figures))
    return 0 if all(figure.holds for figure in figures) else 1


def _start(folder: Path) -> Iterator[Figure]:
    """How fast the command starts, against the one package that it cannot do without."""
    commands = {"version": (*WHSYNC, "version"), "click": (sys.executable, "-c", _CLICK)}
    costs = cheapest(commands, folder, ROUNDS)
    yield Figure("`whsync version`", costs["version"].cpu * 1000, "ms")
    yield Figure("`python -c 'import click'`", costs["click"].cpu * 1000, "ms")
    yield Figure("- the one against the other", costs["version"].cpu / costs["click"].cpu, "times", 1.5)
    material.write_config(folder, 1)
    yield Figure("`whsync validate`, 1 webhook", cheapest({"": (*WHSYNC, "validate")}, folder, 5)[""].cpu * 1000, "ms")
    tell = _TELL.format(names=HTTP_CLIENTS)
    said = run((sys.executable, "-c", tell), folder).said
    yield Figure("- HTTP clients that it imports", int(said.split()[-1]), "", 0)


def _planning(folder: Path) -> Iterator[Figure]:
    """How fast a plan of one webhook starts, and that manifests that no file names cost it nothing."""
    few, all_of_them = folder / "few", folder / "all"
    for copy in (few, all_of_them):
        shutil.copytree(CHECKOUT / "reconciler", copy / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(CHECKOUT / "whsync_start.py", copy)
    for number, manifest in enumerate(sorted((few / "reconciler/providers/builtin").glob("*.yaml"))):
        if number >= MANIFESTS and manifest.stem != "github":
            manifest.unlink()
    with Sandbox(["github"]) as box:
        material.write_config(folder, 1, box["github"].url)
        token = {"GITHUB_TOKEN": box["github"].credentials["token"]}
        commands = dict.fromkeys(("few", "all"), (*WHSYNC, "plan")) | {"click": (sys.executable, "-c", _CLICK)}
        surroundings = {name: token | {"PYTHONPATH": str(folder / name)} for name in commands}
        costs = cheapest(commands, folder, ROUNDS, surroundings)
    yield Figure("`whsync plan`, 1 webhook", costs["all"].cpu * 1000, "ms")
    yield Figure("- against `import click`", costs["all"].cpu / costs["click"].cpu, "times", 10)
    yield Figure(f"- against one that has {MANIFESTS} manifests", costs["all"].cpu / costs["few"].cpu, "times", 1.1)


def _reading(folder: Path) -> Iterator[Figure]:
    """What reading costs, each against what it cannot do without."""
    cost = json.loads(run((sys.executable, "-m", "benchmarks.reading"), folder, {"PYTHONPATH": str(CHECKOUT)}).said)
    yield Figure("a plain path of a manifest, against JMESPath's search", cost["path"], "times", 0.4)
    yield Figure("answers to webhooks, against parsing their JSON", cost["webhooks"], "times", 12)
    yield Figure("hiding in fields, 1,000 secrets known against 1", cost["secrets"], "times", 1.3)
    yield Figure("a request on loopback, against one of `http.client`", cost["request"], "times", 5)


def _offline(folder: Path) -> Iterator[Figure]:
    """A plan without network: reading files and lock, comparing, rendering. A tenth of the webhooks differs."""
    few = _plan_offline(folder, MANY)
    (folder / "webhooks.lock.json").unlink()
    new = _cheapest_plan(folder, 5)
    many = _plan_offline(folder, MORE)
    yield Figure(f"`plan --offline`, {MANY:,} webhooks", few.cpu, "s CPU", 2.0)
    yield Figure("- its memory at the peak", few.peak, "MB", 200)
    yield Figure(f"`plan --offline`, {MANY:,} webhooks, no lock", new.cpu, "s CPU", 2.0)
    yield Figure("- its memory at the peak", new.peak, "MB", 200)
    yield Figure(f"`plan --offline`, {MORE:,} webhooks", many.cpu, "s CPU")
    yield Figure("- its memory at the peak", many.peak, "MB")
    yield Figure("- against 10,000", many.cpu / few.cpu, "times", 13.0)


def _plan_offline(folder: Path, count: int) -> Cost:
    material.write_config(folder, count)
    _in_child(folder, "material.write_lock(Path())")
    return _cheapest_plan(folder, 5 if count == MANY else 2)


def _cheapest_plan(folder: Path, times: int) -> Cost:
    return cheapest({"": (*WHSYNC, "plan", "--offline")}, folder, times)[""]


def _in_child(folder: Path, statement: str) -> None:
    """Prepare in another process: a child's peak memory begins with what its parent holds."""
    code = f"from pathlib import Path; from benchmarks import material; {statement}"
    run((sys.executable, "-c", code), folder, {"PYTHONPATH": str(CHECKOUT)})


def _expanding(folder: Path) -> Iterator[Figure]:
    """Webhooks from rows against the same ones written out."""
    command = (sys.executable, "-m", "benchmarks.expanding", str(MORE))
    cost: dict[str, float] = json.loads(run(command, folder, {"PYTHONPATH": str(CHECKOUT)}).said)
    yield Figure(f"the files of {MORE:,} webhooks from rows", cost["rows"], "s CPU")
    yield Figure("- against as many that are written out", cost["rows"] / cost["plain"], "times", 1.5)


def _inside(folder: Path) -> Iterator[Figure]:
    """The pure middle and the renderers by themselves."""
    material.write_config(folder, MANY)
    command = (sys.executable, "-m", "benchmarks.inside")
    runs = [json.loads(run(command, folder, {"PYTHONPATH": str(CHECKOUT)}).said) for _ in range(3)]
    best = {key: min(each[key] for each in runs) for key in runs[0]}
    yield Figure(f"match, compare and plan, {MANY:,} webhooks", best["middle"], "s CPU")
    yield Figure(f"a plan of {MANY:,} webhooks that are all new as text", best["text"], "s CPU", 0.5)
    yield Figure("that plan as JSON", best["json"], "s CPU", 0.5)


def _reports(folder: Path) -> Iterator[Figure]:
    """Every format of one plan, and the largest page in a browser, where there is one."""
    found: dict[str, float] = json.loads(
        run((sys.executable, "-m", "benchmarks.pages"), folder, {"PYTHONPATH": str(CHECKOUT)}).said
    )
    seen = {name: found.pop(name, None) for name in ("html", "megabytes", "paint", "search")}
    for form, cost in found.items():
        yield Figure(f"a plan of {pages.SOME:,} webhooks as {form}", cost, "s CPU", 1.0)
    yield Figure(f"a plan of {pages.MANY:,} webhooks as html", seen["html"] or 0, "s CPU", 2.0)
    yield Figure("- its size", seen["megabytes"] or 0, "MB", 8)
    if seen["paint"] is not None and seen["search"] is not None:
        yield Figure("- its first paint in Chromium", seen["paint"], "ms", 1500)
        yield Figure("- the slowest answer of its search", seen["search"], "ms", 100)


def _secrets(folder: Path) -> Iterator[Figure]:
    """Plans of many secrets, without a fingerprint key: against plans of few, and against the least that they need."""
    command = (sys.executable, "-m", "benchmarks.secrets")
    took: dict[str, float] = json.loads(run(command, folder, {"PYTHONPATH": str(CHECKOUT)}).said)
    one_by_one = secrets.OWN * took["slow step"]
    yield Figure(f"`plan` of {secrets.OWN:,} webhooks with a secret of its own each", took["own"], "s", 2.0)
    yield Figure("- against one secret that all share", took["own"] / took["shared"], "times", 1.3)
    yield Figure("- against the slow steps of all, one after the other", took["own"] / one_by_one, "times", 1 / 25)
    yield Figure("- the first on another machine", took["first"], "s")
    yield Figure("- that against the slow steps, one after the other", took["first"] / one_by_one, "times", 0.9)
    least = took["at hand"] + took["bare commands"]
    yield Figure(f"`plan` of {secrets.COMMANDS} webhooks with a command of 50 ms each", took["commands"], "s")
    yield Figure("- against the same with variables and the bare commands", took["commands"] / least, "times", 1.3)


def _applying(folder: Path) -> Iterator[Figure]:
    """What an apply of many creates does to its disk, against a simulated vendor in the same process."""
    few, cost = (_apply(folder / str(count), count) for count in (FEW, MANY))
    yield Figure(f"`apply` of {MANY:,} creates, the simulated vendor included", cost["cpu"], "s CPU")
    yield Figure(f"- against {FEW:,}", cost["cpu"] / few["cpu"], "times", 6.5)
    yield Figure("- synced writes a create, the lock's own few included", cost["syncs"] / MANY, "", 1.01)
    yield Figure("- how often it writes the lock", cost["locks"], "times", 1)


def _apply(folder: Path, count: int) -> dict[str, float]:
    folder.mkdir()
    command = (sys.executable, "-m", "benchmarks.applying", str(count))
    cost: dict[str, float] = json.loads(run(command, folder, {"PYTHONPATH": str(CHECKOUT)}).said)
    return cost


def _table(figures: list[Figure]) -> str:
    rows = [("what", "measured", "limit", ""), *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    ruler = tuple("-" * width for width in widths)
    lines = [rows[0], ruler, *rows[1:]]
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def _row(figure: Figure) -> tuple[str, str, str, str]:
    digits = 0 if figure.unit in ("ms", "MB") or figure.value == round(figure.value) else 2
    measured = f"{figure.value:.{digits}f} {figure.unit}".rstrip()
    if figure.limit is None:
        return figure.what, measured, "", ""
    return figure.what, measured, f"{figure.limit:g}", "holds" if figure.holds else "BROKEN"


def _machine() -> str:
    """The machine in a line, as far as it says what it is."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
