"""Secrets that take a while to be told are asked for several at once, before somebody needs the first of them.

Called by `run.accounts`, `run.hiding` and `run.secrets`. What cannot be had is told where it is needed.
"""

from collections.abc import Iterable

from reconciler.model.secret import SecretRef
from reconciler.run.credentials import used_references
from reconciler.run.runtime import Runtime


def ask_ahead(references: Iterable[SecretRef], runtime: Runtime) -> None:
    """Ask for all of these; as many at once as there are handles for, each with what a command takes."""
    runtime.resolver.prepare(references, runtime.handles.stores or runtime.handles.workers)


def ask_for_credentials(names: Iterable[str], runtime: Runtime) -> None:
    """The same for what the provider entries `names` are asked with."""
    configs = (runtime.loaded.providers[name] for name in sorted(names))
    ask_ahead((ref for config in configs for ref in used_references(config, runtime.environment)), runtime)
