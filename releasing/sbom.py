"""The bill of materials: what an installation of whsync consists of, as CycloneDX. Used by `releasing.files`.

It names the releases that requirements.lock pins, with their hashes, of the packages that whsync needs to run, on any
system. Extras are not in it, nor what builds the package.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[1]


def bill(version: str, surroundings: Mapping[str, str]) -> str:
    """The bill as JSON, checked against CycloneDX's own schema.

    Args:
        version: of whsync, which pyproject.toml leaves to the package.
        surroundings: the environment, with `SOURCE_DATE_EPOCH`, which is the bill's time.
    """
    with tempfile.TemporaryDirectory(prefix="releasing-") as scratch:
        needed, project = Path(scratch, "requirements.txt"), Path(scratch, "pyproject.toml")
        needed.write_text(pinned(), encoding="utf-8")
        text = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
        project.write_text(text.replace('dynamic = ["version"]', f'version = "{version}"'), encoding="utf-8")
        command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(needed), "--pyproject", str(project)]
        options = ["--sv", "1.6", "--of", "JSON", "--output-reproducible", "--validate"]
        done = subprocess.run([*command, *options], env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the bill of materials could not be made:\n{done.stderr}")
    return json.dumps(json.loads(done.stdout), indent=2, sort_keys=True) + "\n"


def pinned() -> str:
    """The part of requirements.lock that whsync needs to run."""
    names = set(_needed())
    entries = re.split(r"\n(?=[A-Za-z0-9])", (_ROOT / "requirements.lock").read_text(encoding="utf-8"))
    mine = [entry.rstrip() for entry in entries if canonicalize_name(re.split(r"[=\s;\[]", entry)[0]) in names]
    return "\n".join(mine) + "\n"


def _needed() -> Iterator[str]:
    """The names of all packages that whsync needs, and those that these need, for every system and Python."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting, seen = [Requirement(line) for line in project["dependencies"]], set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if name in seen:
            continue
        seen.add(name)
        yield name
        try:
            inner = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # only on another system, or another Python
            continue
        waiting += [each for each in map(Requirement, inner) if not (each.marker and "extra" in str(each.marker))]
