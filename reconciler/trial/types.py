"""What a trial tells: the steps it made, each deviation with the manifest's word for it, and what it left. [pure]

Made by `run.trial`; rendered by `render.trial`.
"""

from enum import StrEnum
from typing import NamedTuple

from reconciler.model.webhook import Scope

FORMAT = "whsync.check/1"
CREATE = "create"
"""The name of the first step that writes."""


class Kind(StrEnum):
    """The ways in which a vendor does something else than its manifest says."""

    IGNORED = "ignored"  # a value that was sent, answered with success, and is not there
    NORMALISED = "normalised"  # it is there, and spelled otherwise
    SORTED = "sorted"  # a list is there in another order, or without its repeats
    DROPPED = "dropped"  # some of the values of a list are not there
    ADDED = "added"  # the vendor put values of its own beside them
    HIDDEN = "not_shown"  # it was taken, and no read shows it where the manifest looks
    CLEARED = "cleared"  # a field that an update did not send is gone
    MOVED = "moved"  # a field that nobody sent has another value
    SECRET_WIPED = "secret_wiped"  # the secret is gone, or another, after an update that did not send it
    SECRET_SHOWN = "secret_shown"  # a read shows the secret where the manifest does not look
    SECRET_MASKED = "secret_masked"  # a read shows a mask of it where the manifest does not look
    SECRET_FLAGGED = "secret_flagged"  # a read tells that there is one where the manifest does not look
    SECRET_UNSEEN = "secret_unseen"  # the manifest says that reads show it, a mask of it or a flag, and they do not
    EXTRA = "extra_field"  # reads show what no word of the manifest speaks of
    REFUSED = "refused"  # what the manifest says the vendor does, it refuses
    ANSWER = "unexpected_answer"  # it worked, and the manifest does not believe the answer
    HTML = "html_error"  # an error that is not JSON
    ERROR_WORDS = "error_without_words"  # an error in which the manifest finds no words
    NO_ID = "no_id"  # what was made is named by no answer
    ID_CHANGED = "id_changed"  # an update gave the webhook another id
    UNLISTED = "not_listed"  # what is there is not in the list
    UNIQUE = "unique"  # a second webhook with the same key is refused
    UPSERT = "upsert"  # a second create changes the first webhook
    EMPTY = "empty_list"  # the list that holds nothing is not what the manifest takes for one
    KEPT = "soft_delete"  # what was deleted is still there
    RESTLESS = "restless"  # two reads in a row show different things


class Deviation(NamedTuple):
    """One thing that the vendor does otherwise.

    Args:
        kind: which one.
        step: what was being done.
        field: the pointer of the field that it is about; empty for the whole webhook.
        what: what was seen, in a sentence.
        word: what the manifest would have to say; empty where the language has no word for it.
        counts: whether whsync would do something wrong by the manifest as it is; the others are worth knowing.
        by: the pointer of the field that was changed when it was seen; empty where that was none, or several.
    """

    kind: Kind
    step: str
    field: str
    what: str
    word: str
    counts: bool = True
    by: str = ""


class Step(NamedTuple):
    """One thing that was done at the vendor, or why it was not: `done`, `refused`, `failed` or `skipped`."""

    name: str
    outcome: str
    detail: str = ""


class Left(NamedTuple):
    """A webhook of this trial that is still at the vendor: its id where that is known, and why.

    `expected`: by the manifest it cannot be removed, which was said before.
    """

    remote_id: str | None
    why: str
    expected: bool = False


class TrialReport(NamedTuple):
    """All of a trial.

    Args:
        type, title: the manifest.
        base_url, scope: where it was tried.
        steps: in order.
        found: deviations, those that count first.
        untried: fields that were not sent, each with the reason.
        left: what is still at the vendor.
        stopped: why it did not come to its end, in a sentence; empty where it did.
        interrupted: the user stopped it.
    """

    type: str
    title: str
    base_url: str
    scope: Scope
    steps: tuple[Step, ...] = ()
    found: tuple[Deviation, ...] = ()
    untried: tuple[tuple[str, str], ...] = ()
    left: tuple[Left, ...] = ()
    stopped: str = ""
    interrupted: bool = False

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Those that count."""
        return tuple(each for each in self.found if each.counts)

    @property
    def notes(self) -> tuple[Deviation, ...]:
        """Those that are only worth knowing."""
        return tuple(each for each in self.found if not each.counts)

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end, and left nothing that it should have removed."""
        return not self.stopped and all(each.expected for each in self.left)
