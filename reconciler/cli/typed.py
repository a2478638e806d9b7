"""The global options as they were typed, or as their variables have them. Used by `cli.context`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.config.given import Given

DEFAULT_CONFIG = "webhooks.yaml"
_ADDING = ("config", "var", "var_file", "verbose")
"""What may be repeated and adds up."""


class Typed:
    """The global options.

    Attributes: `config`, `var`, `var_file`, `lock`, `trust`, `parallelism`, `max_wait`, `lock_timeout` (None: not
    given), `no_color`, `verbose` (how many v), `quiet`.
    """

    def __init__(self) -> None:
        self.config: tuple[str, ...] = ()
        self.var: tuple[str, ...] = ()
        self.var_file: tuple[str, ...] = ()
        self.lock: str | None = None
        self.trust: str | None = None
        self.parallelism: int | None = None
        self.max_wait: float | None = None
        self.lock_timeout: float | None = None
        self.no_color = False
        self.verbose = 0
        self.quiet = False
        self._replaceable: set[str] = set()

    def take(self, name: str, value: object, from_variable: bool = False) -> None:
        """Note one option. What may be repeated adds up; the command line replaces what came from a variable."""
        adds = name in _ADDING and name not in self._replaceable
        setattr(self, name, getattr(self, name) + value if adds else value)
        (self._replaceable.add if from_variable else self._replaceable.discard)(name)

    @property
    def config_paths(self) -> list["Path"]:
        """The configuration files, as given; `webhooks.yaml` where none is."""
        from pathlib import Path

        return [Path(name) for name in self.config or (DEFAULT_CONFIG,)]

    @property
    def names_config(self) -> bool:
        """Whether the command line names files with `-c`; those of a variable give way to other words."""
        return bool(self.config) and "config" not in self._replaceable

    def is_typed(self, name: str) -> bool:
        """Whether the command line itself says this option, not just its variable."""
        return getattr(self, name) not in (None, (), False, 0) and name not in self._replaceable

    @property
    def given(self) -> "Given":
        """What is said of variables."""
        from reconciler.config.given import Given

        return Given(self.var, self.var_file)
