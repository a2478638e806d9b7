"""`whsync show FILE`: a saved plan, or a running record, in any format; whether a record is whole."""

import shlex
from pathlib import Path

import click

from reconciler.cli import reports
from reconciler.cli.context import Context
from reconciler.cli.options import RECORD_READ, full_option, plan_format_option, report_option
from reconciler.cli.options import command as declare
from reconciler.cli.saved import read_plan
from reconciler.codes import Code
from reconciler.errors import EXIT_ERROR, EXIT_FINE, StateError, UsageError
from reconciler.render.base import PlanHeader
from reconciler.render.formats import PLAN, PROOF, RECORD, renderer
from reconciler.state.record import BEGINNING, Proof, Record
from reconciler.state.records import read


@declare(
    "show",
    examples=["whsync show plan.json", "whsync show webhooks.record", "whsync show --verify webhooks.record"],
)
@click.argument("file", type=click.Path())
@plan_format_option
@full_option
@report_option
@click.option("--record", **RECORD_READ)
@click.option("--verify", is_flag=True, help="Of a record: prove that no line was changed, moved, added or removed.")
@click.option("--head", metavar="DIGEST", help="With --verify: the record holds the line with this digest, too.")
def command(
    whsync: Context,
    file: str,
    form: str,
    report: tuple[str, ...],
    record: str | None,
    verify: bool,
    head: str | None,
) -> int:
    """Show FILE: a saved plan, or what a running record tells of each run."""
    if verify or head is not None:
        return _verify(whsync, file, form, report, head)
    if _is_record(file):
        _show_record(whsync, file, form, report)
    else:
        _show_plan(whsync, file, form, report, record)
    return EXIT_FINE


def _show_plan(whsync: Context, path: str, form: str, report: tuple[str, ...], record: str | None) -> None:
    render, asked_reports = renderer(PLAN, form), reports.read_reports(report)
    kept = [path, record] if record else [path]
    reports.refuse_over([each.path for each in asked_reports], kept)
    saved = read_plan(path)
    flags = f"; flags: {shlex.join(saved.options.flags)}" if saved.options.flags else ""
    told = read(record) if record and reports.shows_record(form, asked_reports) else None
    header = PlanHeader(title=f"{path}, made {saved.created_at} by whsync {saved.whsync}{flags}", record=told)
    reports.write_reports(asked_reports, saved, header, whsync)
    whsync.deliver(render(saved, header, whsync.style()))


def _show_record(whsync: Context, path: str, form: str, report: tuple[str, ...]) -> None:
    render, asked_reports = renderer(RECORD, form), reports.read_reports(report, RECORD)
    reports.refuse_over([each.path for each in asked_reports], [path])
    found = read(path)
    reports.write_all(asked_reports, RECORD, whsync, found, path)
    whsync.deliver(render(found, path, whsync.style()))


def _verify(whsync: Context, path: str, form: str, report: tuple[str, ...], head: str | None) -> int:
    """Tell whether the record is whole; the exit code says so, too."""
    render, asked_reports = renderer(PROOF, form), reports.read_reports(report, PROOF)
    reports.refuse_over([each.path for each in asked_reports], [path])
    if head is not None and not head.strip():
        raise UsageError("--head names no digest", "give the one that an earlier `whsync show --verify` has told")
    proof = Proof(_there(path), path, head)
    reports.write_all(asked_reports, PROOF, whsync, proof)
    whsync.deliver(render(proof, whsync.style()))
    return EXIT_FINE if proof.whole else EXIT_ERROR


def _there(path: str) -> Record:
    """The record at a path.

    Raises:
        StateError: there is none: it must not count as whole.
    """
    if not Path(path).exists():
        raise StateError(
            f"there is no record {path}", "`whsync apply --record FILE` begins one", code=Code.RECORD_UNUSABLE
        )
    return read(path)


def _is_record(path: str) -> bool:
    """Whether a file begins as records do; a pipe is not looked into, for what is read of it is gone."""
    if not Path(path).is_file():
        return False
    with open(path, "rb") as opened:
        return opened.read(len(BEGINNING)) == BEGINNING
