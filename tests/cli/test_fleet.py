"""`whsync fleet`: many tenants, each as a whsync of its own, against a simulated vendor."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.sandbox import Sandbox
from tests.cli.conftest import Run
from tests.cli.fleet_world import FLEET, TEAMS, Teams, secret_of
from tests.cli.world import SCHEMAS, hidden_in

pytestmark = pytest.mark.slow
GOOD = ("payments", "shop")


@pytest.fixture
def teams(run: Run, tmp_path: Path) -> Iterator[Teams]:
    """Three teams beside GitHub; see `Teams`."""
    with Sandbox(("github",)) as box:
        yield Teams(run, tmp_path, box)


def test_the_good_are_applied_whatever_is_wrong_with_others(teams: Teams) -> None:
    """Two tenants are applied with their own credentials, a broken one says why at its place; status tells the same."""
    planned = teams.told("plan", exit=1)
    assert [planned[team]["state"] for team in TEAMS] == ["differs", "differs", "failed"]
    assert planned["shop"]["changes"] == {"ci": "create"}
    assert {each["at"] for each in planned["broken"]["problems"]} == {"webhooks.yaml:4:41", "webhooks.yaml:4:3"}
    assert teams.github.webhooks() == []
    applied = teams.told("apply", "--yes", exit=1)
    assert [applied[team]["state"] for team in TEAMS] == ["fine", "fine", "failed"]
    assert {repo: hook["config"]["secret"] for repo, hook in teams.hooks().items()} == {
        team: secret_of(team) for team in GOOD
    }
    assert all(teams.lock(team).is_file() for team in GOOD)
    teams.github.clear_requests()
    status = teams.told("status", exit=1)
    assert {team: status[team]["state"] for team in TEAMS} == {team: applied[team]["state"] for team in TEAMS}
    assert status["shop"]["webhooks"] == {"github": {"in_sync": 1}}
    assert teams.github.requests == []
    assert teams.told("status", *GOOD)["shop"]["command"] == "apply"


def test_secrets_stay_with_their_tenant_and_out_of_everything(teams: Teams) -> None:
    """No result, output, metric or page holds a secret or a credential, and each tenant's vendor saw only its own."""
    reports = [f"--report={form}={form}.out" for form in ("json", "html", "prometheus", "text")]
    said = [teams("apply", "--yes", "-v", *reports), teams("drift", "-vv"), teams("status", "--format", "html")]
    texts = [text for result in said for text in result[1:]]
    texts += [path.read_text(encoding="utf-8") for path in teams.folder.glob("*.out")]
    assert len(texts) == 10
    for name, secret in teams.environment.items():
        assert hidden_in(secret, *texts, *teams.kept().values()), name
    bodies: dict[str, list[str]] = {team: [] for team in (*GOOD, "")}
    for request in teams.github.requests:
        team = next((team for team in GOOD if f"/{team}/" in request.path), "")
        bodies[team].append(str(request))
    assert all(hidden_in(secret_of("shop"), body) for body in bodies["payments"])
    assert all(hidden_in(secret_of("payments"), body) for body in bodies["shop"])
    assert {path.stat().st_mode & 0o777 for path in (teams.folder / ".whsync-fleet").iterdir()} == {0o600}


def test_drift_is_put_back_where_that_is_allowed_and_nothing_else(teams: Teams) -> None:
    """Where it is allowed, what was changed at the vendor alone; not what the file asks for, and not what is gone."""
    names = ("ci", "asked", "gone")
    hooks = {name: teams.hook("shop", url=f"https://ci.acme.com/{name}") for name in names}
    teams.write("shop", hooks)
    teams("apply", "--yes", *GOOD)
    ids = {hook["config"]["url"].rpartition("/")[2]: hook["id"] for hook in teams.github.webhooks()}
    for name in ("ci", "asked", "hooks"):
        teams.github.edit(ids[name], events=["push", "fork"])
    teams.github.remove(ids["gone"])
    hooks["asked"]["events"] = ["release"]
    hooks["fresh"] = teams.hook("shop", url="https://ci.acme.com/fresh")
    teams.write("shop", hooks)
    looked = teams.told("drift", *GOOD, exit=2)
    assert (looked["payments"]["drifted"], looked["shop"]["drifted"]) == (["ci"], ["asked", "ci", "gone"])
    repaired = teams.told("drift", "--repair", *GOOD, exit=2)
    assert repaired["shop"]["repaired"] == ["ci"]
    assert repaired["shop"]["drifted"] == ["asked", "gone"]
    assert repaired["payments"]["repaired"] == []
    there = {hook["id"]: hook["events"] for hook in teams.github.webhooks()}
    assert there == {
        ids["ci"]: ["push"], ids["asked"]: ["push", "fork"], ids["hooks"]: ["push", "fork"]
    }  # fmt: skip
    assert teams.told("status", "shop", exit=2)["shop"]["repaired"] == ["ci"]
    assert not [name for name in teams.kept() if name.startswith(".")]


def test_all_drift_put_back_is_no_drift(teams: Teams) -> None:
    """A repair that leaves nothing ends with 0, and the policy of the tenant's own file still holds."""
    teams("apply", "--yes", "shop")
    key = teams.hooks()["shop"]["id"]
    teams.github.edit(key, events=["fork"])
    assert teams.told("drift", "--repair", "shop")["shop"]["repaired"] == ["ci"]
    assert teams.hooks()["shop"]["events"] == ["push"]
    teams.github.edit(key, events=["fork"])
    teams.write("shop", {"ci": teams.hook("shop")}, policy={"allowed_hosts": ["*.elsewhere.com"]})
    refused = teams.told("drift", "--repair", "shop", exit=3)["shop"]
    assert (refused["state"], refused["repaired"], refused["drifted"]) == ("refused", [], ["ci"])
    assert teams.hooks()["shop"]["events"] == ["fork"]


def test_only_what_is_due_is_run(teams: Teams) -> None:
    """`--due` leaves out whoever has a result that is young enough; results of other commands do not count."""
    assert set(teams.told("drift", "--due", "shop")) == {"shop"}
    assert set(teams.told("drift", "--due", *GOOD)) == {"payments"}
    assert teams("drift", "--due", *GOOD).stdout == "Fleet: no tenant is due.\n"
    path = teams.folder / ".whsync-fleet" / "shop.drift.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**kept, "at": "2026-01-01T00:00:00Z"}), encoding="utf-8")
    late = teams("status", *GOOD)
    assert late.exit == 1
    assert late.stdout.splitlines()[-1] == "Fleet: 2 tenants: 1 fine, 1 overdue."
    assert set(teams.told("drift", "--due", *GOOD)) == {"shop"}


def test_what_nobody_ran_is_not_fine(teams: Teams) -> None:
    """Status of a fleet that was never looked at says so, and ends with 1."""
    assert {each["state"] for each in teams.told("status", exit=1).values()} == {"never"}


def test_a_result_that_was_torn_is_a_failure_that_says_so(teams: Teams) -> None:
    """It is told with its file and the way out, and the next run writes it anew."""
    teams("drift", "shop")
    path = teams.folder / ".whsync-fleet" / "shop.drift.json"
    path.write_bytes(path.read_bytes()[:40])
    told = teams("status", "shop", "--format", "json")
    (problem,) = json.loads(told.stdout)["tenants"][0]["problems"]
    assert (told.exit, problem["summary"]) == (1, "shop.drift.json cannot be read as a result")
    assert teams("drift", "shop").exit == 0
    assert teams("status", "shop").exit == 0


def test_a_refusal_of_one_is_the_exit_code_of_all(teams: Teams) -> None:
    """3 goes before 1, and the policy of the tenant's own file is what refuses."""
    teams.write("shop", {"ci": teams.hook("shop")}, policy={"allowed_hosts": ["*.elsewhere.com"]})
    told = teams.told("plan", exit=3)
    assert [told[team]["state"] for team in TEAMS] == ["differs", "refused", "failed"]


def test_a_change_under_review_is_strict_for_every_tenant(teams: Teams) -> None:
    """Where the environment says that a pull request is checked, no tenant's credential goes to an unusual origin."""
    review = {"GITHUB_EVENT_NAME": "pull_request"}
    told = teams.told("plan", *GOOD, exit=3, env=review)
    assert {each["kind"] for team in GOOD for each in told[team]["problems"]} == {"untrusted"}
    assert teams.github.requests == []
    opened = {**review, "WHSYNC_TRUST": "open"}
    assert {each["state"] for each in teams.told("plan", *GOOD, env=opened).values()} == {"differs"}


def test_a_tenants_own_env_file_and_lock_and_variables(teams: Teams) -> None:
    """Each is taken from where fleet.yaml says, relative to it, and not from the tenant's folder."""
    teams.write("payments", {"ci": teams.hook("${repo}")}, variables={"repo": {}})
    (teams.folder / "envs").mkdir()
    lines = f"GITHUB_TOKEN={teams.github.credentials['token']}\nCI_SECRET='quoted secret of ours'\n"
    (teams.folder / "envs" / "payments.env").write_text(lines, encoding="utf-8")
    teams.fleet.write_text(
        "version: 1\ntenants:\n  pay:\n    files: teams/payments/*.yaml\n    lock: locks/pay.json\n"
        "    variables: {repo: payments}\n    environment: {file: envs/payments.env}\n",
        encoding="utf-8",
    )
    (teams.folder / "locks").mkdir()
    assert teams("apply", "--yes").exit == 0
    assert teams.hooks()["payments"]["config"]["secret"] == "quoted secret of ours"
    assert (teams.folder / "locks" / "pay.json").is_file()
    assert not teams.lock("payments").exists()
    (teams.folder / "envs" / "payments.env").write_text("GITHUB_TOKEN=hunter2hunter2\nPATH=/evil\n", encoding="utf-8")
    (problem,) = teams.told("plan", exit=1)["pay"]["problems"]
    assert "may not set PATH" in problem["summary"]
    (teams.folder / "envs" / "payments.env").write_text("GITHUB_TOKEN=hunter2 hunter2\n", encoding="utf-8")
    (problem,) = teams.told("plan", exit=1)["pay"]["problems"]
    assert "payments.env:1:1" in problem["summary"]
    assert "hunter2" not in str(teams.kept())


def test_a_tenants_folder_is_no_place_for_programs(teams: Teams) -> None:
    """A module in a tenant's folder is not imported, whatever it is called, even where Python's path is relative."""
    for name in ("reconciler", "click", "sitecustomize"):
        (teams.folder / "teams" / "shop" / f"{name}.py").write_text("open('ran', 'w')\n", encoding="utf-8")
    assert teams("plan", "shop", env={"PYTHONPATH": "."}).exit == 0
    assert not (teams.folder / "teams" / "shop" / "ran").exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("plan", "sop"), "there is no tenant 'sop'"),
        (("apply",), "there is no terminal to ask on"),
        (("plan", "-c", "webhooks.yaml"), "--config is about one configuration"),
        (("plan", "--lock", "x.json"), "--lock is about one configuration"),
        (("status", "--report", "promtheus=x"), "is not FORMAT=FILE"),
        (("status", "--report", "json=fleet.yaml"), "is read in this run"),
    ],
)
def test_wrong_usage(teams: Teams, argv: tuple[str, ...], said: str) -> None:
    """Is told before anything is run, with 64."""
    result = teams(*argv)
    assert (result.exit, result.stdout) == (64, "")
    assert said in result.stderr
    assert not (teams.folder / ".whsync-fleet").exists()
    assert teams.fleet.read_text(encoding="utf-8") == FLEET


def test_a_broken_fleet_file(teams: Teams) -> None:
    """Every mistake is told at its place, and as JSON where that was asked for."""
    teams.fleet.write_text("version: 1\nfolder: [teams/*]\n", encoding="utf-8")
    result = teams("status", "--format", "json")
    assert result.exit == 1
    (problem,) = json.loads(result.stdout)["error"]["problems"]
    assert (problem["at"], problem["hint"]) == ("fleet.yaml:2:1", "did you mean `folders`?")


def test_asked_first_exactly_what_was_shown_is_applied(teams: Teams) -> None:
    """On a terminal, all plans are shown, and a `yes` applies just these; anything else applies nothing."""
    declined = teams("apply", *GOOD, stdin="no\n", terminal=True)
    assert declined.exit == 1
    assert teams.github.webhooks() == []
    agreed = teams("apply", *GOOD, stdin="yes\n", terminal=True)
    assert agreed.exit == 0, agreed
    assert "Apply these changes of 2 tenants?" in agreed.stderr
    assert sorted(teams.hooks()) == ["payments", "shop"]
    assert not [name for name in teams.kept() if name.startswith(".")]


def test_colour_quiet_and_width_as_everywhere(teams: Teams) -> None:
    """Elsewhere than on a terminal no colour and one line a tenant; quiet says nothing beside the data."""
    assert teams("status", "-q").stderr == ""
    assert "\x1b[" not in teams("status").stdout
    assert "\x1b[" in teams("status", env={"FORCE_COLOR": "1"}).stdout
    narrow = teams("status", terminal=True, env={"COLUMNS": "40", "NO_COLOR": "1"}).stdout
    assert max(map(len, narrow.splitlines())) <= 40


def test_the_schema_is_kept_current() -> None:
    """Editors are told what the reader takes."""
    from reconciler.cli.schema import schema_text

    kept = (SCHEMAS / "fleet.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text("fleet")
    Draft202012Validator.check_schema(json.loads(kept))
