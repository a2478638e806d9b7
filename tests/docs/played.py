"""Pages that are played: their files are written and their commands run, in order. Used by `test_played`.

In such a page a YAML block that begins with `# NAME.yaml` is that file from there on, and a `diff` block changes files;
each line of an `sh` block and each `$ …` of a `console` block is a command, in one shell. What stands below a `$ …` is
what it says, word for word; `…` stands for any lines. The page's simulated vendor is one that the test has started.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.docs.blocks import ROOT, Block, blocks

SERVER = ("whsync sandbox", "python vendor.py")
PORT = "8765"
NAMED = re.compile(r"^# ([\w.-]+\.yaml)$")
_MARK = "@@ played"


class Step(NamedTuple):
    """A command of a page, and what the page says that it prints; nothing where the page shows nothing."""

    where: str
    command: str
    shown: tuple[str, ...] = ()


def steps(page: Path) -> list[Step]:
    """What a reader types, in order; a file that is to be written is a command that writes it."""
    return [
        step for block in blocks("yaml", "diff", "sh", "console") if block.document == page for step in _steps(block)
    ]


def _steps(block: Block) -> list[Step]:
    lines = block.text.splitlines()
    if block.language == "yaml":
        named = NAMED.match(lines[0])
        return [Step(str(block), f"cat > {named[1]} <<'@@'\n{block.text}@@")] if named else []
    if block.language == "diff":
        return [Step(str(block), f"git apply <<'@@'\n{block.text}@@")]
    if block.language == "sh":
        typed = [line for line in lines if not line.startswith((*SERVER, "#"))]
        return [Step(str(block), line) for line in typed]
    found: list[Step] = []
    for number, line in enumerate(lines, block.line + 1):
        if line.startswith("$ "):
            found.append(Step(f"{block.document.name}:{number}", line[2:]))
        else:
            found[-1] = found[-1]._replace(shown=(*found[-1].shown, line))
    return found


def play(asked: Sequence[Step], folder: Path, url: str, variables: Mapping[str, str]) -> list[tuple[int, list[str]]]:
    """Run all steps in one shell. Returns, for each, how it ended and the lines that it printed.

    Args:
        asked: the steps of a page.
        folder: an empty folder to run in.
        url: where the simulated vendor is, which the page has at `PORT`.
        variables: what the shell has beside its path.
    """
    programs = folder.parent / "programs"
    programs.mkdir()
    program = programs / "whsync"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = "\n".join(f"{step.command}\necho; echo '{_MARK}' $?" for step in asked)
    script = script.replace(f"http://127.0.0.1:{PORT}", url)
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    surroundings = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder.parent), **variables}
    done = subprocess.run(
        ["sh"], input=script, cwd=folder, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=110, check=False,
    )  # fmt: skip
    *parts, rest = re.split(rf"^{_MARK} (\d+)\n", done.stdout, flags=re.MULTILINE)
    assert rest == "", rest
    return [(int(code), said.splitlines()) for said, code in zip(parts[::2], parts[1::2], strict=True)]


def dateless(line: str) -> str:
    """A line's words, without the day on which it was said; how they are set apart is the terminal's matter."""
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", " ".join(line.split()))


def fits(shown: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the lines shown are the lines said, `…` standing for any."""
    if not shown:
        return not any(said)
    if shown[0] == "…":
        return any(fits(shown[1:], said[at:]) for at in range(len(said) + 1))
    return bool(said) and shown[0] == said[0] and fits(shown[1:], said[1:])
