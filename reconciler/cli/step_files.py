"""The files in which a GitHub runner takes what a step has to say: values for later steps, and the step's page.

Used by `cli.context`. The runner names them by variables; elsewhere there are none.
"""

import os
from collections.abc import Mapping
from pathlib import Path

OUTPUT = "GITHUB_OUTPUT"
PAGE = "GITHUB_STEP_SUMMARY"
LARGEST = 1024 * 1024
"""A page of more bytes is thrown away whole by the runner, also what was there before."""


def is_page(path: Path) -> bool:
    """Whether a path is the step's page, which then needs no second copy of what is written there."""
    page = os.environ.get(PAGE)
    return bool(page) and os.path.realpath(path) == os.path.realpath(str(page))


def put_outputs(outputs: Mapping[str, str]) -> bool:
    """Hand values to later steps; false where no runner takes them.

    Raises:
        OSError: the runner's file cannot be written.
    """
    file = os.environ.get(OUTPUT)
    if not file:
        return False
    if outputs:
        _append(file, "".join(f"{name}={' '.join(value.splitlines())}\n" for name, value in outputs.items()))
    return True


def put_page(page: str) -> bool:
    """Put text on the step's page, below what is there; false where it would be too much for the runner.

    Raises:
        OSError: the runner's file cannot be written.
    """
    file = os.environ.get(PAGE)
    if not file or not page:
        return True
    there = os.path.getsize(file) if os.path.exists(file) else 0
    if there + len(page.encode("utf-8", "backslashreplace")) + 1 > LARGEST:
        return False
    _append(file, f"{page}\n")
    return True


def _append(file: str, text: str) -> None:
    with open(file, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as opened:
        opened.write(text)
