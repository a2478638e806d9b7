"""Pictures of what whsync shows, taken of real runs against simulated vendors. Used by `docsite.build`.

A terminal is drawn by rich from the bytes that the command wrote, as SVG without anything from elsewhere; a report is
photographed in a Chromium of this machine. Where there is none, that picture is left out, and a line says so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from reconciler.cli import demo
from reconciler.sandbox import Sandbox

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH = 110
_ROOT = Path(__file__).parents[1]
_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#292929"/>
<g transform="translate({terminal_x}, 16)" clip-path="url(#{unique_id}-clip-terminal)">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def draw(folder: Path) -> Iterator[str]:
    """Take all pictures into `folder`; returns their names, those that could be taken."""
    with tempfile.TemporaryDirectory(prefix="docsite-") as scratch, Sandbox() as box:
        work = Path(scratch)
        (work / "webhooks.yaml").write_text(demo.CONFIG, encoding="utf-8")
        surroundings = _variables(box)
        made = {"plan.svg": _run(work, surroundings, "plan")}
        _run(work, surroundings, "apply", "--yes")
        github = box["github"]
        github.edit(github.webhooks()[0]["id"], events=["push"])
        box["coinbase-payments"].edit(box["coinbase-payments"].webhooks()[0]["id"], status="WEBHOOK_STATUS_DEACTIVATED")
        made["drift.svg"] = _run(work, surroundings, "drift")
        _run(work, surroundings, "plan", "--report", "html=report.html")
        for name, (line, said) in made.items():
            (folder / name).write_text(terminal(line, said, name.partition(".")[0]), encoding="utf-8")
        return iter([*made, *photographed(work / "report.html", folder)])


def terminal(line: str, said: str, name: str) -> str:
    """What a terminal shows of a command line and of what it wrote, colours and all, as SVG.

    Args:
        line: the command, as it was typed.
        said: what it wrote, with the escapes of colours.
        name: what the picture's own names begin with.
    """
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    console = Console(width=WIDTH, record=True, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ {line}", style="bold"))
    console.print(Text.from_ansi(said))
    return console.export_svg(title="", code_format=_SVG, unique_id=name)


def _run(work: Path, variables: Mapping[str, str], *words: str) -> tuple[str, str]:
    """The command line as typed, and what it wrote to a terminal in colours."""
    command = [sys.executable, "-m", "reconciler", *words]
    done = subprocess.run(command, cwd=work, env=variables, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"whsync {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return f"whsync {' '.join(words)}", done.stdout.rstrip("\n")


def _variables(box: Sandbox) -> dict[str, str]:
    """What the demo's configuration takes from the environment, and nothing of whsync's from around here."""
    ours = ("WHSYNC_", "GITHUB_", "CI")
    around = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    path = os.pathsep.join(filter(None, [str(_ROOT), around.get("PYTHONPATH", "")]))
    return {
        **around,
        "PYTHONPATH": path,
        "FORCE_COLOR": "1",
        "COLUMNS": str(WIDTH),
        "WHSYNC_NO_PROVENANCE": "1",
        **demo.variables(box),
    }


def photographed(page: Path, folder: Path) -> list[str]:
    """The report in a browser, light and dark; where that cannot be, a line says why."""
    program = os.environ.get("WHSYNC_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        return _without("there is no Chromium here")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return _without("the package `playwright` is not installed")
    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    made = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=flags)
            for scheme in ("light", "dark"):
                shown = browser.new_page(viewport={"width": 1200, "height": 900}, color_scheme=scheme)
                shown.set_default_timeout(60_000)
                shown.goto(page.as_uri())
                shown.screenshot(path=folder / f"report-{scheme}.png")
                made.append(f"report-{scheme}.png")
            browser.close()
    except Error as error:
        return _without(f"{program} failed: {error.message.splitlines()[0]}")
    return made


def _without(why: str) -> list[str]:
    print(f"The site has no pictures of reports: {why}.", file=sys.stderr)
    return []
