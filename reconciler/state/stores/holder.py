"""Who works on a lock: this process, as others see it who find the lock held.

Used by `cli.session` and `cli.state`.
"""

import getpass
import os
import socket

from reconciler.state.stores.base import Holder


def this_process(since: str, command: str) -> Holder:
    """This process as others will see it; `since` is UTC, ISO 8601."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        user = f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return Holder(user, socket.gethostname(), os.getpid(), since, command)
