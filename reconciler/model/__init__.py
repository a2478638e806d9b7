"""The nouns of whsync as values: webhooks, secrets that cannot be printed, actions, and whether two of them differ."""
