"""`whsync trust`: the trust file of a configuration, written down for review."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from reconciler.cli import reports
from reconciler.cli.context import Context
from reconciler.cli.options import Group, subcommand
from reconciler.config.loaded import Loaded
from reconciler.errors import UsageError
from reconciler.support import atomic
from reconciler.support.reach import Reach
from reconciler.trust.file import granting, written
from reconciler.trust.guard import folder_of
from reconciler.trust.level import OPEN_WORD, change_under_review
from reconciler.trust.needs import Need, needs_of

_REVIEW = """\
What {files} needs beyond what whsync knows to be usual, as of now.
Read each line: whatever stands here may be done by every change of those files.
Keep it where such a change cannot reach, and name it with --trust FILE or WHSYNC_TRUST."""


@click.group("trust", cls=Group, examples=["whsync trust write > trust.yaml"])
def command() -> None:
    """Say what the files may do: where credentials go, which commands run, which files are read."""


@subcommand(command, "write", examples=["whsync trust write", "whsync trust write --out /etc/whsync/trust.yaml"])
@click.option("-o", "--out", type=click.Path(dir_okay=False), help="Write to a file; to stdout by default.")
def write(whsync: Context, out: str | None) -> None:
    """Write the trust file that the present configuration needs, for somebody to review. Nothing is resolved."""
    review = change_under_review(os.environ)
    if review is not None and whsync.trust != OPEN_WORD:
        summary = f"what a change needs is written down by whoever trusts it, not where it is checked ({review})"
        raise UsageError(summary, "write it for the files as they were; or: whsync trust write --trust open")
    whsync.trust = OPEN_WORD
    loaded = whsync.load()
    reports.refuse_taken([out], loaded)
    needs = [need for need in needs_of(loaded) if not need.usual]
    text = written(
        granting(needs, _roots(loaded, needs), loaded.variables),
        _REVIEW.format(files=", ".join(map(str, loaded.files))),
    )
    if out is None:
        whsync.out(text)
        return
    atomic.replace(Path(out), text.encode(), mode=0o644)
    whsync.note(f"Written to {out}: read it before you trust it.")


def _roots(loaded: Loaded, needs: Iterable[Need]) -> set[str]:
    """The folders of all files that are not in the configuration's own."""
    inside = Reach(()).widened(loaded.folder)
    files = [*loaded.files, *(need.what for need in needs if need.kind == "file")]
    files += filter(None, [loaded.usual_lock.file, *(config.origin.file for config in loaded.providers.values())])
    return {folder_of(file) for file in files if not inside.covers(file)}
