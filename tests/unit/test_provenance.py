"""Who a run is: what the usual CI systems tell, else this machine; and nothing where that is not wanted."""

from typing import Any

import pytest

from reconciler.apply.history import changed
from reconciler.model.provenance import Run, run_of
from reconciler.model.webhook import SecretRecord
from tests.state.values import entry

HERE: dict[str, Any] = {"run": "r1", "at": "2026-11-21T12:00:00Z", "user": "ada", "host": "engine-1"}

SYSTEMS = [
    (
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://git.acme.com",
            "GITHUB_REPOSITORY": "acme/hooks",
            "GITHUB_RUN_ID": "7",
            "GITHUB_SHA": "c0ffee",
            "GITHUB_ACTOR": "grace",
        },
        ("grace", "c0ffee", "https://git.acme.com/acme/hooks/actions/runs/7"),
    ),
    (
        {
            "GITLAB_CI": "true",
            "CI_COMMIT_SHA": "c0ffee",
            "CI_PIPELINE_URL": "https://lab.acme.com/-/pipelines/7",
            "GITLAB_USER_LOGIN": "grace",
        },
        ("grace", "c0ffee", "https://lab.acme.com/-/pipelines/7"),
    ),
    (
        {"JENKINS_URL": "https://j.acme.com/", "BUILD_URL": "https://j.acme.com/job/7/", "GIT_COMMIT": "c0ffee"},
        ("ada", "c0ffee", "https://j.acme.com/job/7"),
    ),
    (
        {
            "CIRCLECI": "true",
            "CIRCLE_SHA1": "c0ffee",
            "CIRCLE_BUILD_URL": "https://c.test/7",
            "CIRCLE_USERNAME": "grace",
        },
        ("grace", "c0ffee", "https://c.test/7"),
    ),
    (
        {
            "TF_BUILD": "True",
            "SYSTEM_COLLECTIONURI": "https://dev.test/acme/",
            "SYSTEM_TEAMPROJECT": "hooks",
            "BUILD_BUILDID": "7",
            "BUILD_SOURCEVERSION": "c0ffee",
            "BUILD_REQUESTEDFOR": "Grace",
        },
        ("Grace", "c0ffee", "https://dev.test/acme/hooks/_build/results?buildId=7"),
    ),
    (
        {
            "BITBUCKET_BUILD_NUMBER": "7",
            "BITBUCKET_COMMIT": "c0ffee",
            "BITBUCKET_GIT_HTTP_ORIGIN": "http://b.test/acme/hooks",
            "BITBUCKET_STEP_TRIGGERER_UUID": "{grace}",
        },
        ("{grace}", "c0ffee", "http://b.test/acme/hooks/pipelines/results/7"),
    ),
]


@pytest.mark.parametrize(("environment", "told"), SYSTEMS, ids=[next(iter(each)) for each, _ in SYSTEMS])
def test_what_a_ci_system_tells(environment: dict[str, str], told: tuple[str, str, str]) -> None:
    """Who, which commit and where the pipeline is are taken from its variables; the machine is this one."""
    user, commit, url = told
    assert run_of(environment, **HERE) == Run("r1", HERE["at"], user, "engine-1", commit, url)


@pytest.mark.parametrize("told_by", [next(iter(each)) for each, _ in SYSTEMS])
def test_a_ci_system_that_tells_nothing_else(told_by: str) -> None:
    """What is not known is left out, and nothing half made stands in its place."""
    assert run_of({told_by: "true"}, **HERE) == Run("r1", HERE["at"], "ada", "engine-1")


def test_elsewhere_it_is_the_user_of_this_machine() -> None:
    """A commit that stands in some variable is believed of CI systems only."""
    assert run_of({"GIT_COMMIT": "c0ffee", "CI": "true"}, **HERE) == Run("r1", HERE["at"], "ada", "engine-1")


@pytest.mark.parametrize(("value", "noted"), [("1", False), ("true", False), ("0", True), ("false", True), ("", True)])
def test_the_way_out(value: str, noted: bool) -> None:
    """WHSYNC_NO_PROVENANCE leaves all of it out."""
    assert (run_of({"WHSYNC_NO_PROVENANCE": value, "GITLAB_CI": "true"}, **HERE) is not None) == noted


def test_what_urls_hide_stays_hidden() -> None:
    """User-info and query values of a pipeline's URL do not get into the lock."""
    environment = {"GITLAB_CI": "1", "CI_PIPELINE_URL": "https://ci:token-4711@lab.test/p/7?private=hunter22"}
    run = run_of(environment, **HERE)
    assert run is not None
    assert run.url is not None
    assert run.url.startswith("https://***~")
    assert "4711" not in run.url
    assert "hunter22" not in run.url


@pytest.mark.parametrize(
    ("what", "signed"),
    [
        ({"secret": SecretRecord("another", "b***")}, False),
        ({"account_id": "42"}, False),
        ({"remote_id": "wh_2"}, True),
        ({"protect": True}, True),
    ],
)
def test_what_is_only_learned_is_signed_by_nobody(what: dict[str, Any], signed: bool) -> None:
    """The run that learns whose secret or account it is has changed nothing of the webhook."""
    earlier, run = Run("r0", "2026-11-20T12:00:00Z"), Run("r1", "2026-11-21T12:00:00Z")
    before = entry()._replace(by=earlier)
    after = changed(before._replace(**what), before, run, made=False)
    assert after.by == (run if signed else earlier)
