"""Carrying out a plan: `lanes` runs workers and folds events, `carry` does one change, `settle` reads what was lost."""

from reconciler.apply.scheduler import apply

__all__ = ["apply"]
