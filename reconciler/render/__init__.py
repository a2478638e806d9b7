"""Plans, drift, events and problems as text and JSON: pure functions from values to artifacts. Called by `cli`."""
