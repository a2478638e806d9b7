"""Plans, events and problems as text, JSON and reports: pure functions from values to strings. Called by `cli`."""
