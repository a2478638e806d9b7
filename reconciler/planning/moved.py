"""What somebody changed at the vendor in fields that the file does not manage, as a finding. [pure]

Used by `planning.plan`.
"""

import json
from collections.abc import Sequence

from reconciler.codes import Code
from reconciler.model.action import FieldChange, Finding, Shown
from reconciler.model.webhook import Desired


def unmanaged_change(webhook: Desired, moved: Sequence[FieldChange]) -> Finding:
    """What somebody changed at the vendor in fields that the file does not manage, and that no plan changes back."""
    told = ", ".join(f"{_label(change.path)} {_value(change.before)} -> {_value(change.after)}" for change in moved)
    summary = f"{webhook.name}: changed at the vendor, and the file does not manage it: {told}"
    return Finding(
        "unmanaged_change", summary, webhook.provider, webhook.scope, name=webhook.name, code=Code.UNMANAGED_CHANGE
    )


def _label(pointer: str) -> str:
    return pointer.removeprefix("/options/").removeprefix("/")


def _value(value: Shown) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)
