"""From what was matched to a plan: what each webhook needs, what is refused, and why, in words."""
