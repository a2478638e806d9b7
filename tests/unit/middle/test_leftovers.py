"""What the matching makes of the rest: orphans, tombstones, rivals, strangers, twins."""

from reconciler.matching.match import match
from reconciler.model.webhook import Address, Certainty, Observation, Part, Scope
from tests.unit.middle.build import (
    ACCOUNT,
    ELSEWHERE,
    UNREADABLE,
    capabilities,
    entry,
    fields,
    how,
    lock,
    matching,
    remote,
    seen,
    webhook,
)


def test_orphans_are_entries_that_the_file_lost() -> None:
    """Every entry is an orphan that is not desired, renamed or a tombstone; only its id finds it."""
    held = lock(
        w=entry("r1"),
        old=entry("r2", ELSEWHERE),
        lost=entry("r3", ELSEWHERE),
        gone=entry("r4"),
        tomb=entry("r5", retired=True),
    )
    observed = seen(*(remote(number, ELSEWHERE) for number in ("r1", "r2", "r3", "r5")), remote("r6", mark="gone"))
    found = matching([webhook(), webhook("new", was=("old",))], observed, held)
    assert {name: orphan.certainty for name, orphan in found.orphans.items()} == {
        "gone": Certainty.ABSENT,
        "lost": Certainty.PRESENT,
    }
    assert [stray.remote_id for stray in found.unmanaged] == ["r6"]


def test_a_tombstone_gives_its_remote_to_whoever_wants_it() -> None:
    """What was pruned by switching off may be taken up again under another name, rather than made twice."""
    found = matching([webhook("new")], seen(remote("r1", mark="old")), lock(old=entry("r1", retired=True)))
    assert how(found.matched["new"]) == ("natural key", "r1")


def test_an_orphan_whose_account_is_out_of_reach_is_not_looked_for() -> None:
    """The same id at another account, or a provider that left the file, proves nothing."""
    held = lock(lost=entry("r1", account="https://other.example.com"), left=entry("r2", provider="gone"))
    found = matching([webhook()], seen(remote("r1", ELSEWHERE), remote("r2", ELSEWHERE)), held)
    assert {(orphan.certainty, orphan.problem is None) for orphan in found.orphans.values()} == {
        (Certainty.UNKNOWN, False)
    }


def test_two_webhooks_cannot_be_one_remote() -> None:
    """Two names that lead to one remote, or to one entry, are a problem of both."""
    one, two = webhook("one"), webhook("two")
    for found in (
        matching([one, two], seen(remote("r1")), lock(one=entry("r1"), two=entry("r1"))),
        matching([one, two], seen(remote("r1")), lock()),
        matching([one._replace(was=("old",)), two._replace(was=("old",))], UNREADABLE, lock(old=entry("r1"))),
    ):
        assert [match.problem and match.problem.kind for match in found.matched.values()] == ["ambiguous"] * 2
        assert found.orphans == {}


def test_two_former_names_in_the_lock_are_not_guessed_between() -> None:
    """Where no read decides between two former names, it is a problem, and neither is an orphan to prune."""
    held = lock(a=entry("r1"), b=entry("r2"))
    found = matching([webhook(was=("a", "b"))], UNREADABLE, held)
    assert found.matched["w"].problem is not None
    assert found.orphans == {}
    assert matching([webhook(was=("a", "b"))], seen(remote("r2", ELSEWHERE)), held).matched["w"].entry_name == "b"


def test_an_orphan_whose_remote_has_a_new_owner_says_so() -> None:
    """A singleton under a new name leaves an orphan that must not take the remote with it."""
    found = matching([webhook("new")], seen(remote("me")), lock(old=entry("me")), capabilities(read="singleton"))
    assert found.matched["new"].remote is not None
    assert found.orphans["old"].taken_by == "new"


def test_a_likely_rename_is_pointed_out() -> None:
    """A new webhook with the key of an abandoned one says how to keep it."""
    for observed in (seen(remote("r1")), UNREADABLE):
        found = matching([webhook("new")], observed, lock(old=entry("r1")))
        assert "was: [old]" in found.matched["new"].note


def test_strangers_are_listed_and_twins_are_found() -> None:
    """What nobody claims is unmanaged, with hidden URL parts; one with a managed webhook's key is a duplicate."""
    stranger = remote("r3", fields("https://x.example.com/?token=hunter2"))
    found = matching([webhook()], seen(remote("r1"), remote("r2"), stranger), lock(w=entry("r1")))
    assert [stray.remote_id for stray in found.unmanaged] == ["r2", "r3"]
    assert [(f.kind, f.remote_id, f.name) for f in found.findings] == [("duplicate", "r2", "w")]
    assert "hunter2" not in f"{found.unmanaged}{found.findings}"


def test_parts_of_our_webhooks_are_no_strangers() -> None:
    """Remote objects that are parts, or left-over parts, of an entry are not unmanaged."""
    held = lock(w=entry("r1", parts=(Part("one", "p1"),), orphan_parts=(Part("two", "p2"),)))
    assert matching([webhook()], seen(remote("r1"), remote("p1"), remote("p2")), held).unmanaged == ()


def test_a_webhook_that_the_vendor_switched_off_is_found() -> None:
    """The vendor's reason is a finding."""
    found = matching([webhook()], seen(remote("r1", note="too many failures")), lock(w=entry("r1")))
    assert [(f.kind, f.name) for f in found.findings] == [("vendor_disabled", "w")]
    assert "too many failures" in found.findings[0].summary


def test_two_provider_entries_may_look_at_one_repository() -> None:
    """On one ground an id is one webhook: ours is no stranger to the other entry, and a stranger is told once."""
    scope: Scope = (("repo", "api"),)
    one, other = webhook(scope=scope), Address("u", "vendor", ACCOUNT, ())
    assert one.address.ground == other._replace(scope=scope).ground
    assert webhook().address.ground != other.ground
    looked = Observation((remote("r1"), remote("r2", ELSEWHERE)), complete=True)
    observed = {("v", scope): looked, ("u", scope): looked}
    accounts = {"v": ACCOUNT, "u": ACCOUNT}
    found = match([one], observed, lock(), {"v": capabilities(), "u": capabilities()}, accounts)
    assert [stray.remote_id for stray in found.unmanaged] == ["r2"]


def test_what_is_wanted_applied_and_sent_has_one_address() -> None:
    """A webhook that did not move has the same address in the file, in the lock and in an open intent."""
    held = lock("w", w=entry())
    assert webhook().address == held.entries["w"].address == held.intents["w"].address
