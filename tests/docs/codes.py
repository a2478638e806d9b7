"""`python -m tests.docs.codes`: write docs/codes.md, the page that explains every code, from `reconciler.codes`."""

from reconciler.codes.meanings import GROUPS
from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "codes.md"
_BEGINNING = """\
# Codes

<!-- Made by `python -m tests.docs.codes` of reconciler/codes/meanings.py: change it there. -->

Every problem, refusal, finding and planned change has a code: one word that stays the same when sentences are reworded.
The outputs for programs show it as `code`; SARIF calls it a rule, code quality reports a check. A word
never gets another meaning.
"""


def page() -> str:
    """The whole page: a table for each group of codes."""
    tables = [
        f"## {heading}\n\n| code | meaning |\n|---|---|\n"
        + "".join(f"| `{code}` | {meaning} |\n" for code, meaning in meanings.items())
        for heading, meanings in GROUPS.items()
    ]
    return "\n".join([_BEGINNING, *tables])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
