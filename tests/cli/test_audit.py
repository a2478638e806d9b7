"""`audit`: every webhook that stands at the vendors, managed or not, and what is worth a look about it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Result
from tests.cli.world import World, hook, ledger, payments, validate, wallet

ALL = {"ci": hook(), "ledger": ledger(), "wallet": wallet(), "payments": payments()}
BAD = "http://old.example.com/hooks"


@pytest.fixture
def applied(world: World) -> World:
    """A world with one webhook at every vendor, of which one file says everything."""
    world.write(ALL)
    world.applied()
    world.forget_requests()
    return world


def told(world: World, *argv: str, exit: int = 0) -> dict[str, Any]:
    """`whsync audit --format json`, which must end with `exit` and be valid."""
    result = world("audit", "--format", "json", *argv)
    assert result.exit == exit, result
    report: dict[str, Any] = json.loads(result.stdout)
    validate("audit", report)
    return report


def codes(report: dict[str, Any]) -> dict[str, set[str]]:
    """The codes of the findings by what their webhook is known as; webhooks without any are left out."""
    rows = ((row["name"] or row["remote_id"], {each["code"] for each in row["findings"]}) for row in report["webhooks"])
    return {name: found for name, found in rows if found}


def stranger(world: World, place: str = "acme/api", **how: Any) -> str:
    """A webhook that somebody made by hand; returns its id."""
    config = {"url": BAD, "content_type": "json", **how.pop("config", {})}
    return str(world.box["github"].add(place, **{"config": config, "events": ["push"], **how}))


def test_all_is_listed_and_in_order(applied: World) -> None:
    """Webhooks without any finding are listed too, each with what it is to us and whether anybody could look."""
    report = told(applied)
    assert {row["name"]: (row["standing"], row["certainty"]) for row in report["webhooks"]} == {
        "ci": ("managed", "present"),
        "ledger": ("managed", "present"),
        "wallet": ("managed", "present"),
        "payments": ("managed", "unreadable"),
    }
    assert (report["complete"], report["summary"]["findings"]) == (True, 0)
    assert applied("audit").stdout.splitlines()[-1] == "Audit: 4 webhooks (4 managed). No findings."
    assert applied.total_writes() == 0


def test_strangers_orphans_and_what_is_gone(applied: World) -> None:
    """Whoever made it, whatever the files say by now, and though the vendor has it no more: it is on the list."""
    strange = stranger(applied)
    applied.write({"ci": hook(), "wallet": wallet()})
    applied.box["github"].remove(applied.box["github"].webhooks()[0]["id"])
    report = told(applied)
    assert {row["name"] or row["remote_id"]: row["standing"] for row in report["webhooks"]} == {
        "ci": "managed",
        "ledger": "orphan",
        "payments": "orphan",
        "wallet": "managed",
        strange: "unmanaged",
    }
    found = codes(report)
    assert found["ci"] == {"gone"}
    assert found["ledger"] == found["payments"] == {"orphan"}
    assert found[strange] == {"plain-http", "unsigned", "unmanaged-found"}


def test_a_stranger_with_everything_wrong(applied: World) -> None:
    """Each fault that the vendor shows is found, with its severity, a sentence and a way out."""
    applied.write(ALL, policy={"allowed_hosts": ["*.acme.com"]})
    strange = stranger(applied, events=["*"], active=False, config={"insecure_ssl": "1"})
    report = told(applied)
    (row,) = [row for row in report["webhooks"] if row["remote_id"] == strange]
    assert {each["code"]: each["severity"] for each in row["findings"]} == {
        "plain-http": "high",
        "host-not-allowed": "high",
        "risky-option": "high",
        "unsigned": "medium",
        "switched-off": "low",
        "unmanaged-found": "low",
        "wildcard-events": "low",
    }
    assert all(each["summary"] and each["hint"] for each in row["findings"])
    (risky,) = [each["summary"] for each in row["findings"] if each["code"] == "risky-option"]
    assert risky.startswith("has insecure_ssl: 1, so the vendor does not check")
    assert (row["worst"], row["at"]) == ("high", None)


def test_two_alike_in_one_place(applied: World) -> None:
    """A second webhook like one of ours is found, and so are two strangers alike; one in another place is none."""
    again = stranger(applied, config={"url": "https://CI.acme.com:443/hooks"})
    applied.write({**ALL, "web": hook(scope={"repo": "web"}, secret=None)})
    elsewhere = stranger(applied, "acme/web", config={"url": "https://ci.acme.com/hooks"})
    found = codes(told(applied))
    assert "duplicate" in found["ci"] & found[again]
    assert "duplicate" not in found.get("web", found.get(elsewhere, set()))


def test_one_place_in_two_spellings_is_listed_once(applied: World) -> None:
    """Two provider entries, and other letters for a place, show no webhook twice, and no managed one as a stranger."""
    strange = stranger(applied)
    twin = {"type": "github", **applied._providers()["github"], "scope": {"owner": "ACME"}}
    other = hook(provider="twin", scope={"repo": "API"}, url="https://ci.acme.com/other", secret=None)
    applied.write({**ALL, "ci": hook(scope={"owner": "Acme", "repo": "api"}), "other": other}, providers={"twin": twin})
    rows = [(row["name"], row["remote_id"]) for row in told(applied)["webhooks"] if row["type"] == "github"]
    assert sorted(rows, key=str) == [("ci", applied.lock["ci"]["remote_id"]), (None, strange)]


def test_two_entries_for_one_place_see_what_is_alike_there(applied: World) -> None:
    """A stranger like a webhook of ours is found also where each is looked at through an entry of its own."""
    strange = stranger(applied, config={"url": "https://ci.acme.com/other"})
    twin = {"type": "github", **applied._providers()["github"], "scope": {"owner": "ACME"}}
    other = hook(provider="twin", scope={"repo": "API"}, url="https://ci.acme.com/other", secret=None)
    applied.write({**ALL, "other": other}, providers={"twin": twin})
    applied.box["github"].add("acme/api", config={"url": "https://ci.acme.com/other", "content_type": "form"})
    applied("adopt", "other", "--id", strange, "--yes")
    found = codes(told(applied))
    assert {name for name, each in found.items() if "duplicate" in each} == {"other", str(int(strange) + 1)}


def test_a_failed_read_is_not_an_empty_place(applied: World) -> None:
    """What could not be read fails the audit, and stays on the list as unknown; the rest is audited."""
    strange = stranger(applied, "acme/web")
    applied.write({**ALL, "web": hook(scope={"repo": "web"}, url="https://ci.acme.com/web")})
    applied.box["github"].forbid("acme/api", visible=True)
    report = told(applied, "--fail-on", "high", exit=1)
    assert report["complete"] is False
    assert {
        (place["scope"].get("repo"), place["view"]) for place in report["places"] if place["provider"] == "github"
    } == {
        ("api", "failed"),
        ("web", "whole"),
    }
    assert [problem["kind"] for problem in report["problems"]] == ["forbidden"]
    (ci,) = [row for row in report["webhooks"] if row["name"] == "ci"]
    assert (ci["certainty"], ci["findings"]) == ("unknown", [])
    assert "plain-http" in codes(report)[strange]
    text = applied("audit")
    assert text.exit == 1
    assert text.stdout.splitlines()[-1] == "Incomplete: 1 place could not be read, 1 webhook of the lock not seen."
    assert "github (owner=acme repo=api) could not be read" in text.stdout


@pytest.mark.parametrize(
    ("asked", "exit"), [((), 0), (("--fail-on", "high"), 0), (("--fail-on", "medium"), 2), (("--fail-on", "low"), 2)]
)
def test_findings_fail_only_who_asked(applied: World, asked: tuple[str, ...], exit: int) -> None:
    """The exit code is 2 where a finding is as severe as was asked, or more; by default no finding fails anything."""
    stranger(applied, config={"url": "https://ci.acme.com/x"})  # has no secret, which is medium
    result = applied("audit", *asked)
    assert result.exit == exit
    assert "unsigned" in result.stdout


def test_rules_are_switched_in_the_file(applied: World) -> None:
    """A rule that is off finds nothing, one with another severity finds with that, and the report says so."""
    strange = stranger(applied)
    with_audit(applied, rules={"plain-http": "off", "unsigned": "high", "unmanaged-found": "off"})
    report = told(applied, "--fail-on", "high", exit=2)
    assert codes(report)[strange] == {"unsigned"}
    assert (report["rules"]["plain-http"], report["rules"]["unsigned"]) == ("off", "high")


def with_audit(world: World, **audit: Any) -> None:
    """The files with an `audit:` block."""
    whole = json.loads(world.config.read_text(encoding="utf-8"))
    world.config.write_text(json.dumps({**whole, "audit": audit}, indent=2), encoding="utf-8")


def test_a_secret_grows_old(applied: World) -> None:
    """How old a secret may be stands in the file; the way out is the command that makes another."""
    lock = json.loads(applied.lock_path.read_text(encoding="utf-8"))
    lock["webhooks"]["ci"]["secret"]["at"] = "2020-01-01T00:00:00Z"
    applied.lock_path.write_text(json.dumps(lock), encoding="utf-8")
    with_audit(applied, secret_max_age="90d")
    (row,) = [row for row in told(applied)["webhooks"] if row["findings"]]
    (finding,) = row["findings"]
    assert (row["name"], finding["code"], finding["hint"]) == ("ci", "secret-old", "rotate it: `whsync rotate ci`")
    file, line, _ = finding["at"].split(":")
    written = applied.config.read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert (file, written.strip()) == ("webhooks.yaml", '"ci": {')


def test_one_secret_for_many(applied: World) -> None:
    """Two webhooks with one reference, or with two references to one secret, are told of each other."""
    applied.environment["SAME"] = applied.environment["CI_SECRET"]
    second = hook(url="https://ci.acme.com/b", secret={"from": "env:SAME"})
    third = hook(url="https://ci.acme.com/c", secret={"from": "env:OTHER"})
    applied.environment["OTHER"] = "a secret of its very own"
    applied.write({**ALL, "second": second, "third": third})
    applied.applied()
    assert codes(told(applied)) == {"ci": {"secret-shared"}, "second": {"secret-shared"}}
    assert "is one of 2 that have one secret: ci, second" in applied("audit").stdout


def test_the_same_url_at_two_vendors(applied: World) -> None:
    """A receiver that two vendors call is told for both; two webhooks of one vendor are not that."""
    applied.write({**ALL, "payments": payments(url="https://ci.acme.com/hooks")})
    applied.applied()
    found = codes(told(applied))
    assert {name for name, each in found.items() if "same-url" in each} == {"ci", "payments"}


def test_a_secret_that_is_not_known_to_be_the_files(world: World) -> None:
    """Of a webhook that was adopted nobody knows whose secret it has, until whsync sets one."""
    stranger(world, config={"url": "https://ci.acme.com/hooks", "secret": "somebody else's"}, events=["push"])
    world.write({"ci": hook(events=["push"])})
    assert "secret-unverifiable" in codes(told(world))["ci"]
    world.applied("--own-secrets")
    assert codes(told(world)) == {}


def test_only_what_is_targeted(applied: World) -> None:
    """`--target` lists one webhook, and whoever nobody manages in its place; a wrong name is wrong usage."""
    strange = stranger(applied)
    report = told(applied, "--target", "ci")
    assert [row["name"] or row["remote_id"] for row in report["webhooks"]] == ["ci", strange]
    assert [place["provider"] for place in report["places"]] == ["github"]
    assert told(applied, "--target", "payments")["summary"]["webhooks"] == 1
    assert applied("audit", "--target", "cii").exit == 64


def test_it_reads_what_a_plan_reads(applied: World) -> None:
    """An audit costs the calls of a plan, and no more."""

    def calls(command: str) -> dict[str, list[str]]:
        applied.forget_requests()
        assert applied(command).exit == 0
        return {
            name: sorted(f"{each.method} {each.path}" for each in applied.box[name].requests) for name in applied.box
        }

    assert calls("audit") == calls("plan")


def test_a_provider_without_webhooks(applied: World) -> None:
    """Where its own scope says where to look it is looked at, else it is said that nobody looked."""
    applied.write(
        {"wallet": wallet()}, drop=("coinbase", "cryptopocket"), providers={"github": {"scope": {"org": "acme"}}}
    )
    applied.lock_path.unlink()
    applied.applied()
    report = told(applied)
    assert [(place["provider"], place["view"]) for place in report["places"]] == [
        ("cryptofuse", "whole"),
        ("github", "whole"),
    ]
    applied.write({"wallet": wallet()}, drop=("coinbase", "cryptopocket"))
    report = told(applied)
    assert (report["unlooked"], report["complete"]) == (["github"], True)
    assert "github was not asked" in applied("audit").stdout


def test_a_missing_lock_is_a_problem(applied: World) -> None:
    """Where the lock that the files name is not there, everything would look as if nobody managed it."""
    whole = json.loads(applied.config.read_text(encoding="utf-8"))
    applied.config.write_text(json.dumps({**whole, "lock": "webhooks.lock.json"}), encoding="utf-8")
    applied.lock_path.unlink()
    report = told(applied, exit=1)
    assert [problem["code"] for problem in report["problems"]] == ["lock-missing"]


def test_the_same_refusals_as_for_a_plan(applied: World) -> None:
    """Where a pull request is checked, nothing is asked of a vendor that nobody trusts the files with."""
    result = applied("audit", "--format", "json", env={"GITHUB_EVENT_NAME": "pull_request"})
    assert result.exit == 3
    assert json.loads(result.stdout)["error"]["kind"] == "untrusted"
    assert [request for vendor in applied.box for request in applied.box[vendor].requests] == []


def test_secrets_of_urls_stay_hidden(applied: World) -> None:
    """No format shows what stands in a URL's query or user-info, whoever put it there."""
    stranger(applied, config={"url": "https://user:hunter2@ci.acme.com/x?token=s3cr3t-of-somebody"})
    for form in (
        "text",
        "json",
        "csv",
        "html",
        "markdown",
        "github",
        "ndjson",
        "sarif",
        "junit",
        "codequality",
        "gitlab",
    ):
        written = applied("audit", "--format", form)
        assert written.exit == 0
        assert "hunter2" not in written.stdout + written.stderr
        assert "s3cr3t" not in written.stdout + written.stderr


def test_secrets_of_this_run_stay_hidden(applied: World) -> None:
    """A secret that somebody put into another field of a webhook is masked there."""
    token = applied.environment["GITHUB_TOKEN"]
    stranger(applied, config={"url": f"https://ci.acme.com/{token}"}, events=["*"])
    for form in ("text", "json", "csv", "html", "sarif"):
        written = applied("audit", "--format", form)
        assert "https://ci.acme.com/***" in written.stdout or form == "sarif"
        assert token not in written.stdout + written.stderr


def test_reports_are_written_beside_it(applied: World) -> None:
    """`--report` writes every format in the same run; a table is read by a spreadsheet's rules."""
    strange = stranger(applied)
    files = {form: applied.folder / f"audit.{form}" for form in ("json", "csv", "html", "sarif", "markdown")}
    reports = [word for form, file in files.items() for word in ("--report", f"{form}={file}")]
    assert applied("audit", *reports).exit == 0
    validate("audit", json.loads(files["json"].read_text(encoding="utf-8")))
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8"))))
    assert {row["name"] or row["id"] for row in rows} == {*ALL, strange}
    assert all(file.stat().st_size for file in files.values())


@pytest.mark.parametrize(
    ("audit", "place", "words"),
    [
        ({"rules": {"plain-htp": "low"}}, "webhooks.yaml:3:21", "did you mean `plain-http`?"),
        ({"rules": {"plain-http": "severe"}}, "webhooks.yaml:3:35", "write off, low, medium or high"),
        ({"secret_max_age": "90"}, "webhooks.yaml:3:29", "write 90d"),
        ({"secret_max_age": "0d"}, "webhooks.yaml:3:29", "write 90d"),
        ({"secret_max_agee": "90d"}, "webhooks.yaml:3:11", "did you mean `secret_max_age`?"),
    ],
)
def test_wrong_settings_are_told_at_their_place(world: World, audit: dict[str, Any], place: str, words: str) -> None:
    """Whoever misspells a rule, a severity or an age learns where, and what would be right."""
    world.config.write_text(f'{{"version": 1,\n"webhooks": {{}},\n"audit": {json.dumps(audit)}}}', encoding="utf-8")
    result: Result = world("validate")
    assert result.exit == 1
    assert f"{place}: " in result.stderr
    assert words in result.stderr


def test_wrong_usage(world: World, tmp_path: Path) -> None:
    """What an audit cannot do is wrong usage with a way out, and never half an audit."""
    world.write({})
    assert world("audit", "--fail-on", "severe").exit == 64
    assert "--discovery" in world("audit", "--discovery").stderr
    assert world("audit", "--report", "text").exit == 64
    assert world("plan", "--report", f"csv={tmp_path / 'x.csv'}").exit == 64


def test_what_was_pruned_and_is_still_there(applied: World) -> None:
    """A webhook that its vendor can only switch off is listed, and is neither a stranger nor an orphan."""
    applied.write({"ci": hook()})
    applied.applied("--prune", "--target", "ledger")
    (row,) = [row for row in told(applied)["webhooks"] if row["name"] == "ledger"]
    assert (row["standing"], row["fields"]["/status"]) == ("leftover", "inactive")


def test_a_provider_that_the_files_have_lost(applied: World) -> None:
    """What the lock has of it is listed, nobody looked for it, and that is a problem."""
    applied.write({"ci": hook()}, drop=("coinbase", "cryptofuse", "cryptopocket"))
    report = told(applied, exit=1)
    rows = {row["name"]: (row["standing"], row["certainty"]) for row in report["webhooks"]}
    assert rows["wallet"] == rows["ledger"] == ("orphan", "unknown")
    assert {problem["code"] for problem in report["problems"]} == {"provider-gone"}


def test_a_provider_that_leads_elsewhere_is_refused(applied: World) -> None:
    """What the lock has is looked for where it was applied, as by a plan: another origin needs somebody's word."""
    applied.write({"ci": hook()}, providers={"github": {"base_url": "http://127.0.0.1:9", "scope": {"owner": "acme"}}})
    result = applied("audit", "--format", "json")
    assert (result.exit, json.loads(result.stdout)["error"]["kind"]) == (3, "untrusted")
