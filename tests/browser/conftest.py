"""A Chromium of this machine, and pages of ours in it; without one the tests are skipped, and say what is missing.

`WHSYNC_CHROMIUM` names another one than those on PATH. axe-core comes from npm into pytest's cache, or is the file that
`WHSYNC_AXE` names.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from reconciler.render.base import Style
from reconciler.render.html import render_audit, render_plan, render_result
from tests.npm import npm_file
from tests.unit.render.audits import HEADER as AUDITED
from tests.unit.render.audits import large as many_webhooks
from tests.unit.render.audits import poisoned
from tests.unit.render.audits import small as some_webhooks
from tests.unit.render.outcomes import hostile_outcome, outcome
from tests.unit.render.reports import EVIL, hostile, large, rich

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = "axe-core@4"
INVENTORIES = {
    "audit": some_webhooks(),
    "large-audit": many_webhooks(5_000, 5_000),
    "hostile-audit": poisoned(EVIL),
}
PLANS = {"rich": rich, "large": large, "hostile": hostile}
RESULTS = {"result": outcome, "hostile-result": hostile_outcome}
REPORTS = (*PLANS, *RESULTS)


class Shown(NamedTuple):
    """A page in the browser, and what it did beyond showing itself.

    Args:
        page: of Playwright.
        requests: addresses that it asked for, other than its own.
        errors: what it threw or complained of.
    """

    page: "Page"
    requests: list[str]
    errors: list[str]


Show = Callable[..., Shown]
"""Opens a report by its name; further words are those of a browser's context (`color_scheme="dark"`)."""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One browser for all tests of a module."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package `playwright`")
    named = os.environ.get("WHSYNC_CHROMIUM")
    program = named or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no Chromium: `apt-get install chromium`, or name one with WHSYNC_CHROMIUM")
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=flags)
        yield started
        started.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each report as a file."""
    folder = tmp_path_factory.mktemp("reports")
    for name, made in PLANS.items():
        (folder / f"{name}.html").write_text(render_plan(*made(), Style()).text, encoding="utf-8")
    for name, result in RESULTS.items():
        (folder / f"{name}.html").write_text(render_result(*result(), Style()).text, encoding="utf-8")
    for name, audit in INVENTORIES.items():
        (folder / f"{name}.html").write_text(render_audit(audit, AUDITED, Style()).text, encoding="utf-8")
    return folder


@pytest.fixture
def show(browser: "Browser", reports: Path) -> Iterator[Show]:
    """See `Show`."""
    contexts = []

    def opened(name: str, **how: Any) -> Shown:
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **how})
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " (event) => (window.violations ??= []).push(event.effectiveDirective))"
        )
        page, address = context.new_page(), (reports / f"{name}.html").as_uri()
        shown = Shown(page, [], [])
        page.on("request", lambda request: None if request.url == address else shown.requests.append(request.url))
        page.on("pageerror", lambda error: shown.errors.append(str(error)))
        page.on("console", lambda message: shown.errors.append(message.text))
        page.on("dialog", lambda dialog: _closed(dialog, shown.errors))
        page.goto(address)
        return shown

    yield opened
    for context in contexts:
        context.close()


def _closed(dialog: "Dialog", errors: list[str]) -> None:
    errors.append(dialog.message)
    dialog.dismiss()


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """axe-core's script, which finds what keeps people from reading a page."""
    if named := os.environ.get("WHSYNC_AXE"):
        return Path(named).read_text(encoding="utf-8")
    script = npm_file(pytestconfig, AXE, "axe-core/axe.min.js", "WHSYNC_AXE")
    return script.read_text(encoding="utf-8")
