"""The base of every block of the user's files. [pure] Used by `config.schema`, `config.audit` and `trust.file`."""

from pydantic import BaseModel, ConfigDict

from reconciler.support.deferring import DEFERS


class Block(BaseModel):
    """The base of everything that crosses the file: frozen, and no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=DEFERS)
