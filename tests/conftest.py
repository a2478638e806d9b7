"""What every test shares: how hypothesis searches, and what the tests of worlds and processes have played.

Locally each run explores anew; the `ci` profile repeats itself.
"""

import os
import signal
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings

from reconciler.trust.level import REQUESTS
from tests.tally import PLAYED, told

settings.register_profile("whsync", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "whsync"))

ALL: Counter[str] = Counter()
for name in ("GITHUB_EVENT_NAME", *REQUESTS, "BUILD_REASON", "WHSYNC_TRUST"):
    os.environ.pop(name, None)  # a pull request that is checked here is ours, and none of theirs


def pytest_configure() -> None:
    """Signals that the tests were told to ignore (`nohup`, `&`) do nothing, but programs that they start hear them."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands over what it has played."""
    getattr(session.config, "workeroutput", {})["played"] = dict(PLAYED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The process that began the tests takes it."""
    ALL.update(getattr(node, "workeroutput", {}).get("played", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line at the end."""
    if line := told(ALL + PLAYED):
        terminalreporter.write_line(f"Played: {line}.")
