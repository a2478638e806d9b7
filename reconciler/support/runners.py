"""Foreign text in the log of a CI runner, which takes some lines of a log for commands. [pure]

Used by `cli.context` for all that goes to stdout, stderr and reports. A runner reads both streams, so a webhook's
description or a file's name could open groups, set variables or stop masking. Documented are, by the variable of the
runner that obeys them: `::NAME …::` where a line begins, blanks aside, and `##[NAME …]` anywhere (GITHUB_ACTIONS);
`##vso[…]` and `##[…]` (TF_BUILD); `section_start:` and `section_end:` (GITLAB_CI); `##teamcity[…]`. Some compare texts
as people read them, so characters that nobody sees do not help. One character of each becomes `\\uXXXX`, which leaves
JSON what it was.
"""

import re
from collections.abc import Mapping
from functools import cache

RUNNERS = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION")
"""Variables that runners set; inside a container, often only the first is handed on."""
_BREAK = r"\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
_UNSEEN = (
    r"\x00-\x08\x0e-\x1a\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_BLANKS = rf"(?:\x1b\[[0-9;]*m|[^\S{_BREAK}]|[{_UNSEEN}])*"


def listens(environment: Mapping[str, str]) -> bool:
    """Whether what is printed ends up in a log that a runner reads."""
    return any(environment.get(name) for name in RUNNERS)


def without_commands(text: str) -> str:
    """`text` in which no runner finds a command; the very same text where there is none."""
    for pattern, harmless in _commands():
        text = pattern.sub(harmless, text)
    return text


def only_its_own(command: str) -> str:
    """A command of ours, whose words may be foreign: it stays one, and there is no second in it."""
    return command[:2] + without_commands(command[2:]) if command[:2] in ("::", "##") else without_commands(command)


@cache
def _commands() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What begins a command, and what stands there instead; compiled only where a runner listens."""
    return (
        (re.compile(rf"((?:\A|[{_BREAK}]){_BLANKS}):([{_UNSEEN}]*:)"), r"\1\\u003a\2"),
        (re.compile(rf"(#[{_UNSEEN}]*)#(?=[A-Za-z{_UNSEEN}]*\[)"), r"\1\\u0023"),
        (re.compile(r"section_(?=(?:start|end):)"), r"section\\u005f"),
    )
