"""Lists of several pages that shift while they are read, because others add and delete webhooks meanwhile."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.sandbox import Answer, Request, Sandbox
from tests.cli.world import World, hook

Shift = Callable[[], None]
HOOKS = "/repos/acme/api/hooks"


def nothing() -> None:
    """Nobody does anything."""


class Pages:
    """The hooks come two a page; behind the first page of a list, `shift` happens, once.

    Attributes:
        theirs: hooks of others, made before ours.
    """

    def __init__(self, box: Sandbox) -> None:
        self.vendor, self.shift = box["github"], nothing
        self.theirs = [self.add(number) for number in range(2)]
        self._respond = self.vendor.respond
        self.vendor.respond = self.respond

    def add(self, number: int) -> int:
        """Somebody makes a hook."""
        key: int = self.vendor.add("acme/api", config={"url": f"https://theirs.example/{number}"})
        return key

    def respond(self, request: Request) -> Answer:
        """See `Vendor.respond`."""
        if request.method != "GET" or request.path != HOOKS:
            return self._respond(request)
        answer = self._respond(replace(request, query={**request.query, "per_page": "2"}))
        if request.query.get("page", "1") == "1":
            happens, self.shift = self.shift, nothing
            happens()
        return answer

    def drop(self) -> None:
        """One of theirs goes from the first page, so that whatever is first on the second slips to it."""
        self.vendor.remove(self.theirs[0])


@pytest.fixture
def pages(world: World) -> Pages:
    """Somebody has two hooks, and then comes ours."""
    return Pages(world.box)


def reads(world: World) -> list[str]:
    """What was read, without questions behind the question mark."""
    return [f"{each.path}" for each in world.box["github"].requests if each.method == "GET"]


def test_ours_is_found_although_it_slipped(world: World, pages: Pages) -> None:
    """The list misses it; one call more finds it: no second webhook, and no difference."""
    world.write({"ci": hook()})
    world.applied()
    world.forget_requests()
    pages.shift = pages.drop
    assert world.actions() == {"ci": "noop"}
    assert reads(world) == [HOOKS, HOOKS, f"{HOOKS}/{pages.theirs[1] + 1}"]
    world.forget_requests()
    pages.shift = nothing
    world.applied()
    assert world.writes("github") == []


def test_pruning_forgets_nobody_who_slipped(world: World, pages: Pages) -> None:
    """What the file no longer has is deleted, not forgotten because a list missed it."""
    world.write({"ci": hook()})
    world.applied()
    world.write({})
    pages.shift = pages.drop
    assert world.actions("--prune-all") == {"ci": "delete"}
    world.applied("--prune-all")
    assert [each["id"] for each in world.box["github"].webhooks()] == pages.theirs[1:]


def test_drift_takes_nobody_who_slipped_for_deleted(world: World, pages: Pages) -> None:
    """`whsync drift` sees it, too."""
    world.write({"ci": hook()})
    world.applied()
    pages.shift = pages.drop
    assert world("drift").exit == 0


def test_before_one_is_made_the_list_is_read_twice(world: World, pages: Pages) -> None:
    """A hook with its URL slipped through the first look; the second finds it, and it is taken over, not doubled."""
    ours = world.box["github"].add("acme/api", config={"url": "https://ci.acme.com/hooks"})
    world.write({"ci": hook(secret=None)})
    pages.shift = pages.drop
    plan = world.planned()
    assert [(change["action"], change["remote_id"]) for change in plan["changes"]] == [("adopt", str(ours))]
    assert plan["summary"]["reads"] == len(reads(world)) == 3


def test_a_lost_create_that_slipped_is_found(world: World, pages: Pages) -> None:
    """Its answer was lost, and the list that is to settle it shifts: it is found, not sent again."""
    world.write({"ci": hook()})
    world.box["github"].fail("drop-after", method="POST")
    pages.shift = nothing
    before = pages.vendor.respond

    def armed(request: Request) -> Answer:
        if request.method == "POST":
            pages.shift = pages.drop
        return before(request)

    pages.vendor.respond = armed
    world.applied()
    assert world.writes("github") == [f"POST {HOOKS}"]
    assert world.actions() == {"ci": "noop"}


def test_a_second_look_that_fails_proves_nothing(world: World, pages: Pages) -> None:
    """Where the list cannot be read again, nothing is made, and it is said why."""
    pages.add(2)
    world.write({"ci": hook()})
    world.box["github"].fail("500", method="GET", path=HOOKS, skip=2, times=None)
    plan = world.planned(exit=1)
    assert [(change["action"], change["certainty"]) for change in plan["changes"]] == [("noop", "unknown")]
    assert [problem["kind"] for problem in plan["problems"]] == ["vendor"]


def test_a_create_that_did_not_happen_in_the_old_scope(world: World, pages: Pages) -> None:
    """The scope has changed since: two looks at the old place show that nothing was made there, so nothing waits."""
    pages.add(2)
    world.write({"ci": hook()})
    world.box["github"].fail("drop-before", method="POST")
    world.box["github"].fail("500", method="GET", skip=4, times=None)
    assert world.apply().exit == 1
    world.box["github"].faults.clear()
    assert "not settled" in world("state", "list").stdout
    world.write({"ci": hook(scope={"repo": "web"})})
    assert world.actions() == {"ci": "create"}
    world.applied()
    assert world.writes("github")[-1] == "POST /repos/acme/web/hooks"


def test_one_that_stands_on_two_pages_is_one(world: World, pages: Pages) -> None:
    """Somebody deleted and another made hooks meanwhile: one comes on both pages, and the read is good."""
    world.write({"ci": hook()})
    world.applied()
    before, first = pages.vendor.respond, [json.dumps(None)]

    def doubled(request: Request) -> Answer:
        answer = before(request)
        if request.method == "GET" and request.path == HOOKS:
            rows = json.loads(answer.body)
            if request.query.get("page", "1") != "1":
                rows = [json.loads(first[0]), *rows]
            first[0] = json.dumps(rows[-1])
            return replace(answer, body=json.dumps(rows).encode())
        return answer

    pages.vendor.respond = doubled
    assert world.actions() == {"ci": "noop"}


@pytest.mark.parametrize("count", [1, 5])
def test_the_ordinary_case_costs_nothing_more(world: World, pages: Pages, count: int) -> None:
    """However many webhooks are on however many pages: while none of ours is missing, each page is read once."""
    world.write({f"ci-{number}": hook(url=f"https://ci.acme.com/{number}") for number in range(count)})
    world.applied()
    world.forget_requests()
    assert set(world.actions().values()) == {"noop"}
    assert reads(world) == [HOOKS] * ((2 + count + 1) // 2)


def test_many_that_are_missing_take_one_list_more(world: World, pages: Pages) -> None:
    """Where somebody deleted more of ours than there are pages, they are not asked for one by one."""
    world.write({f"ci-{number}": hook(url=f"https://ci.acme.com/{number}") for number in range(6)})
    world.applied()
    for each in world.box["github"].webhooks()[3:]:
        world.box["github"].remove(each["id"])
    world.forget_requests()
    assert sorted(world.actions().values()) == ["create"] * 5 + ["noop"]
    assert reads(world) == [HOOKS] * 4
