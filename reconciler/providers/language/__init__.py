"""The manifest language as data: its words, and what a manifest promises of itself. Knows nothing of the engine."""
