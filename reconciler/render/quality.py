"""Notices as a code quality report, which GitLab shows beside the lines of a merge request. [pure]

Used by `render.gitlab` and `render.codequality`. Two reports are compared by fingerprints: these tell of what and where
by words, not by line, so that a line above changes nothing.
"""

import json
from collections.abc import Iterable
from hashlib import sha256

from reconciler.render.notices import Level, Notice

_SEVERITY = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}
_ELSEWHERE = "webhooks.yaml"
"""Every entry must name a file: what is about none of them is shown with the usual one."""


def quality_report(notices: Iterable[Notice], files: tuple[str, ...] = ()) -> str:
    """The report, ending in a newline; what has no place stands at the first line of the first file."""
    usual = files[0] if files else _ELSEWHERE
    times: dict[str, int] = {}
    entries = []
    for notice in notices:
        file, line = (notice.at.file, notice.at.line) if notice.at else (usual, 1)
        told = "\0".join((notice.code, file, notice.name, notice.provider, notice.summary))
        times[told] = again = times.get(told, 0) + 1
        entries.append(
            {
                "description": notice.words,
                "check_name": notice.code,
                "fingerprint": sha256(f"{told}\0{again}".encode("utf-8", "backslashreplace")).hexdigest(),
                "severity": _SEVERITY[notice.level],
                "location": {"path": file.replace("\\", "/").removeprefix("./"), "lines": {"begin": line}},
            }
        )
    return json.dumps(entries, indent=2) + "\n"
