"""How a CI runner is told to mask a secret in its log (GITHUB_ACTIONS=true says that it listens).

Called by `run.runtime`. This is the one output that holds secrets, since telling them is its purpose; the runner reads
it and shows `***`.
"""

import re

from reconciler.model.secret import SHORTEST, Secret

VARIABLE, VALUE = "GITHUB_ACTIONS", "true"


def commands(secret: Secret) -> str:
    """The workflow commands that mask a secret; empty for an empty one.

    The runner masks line by line, so a secret of several lines gets one command each; of those, short ones (a brace, a
    bare word) are left out, for masking them would mangle the whole log and protect nothing.
    """
    lines = [line for line in re.split(r"[\r\n]+", secret.reveal()) if line.strip()]
    kept = lines if len(lines) == 1 else [line for line in lines if len(line.strip()) >= SHORTEST]
    return "\n".join(f"::add-mask::{line.replace('%', '%25')}" for line in kept)
