"""The HTML report in a real browser: nothing foreign runs, nothing leaves, people find, read and print it all."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import REPORTS, Show, Shown

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.slow, pytest.mark.timeout(600)]

SEEN = "(all) => all.filter((each) => each.checkVisibility()).length"
FOCUSED = """() => {
    const each = document.activeElement;
    return each === document.body ? null
        : each.id || each.value || `${each.tagName} ${each.innerText.trim().split('\\n')[0]}`;
}"""
ORDER = """() => [...document.querySelectorAll('input, select, button, summary, a, [tabindex]')]
    .filter((each) => each.checkVisibility()).indexOf(document.activeElement)"""

VIOLATIONS = """() => new Promise((done) => {
    const look = () => (window.violations ?? []).length < 3 ? setTimeout(look, 20) : done(window.violations);
    look();
})"""
"""Waits for three, and not by a text that the page would have to evaluate, for its policy forbids that."""


def _found(page: "Page", words: str) -> str:
    page.fill("#q", words)
    return str(page.inner_text("#shown"))


def _seen(page: "Page", selector: str = ".item .m") -> int:
    return int(page.eval_on_selector_all(selector, SEEN))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_nothing_leaves_and_nothing_fails(show: Show, name: str, script: bool) -> None:
    """The page asks for nothing but itself, and its own style and script break no rule of its policy."""
    shown = show(name, java_script_enabled=script)
    shown.page.wait_for_load_state("networkidle")
    assert shown == Shown(shown.page, [], [])
    assert shown.page.title().startswith(("Plan: ", "Apply "))
    assert shown.page.evaluate("getComputedStyle(document.querySelector('.summary')).borderLeftWidth") == "4px"


def test_foreign_markup_is_text(show: Show) -> None:
    """What others wrote makes no element and runs nowhere, and people read it as it was written."""
    page = show("hostile").page
    assert page.title().startswith("Plan: ")
    counts = {tag: page.locator(tag).count() for tag in ("script", "style", "title", "img", "iframe", "b b")}
    assert counts == {"script": 1, "style": 1, "title": page.locator("title").count(), "img": 0, "iframe": 0, "b b": 0}
    assert (
        page.eval_on_selector_all("a", "(all) => all.map((a) => a.protocol)") == ["file:"] * page.locator("a").count()
    )
    assert "<script>document.title='foreign'</script>" in page.inner_text("main")
    assert page.evaluate("window.violations") is None


def test_the_policy_holds(show: Show) -> None:
    """Were something foreign to become markup all the same, the browser would neither run nor load it."""
    page = show("rich").page
    page.evaluate("""() => {
        const image = document.createElement('img');
        image.src = 'http://127.0.0.1:9/x.png';
        const style = document.createElement('style');
        style.textContent = 'body { display: none }';
        const handler = document.createElement('p');
        handler.setAttribute('style', 'color: red');
        document.body.append(image, style, handler);
    }""")
    assert set(page.evaluate(VIOLATIONS)) == {"img-src", "style-src-elem", "style-src-attr"}
    assert page.locator("main").is_visible()
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p>x</p>')")


def test_search_finds_webhooks(show: Show) -> None:
    """By name, place, URL, person and field, in several words; what hides the hits is unfolded; clearing brings all."""
    page = show("rich").page
    before = _seen(page)
    assert _found(page, "ci[7]") == "1 of 83 webhooks"
    assert _seen(page) == 1
    assert page.locator("section.provider:visible").count() == 1
    assert _found(page, "repo=repo-7") == "2 of 83 webhooks"
    assert _found(page, "CI.acme.test/41") == "1 of 83 webhooks"
    assert _found(page, "ci[4 grace") == "5 of 83 webhooks"
    assert _found(page, "pull_request") == "50 of 83 webhooks"
    assert _found(page, "no such thing") == "0 of 83 webhooks"
    assert page.locator(".entries .e:visible").count() == 4, "problems, refusals and findings stay"
    page.click("text=Clear")
    page.locator("#shown:empty").wait_for(state="attached")
    assert _seen(page) == before


def test_strangers_are_found(show: Show) -> None:
    """So are webhooks that nobody manages."""
    page = show("rich").page
    _found(page, "wh_9")
    assert page.locator(".strangers li:visible").count() == 1
    _found(page, "ledger")
    assert not page.locator(".strangers").is_visible()


def test_filters_narrow(show: Show) -> None:
    """By state, several at once, and by provider; together with the search."""
    page = show("rich").page
    page.check("input[value=create]")
    assert page.inner_text("#shown") == "2 of 83 webhooks"
    page.check("input[value=unchanged]")
    assert page.inner_text("#shown") == "22 of 83 webhooks"
    page.select_option("#provider", label="forge (68)")
    assert page.inner_text("#shown") == "18 of 83 webhooks"
    assert _found(page, "audit") == "8 of 83 webhooks"


def test_ten_thousand_webhooks_are_searched(show: Show) -> None:
    """The largest report is searched and filtered just so."""
    page = show("large").page
    assert _found(page, "hook[777") == "11 of 10000 webhooks"
    assert _seen(page) == 11
    page.check("input[value=update]")
    assert page.inner_text("#shown") == "1 of 10000 webhooks"
    page.uncheck("input[value=update]")
    assert _found(page, "hook") == "10000 of 10000 webhooks"


def test_the_keyboard_reaches_everything_in_order(show: Show) -> None:
    """Tab goes through search, filters, items and links as they stand on the page; Enter and space use them."""
    page = show("rich").page
    stops, places = [], []
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            break
        stops.append(focused)
        places.append(page.evaluate(ORDER))
    assert stops[:3] == ["q", "provider", "create"]
    assert places == sorted(places)
    assert len(places) == places[-1] + 1, "none is left out"
    page.focus("#q")
    page.keyboard.type("ci[7]")
    assert page.inner_text("#shown") == "1 of 83 webhooks"
    summary = page.locator("details.item > summary:visible")
    summary.focus()
    page.keyboard.press("Enter")
    assert _seen(page) == 0


def test_all_is_read_without_script(show: Show) -> None:
    """The controls that need script are not there; folded items open by themselves, as every browser can do it."""
    page = show("rich", java_script_enabled=False).page
    assert page.locator("input:visible, select:visible, button:visible").count() == 0
    folded = page.locator("details.item:not([open])")
    count = folded.count()
    folded.first.locator("summary").click()
    assert folded.count() == count - 1
    assert page.locator("details.item[open] .m").first.is_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_it_prints_whole(show: Show, script: bool) -> None:
    """On paper every webhook is there, folded or not, and no control; afterwards the page is as it was."""
    page = show("rich", java_script_enabled=script).page
    folded = page.locator("details:not([open])").count()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-")
    assert page.locator("details:not([open])").count() == folded
    page.emulate_media(media="print")
    assert _seen(page) == page.locator(".item .m").count() == 83
    assert page.locator("input:visible, select:visible, button:visible").count() == 0


def test_the_dark_page_prints_on_white(show: Show) -> None:
    """Whoever reads in the dark does not print in the dark."""
    page = show("rich", color_scheme="dark").page
    ground = "getComputedStyle(document.documentElement).getPropertyValue('--paper')"
    assert page.evaluate(ground) == "#0f1318"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ground) == "#ffffff"


@pytest.mark.parametrize("name", ["rich", "hostile", "result", "hostile-result"])
def test_a_narrow_page_does_not_scroll_sideways(show: Show, name: str) -> None:
    """On a telephone all words are within the screen, however long they are."""
    page = show(name, viewport={"width": 360, "height": 740}).page
    page.click("text=Unfold all")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["rich", "hostile", "result", "hostile-result"])
def test_axe_finds_nothing(show: Show, axe: str, name: str, scheme: str) -> None:
    """Contrast, names of controls, headings, landmarks, tables: no rule of axe-core is broken, all items unfolded."""
    page = show(name, color_scheme=scheme, bypass_csp=True).page
    page.click("text=Unfold all")
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    told = [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in found["violations"]]
    assert told == []


def test_a_result_is_searched_and_drawn(show: Show) -> None:
    """By state and by what is recorded; drift over the runs is a picture of columns, each as tall as its number."""
    page = show("result").page
    page.check("input[value=failed]")
    assert page.inner_text("#shown") == "1 of 11 webhooks"
    page.uncheck("input[value=failed]")
    assert _found(page, "c-update 2026-01-05") == "1 of 11 webhooks"
    assert page.locator("figure figcaption", has_text="Drift over the recorded runs").count() == 1
    heights = page.eval_on_selector_all(
        ".chart rect", "(all) => all.map((each) => each.getBoundingClientRect().height)"
    )
    assert len(heights) == 10
    assert heights[0] < heights[1] < heights[2] < heights[3]
