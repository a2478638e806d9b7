"""A manifest tried against a real account or server: what is sent, and what shows that the manifest is wrong."""
