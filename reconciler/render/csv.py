"""The format `csv`: an inventory as a table, one row a webhook. [pure] `render.formats` imports it by its name.

It is opened in spreadsheets, which take what begins with certain signs for a formula. Vendors' texts may begin so; an
apostrophe in front makes a text of them. Where a spreadsheet has another separator than the comma, it may begin a cell
in the middle of one of ours: signs behind any separator get an apostrophe, too.
"""

import re

from reconciler.audit.types import Audited, AuditReport
from reconciler.model.webhook import DESCRIPTION, STATUS
from reconciler.render.base import Artifacts, PlanHeader, Style, cut, plain
from reconciler.render.inventory import codes_of, events_of, where

COLUMNS = (
    *("provider", "type", "scope", "name", "id", "standing", "certainty", "url", "events", "status", "description"),
    *("secret", "secret_set", "severity", "findings", "sentences", "ways_out", "at"),
)
"""What the columns are called; further ones come behind them."""

_LONGEST = 4_000
"""A cell of a spreadsheet holds 32,767 characters; an apostrophe may double the rest of a hostile one."""

_FORMULA = re.compile(r"""(^|[,;|"])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])""")
"""In front of a sign with which formulas begin: the beginning of a cell, or of what could be taken for one."""


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """The names of the columns, then a row for each webhook; problems, which are no webhooks, are not in it."""
    rows = (COLUMNS, *map(_row, report.webhooks))
    return Artifacts("".join(f"{','.join(map(_quoted, row))}\n" for row in rows))


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _row(audited: Audited) -> tuple[str, ...]:
    seen = audited.seen
    cells = (
        *(seen.provider, seen.type, where(seen.scope), seen.name or "", seen.remote_id or ""),
        *(seen.standing, seen.certainty, seen.fields.url, " ".join(events_of(seen))),
        *(str(seen.fields.get(pointer, "")) for pointer in (STATUS, DESCRIPTION)),
        *(seen.secrecy, seen.secret_at or "", audited.worst or "", codes_of(audited)),
        " | ".join(finding.summary for finding in audited.findings),
        " | ".join(finding.hint for finding in audited.findings if finding.hint),
        str(seen.at or ""),
    )
    return tuple(map(cell, cells))


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line."""
    return _FORMULA.sub(r"\1'", plain(cut(text, _LONGEST)))
