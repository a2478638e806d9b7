"""`whsync providers check FILE --against URL`: each way in which a vendor differs is found, with its word."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Result, Run
from tests.cli.world import World
from tests.shapes.manifest import manifest
from tests.shapes.vendor import TOKEN, Shaped, shaped

ENVIRONMENT = {"SHAPED_TOKEN": TOKEN}
BY_SECRET = {"secret": {"lifecycle": "supplied", "write": "/secret", "has": "has_secret"}}


def trial(run: Run, folder: Path, url: str, *argv: str, **changes: Any) -> Result:
    """Try a manifest with these changes at a vendor."""
    (folder / "own.yaml").write_text(manifest(**changes), "utf-8")
    return run("providers", "check", "own.yaml", "--against", url, "--yes", *argv, env=ENVIRONMENT)


def told(result: Result) -> dict[str, Any]:
    """The report of a trial as JSON."""
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["format"] == "whsync.check/1"
    return report


def words(report: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """Field and word of each deviation of a kind."""
    return [(each["field"], each["word"]) for each in report["deviations"] if each["kind"] == kind]


def test_a_true_manifest_has_no_deviation(run: Run, tmp_path: Path) -> None:
    """Every step is made, each field is changed by itself, and nothing is left of it."""
    with shaped() as (vendor, url):
        result = trial(run, tmp_path, url)
        assert result.exit == 0, result
        assert result.stdout.endswith("No deviations.\n")
        for step in ("create", "update url", "update events", "update status", "update secret", "drift", "delete"):
            assert f"  {step} " in result.stdout
        assert vendor.hooks == {}


DEVIATIONS = [
    ("200", {}, "unexpected_answer", "", "create: {ok: [200]}"),
    ("mute", {}, "unexpected_answer", "", "update: {ok: [204]}"),
    ("location", {}, "no_id", "", "create: leave out `ok_when`; such a create counts as lost"),
    ("empty 204", {}, "empty_list", "", "read: {empty: [204]}"),
    ("empty object", {}, "empty_list", "", 'read: {empty: ["@ == `{}`"]}'),
    ("hidden", {}, "not_listed", "", "read: `partial`"),
    ("starts active", {}, "ignored", "/status", "fields.status: {sets: update, initially: …}"),
    ("frozen", {}, "ignored", "/description", "fields.description: {sets: create}"),
    ("refuses", {}, "refused", "/description", "fields.description: {sets: create}"),
    ("forgets", {}, "not_shown", "/options/flavour", "options.flavour: correct `read`, or leave it out"),
    ("shouts", {}, "normalised", "/options/flavour", "options.flavour: {also: {sweet: [SWEET]}}"),
    ("trims", {}, "normalised", "/description", "fields.description: {trim: true}"),
    ("lower urls", {}, "normalised", "/url", ""),
    ("drops events", {}, "dropped", "/events", "fields.events.catalogue: {closed: true}"),
    ("clears events", {}, "cleared", "/events", "update: {body: merge}"),
    ("replaces", {}, "cleared", "/description", "update: {body: merge}"),
    ("moves", {}, "moved", "/status", "update: {resend: {/url: [/status]}}"),
    ("renumbers", {}, "id_changed", "", "identity: {id: …} that stays"),
    ("restless", {}, "restless", "/description", "fields.description: leave out `read`"),
    ("masks", {}, "secret_masked", "/secret", "secret: {mask: key}"),
    ("tells", {}, "secret_shown", "/secret", "secret: {value: key}"),
    ("flags", {}, "secret_flagged", "/secret", "secret: {has: has_secret}"),
    ("flags wipes", BY_SECRET, "secret_wiped", "/secret", "secret: {wiped_if_omitted: true}"),
    ("masks wipes", {"secret__mask": "key"}, "secret_wiped", "/secret", "secret: {wiped_if_omitted: true}"),
    ("", {"secret__value": "key"}, "secret_unseen", "/secret", "secret: leave out `value`"),
    ("html", {}, "html_error", "", "errors.rules: [{status: [404], kind: …, says: …}]"),
    ("odd errors", {}, "error_without_words", "", "errors.message: [problem.text]"),
    ("disables", {}, "soft_delete", "", "retire: [{how: deactivate}]"),
    ("clings", {}, "soft_delete", "", "retire: [{how: none, reason: …}]"),
    ("only off", {}, "refused", "", "retire: [{how: delete, first: {/status: inactive}}]"),
    ("unique", {"fields__description__sets": "create"}, "unique", "", "replace: delete_first"),
    ("upserts", {"fields__description__sets": "create"}, "upsert", "", "replace: delete_first"),
    ("loses more", {}, "extra_field", "", "update: {body: merge}, or an option for it"),
]


@pytest.mark.parametrize(("manners", "changes", "kind", "field", "word"), DEVIATIONS, ids=lambda each: str(each)[:30])
def test_each_deviation_is_found_with_its_word(
    run: Run, tmp_path: Path, manners: str, changes: dict[str, Any], kind: str, field: str, word: str
) -> None:
    """What the vendor does otherwise is told with the manifest's word for it, exit code 2; the trial's webhook goes."""
    known = [name for name in ("flags", "wipes", "masks") if name in manners.split()]
    names = known if len(known) == 2 else [manners] if manners else []
    with shaped(*names) as (vendor, url):
        result = trial(run, tmp_path, url, "--format", "json", **changes)
        report = told(result)
        found = words(report, kind)
        assert any(at == field and said.startswith(word) for at, said in found), (found, report)
        assert result.exit == (1 if manners == "hidden" else 2), result
        kept = [each["remote_id"] for each in report["left"]]
        assert sorted(vendor.hooks) == sorted(kept), "whatever stays is named"
        assert bool(kept) == (manners in ("clings", "disables")), kept


WORDED: list[tuple[str, dict[str, Any]]] = [
    ("200", {"create__0__ok": [200]}),
    ("empty 204", {"read__0__empty": [204]}),
    ("empty object", {"read__0__empty": ["@ == `{}`"]}),
    ("starts active", {"fields__status__sets": "update", "fields__status__initially": "active"}),
    ("refuses", {"fields__description__sets": "create"}),
    ("shouts", {"options__flavour__choices": None, "options__flavour__values": {"sweet": "SWEET", "sour": "SOUR"}}),
    ("trims", {"fields__description__trim": True}),
    ("drops events", {"fields__events__catalogue__closed": True}),
    ("clears events", {"update__0__body": "merge", "update__0__drop": ["/id"]}),
    ("replaces", {"update__0__body": "merge", "update__0__drop": ["/id"]}),
    ("masks", {"secret__mask": "key"}),
    ("tells", {"secret__value": "key"}),
    ("flags", {"secret__has": "has_secret"}),
    ("html", {"errors__rules": [{"status": [404], "kind": "not_found", "says": "it is not there"}]}),
    ("odd errors", {"errors__message": ["problem.text"]}),
    ("disables", {"retire": [{"how": "deactivate"}]}),
    ("only off", {"retire__0__first": {"/status": "inactive"}}),
    ("unique", {"replace": "delete_first", "fields__description__sets": "create"}),
]


@pytest.mark.parametrize(("manners", "changes"), WORDED, ids=[manners for manners, _ in WORDED])
def test_with_that_word_the_deviation_is_none(run: Run, tmp_path: Path, manners: str, changes: dict[str, Any]) -> None:
    """A manifest that says what the trial told it to say has nothing more to be told."""
    with shaped(manners) as (_, url):
        result = trial(run, tmp_path, url, **changes)
        assert result.exit == 0, result


def test_what_the_manifest_does_not_speak_of_is_worth_knowing(run: Run, tmp_path: Path) -> None:
    """A field beside those of the manifest is told; as long as updates leave it alone, it is no deviation."""
    with shaped("more") as (_, url):
        result = trial(run, tmp_path, url, "--format", "json")
        assert result.exit == 0
        assert [each["word"] for each in told(result)["notes"]] == ["options: {…: {read: colour, write: /colour}}"]


def test_the_sandboxes_agree_with_their_manifests(world: World) -> None:
    """Vendors that were written apart from the manifests show no deviation; what is only switched off is told."""
    scope = ("--scope", "owner=acme", "--scope", "repo=api")
    for name, token, more in (("github", "GITHUB_TOKEN", scope), ("coinbase-payments", "COINBASE_TOKEN", ())):
        argv = ("--against", world.box[name].url, "--auth", f"token=env:{token}", "--yes", *more)
        result = world("providers", "check", name, *argv)
        assert result.exit == 0, result
        assert ("Left at the vendor: " in result.stdout) == (name == "coinbase-payments")
    argv = ("--auth", "client_id=env:FUSE_ID", "--auth", "client_secret=env:FUSE_SECRET", "--yes")
    result = world("providers", "check", "cryptofuse", "--against", world.box["cryptofuse"].url, *argv)
    assert result.exit == 1
    assert "this API has no delete" in result.stdout


def test_what_did_not_happen_is_not_called_ignored(run: Run, tmp_path: Path) -> None:
    """An update that ends in an error of the server is a step that failed, and says nothing of the field."""
    with shaped("crashes") as (vendor, url):
        result = trial(run, tmp_path, url, "--format", "json", "--max-wait", "0", update__0__safe_to_repeat=False)
        report = told(result)
        steps = {step["name"]: step["outcome"] for step in report["steps"]}
        assert steps["update description"] == "failed"
        assert not [each for each in report["deviations"] if each["field"] == "/description"], report
        assert vendor.hooks == {}


def test_a_list_is_tried_backwards(run: Run, tmp_path: Path) -> None:
    """A list that the vendor sorts is told as `unordered`, where the user gives one."""
    tags = {"read": "tags", "write": "/tags", "type": "list"}
    argv = ("--set", "tags=x,y", "--change", "options.tags=y,z", "--format", "json")
    with shaped("sorts") as (_, url):
        report = told(trial(run, tmp_path, url, *argv, options__tags=tags))
        assert words(report, "sorted") == [("/options/tags", "options.tags: {unordered: true}")]
        assert trial(run, tmp_path, url, *argv, options__tags={**tags, "unordered": True}).exit == 0


def test_nothing_is_written_without_a_yes(run: Run, tmp_path: Path) -> None:
    """Without a terminal and `--yes` it is wrong usage; at a terminal anything but yes ends it; nothing was asked."""
    with shaped() as (vendor, url):
        (tmp_path / "own.yaml").write_text(manifest(), "utf-8")
        argv = ("providers", "check", "own.yaml", "--against", url)
        result = run(*argv, env=ENVIRONMENT)
        assert (result.exit, vendor.calls) == (64, [])
        assert "--yes" in result.stderr
        result = run(*argv, env=ENVIRONMENT, stdin="no\n", terminal=True)
        assert (result.exit, vendor.calls) == (1, [])
        assert "This writes to" in result.stderr


def test_what_others_have_is_left_alone(run: Run, tmp_path: Path) -> None:
    """Webhooks that were there are as they were, and no call names one of them."""
    with shaped() as (vendor, url):
        theirs = {"url": "https://theirs.example/x", "active": True, "description": "theirs", "events": ["a"]}
        vendor.hooks["77"], vendor.made = dict(theirs), 77
        assert trial(run, tmp_path, url).exit == 0
        assert vendor.hooks == {"77": theirs}
        assert not [call for call in vendor.calls if call.endswith("/77")]


def test_a_url_that_is_taken_is_refused(run: Run, tmp_path: Path) -> None:
    """What would be taken for the trial's own webhook stops it before it writes."""
    with shaped() as (vendor, url):
        vendor.hooks["1"] = {"url": "https://hooks.acme.com/x", "active": True, "description": "", "events": ["a"]}
        result = trial(run, tmp_path, url, "--hook-url", "https://hooks.acme.com/x")
        assert result.exit == 1
        assert "give another --hook-url" in result.stdout
        assert {call.partition(" ")[0] for call in vendor.calls} == {"GET"}


def test_a_failure_in_the_middle_leaves_nothing(run: Run, tmp_path: Path) -> None:
    """A read that fails ends the trial with 1 and its reason; what was made is removed."""
    with shaped() as (vendor, url):

        def breaks(method: str, path: str) -> None:
            if len(vendor.calls) == 6:
                vendor.manners = frozenset({"html"})
                vendor.hooks["1"]["description"] = None

        vendor.before = breaks
        result = trial(run, tmp_path, url, "--auth", "token=env:SHAPED_TOKEN")
        assert result.exit in (1, 2), result
        assert vendor.hooks == {}


def test_credentials_that_do_not_work_make_nothing(run: Run, tmp_path: Path) -> None:
    """It could not be tried: exit 1, the reason, and no write."""
    with shaped() as (vendor, url):
        (tmp_path / "own.yaml").write_text(manifest(), "utf-8")
        result = run("providers", "check", "own.yaml", "--against", url, "--yes", env={"SHAPED_TOKEN": "another"})
        assert result.exit == 1
        assert "Not finished:" in result.stdout
        assert vendor.calls == ["GET /hooks"]


def test_secrets_appear_nowhere(run: Run, tmp_path: Path) -> None:
    """Neither the token nor the secrets that the trial made are in what it says, also where the vendor shows them."""
    seen: list[str] = []
    with shaped("tells") as (vendor, url):
        vendor.before = lambda method, path: seen.extend(filter(None, vendor.secrets.values()))
        result = trial(run, tmp_path, url, "-v")
    assert len(set(seen)) >= 2
    for secret in {*seen, TOKEN}:
        assert secret not in result.stdout + result.stderr


def test_usage_is_explained(run: Run, tmp_path: Path) -> None:
    """What does not fit the command or the manifest is wrong usage, with the way out, before anything is sent."""
    with shaped() as (vendor, url):
        for argv, words in (
            (("--set", "colour=blue"), "there is no field colour"),
            (("--set", "flavour"), "--set flavour is no pair"),
            (("--scope", "team=x"), "no scope parameter `team`"),
            (("--auth", "tokn=env:X"), "did you mean `token`?"),
            (("--auth", "token=s3cr3t-literal"), "token"),
            (("--format", "html"), "text or json"),
        ):
            result = trial(run, tmp_path, url, *argv)
            assert result.exit == 64, result
            assert words in result.stderr
            assert "s3cr3t-literal" not in result.stderr
        assert vendor.calls == []
    result = run("providers", "check", "own.yaml", "--hook-url", "https://a.example")
    assert result.exit == 64
    assert "--hook-url belongs to --against URL" in result.stderr


def test_a_manifest_of_ones_own_is_not_tried_in_a_pull_request(run: Run, tmp_path: Path) -> None:
    """Where a change is checked, its manifest says where credentials go: it is refused until it is trusted."""
    with shaped() as (vendor, url):
        (tmp_path / "own.yaml").write_text(manifest(), "utf-8")
        environment = {**ENVIRONMENT, "GITHUB_EVENT_NAME": "pull_request"}
        result = run("providers", "check", "own.yaml", "--against", url, "--yes", env=environment)
        assert result.exit == 3
        assert "nothing was looked up or sent" in result.stderr
        assert vendor.calls == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("after", [1, 2])
def test_ctrl_c_removes_what_was_made(tmp_path: Path, after: int) -> None:
    """The first signal ends the trial and removes its webhook; one more leaves it, with its id told. Exit 130."""
    (tmp_path / "own.yaml").write_text(manifest(), "utf-8")
    with shaped() as (vendor, url):
        argv = [sys.executable, "-m", "reconciler", "providers", "check", "own.yaml", "--against", url, "--yes"]
        process = subprocess.Popen(
            argv,
            cwd=tmp_path,
            env={**os.environ, **ENVIRONMENT, "NO_PROXY": "*"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        vendor.before = interrupts(vendor, process, after)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130, (out, err)
    assert "made 1" in err
    if after == 1:
        assert vendor.hooks == {}
        assert "removed 1" in err
    else:
        assert set(vendor.hooks) == {"1"}
        assert "Left at the vendor: 1: the trial was interrupted while it was removed" in out


def interrupts(vendor: Shaped, process: "subprocess.Popen[str]", after: int) -> Any:
    """Sends the signal during the first update; and once more as soon as the first was heard, if asked for two."""
    patched = {"done": False}

    def before(method: str, path: str) -> None:
        if method == "PATCH" and not patched["done"]:
            patched["done"] = True
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)  # the answer comes only once the signal was heard
        elif patched["done"] and after == 2 and method in ("GET", "DELETE"):
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)

    return before
