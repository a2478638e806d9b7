"""How far the files are believed: by what the command line says, and what the environment says of this run. [pure]

Used by `trust.grants` and `cli.context`. The environment is never the files' part, so that these cannot switch it.
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
    """What the environment calls the pull or merge request that is checked; None where it tells of none.

    Sources: GitHub's "Variables reference" (GITHUB_EVENT_NAME), GitLab's "Predefined CI/CD variables" (the first is
    there in merge request pipelines only, the second in those for pull requests of another host), Bitbucket's
    "Variables and secrets" and Azure's "Use predefined variables" (both only where a pull request is built).
    """
    if environment.get("GITHUB_EVENT_NAME") in ("pull_request", "pull_request_target"):
        return f"GitHub's event {environment['GITHUB_EVENT_NAME']}"
    for variable, what in REQUESTS.items():
        if environment.get(variable):
            return f"{what} {environment[variable]}"
    if environment.get("BUILD_REASON") == "PullRequest":
        return "Azure's build reason PullRequest"
    return None


REQUESTS = {
    "CI_MERGE_REQUEST_IID": "GitLab's merge request",
    "CI_EXTERNAL_PULL_REQUEST_IID": "GitLab's external pull request",
    "BITBUCKET_PR_ID": "Bitbucket's pull request",
    "SYSTEM_PULLREQUEST_PULLREQUESTID": "Azure's pull request",
}


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
