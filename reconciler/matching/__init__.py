"""Which remote webhook is which of ours, and what may be believed about it. Values in, values out."""
