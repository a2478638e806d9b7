"""What a terminal shows: text of any width, the foot while a command is busy, and a terminal that is left as it was."""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from reconciler.cli.live import Foot
from reconciler.cli.terminal import foot_of, style_of
from reconciler.render.base import cells
from reconciler.render.json import plan_json
from reconciler.render.progress import Shown
from reconciler.sandbox import Sandbox
from tests.cli.conftest import Stream
from tests.cli.pseudo import Terminal
from tests.unit.render.plans import every_action, example
from tests.unit.render.test_wrapping import _is_one_word
from tests.waiting import Gate

AT_ONCE = "import reconciler.cli.progress as progress; progress.AFTER = 0"
NEVER_READ = """
import threading
import reconciler.run.search
reconciler.run.search.observe = lambda *asked: threading.Event().wait()
"""
HIDDEN, ERASED = "\x1b[?25l", "\x1b[2K"
Open = Callable[..., Terminal]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens terminals, which are closed at the end."""
    with ExitStack() as stack:

        def start(*argv: str, **how: object) -> Terminal:
            return stack.enter_context(closing(Terminal(*argv, folder=tmp_path, **how)))  # type: ignore[arg-type]

        yield start


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[tuple[Gate, dict[str, str]]]:
    """A vendor whose answers are held back, two webhooks at it, and the variables for it."""
    with Sandbox(["github"]) as box:
        token = box["github"].credentials["token"]
        block = {"provider": "github", "url": "https://ci.test/x", "events": ["push"], "secret": {"from": "env:S"}}
        webhooks = {name: {**block, "scope": {"owner": "acme", "repo": name}} for name in ("api", "web")}
        providers = {"github": {"base_url": box["github"].url}}
        whole = {"version": 1, "providers": providers, "webhooks": webhooks}
        (tmp_path / "webhooks.yaml").write_text(json.dumps(whole))
        gate = Gate(box["github"], "GET", "/hooks")
        yield gate, {"GITHUB_TOKEN": token, "S": "a secret of ours"}
        gate.open()


@pytest.mark.parametrize("width", [30, 60, 100, 200])
def test_text_fits_the_terminal(opened: Open, tmp_path: Path, width: int) -> None:
    """Plans are broken at words to the width that the terminal has; nothing is hidden, and no cursor is."""
    (tmp_path / "plan.json").write_text(
        plan_json(example()._replace(changes=(*example().changes, *every_action().changes)))
    )
    terminal = opened("show", "plan.json", "--no-color", width=width)
    assert terminal.end() == 0
    lines = terminal.said.replace("\r", "").splitlines()
    assert all(cells(line) <= width or _is_one_word(line) for line in lines), terminal.said
    assert max(map(cells, lines)) > width // 2 or width > 100
    assert "\x1b" not in terminal.said
    assert "https://hooks.acme.test/crypto" in terminal.said


def test_the_foot_shows_what_is_done_and_goes(opened: Open, vendor: tuple[Gate, dict[str, str]]) -> None:
    """While a vendor is read, the foot counts; then it is gone, the plan is whole, and the cursor was never hidden."""
    gate, env = vendor
    terminal = opened("plan", env=env, before=AT_ONCE)
    terminal.until("Reading 1 provider, 0 of 2 places")
    gate.open()
    assert terminal.end() == 0
    assert "Plan: 2 to add" in terminal.said.rpartition(ERASED)[2]
    assert "Reading" not in terminal.said.rpartition(ERASED)[2]
    assert HIDDEN not in terminal.said


def test_an_interrupt_leaves_the_terminal_as_it_was(opened: Open, vendor: tuple[Gate, dict[str, str]]) -> None:
    """Ctrl-C while the foot is shown ends with 130; nothing of the foot is left, and what happened stands there."""
    _, env = vendor
    terminal = opened("plan", env=env, before=AT_ONCE)
    terminal.until("0 of 2 places")
    terminal.type("\x03")
    assert terminal.end() == 130
    left = terminal.said.rpartition(ERASED)[2]
    assert "Error: interrupted" in left
    assert "Reading" not in left
    assert HIDDEN not in terminal.said


def test_a_second_interrupt_takes_the_foot_away_too(opened: Open, vendor: tuple[Gate, dict[str, str]]) -> None:
    """Who cannot wait for what is in flight gets a terminal without remains at once."""
    _, env = vendor
    terminal = opened("plan", env=env, before=f"{AT_ONCE}\n{NEVER_READ}")
    terminal.until("Reading 1 provider")
    terminal.type("\x03")
    terminal.until("Once more to stop at once.")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Reading" not in terminal.said.rpartition(ERASED)[2]


@pytest.mark.parametrize(
    ("argv", "env"),
    [(("-q",), {}), ((), {"TERM": "dumb"}), ((), {"CI": "true"})],
    ids=["quiet", "dumb", "ci"],
)
def test_no_foot_where_it_is_not_wanted(
    opened: Open, vendor: tuple[Gate, dict[str, str]], argv: tuple[str, ...], env: dict[str, str]
) -> None:
    """Who is quiet sees nothing; a dumb terminal and a CI's log get lines that stay."""
    gate, known = vendor
    terminal = opened("plan", *argv, "--no-color", env={**known, **env}, before=AT_ONCE)
    if not argv:
        terminal.until("Reading 1 provider …")
    gate.waiting.wait()
    gate.open()
    assert terminal.end() == 0
    assert "\x1b" not in terminal.said
    assert ("Reading" in terminal.said) == (not argv)


def drawn(stream: io.StringIO) -> str:
    """What was written, without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", stream.getvalue())


@pytest.mark.parametrize("colour", [True, False])
def test_the_foot_takes_no_text_for_markup(colour: bool) -> None:
    """What looks like markup, a link or an emoji stands there as it is, whoever chose it."""
    stream = Stream(terminal=True)
    text = "[red]x[/red] [link=https://x.test]y[/link] [/] :boom: [b"
    foot = Foot(stream, colour)
    foot.show([Shown(text, "strong"), Shown(text, "warn")])
    foot.clear()
    assert drawn(stream).count(text) >= 2
    assert "\x1b]8" not in stream.getvalue()
    assert ("\x1b[1m" in stream.getvalue()) == colour


def test_what_is_written_stands_above_the_foot() -> None:
    """An event or a warning that is told meanwhile is not drawn over, and the foot comes back below it."""
    stream = Stream(terminal=True)
    foot = Foot(stream, False)
    foot.show([Shown("busy")])
    with foot.aside(), foot.aside():  # a signal's handler may write while somebody writes
        stream.write("an event\n")
    foot.show([Shown("busy")])
    foot.clear()
    assert re.search(r"busy.*\x1b\[2K.*an event\n.*busy.*\x1b\[2K[^b]*$", stream.getvalue(), re.DOTALL)
    assert HIDDEN not in stream.getvalue()


def test_a_stream_that_only_claims_to_be_a_terminal_has_no_foot() -> None:
    """Nothing is drawn on what is no terminal of the system's."""
    assert foot_of(Stream(terminal=True), False, {"TERM": "xterm"}) is None


@pytest.mark.parametrize(("told", "width"), [("30", 30), ("5", 20), ("0", 120), ("wide", 120), ("", 120), ("٣٠", 120)])
def test_the_width_is_the_terminals(told: str, width: int) -> None:
    """`COLUMNS` says how wide a terminal is; none is narrower than words can be, and elsewhere it does not count."""
    assert style_of(Stream(terminal=True), True, {"COLUMNS": told})[:3] == (False, width, True)
    assert style_of(Stream(), True, {"COLUMNS": told})[:3] == (False, 120, False)
