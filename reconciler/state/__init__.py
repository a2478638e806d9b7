"""The lock on a disk or elsewhere: read by every command, written under a lease by those that change something."""
