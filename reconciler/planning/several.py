"""Each secret of a webhook, as far as a plan is concerned. [pure] Used by `planning.plan` and `planning.needs`."""

from collections.abc import Iterable
from typing import NamedTuple

from reconciler.errors import Problem
from reconciler.model.capabilities import Capabilities
from reconciler.model.further import Further, called, pointer_of, semantics_of
from reconciler.model.secret import SecretSemantics, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Desired
from reconciler.secrets.custody.state import needs_a_new_webhook, of_a_new_one, takes_a_write


class SecretFacts(NamedTuple):
    """One secret: what the file says, how it was found, how the vendor treats it. `which`: a further one's name."""

    which: str
    spec: SecretSpec | None
    status: SecretStatus
    semantics: SecretSemantics

    @property
    def pointer(self) -> str:
        """What it is among the fields."""
        return pointer_of(self.which)

    @property
    def called(self) -> str:
        """How people call it."""
        return f"the {called(self.which)}"

    @property
    def is_news(self) -> bool:
        """Whether it is new or changed."""
        return self.status.state in (SecretState.NEW, SecretState.CHANGED)

    @property
    def is_written(self) -> bool:
        """Whether it is to be written."""
        return self.is_news and takes_a_write(self.spec, self.status)

    @property
    def is_stuck(self) -> bool:
        """Whether it is to be written, and only a new webhook can have another."""
        return self.is_written and needs_a_new_webhook(self.status, self.semantics)

    @property
    def of_a_new_one(self) -> "SecretFacts":
        """The same in a webhook that is made."""
        return self._replace(status=of_a_new_one(self.spec, self.status))


def further_of(webhook: Desired, known: Further, capabilities: Capabilities) -> tuple[SecretFacts, ...]:
    """What is known of a webhook's further secrets; one that nobody compared is never called the same."""
    states, unknown = known.get(webhook.name, {}), SecretStatus(SecretState.UNVERIFIABLE)
    return tuple(
        SecretFacts(which, spec, states.get(which, unknown), semantics_of(capabilities, which))
        for which, spec in webhook.secrets
    )


def is_only_issued(webhook: Desired) -> bool:
    """Whether the vendor issues its secret, and there is no other that would have to be at hand."""
    return webhook.secret is not None and webhook.secret.issued and not webhook.secrets


def taken_by(first: SecretStatus, further: Iterable[SecretFacts]) -> Problem | None:
    """Why another secret may not go where one of these goes; None where all may."""
    statuses = (first, *(each.status for each in further))
    return next((status.taken for status in statuses if status.taken is not None), None)
