"""Webhook registrations as code: compare what is wanted with what vendors hold, and reconcile the two."""

__version__ = "0.1.0"
