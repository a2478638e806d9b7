"""How a CI runner is told to mask a secret in its log (GITHUB_ACTIONS=true says that it listens).

Called by `run.announcing`. This is the one output that holds secrets, since telling them is its purpose; the runner
reads it and shows `***`.
"""

import re

from reconciler.model.secret import SHORTEST, Secret

VARIABLE, VALUE = "GITHUB_ACTIONS", "true"


UNMASKED = (
    f"Warning: a secret or credential of fewer than {SHORTEST} characters is not masked in this log: the mask would "
    "blank whatever else has these characters. Take a longer one."
)


def commands(secret: Secret) -> str:
    """The workflow commands that mask a secret; empty for one without a line that can be masked.

    The runner masks line by line, so a secret of several lines gets one command each. Short ones (a digit, a brace, a
    bare word) are left out, for masking them would blank the whole log and protect nothing.
    """
    lines = re.split(r"[\r\n]+", secret.reveal())
    kept = [line for line in lines if len(line.strip()) >= SHORTEST]
    return "\n".join(f"::add-mask::{line.replace('%', '%25')}" for line in kept)
