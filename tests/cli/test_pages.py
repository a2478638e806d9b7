"""HTML pages that commands write, end to end: what the lock knows is in them, and no secret is."""

import re

from tests.cli.world import CI_SECRET, World, hook, ledger


def test_a_plan_as_a_page_tells_what_the_lock_knows(world: World) -> None:
    """After an apply the page says when and by which run; secrets that the lock dates have an age."""
    world.write({"ci": hook(), "ledger": ledger()})
    world.applied()
    assert world("plan", "--report", "html=plan.html").exit == 0
    page = (world.folder / "plan.html").read_text(encoding="utf-8")
    assert re.search(r"created \d{4}-\d\d-\d\d, applied \d{4}-\d\d-\d\d \d\d:\d\d by <a href=\"#run-1\">", page)
    assert re.search(r"secret set \d{4}-\d\d-\d\d", page)
    assert "Age of secrets" in page
    assert page.count('<tr id="run-') == 1
    assert CI_SECRET not in page


def test_drift_as_a_page_tells_what_the_lock_knows(world: World) -> None:
    """So does a page of drift, which also says when it was made."""
    world.write({"ci": hook()})
    world.applied()
    world.box["github"].edit(world.box["github"].webhooks()[0]["id"], events=["push"])
    drift = world("drift", "--format", "html")
    assert drift.exit == 2
    assert "<strong>Drift: 1 of 1 webhook.</strong>" in drift.stdout
    assert "<del>pull_request</del>" in drift.stdout
    assert re.search(r"applied \d{4}-\d\d-\d\d \d\d:\d\d by <a", drift.stdout)
    assert re.search(r"<dt>Made</dt><dd>\d{4}-\d\d-\d\d \d\d:\d\d UTC</dd>", drift.stdout)


def test_a_saved_plan_as_a_page(world: World) -> None:
    """`show` makes the same page, without the history, since it reads no lock."""
    world.write({"ci": hook()})
    world("plan", "--out", "plan.json")
    shown = world("show", "plan.json", "--format", "html")
    assert shown.exit == 0
    assert "Plan: 1 to add" in shown.stdout
    assert shown.stdout.endswith("</html>\n")


def test_problems_as_a_page(world: World) -> None:
    """`validate` tells them with their places, and exits as it always does."""
    world.write({"ci": hook(url="http://ci.acme.com/hooks")})
    found = world("validate", "--format", "html")
    assert found.exit == 1
    assert "webhooks.yaml:" in found.stdout


def test_a_page_survives_a_runner(world: World) -> None:
    """In a pipeline, where commands are taken out of all text, style and script still fit their digests."""
    world.write({"ci": hook()})
    plain = world("plan", "--format", "html").stdout
    world.environment["CI"] = "true"
    piped = world("plan", "--format", "html").stdout
    assert re.sub(r"\d\d:\d\d UTC", "", piped) == re.sub(r"\d\d:\d\d UTC", "", plain)


def test_a_secret_in_a_history_is_hidden(world: World) -> None:
    """Whatever the lock holds of a run, a page shows no secret of this one."""
    world.write({"ci": hook()})
    world.applied()
    lock = world.lock_path.read_text(encoding="utf-8")
    by = world.lock["ci"]["by"]["host"]
    world.environment["CI_SECRET"] = "a-secret-that-somebody-put-there"
    world.lock_path.write_text(lock.replace(f'"host": "{by}"', f'"host": "{world.environment["CI_SECRET"]}"'))
    for command in ("plan", "drift"):
        page = world(command, "--format", "html").stdout
        assert "<td>***</td>" in page
        assert world.environment["CI_SECRET"] not in page
