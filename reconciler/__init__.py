"""Webhook registrations as code: compare what is wanted with what vendors hold, and reconcile the two."""

__version__ = "0.1.0"

DISTRIBUTION = "whsync"
"""Whose package of this name it is. `whsync_start` looks for it, since the name is another's on PyPI."""
