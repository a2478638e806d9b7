"""What the guards refuse."""

import pytest

from reconciler.errors import Problem, UsageError
from reconciler.model.action import Action, PlannedCall, Unmanaged
from reconciler.model.webhook import Certainty, Fields
from reconciler.planning.policy import (
    Policy,
    Threshold,
    emptied,
    host_allowed,
    minded,
    misplaced,
    protected,
    strangers,
    threshold_of,
    too_many,
    too_many_unlocked,
)
from reconciler.planning.types import Change
from tests.unit.middle.build import fields, webhook


def change(name: str, action: Action, calls: int = 1) -> Change:
    """A change of the provider `v`."""
    sent = (PlannedCall("PUT", "u"),) * calls
    return Change(name, "v", "vendor", (), "r", action, Certainty.PRESENT, "", calls=sent)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("hooks.acme.com", True),
        ("a.b.acme.com", True),
        ("acme.com", False),
        ("evilacme.com", False),
        ("acme.com.evil.example", False),
        ("", False),
    ],
)
def test_a_star_means_every_name_below(host: str, allowed: bool) -> None:
    """`*.acme.com` fits names below acme.com and nothing else."""
    assert host_allowed(host, ("*.ACME.com",)) is allowed


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://hooks.acme.com@evil.example/x",
        "https://evil.example\\@hooks.acme.com/x",
        "https://evil.example?hooks.acme.com",
        "https://evil.example#.acme.com",
        "https:///x",
        "https://[::1",
    ],
)
def test_other_hosts_are_refused(url: str) -> None:
    """A URL that any reader might take to another host is refused."""
    assert [refusal.name for refusal in misplaced([webhook("w", fields(url))], Policy(("*.acme.com",)))] == ["w"]


@pytest.mark.parametrize(
    "url", ["https://HOOKS.acme.com:8443/x", "https://u:p@hooks.acme.com/x", "https://hooks.acme.com."]
)
def test_ports_case_and_users_do_not_matter(url: str) -> None:
    """Only the host decides."""
    assert list(misplaced([webhook("w", fields(url))], Policy(("*.acme.com",)))) == []


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://hooks.acme.com/x", True),
        ("ftp://hooks.acme.com/x", True),
        ("http://localhost.evil.example/x", True),
        ("http://127.0.0.1.evil.example/x", True),
        ("http://localhost:8080/x", False),
        ("http://127.3.2.1/x", False),
        ("http://[::1]:80/x", False),
        ("HTTPS://hooks.acme.com/x", False),
    ],
)
def test_only_https_except_on_loopback(url: str, refused: bool) -> None:
    """Without https a webhook may point only to this machine, unless the policy says otherwise."""
    assert bool(list(misplaced([webhook("w", fields(url))], Policy()))) is refused
    assert not list(misplaced([webhook("w", fields(url))], Policy(https_only=False)))


def test_refusals_hide_what_urls_hide() -> None:
    """A refusal shows no user-info and no query value."""
    url = "http://user:passw0rd@evil.example/x?token=hunter2"
    text = str(list(misplaced([webhook("w", fields(url))], Policy(("*.acme.com",)))))
    assert "evil.example" in text
    assert "passw0rd" not in text
    assert "hunter2" not in text


def test_a_url_that_nobody_manages_is_nobodys_business() -> None:
    """A webhook without a URL in the file is not judged."""
    assert list(misplaced([webhook("w", Fields({"/status": "active"}))], Policy(("*.acme.com",)))) == []


@pytest.mark.parametrize("action", list(Action))
def test_protection_is_against_losing_the_webhook(action: Action) -> None:
    """Retirements and replacements of protected webhooks are refused, everything else is not."""
    refused = [refusal.name for refusal in protected([change("w", action), change("x", action)], frozenset({"w"}))]
    assert refused == (["w"] if action in (Action.DELETE, Action.DEACTIVATE, Action.REPLACE) else [])


@pytest.mark.parametrize("action", list(Action))
def test_what_counts_as_changed(action: Action) -> None:
    """Updates, replacements and retirements are held against the threshold, creates and adoptions are not."""
    refused = list(too_many([change("w", action)], {"v": 10}, Threshold(0, percent=False)))
    assert bool(refused) is (action in (Action.UPDATE, Action.REPLACE, Action.DELETE, Action.DEACTIVATE))


def test_an_update_that_sends_nothing_does_not_count() -> None:
    """What only the lock learns is no change at the vendor."""
    assert list(too_many([change("w", Action.UPDATE, calls=0)], {"v": 10}, Threshold(0, percent=False))) == []


@pytest.mark.parametrize(
    ("changed", "managed", "threshold", "refused"),
    [
        (3, 10, "30%", False),
        (4, 10, "30%", True),
        (9, 9, "30%", False),
        (9, 9, "1", False),
        (5, 50, "5", False),
        (6, 50, "5", True),
        (1, 10, "0", True),
    ],
)
def test_thresholds(changed: int, managed: int, threshold: str, refused: bool) -> None:
    """More than the count or share is refused, with the numbers and the flag; under ten managed webhooks nothing is."""
    changes = [change(f"w{number}", Action.UPDATE) for number in range(changed)]
    found = list(too_many(changes, {"v": managed}, threshold_of(threshold)))
    assert bool(found) is refused
    for refusal in found:
        assert f"{changed} of the {managed}" in refusal.summary
        assert threshold in refusal.summary
        assert f"--max-changed {changed}" in refusal.hint


def test_the_usual_threshold() -> None:
    """Without `max_changed` 30% may change in one run, and no more."""
    changes = [change(f"w{number}", Action.UPDATE) for number in range(4)]
    assert list(too_many(changes[:3], {"v": 10}, Policy().max_changed)) == []
    assert len(list(too_many(changes, {"v": 10}, Policy().max_changed))) == 1


def test_deletions_are_counted_by_themselves() -> None:
    """Neither do updates use up what may be retired, nor the other way; who allows both is told the greater number."""
    updates = [change(f"u{number}", Action.UPDATE) for number in range(5)]
    retired = [change(f"d{number}", Action.DELETE) for number in range(4)]
    assert list(too_many([*updates[:3], *retired[:3]], {"v": 10}, threshold_of("30%"))) == []
    (both_updates, both_retired) = too_many([*updates, *retired], {"v": 10}, threshold_of("30%"))
    assert "5 of the 10 managed webhooks of v would change (50%)" in both_updates.summary
    assert "4 of the 10 managed webhooks of v would go (40%)" in both_retired.summary
    assert "--max-changed 5" in both_updates.hint
    assert "--max-changed 5" in both_retired.hint


@pytest.mark.parametrize("action", list(Action))
def test_what_counts_where_the_lock_is_gone(action: Action) -> None:
    """Without the lock that should be there, what would be made or taken over counts, of what the files have."""
    gone = Problem("config", "there is no lock x, although git has it", "bring it back")
    changes = [change(f"w{number}", action) for number in range(4)]
    threshold = threshold_of("30%")
    found = list(too_many_unlocked(changes, {"v": 10}, threshold, gone))
    assert bool(found) is (action in (Action.CREATE, Action.ADOPT))
    assert all("4 of the 10" in no.summary and gone.summary in no.summary for no in found)
    assert not list(too_many_unlocked(changes, {"v": 10}, threshold, None)), "the lock is there, or never was"
    assert not list(too_many_unlocked(changes, {"v": 10}, threshold_of("4"), gone))
    assert not list(too_many_unlocked(changes, {"v": 9}, threshold, gone))


@pytest.mark.parametrize("action", list(Action))
def test_a_prune_of_everything_is_asked_for_by_name(action: Action) -> None:
    """With files that hold no webhook at all, taking away what the lock has needs a word of its own."""
    loses = action in (Action.DELETE, Action.DEACTIVATE, Action.FORGET)
    found = list(emptied([change("w", action)], prunes_all=False))
    assert bool(found) is loses
    assert all("--prune-all" in no.hint for no in found)
    assert not list(emptied([change("w", action)], prunes_all=True))


@pytest.mark.parametrize("text", ["", "%", "x", "-1", "1.5", "1.2.3%", "٣"])
def test_what_is_no_threshold_is_wrong_usage(text: str) -> None:
    """A threshold is a whole count or a percentage."""
    with pytest.raises(UsageError):
        threshold_of(text)


def test_a_host_may_be_reached_without_https() -> None:
    """One host inside of a cluster is an exception; every other one still needs https."""
    policy = Policy(http_hosts=("hooks.build.svc", "*.local.test"))
    hosts = (
        "http://hooks.build.svc",
        "http://a.local.test:8080",
        "http://build.svc",
        "http://h.example",
        "https://h.example",
    )
    hooks = [webhook(str(number), fields(f"{host}/x")) for number, host in enumerate(hosts)]
    assert [no.name for no in misplaced(hooks, policy)] == ["2", "3"]
    assert all("policy.http_hosts" in no.hint for no in misplaced(hooks, policy))
    only = policy._replace(http_also=("hooks.build.svc",))
    assert [no.name for no in misplaced(hooks, only)] == ["1", "2", "3"]


def test_a_provider_has_a_policy_of_its_own() -> None:
    """What is allowed, how much may change, and what is minded at one entry is nothing to the others."""
    own = Policy(("*.b.example",), https_only=False, max_changed=Threshold(0, percent=False), unmanaged="ignore")
    policy = Policy(("*.a.example",), unmanaged="deny", apart={"b": own})
    hooks = [
        webhook("a", fields("https://x.a.example")),
        webhook("b", fields("http://x.b.example"))._replace(provider="b"),
        webhook("c", fields("https://x.a.example"))._replace(provider="b"),
    ]
    assert [no.name for no in misplaced(hooks, policy)] == ["c"]
    strange = [Unmanaged("v", (), "1", "https://x"), Unmanaged("b", (), "2", "https://x")]
    assert [found.provider for found in minded(strange, policy)] == ["v"]
    assert [no.provider for no in strangers(strange, frozenset(), policy)] == ["v"]
    assert (policy.of("b"), policy.of("v"), policy.of(None)) == (own, policy, policy)
