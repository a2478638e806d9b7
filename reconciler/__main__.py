"""`python -m reconciler`: the same as the command `whsync`.

Started so, Python looks for every module in the current folder first, where a repository may have a `click.py`. Nothing
is imported from there but what Python itself asks for before this file is run; `python -P` keeps it from that, too.
"""

import os
import sys
from contextlib import suppress


def _leave_the_current_folder() -> None:
    with suppress(OSError):  # the folder is gone, so nothing is found there
        if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:
            del sys.path[0]


if __name__ == "__main__":
    _leave_the_current_folder()
    try:
        from whsync_start import run
    except ModuleNotFoundError:  # a checkout that was not installed
        from reconciler.cli.main import run
    run()
