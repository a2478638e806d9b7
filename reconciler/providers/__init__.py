"""Vendors as data: the protocol every provider speaks, the manifest language, and the registry. See `protocol`."""
