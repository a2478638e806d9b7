"""What a plan is made from, and what it tells of its making: values only. [pure]

Made by `run.survey` and `run.describe`; read by `planning.plan`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reconciler.errors import Problem
from reconciler.matching.types import Matched, Matching
from reconciler.model.action import Action, FieldChange, PlannedCall
from reconciler.model.capabilities import Capabilities
from reconciler.model.discovery import Apart, Discovered
from reconciler.model.further import Further
from reconciler.model.secret import SecretStatus
from reconciler.model.webhook import Desired
from reconciler.planning.policy import Policy
from reconciler.planning.several import SecretFacts, further_of
from reconciler.planning.types import Basis
from reconciler.state.lock import Lock

Describe = Callable[[str, Desired | None, Matched, Action, frozenset[str]], tuple[PlannedCall, ...]]
"""Which calls an action makes: from name, desired webhook, what was matched, the action, and the pointers it sends.

Raises Rejected where the API has no way.
"""


class PlanInput(NamedTuple):
    """What is planned from.

    Args:
        desired: the webhooks of the files, as they may be shown.
        secrets: by webhook name; one that is left out was not compared.
        further: the same of further secrets, by webhook and then by their names.
        capabilities_of: what each provider entry's vendor can do.
        moved: by webhook name, the fields that the file does not manage and that somebody changed at the vendor.
        lock_missing: says that the lock is not there although it should be.
        apart: webhooks of the lock whose places are not listed any more, or could not be; by name.
    """

    desired: Sequence[Desired]
    matching: Matching
    lock: Lock
    policy: Policy
    secrets: Mapping[str, SecretStatus]
    capabilities_of: Mapping[str, Capabilities]
    lock_missing: Problem | None = None
    moved: Mapping[str, tuple[FieldChange, ...]] = {}
    apart: Mapping[str, Apart] = {}
    further: Further = MappingProxyType({})

    def further_of(self, webhook: Desired) -> tuple[SecretFacts, ...]:
        """What is known of a webhook's further secrets."""
        return further_of(webhook, self.further, self.capabilities_of[webhook.provider]) if webhook.secrets else ()


class Circumstances(NamedTuple):
    """What a plan tells of how it was made.

    Args:
        created_at: UTC, ISO 8601.
        whsync: the version.
        reads: how many read calls were made.
        problems: what could not be read.
        discovered: what the vendors listed.
    """

    basis: Basis
    created_at: str
    whsync: str
    reads: int = 0
    problems: tuple[Problem, ...] = ()
    discovered: tuple[Discovered, ...] = ()
