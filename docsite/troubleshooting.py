"""The page of what to do about each code: what every code means, and the advice that people wrote for some.

Used by `docsite.contents`. `docs/troubleshooting.md` has the advice, a heading for each code; here it stands where the
code does, among all others.
"""

import re
from pathlib import Path

from reconciler.codes.meanings import CHANGES, GROUPS

_WRITTEN = Path(__file__).parents[1] / "docs" / "troubleshooting.md"
_ADVICE = re.compile(r"^## `([a-z-]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def advice() -> dict[str, str]:
    """What is written of each code, by the code."""
    return {code: text.strip() for code, text in _ADVICE.findall(_WRITTEN.read_text(encoding="utf-8"))}


def page() -> str:
    """The whole page: the written beginning, then every code that tells of trouble, with its advice."""
    written, known = _WRITTEN.read_text(encoding="utf-8"), advice()
    parts = [written.partition("\n## ")[0]]
    for heading, meanings in GROUPS.items():
        if meanings is CHANGES:
            continue
        parts.append(f"## {heading}\n")
        for code, meaning in meanings.items():
            what, _, todo = meaning.partition(": ")
            parts.append(f"### `{code}`\n\n{what.rstrip('.')}.\n")
            parts.append(f"**Do:** {todo[0].lower()}{todo[1:]}\n" if todo else "")
            parts.append(f"{known[code]}\n" if code in known else "")
    return "\n".join(filter(None, parts))
