"""An audit's page in a real browser: an inventory that people search, and in which no stranger's text runs."""

from typing import Any

import pytest

from tests.browser.conftest import INVENTORIES, Show, Shown

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("name", INVENTORIES)
def test_nothing_leaves_and_nothing_fails(show: Show, name: str) -> None:
    """The page asks for nothing but itself, nothing foreign runs, and its own script breaks no rule of its policy."""
    shown = show(name)
    shown.page.wait_for_load_state("networkidle")
    assert shown == Shown(shown.page, [], [])
    assert shown.page.title().startswith("Audit: ")
    assert shown.page.locator("main img, main script, main iframe").count() == 0


def test_the_inventory_is_searched(show: Show) -> None:
    """By name (also of those that are told of it), id, place, URL, finding; managed or not; severities narrow it."""
    page = show("audit").page
    for words, found in (
        ("ledger", 1),
        ("ci[api", 3),
        ("77", 1),
        ("repo=web", 1),
        ("old.test", 1),
        ("unmanaged", 2),
        ("duplicate", 2),
    ):
        page.fill("#q", words)
        assert page.inner_text("#shown") == f"{found} of 7 webhooks", words
    page.fill("#q", "")
    page.check("input[value=high]")
    assert page.inner_text("#shown") == "1 of 7 webhooks"


def test_ten_thousand_webhooks_are_searched(show: Show) -> None:
    """The largest inventory is searched just so."""
    page = show("large-audit").page
    page.fill("#q", "x4999.test")
    assert page.inner_text("#shown") == "1 of 10000 webhooks"


@pytest.mark.parametrize("name", ["audit", "hostile-audit"])
def test_a_narrow_page_does_not_scroll_sideways(show: Show, name: str) -> None:
    """On a telephone all words are within the screen, however long they are."""
    page = show(name, viewport={"width": 360, "height": 740}).page
    page.click("text=Unfold all")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["audit", "hostile-audit"])
def test_axe_finds_nothing(show: Show, axe: str, name: str, scheme: str) -> None:
    """No rule of axe-core is broken, all items unfolded."""
    page = show(name, color_scheme=scheme, bypass_csp=True).page
    page.click("text=Unfold all")
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in found["violations"]] == []
