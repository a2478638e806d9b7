"""One webhook in the two forms that checks need. [pure]

Made by `config.expand`; used by `config.check` and its parts.
"""

from typing import NamedTuple

from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import WrittenWebhook
from reconciler.model.webhook import Desired


class Checked(NamedTuple):
    """One webhook in the two forms that checks between webhooks need; `doubtful` keys of its block are wrong."""

    entry: WrittenWebhook
    desired: Desired
    provider: ProviderConfig
    doubtful: frozenset[str] = frozenset()
