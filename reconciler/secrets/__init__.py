"""Secrets: where they come from, where they go, how they are compared without being kept."""
