"""The files in which a runner takes what a step has to say: values for later steps, and the step's page.

Used by `cli.context` and `cli.reports`. The runner names them by variables; elsewhere there are none.
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


def hand_over(outputs: Mapping[str, str], page: str) -> list[str]:
    """Hand values to later steps, and put text on the step's page, below what is there. It stops no work.

    Returns lines for stderr: the values where no runner takes them, and what went wrong.
    """
    said = []
    try:
        if page and not _put_page(page):
            said.append("Warning: the page of this step is full, so nothing was added to it.")
        if _put_outputs(outputs):
            return said
    except OSError as error:
        said.append(f"Warning: the runner's file {error.filename} was not written: {error.strerror}")
    return [*said, *(f"{name}={value}" for name, value in outputs.items())]


def _put_outputs(outputs: Mapping[str, str]) -> bool:
    file = os.environ.get(OUTPUT)
    if file and outputs:
        _append(file, "".join(f"{name}={' '.join(value.splitlines())}\n" for name, value in outputs.items()))
    return bool(file)


def _put_page(page: str) -> bool:
    file = os.environ.get(PAGE)
    if not file:
        return True
    there = os.path.getsize(file) if os.path.exists(file) else 0
    if there + len(page.encode("utf-8", "backslashreplace")) + 1 > LARGEST:
        return False
    _append(file, f"{page}\n")
    return True


def _append(file: str, text: str) -> None:
    with open(file, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as opened:
        opened.write(text)
