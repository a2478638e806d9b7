"""Whether this environment is what `make test-lowest` promises: each release is the lowest that is allowed.

`python -m tests.packaging.ends FILE` compares a resolved list (`NAME==VERSION` a line) with what is installed, prints
what our own requirements got, and ends with 1 where something else is there: such a run would prove nothing.
"""

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def main(resolved: str) -> int:
    """Compare, tell, and return the exit code."""
    lines = Path(resolved).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line.strip()]
    wanted = {
        pin.name: str(pin.specifier).removeprefix("==") for pin in pins if not pin.marker or pin.marker.evaluate()
    }
    direct = {Requirement(text).name for text in _direct()}
    other = [f"{name} {version(name)}, not {want}" for name, want in wanted.items() if version(name) != want]
    print("Python", sys.version.split()[0], *(f"{name} {wanted[name]}" for name in sorted(direct & wanted.keys())))
    for each in other:
        print(f"not the lowest: {each}", file=sys.stderr)
    return 1 if other else 0


def _direct() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [each.lower() for each in (*project["dependencies"], *extras["aws"], *extras["jwt"], *extras["keyring"])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
