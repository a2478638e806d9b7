"""What a CI runner would take for a command, found as the runners' own pages and sources describe it."""

import json
import re

import pytest

from reconciler.support.runners import RUNNERS, listens, only_its_own, without_commands

UNSEEN = re.compile("[\u034f\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff\x00-\x08]")
HARMLESS = ("::notice::x", "##[group]x", "##vso[task.debug]x", "##[section]x", "##teamcity[message text='x']")
MARKERS = ("section_start:0:x\r\x1b[0K", "section_end:0:x\r\x1b[0K", "section_start:0:x[collapsed=true]\r\x1b[0K")


def commands(log: str) -> list[str]:
    """The lines of a log that some runner would obey, read as generously as any of them."""
    lines = re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", UNSEEN.sub("", re.sub(r"\x1b\[[0-9;]*[mK]", "", log)))
    return [
        line for line in lines if line.lstrip().startswith("::") or re.search(r"##\w*\[|section_(start|end):", line)
    ]


@pytest.mark.parametrize("command", [*HARMLESS, *MARKERS])
@pytest.mark.parametrize(
    "text", ["{}", "  {}", "a\n{}", "a\r\n\t{}", "a\r{}", "a\n\n\u00a0{}", "a\u2028{}", "\x1b[31m{}\x1b[0m", "\u200b{}"]
)
def test_no_line_is_a_command(command: str, text: str) -> None:
    """Whatever stands before it on its line that no reader sees, and in every line of a text."""
    written = text.format(command)
    assert commands(written)
    assert commands(without_commands(written)) == []


@pytest.mark.parametrize("command", [*HARMLESS[1:], *MARKERS])
def test_nor_is_one_in_the_middle(command: str) -> None:
    """The older spelling is looked for anywhere in a line."""
    assert commands(without_commands(f"w.yaml:1:1: no such key `{command}`")) == []


@pytest.mark.parametrize(
    "command", ["#\u200b#[group]x", "##\u2060vso[task.debug]x", "###[group]", ":\u00ad:notice::x", "#\ufe0f#[x]"]
)
def test_unseen_characters_do_not_help(command: str) -> None:
    """A runner that compares as people read skips them, so whsync does."""
    assert commands(command)
    assert commands(without_commands(command)) == []


def test_json_means_the_same(tmp_path: object) -> None:
    """Escaped by JSON's own rule, so that programs read what was there."""
    value = {"description": [*HARMLESS, *MARKERS, "a\\##[x]", "\\"]}
    for written in (json.dumps(value), json.dumps(value, indent=2, ensure_ascii=False)):
        assert commands(without_commands(written)) == []
        assert json.loads(without_commands(written)) == value


@pytest.mark.parametrize(
    "text", ["", "a::b", "std::x", "# a [link]", "## [link]", "#[x]", "section_starts: 1", "https://x.example/::a"]
)
def test_other_text_stays(text: str) -> None:
    """What no runner takes for a command is shown as it is."""
    assert without_commands(f"say {text}") == f"say {text}"


def test_a_command_of_ours_stays_one() -> None:
    """An annotation is obeyed, and nothing in its words is."""
    ours = "::error file=w.yaml,line=2::no such key"
    assert only_its_own(ours) == ours
    assert commands(only_its_own(f"{ours} ##[group]x\n::notice::x")) == [f"{ours} #\\u0023[group]x"]
    assert only_its_own("##vso[task.logissue type=error]x") == "##vso[task.logissue type=error]x"


def test_many_lines_take_no_time() -> None:
    """No text makes it look at a place again and again: this would not end."""
    for piece in ("\n", " ", "#", "##a", ":", "\x1b[1m", "\x1b[", "#\u200b"):
        assert without_commands(piece * 300_000 + "x")


@pytest.mark.parametrize("name", RUNNERS)
def test_runners_are_known_by_their_variables(name: str) -> None:
    """Set and not empty."""
    assert listens({name: "true"})
    assert not listens({name: ""})
    assert not listens({"HOME": "/"})
