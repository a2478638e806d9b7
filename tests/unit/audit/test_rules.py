"""Each rule of an audit: what it finds, and what it leaves alone."""

from typing import Any

import pytest

from reconciler.audit.judge import judged
from reconciler.audit.rules import (
    duplicate,
    gone,
    host_not_allowed,
    orphan,
    plain_http,
    risky_option,
    same_url,
    secret_old,
    secret_shared,
    secret_unverifiable,
    switched_off,
    unmanaged_found,
    unsigned,
    vendor_disabled,
    wildcard_events,
)
from reconciler.audit.types import AuditSettings, Hit, Secrecy, Severity, Standing
from reconciler.codes import Code
from reconciler.model.webhook import Certainty
from reconciler.planning.policy import Policy
from tests.unit.render.audits import inventory, seen

OURS = seen("ci", "7")
STRANGE = seen(None, "8")


def _numbers(hits: object) -> list[int]:
    return [hit.seen.number for hit in hits if isinstance(hit, Hit)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://ci.acme.test/x", True),
        ("HTTP://ci.acme.test/x", True),
        ("http://10.0.0.1/x", True),
        ("http://localhost/x", False),
        ("http://127.0.0.1:80/x", False),
        ("http://[::1]/x", False),
        ("https://ci.acme.test/http://x", False),
        ("arn:aws:sns:x", False),
        ("", False),
    ],
)
def test_plain_http(url: str, found: bool) -> None:
    """A URL without encryption is found, unless it stays on the machine or is no URL of http at all."""
    assert bool(_numbers(plain_http.hits(inventory(seen("ci", fields={"/url": url}))))) is found


@pytest.mark.parametrize(
    ("url", "allowed", "also", "found"),
    [
        ("https://ci.acme.test/x", (), (), False),
        ("https://ci.acme.test/x", ("*.acme.test",), (), False),
        ("https://CI.ACME.test./x", ("*.acme.test",), (), False),
        ("https://acme.test.evil.test/x", ("*.acme.test",), (), True),
        ("https://***~1a2b3c4d@evil.test/x", ("*.acme.test",), (), True),
        ("https://ci.acme.test/x", ("*.acme.test",), ("hooks.acme.test",), True),
        ("https://a.test\\@ci.acme.test/x", ("*.acme.test",), (), True),
        ("https://hooks.***.test/x", ("*.acme.test",), (), False),
        ("", ("*.acme.test",), (), False),
    ],
)
def test_host_not_allowed(url: str, allowed: tuple[str, ...], also: tuple[str, ...], found: bool) -> None:
    """A host that one of the lists lacks is found; one behind a mask is not known to be any."""
    policy = Policy(allowed_hosts=allowed, allowed_also=also)
    assert bool(_numbers(host_not_allowed.hits(inventory(seen("ci", fields={"/url": url}), policy=policy)))) is found


def test_risky_option() -> None:
    """The value that the manifest names is found, and only that; a provider that is lost has no manifest."""
    webhooks = [seen("ci", fields={"/options/tls": tls}) for tls in ("off", "on", False)]
    lost = seen("ci", fields={"/options/tls": "off"}, provider="lost")
    (hit,) = risky_option.hits(inventory(*webhooks, lost))
    assert (hit.seen.number, hit.summary) == (0, "has tls: off, so the vendor does not check certificates")


def test_switched_off_by_somebody_or_by_the_vendor() -> None:
    """Whoever did it, it is found once; a status that nobody shows is none."""
    off, active = seen("ci", fields={"/status": "inactive"}), seen("ci", fields={"/status": "active"})
    by_vendor = seen("ci", fields={"/status": "inactive"}, note="410 for a week")
    odd = seen("ci", fields={"/status": "suspended"})
    looked = inventory(off, active, by_vendor, odd, OURS)
    assert [hit.summary for hit in switched_off.hits(looked)] == ["is switched off", "is suspended"]
    assert [hit.summary for hit in vendor_disabled.hits(looked)] == ["was switched off by the vendor: 410 for a week"]


def test_duplicate() -> None:
    """All that are alike are found, whoever has them; one whose key is not known, or that nobody saw, is like none."""
    looked = inventory(
        seen("ci", alike=1),
        seen(None, alike=1),
        seen("b", alike=2),
        seen("c"),
        seen("d"),
        seen("e", alike=2, certainty=Certainty.ABSENT),
    )
    assert _numbers(duplicate.hits(looked)) == [0, 1]


def test_unsigned() -> None:
    """A webhook that is known to have no secret is found, and none of which that is not known."""
    looked = inventory(
        *(seen("ci", secrecy=each) for each in (Secrecy.NONE, Secrecy.SET, Secrecy.UNKNOWN, Secrecy.NOT_HERE))
    )
    assert _numbers(unsigned.hits(looked)) == [0]


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"secrecy": Secrecy.SET, "secret_is_known": True, "secret_declared": True}, False),
        ({"secrecy": Secrecy.UNKNOWN, "secret_is_known": True}, False),
        ({"secrecy": Secrecy.SET, "secret_is_known": False, "secret_declared": True}, True),
        ({"secrecy": Secrecy.SET, "secret_is_known": False}, False),
        ({"secrecy": Secrecy.UNKNOWN, "secret_is_known": False}, True),
        ({"secrecy": Secrecy.NONE, "secret_is_known": False, "secret_declared": True}, False),
        ({"secrecy": Secrecy.NOT_HERE, "secret_is_known": False}, False),
    ],
)
def test_secret_unverifiable(how: dict[str, Any], found: bool) -> None:
    """Found is a secret of the files that the vendor may not have, and one that nobody shows and nobody set."""
    assert bool(_numbers(secret_unverifiable.hits(inventory(seen("ci", **how))))) is found


def test_secret_shared() -> None:
    """All of those that are there and have one secret are found; alone in its group is not shared."""
    looked = inventory(
        seen("a", secret_group=1),
        seen("b", secret_group=1),
        seen("c", secret_group=2),
        seen("d", secret_group=2, certainty=Certainty.ABSENT),
        seen("e"),
        seen("f"),
    )
    assert _numbers(secret_shared.hits(looked)) == [0, 1]


@pytest.mark.parametrize(
    ("at", "known", "found"),
    [
        ("2026-08-22T12:00:00Z", True, True),
        ("2026-08-23T12:00:00Z", True, False),  # 90 days to the second
        ("2020-01-01T00:00:00Z", False, False),
        ("2020-01-01", True, True),
        ("long ago", True, False),
        (None, True, False),
    ],
)
def test_secret_old(at: str | None, known: bool, found: bool) -> None:
    """A secret that is older than allowed is found, where whsync knows since when it is in use."""
    looked = inventory(seen("ci", secret_at=at, secret_is_known=known), settings=AuditSettings(secret_max_age=90))
    assert bool(_numbers(secret_old.hits(looked))) is found


def test_wildcard_events() -> None:
    """The word for all events is found, and so is the whole list; at a vendor without such a word, nothing is."""
    every = [seen("ci", fields={"/events": frozenset(events)}) for events in (("*",), ("*", "push"), ("push",), ())]
    other = seen("ci", provider="pay", type="pay", fields={"/events": frozenset({"*"})})
    assert _numbers(wildcard_events.hits(inventory(*every, other))) == [0, 1]


def test_orphans_strangers_and_what_is_gone() -> None:
    """Each is found by its own rule, and by that only; what was pruned is nobody's business."""
    looked = inventory(
        OURS,
        seen("old", standing=Standing.ORPHAN),
        STRANGE,
        seen("gone", certainty=Certainty.ABSENT),
        seen("pruned", standing=Standing.LEFTOVER),
        seen("lost", standing=Standing.ORPHAN, certainty=Certainty.ABSENT),
        seen("unseen", standing=Standing.ORPHAN, certainty=Certainty.UNKNOWN),
    )
    assert _numbers(orphan.hits(looked)) == [1]
    assert _numbers(unmanaged_found.hits(looked)) == [2]
    assert [(hit.seen.number, "state rm" in hit.hint) for hit in gone.hits(looked)] == [(3, False), (5, True)]
    ignoring = inventory(STRANGE, policy=Policy(unmanaged="ignore"))
    assert _numbers(unmanaged_found.hits(ignoring)) == []


def test_same_url() -> None:
    """One URL at two vendors is found however it is spelled; two webhooks of one vendor are not that."""
    looked = inventory(
        seen("a", fields={"/url": "https://x.test/hook"}),
        seen("b", type="pay", fields={"/url": "https://X.test:443/hook"}),
        seen("c", fields={"/url": "https://y.test/hook"}),
        seen("d", fields={"/url": "https://y.test/hook"}),
        seen("e", fields={"/url": ""}),
        seen("f", type="pay", fields={"/url": ""}),
    )
    assert _numbers(same_url.hits(looked)) == [0, 1]


def test_what_nobody_saw_has_no_other_finding() -> None:
    """Of a webhook whose read failed nothing is claimed, and of one that is gone only that."""
    bad = {"/url": "http://old.test/x", "/events": frozenset({"*"}), "/status": "inactive", "/options/tls": "off"}
    unseen = seen("ci", fields=bad, secrecy=Secrecy.NONE, certainty=Certainty.UNKNOWN, secret_at="2020-01-01T00:00:00Z")
    first, second = judged(inventory(unseen, unseen._replace(certainty=Certainty.ABSENT)))
    assert first.findings == ()
    assert [finding.code for finding in second.findings] == [Code.GONE]


def test_the_files_weigh_findings() -> None:
    """The worst stands first, by the severities of the files; what they switch off is not looked for."""
    levels = {Code.PLAIN_HTTP: Severity.LOW, Code.UNSIGNED: Severity.HIGH, Code.UNMANAGED_FOUND: None}
    bad = seen(None, fields={"/url": "http://old.test/x"}, secrecy=Secrecy.NONE)
    (found,) = judged(inventory(bad, settings=AuditSettings(levels)))
    assert [(finding.code, finding.severity) for finding in found.findings] == [
        (Code.UNSIGNED, Severity.HIGH),
        (Code.PLAIN_HTTP, Severity.LOW),
    ]
    assert found.worst is Severity.HIGH


def test_severities_are_in_order() -> None:
    """Every severity reaches itself and the milder ones."""
    low, medium, high = Severity
    assert [medium.reaches(each) for each in (low, medium, high)] == [True, True, False]
    assert high.reaches(low)
    assert not low.reaches(high)
