"""Kinds of secret references, one file each: its grammar and its IO. None knows another."""
