"""`whsync import`: what exists at the vendors as YAML and in the lock, such that the next plan is empty."""

import sys

import click

from reconciler.cli import complete, import_target, outputs, session
from reconciler.cli.context import Context
from reconciler.cli.import_target import Place
from reconciler.cli.options import RECORD, format_option
from reconciler.cli.options import command as declare
from reconciler.cli.recording import Recording, recording
from reconciler.errors import EXIT_ERROR, EXIT_FINE
from reconciler.importing.types import ImportReport
from reconciler.render.base import plain
from reconciler.render.formats import IMPORT, TEXT, offered, renderer
from reconciler.run.imports import Outcome, Target, imported
from reconciler.run.missing_lock import lock_missing
from reconciler.run.runtime import Runtime
from reconciler.run.strangers import Wish
from reconciler.state.stores.base import Lease, Snapshot, digest_of
from reconciler.support.hints import command as spelled


@declare(
    "import",
    examples=[
        "whsync import ./vendors/acme.yaml --scope project=api",
        "whsync import --into webhooks.yaml",
        "whsync import --discover --scope owner=acme --into webhooks.yaml",
        "whsync import ledger --into teams/ledger.yaml --format json",
    ],
)
@click.argument("providers", nargs=-1, metavar="[PROVIDER]...", shell_complete=complete.vendors)
@click.option("--scope", "scopes", multiple=True, metavar="K=V", help="Where to look, as `scope:` says it; repeatable.")
@click.option("--discover", is_flag=True, help="Have the vendors list the places that --scope does not name.")
@click.option("--into", metavar="FILE", help="Add to FILE, which the configuration has, or which is new.")
@format_option(*offered(IMPORT))
@click.option("--record", **RECORD)
def command(
    whsync: Context,
    providers: tuple[str, ...],
    scopes: tuple[str, ...],
    discover: bool,
    into: str | None,
    form: str,
    record: str | None,
) -> int:
    """Write down the webhooks that exist and nobody manages, and bind them in the lock; the vendors are only read.

    PROVIDER is an entry of the configuration, or a vendor that becomes one; without any, all entries are looked at.
    Where there is no configuration yet, it is written. Where there is one, --into says which of its files gets the
    webhooks; without it they are only shown, and nothing is written. Secrets are comments.
    """
    wish = Wish((), import_target.scopes_of(scopes), discover)
    place = import_target.find(whsync, providers, into, wish)
    loaded = import_target.load(whsync, place, place.text)
    with recording(record, "import") as book, session.running(whsync, loaded) as runtime:
        if not place.writes:
            report = _look(whsync, runtime, place, wish, form)
            _tell(whsync, report, form, runtime, writes=False)
            return _exit_code(report)
        with session.leased(whsync, runtime, "import") as lease:
            book.check()
            outputs.refuse(place.name, runtime.folder)
            report = _import(whsync, runtime, place, wish, lease, book)
        _tell(whsync, report, form, runtime, writes=True)
        return _exit_code(report)


def _look(whsync: Context, runtime: Runtime, place: Place, wish: Wish, form: str) -> ImportReport:
    """Show what would be written."""
    discreet = form == TEXT and sys.stdout.isatty()
    outcome = _found(whsync, runtime, place, wish, runtime.store.read(), discreet)
    if form == TEXT and outcome.report.imported:
        whsync.out(outcome.report.text.rstrip("\n"))
    return outcome.report


def _import(whsync: Context, runtime: Runtime, place: Place, wish: Wish, lease: Lease, book: Recording) -> ImportReport:
    """Write the file, then the lock: in between, a plan would adopt what the file has, and never take it away.

    Args:
        whsync: the global options.
        runtime: of this run.
        place: what is written into.
        wish: where to look.
        lease: the right to change the lock.
        book: the running record.
    """
    outcome = _found(whsync, runtime, place, wish, Snapshot(lease.lock, digest_of(lease.lock)), discreet=False)
    if outcome.text is None:
        return outcome.report
    import_target.refuse_changed(place)
    book.begin(runtime.redactor.over(runtime.run), runtime.redactor.hide)
    outputs.write(place.name, outcome.text, private=False)
    for event in outcome.events:
        lease.append(event, sync=False)
    lease.checkpoint()
    for event in outcome.events:
        book.change(event, {})
    book.done(_exit_code(outcome.report))
    return outcome.report._replace(file=place.name, lock=str(runtime.loaded.lock))


def _found(
    whsync: Context,
    runtime: Runtime,
    place: Place,
    wish: Wish,
    snapshot: Snapshot,
    discreet: bool,
) -> Outcome:
    """What exists, as text and events.

    Args:
        whsync: the global options.
        runtime: of this run.
        place: what is, or would be, written into.
        wish: where to look.
        snapshot: the lock as it is.
        discreet: what is shown of the text goes to a terminal.
    """
    session.held_to_lock(whsync, runtime, snapshot.lock)
    if missing := lock_missing(runtime.loaded, runtime.store):
        whsync.err(plain(f"Warning: {missing.summary}; {missing.hint}."))
    target = Target(place.name, place.text, place.is_new, discreet)
    with session.looking(whsync, runtime):
        return imported(
            runtime,
            snapshot,
            wish._replace(providers=place.providers),
            target,
            lambda text: import_target.load(whsync, place, text),
        )


def _tell(whsync: Context, report: ImportReport, form: str, runtime: Runtime, writes: bool) -> None:
    artifacts = renderer(IMPORT, form)(report, runtime.loaded.accounts, whsync.style())
    whsync.deliver(artifacts, whsync.err if form == TEXT and not writes else None)
    if not writes and report.imported:
        way = spelled("import", "--into", next(iter(runtime.loaded.files)))
        whsync.note(f"Nothing was written. {plain(way)} adds this, and binds it in the lock.")


def _exit_code(report: ImportReport) -> int:
    return EXIT_ERROR if report.problems else EXIT_FINE
