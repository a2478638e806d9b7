"""Which webhooks of a lock have one secret, as far as references at hand tell. Called by `cli.lock_shown`."""

import os
from collections.abc import Mapping

from reconciler.config.credentials import FINGERPRINT_KEY
from reconciler.config.loaded import Loaded
from reconciler.model.secret import Secret
from reconciler.run.secrets import fingerprints_of
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.sharing import digests
from reconciler.secrets.source import Resolver
from reconciler.state.lock import Lock


def shared_secrets(loaded: Loaded, environment: Mapping[str, str], lock: Lock) -> dict[str, str]:
    """A digest of each secret by webhook name, with the fingerprint key, or with one that is forgotten at once.

    No command is run and no manager asked.
    """
    key = environment.get(FINGERPRINT_KEY)
    comparing = Fingerprinter(Secret(key) if key else None, loaded.digest, fingerprints_of(lock))
    telling = comparing if key else Fingerprinter(Secret(os.urandom(32).hex()), loaded.digest, ())
    return digests(loaded.desired, lock.entries, Resolver(loaded.folder, environment), comparing, telling)
