"""Who changes a webhook: the run, and the person, machine, commit and pipeline behind it. [pure]

Also since when a webhook is managed, and what was undone. `run.runtime` makes a `Run` of the environment,
`apply.history` puts it into entries, and `state.history` writes them down.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from reconciler.model.secret import shown_url

OPT_OUT = "WHSYNC_NO_PROVENANCE"


class Run(NamedTuple):
    """One run, as far as known.

    Args:
        run: its own id.
        at: when it began (UTC, ISO 8601).
        user: who started it: a CI system's word for that, else the user of this machine.
        host: the machine.
        commit: what was checked out, where a CI system says so.
        url: of the pipeline, where a CI system says so.
    """

    run: str
    at: str
    user: str | None = None
    host: str | None = None
    commit: str | None = None
    url: str | None = None


class Since(NamedTuple):
    """How and when (UTC, ISO 8601) a webhook came to be managed: the vendor's object was created here, or adopted."""

    how: Literal["created", "adopted"]
    at: str


class Undone(NamedTuple):
    """One field, as shown: what somebody had made of it at the vendor, and what an apply has put in its place."""

    path: str
    before: object
    after: object


class Reverted(NamedTuple):
    """What an apply undid last of what somebody had changed at the vendor, and when (UTC, ISO 8601)."""

    at: str
    fields: tuple[Undone, ...]


class History(NamedTuple):
    """What the lock knows of a webhook's past, as far as anybody noted it; every moment is UTC, ISO 8601.

    Args:
        at: when it was applied last.
        by: the run that did.
        since: how it came to be managed.
        reverted: what was undone last.
        secret_at: when its secret was set last.
    """

    at: str | None = None
    by: Run | None = None
    since: Since | None = None
    reverted: Reverted | None = None
    secret_at: str | None = None


Environment = Mapping[str, str]


class _System(NamedTuple):
    """A CI system: the variable that tells it, and those that say who, what and where."""

    told_by: str
    users: tuple[str, ...]
    commit: str
    url: Callable[[Environment], str]


def _joined(*parts: str, of: str = "/") -> Callable[[Environment], str]:
    """A URL of variables (in capitals) and words; empty where a variable is not set."""

    def url(environment: Environment) -> str:
        words = [environment.get(part, "") if part.isupper() else part for part in parts]
        return of.join(word.strip("/") for word in words) if all(words) else ""

    return url


def _in_a_project(environment: Environment) -> str:
    """Where a number is a query's value, it is put behind the rest, which may hold what must be hidden."""
    place = _joined("SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "_build/results")(environment)
    return f"{place}?buildId={environment.get('BUILD_BUILDID', '')}" if place else ""


_SYSTEMS = (
    _System(
        "GITHUB_ACTIONS",
        ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"),
        "GITHUB_SHA",
        _joined("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "actions/runs", "GITHUB_RUN_ID"),
    ),
    _System("GITLAB_CI", ("GITLAB_USER_LOGIN",), "CI_COMMIT_SHA", _joined("CI_PIPELINE_URL")),
    _System("CIRCLECI", ("CIRCLE_USERNAME",), "CIRCLE_SHA1", _joined("CIRCLE_BUILD_URL")),
    _System("TF_BUILD", ("BUILD_REQUESTEDFOR",), "BUILD_SOURCEVERSION", _in_a_project),
    _System(
        "BITBUCKET_BUILD_NUMBER",
        ("BITBUCKET_STEP_TRIGGERER_UUID",),
        "BITBUCKET_COMMIT",
        _joined("BITBUCKET_GIT_HTTP_ORIGIN", "pipelines/results", "BITBUCKET_BUILD_NUMBER"),
    ),
    _System("JENKINS_URL", ("BUILD_USER_ID", "BUILD_USER"), "GIT_COMMIT", _joined("BUILD_URL")),
)


def run_of(environment: Environment, *, run: str, at: str, user: str, host: str) -> Run | None:
    """Who a run is; None where the environment does not want it noted.

    Args:
        run: the run's id.
        at: when it began (UTC, ISO 8601).
        user, host: of this machine.
    """
    if environment.get(OPT_OUT, "").lower() not in ("", "0", "false", "no"):
        return None
    for system in _SYSTEMS:
        if environment.get(system.told_by, "").lower() not in ("", "false", "0"):
            who = next(filter(None, map(environment.get, system.users)), user)
            return Run(run, at, who, host, environment.get(system.commit) or None, _shown(system.url(environment)))
    return Run(run, at, user, host)


def _shown(url: str) -> str | None:
    """A pipeline's URL without what URLs hide; the number of a build, which whsync put there itself, hides nothing."""
    place, mark, number = url.rpartition("?buildId=")
    shown = shown_url(place) + mark + number if mark and number.isdecimal() else shown_url(url)
    return shown or None


class AccountNote(NamedTuple):
    """What the lock notes of the account that a webhook was written through.

    Args:
        id: whose credentials wrote it, where the vendor tells and the lock may have it.
        manifest: how calls prove themselves by a manifest of the user's own, as a digest.
    """

    id: str | None = None
    manifest: str | None = None
