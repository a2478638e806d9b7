"""`env:NAME`: an environment variable, exactly as it is."""

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.envfile import NAME
from reconciler.secrets.scheme import SchemeKind, SecretScheme, Surroundings
from reconciler.support.runners import listens

KEPT_BACK = (
    "pipelines leave a variable empty whose secret they lack, or keep back because a fork's request is checked:"
    " look for its name there; `whsync plan --untrusted` needs no secret"
)
"""What an empty variable means where a pipeline runs; elsewhere somebody has set it to nothing."""


def read(ref: SecretRef, around: Surroundings) -> bytes:
    """See `scheme.SecretScheme`."""
    value = around.environment.get(ref.target)
    if value is None:
        raise SecretError(
            f"the environment variable {ref.target} is not set",
            f"set it; a secret comes from {ref}",
            code=Code.SECRET_MISSING,
        )
    if not value:
        hint = KEPT_BACK if listens(around.environment) else ""
        raise SecretError(f"the secret {ref} is empty", hint, code=Code.SECRET_UNFIT)
    return value.encode(errors="surrogateescape")


SCHEME = SecretScheme(
    "env",
    shape=NAME,
    usage="env:NAME",
    note="with letters, digits and _",
    read=read,
    kind=SchemeKind.AT_HAND,
    rank=0,
)
