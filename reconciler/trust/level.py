"""How far the files are believed: by what the command line says, and what the environment says of this run. [pure]

Used by `trust.grants` and `trust.file`. The environment is never the files' part, so that these cannot switch it.
"""

from collections.abc import Mapping
from enum import StrEnum

OPEN_WORD = "open"
"""What `--trust` or its variable says instead of a file: the files are our own, whatever the environment says."""


class Level(StrEnum):
    """How far the files are believed.

    OPEN: their author runs them; only what the lock records binds. STRICT: only what whsync itself and the trust file
    know. UNTRUSTED: nothing; no credential is used, no command runs, nothing is sent.
    """

    OPEN = "open"
    STRICT = "strict"
    UNTRUSTED = "untrusted"


def change_under_review(environment: Mapping[str, str]) -> str | None:
    """What says that a pull or merge request is checked, in words; None where nothing does.

    Sources: the pages on predefined variables that docs/pull-requests.md names.
    """
    event, reason = environment.get("GITHUB_EVENT_NAME"), environment.get("BUILD_REASON")
    if event is not None and event.startswith("pull_request"):  # reviews, too: the runner checks the same merge out
        return f"GITHUB_EVENT_NAME is {event}"
    if (merged := environment.get("GITHUB_REF", "")).startswith("refs/pull/"):
        return f"GITHUB_REF is {merged}"
    if reason == "PullRequest":
        return f"BUILD_REASON is {reason}"
    return next((f"{name} is {environment[name]}" for name in REQUESTS if environment.get(name)), None)


REQUESTS = (
    "CI_MERGE_REQUEST_IID",
    "CI_EXTERNAL_PULL_REQUEST_IID",
    "BITBUCKET_PR_ID",
    "SYSTEM_PULLREQUEST_PULLREQUESTID",
)
"""Variables that are there only where a request is checked."""


def level_of(asked: str | None, untrusted: bool, environment: Mapping[str, str]) -> Level:
    """The level of one run.

    Args:
        asked: what `--trust` or its variable says; an empty one says nothing.
        untrusted: the command line says that nothing is to be believed.
    """
    if untrusted:
        return Level.UNTRUSTED
    if asked:
        return Level.OPEN if asked == OPEN_WORD else Level.STRICT
    return Level.STRICT if change_under_review(environment) else Level.OPEN
