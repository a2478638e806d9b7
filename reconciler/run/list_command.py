"""Runs the commands that lists of `for_each` come from. Handed to the configuration by `cli.context`."""

import os
from pathlib import Path

SECONDS = 30
"""So long one may take."""


def run_command(command: str, folder: Path, most: int) -> bytes:
    """What the command prints; it runs in `folder`, and is stopped once it has said more than `most` bytes.

    Raises:
        SecretError: it cannot be started, fails, or takes too long.
    """
    from reconciler.secrets.command import run

    return run(command, folder, timeout=SECONDS, limit=most, environment=os.environ)
