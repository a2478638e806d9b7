"""The words of an import: what was found, what is written down of it, and what is told. [pure]

Made by `importing` and `run.imports`; shown by `render`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from reconciler.errors import Problem
from reconciler.model.webhook import Fields, Remote, Scope


class Found(NamedTuple):
    """One webhook at a vendor that nobody manages, and the entry of `providers:` through which it was seen."""

    provider: str
    scope: Scope
    remote: Remote


class Secrecy(StrEnum):
    """What an import knows of a webhook's secret."""

    NOT_HERE = "not_here"  # this vendor's webhooks have none of their own
    NONE = "none"  # the vendor says that there is none
    SHOWN = "shown"  # the vendor shows it, and it is written nowhere
    UNKNOWN = "unknown"  # nobody can read it


class Veiled(NamedTuple):
    """A value in a tree that looks like a secret: a reference to a variable is written in its place.

    Args:
        value: the value; empty where each webhook of a block has its own.
        shown: what of it everybody may see.
        called: what it is called, after which its variable is named.
        each: the key of the `for_each` that the variable's name hangs on; empty where it hangs on none.
    """

    value: str
    shown: str
    called: str = "url"
    each: str = ""


class Draft(NamedTuple):
    """One webhook as it would stand in the file.

    Args:
        tree: what stands below its name, dollar signs doubled; a value that looks like a secret is a `Veiled`.
        remarks: what is not written, and why: comments beside it.
        secret: what is known of its secret; `issues`: the vendor is the one that makes it.
        doubts: what is written and looks like a secret, in words that do not show it.
        whole: the same with all that could be written, usual or not.
        further: the further secrets that its vendor has, by their names, and what is known of each.
    """

    found: Found
    tree: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    secret: Secrecy = Secrecy.NOT_HERE
    issues: bool = False
    doubts: tuple[str, ...] = ()
    whole: Mapping[str, Any] = {}
    further: tuple[tuple[str, Secrecy], ...] = ()


class Variable(NamedTuple):
    """A reference that stands in a block in the place of a value that looks like a secret.

    Args:
        name: the variable's, in which there may be a `${each.KEY}`.
        at: the field, as people call it.
        shown: what of the value everybody may see.
        values: the variable that is to hold each value, and that, by what stands in brackets in the webhooks' names.
    """

    name: str
    at: str
    shown: str
    values: Mapping[str, tuple[str, str]]


class Block(NamedTuple):
    """One key below `webhooks:`, and the webhooks that it makes, by their names.

    Args:
        own_secrets: each webhook has more than its place for itself, so that its secret will be its own as well.
        listed: in how many of the places that the vendor lists, where the block leaves these to it; else empty.
    """

    name: str
    tree: Mapping[str, Any]
    drafts: Mapping[str, Draft]
    variables: tuple[Variable, ...] = ()
    own_secrets: bool = False
    listed: str = ""

    @property
    def first(self) -> Draft:
        """One of its webhooks: they differ in nothing but what `for_each` says."""
        return next(iter(self.drafts.values()))


class LeftOut(NamedTuple):
    """A webhook that is not imported, and why."""

    found: Found
    reason: str


class Imported(NamedTuple):
    """A webhook that is in the file and in the lock now, or would be.

    Args:
        fields: as outputs may show them.
        variables: those that the next plan needs, for they are to hold what looks like a secret.
    """

    name: str
    provider: str
    scope: Scope
    remote_id: str
    fields: Fields
    secret: Secrecy
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


class Omitted(NamedTuple):
    """The same of one that is not: `fields` as outputs may show them."""

    provider: str
    scope: Scope
    remote_id: str
    fields: Fields
    reason: str


class Looked(NamedTuple):
    """One place that was read.

    Args:
        found: how many webhooks there are; `managed`: of these, how many the files or the lock have already.
        partly: why its list may hide some, in the vendor's words; empty where it shows all.
    """

    provider: str
    scope: Scope
    found: int
    managed: int
    partly: str = ""


class NotLooked(NamedTuple):
    """An entry of `providers:` at which nothing could be looked for, and why."""

    provider: str
    reason: str


class ImportReport(NamedTuple):
    """What an import found, and what became of it.

    Args:
        at: when it was made (UTC, ISO 8601).
        file, lock: what was written; None where nothing was.
        text: what was added to the file, or would be.
    """

    whsync: str
    at: str
    places: tuple[Looked, ...] = ()
    imported: tuple[Imported, ...] = ()
    left_out: tuple[Omitted, ...] = ()
    not_looked: tuple[NotLooked, ...] = ()
    problems: tuple[Problem, ...] = ()
    file: str | None = None
    lock: str | None = None
    text: str = ""
    reads: int = 0

    @property
    def found(self) -> int:
        """How many webhooks were seen."""
        return sum(place.found for place in self.places)

    @property
    def managed(self) -> int:
        """How many of them the files or the lock had before."""
        return sum(place.managed for place in self.places)
