"""The one table of output formats: which documents each can write, and the module that does. Called by `cli`.

A format is one module of this wing (or a package of that name) with a function `render_DOCUMENT` for each kind of
document that it can write, and its line in `FORMATS`. `--format`, `--report` and `show` take what they offer from
there, and the module is imported when somebody asks for it, so a new format touches four places: its module, its line
here, its tests, and the formats named in `docs/commands.md`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Generic, NamedTuple, TypeVar

from reconciler.audit.types import AuditReport
from reconciler.codes import Code
from reconciler.errors import Problem, UsageError
from reconciler.importing.types import ImportReport
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.state.event import Event
from reconciler.state.record import Proof, Record
from reconciler.support.hints import did_you_mean

Renderer = TypeVar("Renderer", bound=Callable[..., Artifacts])


class Document(NamedTuple, Generic[Renderer]):
    """A kind of document; the function `render_NAME` of a format's module writes it, and is a `Renderer`."""

    name: str


PLAN: Document[Callable[[Plan, PlanHeader, Style], Artifacts]] = Document("plan")
DRIFT: Document[Callable[[DriftReport, Mapping[str, str], Style], Artifacts]] = Document("drift")
"""Beside the report: the base URL of each provider, by its name."""

AUDIT: Document[Callable[[AuditReport, PlanHeader, Style], Artifacts]] = Document("audit")

IMPORT: Document[Callable[[ImportReport, Mapping[str, str], Style], Artifacts]] = Document("import")
"""Beside the report: the base URL of each provider, by its name."""

EVENT: Document[Callable[[Event, str, Style], Artifacts]] = Document("event")
"""One event of an apply, and when it was told (UTC, ISO 8601), for events that know no time of their own."""

RESULT: Document[Callable[[Plan, Sequence[Event], PlanHeader, Style], Artifacts]] = Document("result")
"""What an apply has done: its plan, and all of its events."""

RECORD: Document[Callable[[Record, str, Style], Artifacts]] = Document("record")
"""What was run, and the file that it stands in, as the user named it."""

PROOF: Document[Callable[[Proof, Style], Artifacts]] = Document("proof")

PROBLEMS: Document[Callable[[Iterable[Problem], Style], Artifacts]] = Document("problems")


class Format(NamedTuple):
    """One way to write documents.

    Args:
        module: has the renderers.
        documents: what the format can write.
        failures: where a run fails before there is a document, its problems take that document's place.
    """

    module: str
    documents: tuple[Document[Any], ...]
    failures: bool = False


TEXT = "text"
"""The format for people; it is what commands write where no other is asked for."""

_ALL = (PLAN, DRIFT, AUDIT, RESULT, PROBLEMS)

FORMATS: Mapping[str, Format] = {
    TEXT: Format("reconciler.render.text", (*_ALL, IMPORT, EVENT, RECORD, PROOF)),
    "json": Format("reconciler.render.json", (*_ALL, IMPORT, EVENT, RECORD, PROOF)),
    "html": Format("reconciler.render.html", (*_ALL, RECORD), failures=True),
    "ndjson": Format("reconciler.render.ndjson", (*_ALL, EVENT)),
    "markdown": Format("reconciler.render.markdown", _ALL, failures=True),
    "github": Format("reconciler.render.github", _ALL, failures=True),
    "gitlab": Format("reconciler.render.gitlab", _ALL),
    "codequality": Format("reconciler.render.codequality", _ALL, failures=True),
    "junit": Format("reconciler.render.junit", _ALL, failures=True),
    "sarif": Format("reconciler.render.sarif", _ALL, failures=True),
    "csv": Format("reconciler.render.csv", (AUDIT,)),
}


def offered(document: Document[Any]) -> tuple[str, ...]:
    """The formats in which a document can be written, the usual one first."""
    return tuple(name for name, form in FORMATS.items() if document in form.documents)


def renderer(document: Document[Renderer], name: str) -> Renderer:
    """The function that writes a document in the format `name`.

    Raises:
        UsageError: the document cannot be written so; suggests the nearest format.
    """
    names = sorted(offered(document))
    if name not in names:
        raise UsageError(
            f"no output format {name!r}",
            did_you_mean(name, names) or f"there are: {', '.join(names)}",
            code=Code.UNKNOWN_NAME,
        )
    found: Renderer = getattr(import_module(FORMATS[name].module), f"render_{document.name}")
    return found
