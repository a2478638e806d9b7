"""Who works on a lock: this process, as others see it who find the lock held.

Used by `cli.session` and `cli.locks`, and by `run.runtime` for whose run it is.
"""

import getpass
import os
import socket

from reconciler.state.stores.base import Holder


def this_process(since: str, command: str) -> Holder:
    """This process as others will see it; `since` is UTC, ISO 8601."""
    return Holder(this_user(), socket.gethostname(), os.getpid(), since, command)


def this_user() -> str:
    """The user's name; one in a container may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"
