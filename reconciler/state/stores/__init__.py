"""Where the lock is kept: what every store can do, and one file a kind of place."""
