"""Whether models are built when they are first needed, which makes starting quicker. [pure]

Used by `config.block` and `providers.language.words`, the bases of all models of files.
"""

from pydantic import VERSION

DEFERS = tuple(map(int, VERSION.split(".")[:2])) >= (2, 14)
"""Older releases cannot write a default into a schema whose own model waits; see `findings`."""
