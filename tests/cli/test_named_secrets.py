"""Further secrets of a webhook, by name: each has the life of the first, and none stands in the way of another."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.pair import VALUES, Desk, desk


@pytest.fixture
def pair(run: Run, tmp_path: Path) -> Iterator[Desk]:
    """A webhook with three secrets of ours, not made yet."""
    with desk(run, tmp_path) as made:
        yield made


@pytest.fixture
def applied(pair: Desk) -> Desk:
    """The same, made."""
    pair.applied()
    pair.vendor.writes.clear()
    return pair


def _made(name: str = "basic") -> dict[str, dict[str, object]]:
    return {name: {"generate": 24, "to": f"file:./secrets/{name}"}}


def test_all_go_with_the_create(pair: Desk) -> None:
    """One call makes the webhook with each secret in its place; the plan names each, and where it comes from."""
    told = pair("plan").stdout
    for line in ("secret        new: from env:SIGNING", "secret basic  new: from env:BASIC", "secret bearer new: from"):
        assert line in told
    pair.applied()
    ((method, path, body),) = pair.vendor.writes
    assert (method, path) == ("POST", "/hooks")
    assert body["secret"] == VALUES["SIGNING"]
    assert body["auth"] == {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}


def test_the_next_plan_is_empty_and_says_what_is_known_of_each(applied: Desk) -> None:
    """What is shown is the same; what nobody shows is as applied; the lock has a fingerprint of each, and no equal."""
    assert applied.change("--detailed-exitcode")["action"] == "noop"
    assert applied.states() == {"secret": "same", "basic": "unverifiable", "bearer": "same"}
    records = [applied.entry["secret"], *applied.entry["secrets"].values()]
    assert sorted(applied.entry["secrets"]) == ["basic", "bearer"]
    assert len({record["fingerprint"] for record in records}) == 3
    assert applied.entry["secrets"]["bearer"]["mask"] == "bea***urs"
    before = (applied.folder / "webhooks.lock.json").read_bytes()
    applied.applied()
    assert (applied.folder / "webhooks.lock.json").read_bytes() == before
    assert applied.vendor.writes == []


def test_equal_secrets_look_different_in_the_lock(pair: Desk) -> None:
    """Nobody sees in a lock that a password is also the signing secret; the audit tells, who can look."""
    pair.environment |= {"BASIC": VALUES["SIGNING"], "BEARER": VALUES["SIGNING"]}
    pair.applied()
    records = [pair.entry["secret"], *pair.entry["secrets"].values()]
    assert len({record["fingerprint"] for record in records}) == 3


@pytest.mark.parametrize(("variable", "key"), [("BASIC", "password"), ("BEARER", "token")])
def test_another_value_is_sent_alone(variable: str, key: str, applied: Desk) -> None:
    """Only the one that changed goes out, in the smallest body, and the plan says which."""
    applied.environment[variable] = "another-one"
    change = applied.change()
    name = variable.lower()
    assert change["reason"] == f"the secret {name} changed"
    assert change["sends"] == [f"/secrets/{name}"]
    assert change["secrets"][name]["note"] == "the reference resolves to another value"
    applied.applied()
    assert applied.vendor.writes == [("PATCH", "/hooks/1", {"auth": {key: "another-one"}})]
    assert applied.change()["action"] == "noop"


def test_one_that_is_newly_written_is_sent(pair: Desk) -> None:
    """A webhook that is there gets a password that its file did not speak of before."""
    pair.write(secrets=None)
    pair.applied()
    assert "secrets" not in pair.entry, "a lock of one secret is what it was before there were several"
    pair.vendor.writes.clear()
    pair.write()
    assert pair.states() == {"secret": "same", "basic": "new", "bearer": "new"}
    pair.applied()
    assert pair.vendor.writes == [
        ("PATCH", "/hooks/1", {"auth": {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}})
    ]


def test_one_that_is_taken_out_of_the_file_is_left_alone(applied: Desk) -> None:
    """It is not managed any more: nothing is sent, and what the lock knows of it stays."""
    applied.write(secrets={"basic": {"from": "env:BASIC"}}, events=["push", "pull"])
    applied.applied()
    assert applied.vendor.writes == [("PATCH", "/hooks/1", {"events": ["pull", "push"]})]
    assert sorted(applied.entry["secrets"]) == ["basic", "bearer"]


def test_what_somebody_changed_at_the_vendor_is_told_and_put_right(applied: Desk) -> None:
    """A mask that differs, and a password that is gone: drift, by name; an apply sends both again."""
    applied.vendor.only["auth"] = {"token": "somebody-elses"}
    told = applied("drift", exit=2).stdout
    assert "basic: removed at the vendor" in told
    assert "bearer: changed outside: the vendor's mask differs" in told
    assert applied.states() == {"secret": "same", "basic": "changed", "bearer": "changed"}
    applied.applied()
    assert applied.vendor.only["auth"] == {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}
    applied("drift")


def test_one_of_them_is_rotated(applied: Desk) -> None:
    """`--secret` names it; without, all of them are sent anew; a name that there is not is told."""
    applied("rotate", "ci", "--secret", "basic", "--yes")
    assert applied.vendor.writes == [("PATCH", "/hooks/1", {"auth": {"password": VALUES["BASIC"]}})]
    applied.vendor.writes.clear()
    applied("rotate", "ci", "--secret", "secret", "--yes")
    assert applied.vendor.writes == [("PATCH", "/hooks/1", {"secret": VALUES["SIGNING"]})]
    applied.vendor.writes.clear()
    applied("rotate", "ci", "--yes")
    ((_, _, body),) = applied.vendor.writes
    assert body == {"secret": VALUES["SIGNING"], "auth": {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}}
    told = applied("rotate", "ci", "--secret", "bsaic", "--yes", exit=1)
    assert "it has no secret bsaic to rotate" in told.stdout + told.stderr


def test_a_made_one_goes_to_its_own_sink_and_is_made_anew(pair: Desk) -> None:
    """Each has its own sink; the secret there is the vendor's, before and after a rotation of one."""
    pair.write(secrets={**_made("basic"), **_made("bearer")})
    pair.applied()
    sinks = {name: pair.folder / "secrets" / name for name in ("basic", "bearer")}
    assert pair.vendor.only["auth"] == {"password": sinks["basic"].read_text(), "token": sinks["bearer"].read_text()}
    old = {name: sink.read_text() for name, sink in sinks.items()}
    assert pair.change()["action"] == "noop"
    told = pair("rotate", "ci", "--secret", "basic", "--yes").stdout
    assert "secret basic stored in file:./secrets/basic" in told
    assert sinks["basic"].read_text() == pair.vendor.only["auth"]["password"] != old["basic"]
    assert sinks["bearer"].read_text() == old["bearer"]
    assert pair.entry["secrets"]["basic"]["stored"] == "file:./secrets/basic"


def test_a_made_one_that_is_refused_leaves_the_old_one_in_force(pair: Desk) -> None:
    """The vendor refuses the new password, so its sink has the old one again."""
    pair.write(secrets=_made())
    pair.applied()
    sink = pair.folder / "secrets" / "basic"
    old, pair.vendor.refuses = sink.read_text(), 422
    told = pair("rotate", "ci", "--secret", "basic", "--yes", exit=1)
    assert "has the old secret basic again" in " ".join(told.stdout.split())
    assert sink.read_text() == old == pair.vendor.only["auth"]["password"]
    pair.vendor.refuses = 0
    assert pair.states() == {"secret": "same", "basic": "unverifiable"}


@pytest.mark.parametrize("argv", [("apply",), ("rotate", "ci", "--secret", "basic")], ids=" ".join)
def test_killed_between_the_call_and_the_lock(argv: tuple[str, ...], pair: Desk) -> None:
    """Nobody knows which password the vendor took: it is made and sent again, and no webhook is made twice."""
    pair.write(secrets={**_made(), "bearer": {"from": "env:BEARER"}})
    if argv[0] == "rotate":
        pair.applied()
    pair.killed(*argv)
    pair.applied()
    assert len(pair.vendor.hooks) == 1
    assert (pair.folder / "secrets" / "basic").read_text() == pair.vendor.only["auth"]["password"]
    assert pair.vendor.only["auth"]["token"] == VALUES["BEARER"]
    assert pair.change()["action"] == "noop"


def test_an_answer_that_is_lost_leaves_the_secret_in_doubt(applied: Desk) -> None:
    """A password that was sent and not answered for is sent again by the next run."""
    applied.environment["BASIC"] = "another-password"
    applied.killed("apply")
    assert applied.vendor.only["auth"]["password"] == "another-password"
    assert applied.states()["basic"] == "changed"
    applied.applied()
    assert applied.vendor.writes[-1] == ("PATCH", "/hooks/1", {"auth": {"password": "another-password"}})
    assert applied.change()["action"] == "noop"


def test_nobody_trusts_the_old_one_once_another_was_sent(applied: Desk) -> None:
    """The reference has its old value again, and the vendor may have the new one: so the old one is sent."""
    applied.environment["BASIC"] = "another-password"
    applied.killed("apply")
    applied.environment["BASIC"] = VALUES["BASIC"]
    assert applied.states()["basic"] == "changed"
    applied.applied()
    assert applied.vendor.only["auth"]["password"] == VALUES["BASIC"]


def test_a_saved_plan_demands_the_secret_that_it_saw(applied: Desk) -> None:
    """Of each secret; the plan file itself has no more than a fingerprint."""
    applied.environment["BASIC"] = "another-password"
    applied("plan", "-o", "saved")
    assert "secret basic  changed: the reference resolves to another value" in applied("show", "saved").stdout
    told = applied("apply", "saved", exit=1, BASIC="a-third-password")
    assert "no longer as the plan saw it" in told.stderr
    assert applied.vendor.writes == []
    applied("apply", "saved")
    assert applied.vendor.only["auth"]["password"] == "another-password"


def test_taken_over_and_then_owned(pair: Desk) -> None:
    """Of a webhook that was made by hand nobody knows the password: the plan says so, and one command sends them."""
    pair.vendor.hooks["1"] = {
        "id": "1",
        "url": "https://hooks.acme.com/in",
        "events": ["push"],
        "secret": VALUES["SIGNING"],
        "auth": {"password": "by hand", "token": "by-hand-too"},
    }
    told = pair("adopt", "ci", "--id", "1", "--yes").stdout
    assert "Its secret basic is unverifiable: not known to be the file's" in told
    assert "`whsync rotate ci --secret basic` gives it the file's" in told
    assert pair.entry["secrets"]["basic"]["sent"] is False
    assert pair.states()["basic"] == pair.states()["bearer"] == "unverifiable"
    assert pair.vendor.writes == []
    found = json.loads(pair("audit", "--format", "json").stdout)["webhooks"][0]["findings"]
    told = " ".join(finding["summary"] for finding in found if finding["code"] == "secret-unverifiable")
    assert "has a secret basic that is not known to be the file's" in told
    pair.applied("--own-secrets")
    assert pair.vendor.only["auth"] == {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}


def test_beside_one_that_the_vendor_issues(run: Run, tmp_path: Path) -> None:
    """The issued one goes to its sink, ours to the vendor; a rotation of ours leaves the issued one alone."""
    with desk(run, tmp_path, issues=True) as pair:
        pair.applied()
        assert (tmp_path / "secrets" / "signing").read_text() == "issued-by-pair-1"
        assert pair.vendor.only["auth"]["password"] == VALUES["BASIC"]
        pair("rotate", "ci", "--secret", "basic", "--yes", BASIC="another-password")
        assert pair.vendor.only["auth"]["password"] == "another-password"
        assert (tmp_path / "secrets" / "signing").read_text() == "issued-by-pair-1"
        assert "no call that issues another" in pair("rotate", "ci", "--yes", exit=1).stdout


def test_no_secret_is_anywhere_but_where_it_belongs(applied: Desk) -> None:
    """Not in any output, lock, saved plan, journal or record, whatever became of a change."""
    applied.environment["BASIC"] = "another-password"
    applied("plan", "-o", "saved", "-vv", "--report", "html=report.html", "--report", "json=report.json")
    applied.vendor.refuses = 500
    applied("apply", "--yes", "-vv", exit=1)
    applied.vendor.refuses = 0
    applied("apply", "--yes", "--format", "json")
    applied("audit", "--format", "json")
    applied("state", "show", "ci")
    shown = "\n".join(applied.everything())
    for value in (*VALUES.values(), "another-password"):
        assert value not in shown


def test_what_the_lock_and_the_record_show(applied: Desk) -> None:
    """`state show` and `state list` tell of each, by name, with an equal digest for equal ones."""
    applied.environment["BEARER"] = VALUES["BASIC"]
    applied.applied()
    assert sorted(json.loads(applied("state", "show", "ci", "--format", "json").stdout)["secrets"]) == [
        "basic",
        "bearer",
    ]
    row = json.loads(applied("state", "list", "--format", "json").stdout)
    (told,) = row["webhooks"] if isinstance(row, dict) else row
    assert told["secrets"]["basic"]["digest"] == told["secrets"]["bearer"]["digest"] is not None
    recorded = [json.loads(line) for line in (applied.folder / "runs.record").read_text().splitlines()]
    changed = [line for line in recorded if line["record"] == "change"]
    assert changed[-1]["secrets"] == {"basic": "unverifiable", "bearer": "changed"}


def _faults(pair: Desk) -> str:
    return pair("validate", exit=1).stderr


def test_a_name_that_the_vendor_does_not_have(pair: Desk) -> None:
    """An error at its place, with the names that there are; from the defaults, it is skipped."""
    pair.write(secrets={"bsaic": {"from": "env:BASIC"}})
    told = _faults(pair)
    assert "Pair has no secret called `bsaic`" in told
    assert "did you mean `basic`?" in told
    pair.write(secrets={"password": {"from": "env:BASIC"}})
    assert "known here: basic, bearer" in _faults(pair)
    pair.write(secrets={"secret": {"from": "env:BASIC"}})
    assert "the first one stands under `secret:`" in _faults(pair)
    pair.write(secrets=None, defaults={"secrets": {"password": {"from": "env:BASIC"}}})
    pair("validate")


def test_defaults_merge_name_by_name(pair: Desk) -> None:
    """A secret of the defaults stays beside the webhook's own, and one of the same name gives way as a whole."""
    usual = {"basic": {"generate": 24, "to": "file:./secrets/basic"}, "bearer": {"from": "env:BEARER"}}
    pair.write(secrets={"basic": {"from": "env:BASIC"}}, defaults={"secrets": usual})
    pair.applied()
    assert pair.vendor.only["auth"] == {"password": VALUES["BASIC"], "token": VALUES["BEARER"]}


def test_a_further_secret_is_never_issued(pair: Desk) -> None:
    """`{to: SINK}` is refused, with what to write instead; and so is a secret itself."""
    pair.write(secrets={"basic": {"to": "file:./secrets/basic"}})
    told = _faults(pair)
    assert "Pair does not issue the secret `basic`" in told
    assert "{generate: 32, to: SINK}" in told
    pair.write(secrets={"basic": "the password itself"})
    told = _faults(pair)
    assert "must be a mapping, never the secret itself" in told
    assert "the password itself" not in told


def test_two_secrets_of_a_webhook_in_one_sink(pair: Desk) -> None:
    """Each needs a place of its own, also beside those of other webhooks."""
    same = {"generate": 24, "to": "file:./secrets/one"}
    pair.write(secrets={"basic": same, "bearer": same})
    assert "`ci` stores two of its secrets in the same place" in _faults(pair)
    other = {"url": "https://hooks.acme.com/other", "events": ["push"], "secret": same}
    pair.write(secrets={"basic": same}, others={"other": other})
    assert "store their secrets in the same place" in _faults(pair)


def test_a_sink_that_holds_somebody_elses(pair: Desk) -> None:
    """What another job keeps there is not written over, and nothing is made."""
    pair.write(secrets=_made())
    (pair.folder / "secrets").mkdir()
    (pair.folder / "secrets" / "basic").write_text("of another job")
    told = pair("apply", "--yes", exit=1)
    assert "holds a secret that this lock knows nothing of" in told.stdout + told.stderr
    assert pair.vendor.hooks == {}
    assert (pair.folder / "secrets" / "basic").read_text() == "of another job"


def test_locks_of_two_branches_are_merged_secret_by_secret(applied: Desk) -> None:
    """One branch rotated one of them, the other another: the later one of each is true."""
    base = (applied.folder / "webhooks.lock.json").read_text()
    for name in ("basic", "bearer"):
        (applied.folder / "webhooks.lock.json").write_text(base)
        applied("rotate", "ci", "--secret", name, "--yes")
        (applied.folder / f"{name}.json").write_text((applied.folder / "webhooks.lock.json").read_text())
    (applied.folder / "base.json").write_text(base)
    applied("state", "merge", "base.json", "basic.json", "bearer.json")
    merged, sides = json.loads((applied.folder / "basic.json").read_text()), {}
    for name in ("basic", "bearer"):
        sides[name] = json.loads((applied.folder / f"{name}.json").read_text())["webhooks"]["ci"]["secrets"][name]
    assert merged["webhooks"]["ci"]["secrets"] == sides


def test_a_secret_that_cannot_be_had(applied: Desk) -> None:
    """Its variable is not set: what needs it waits and is told by name; what does not goes on without."""
    del applied.environment["BASIC"]
    applied.write(events=["push", "pull"])
    told = applied("apply", "--yes", exit=1)
    assert "BASIC" in told.stdout
    assert applied.vendor.writes == [("PATCH", "/hooks/1", {"events": ["pull", "push"]})]
