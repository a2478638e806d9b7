"""What a vendor can list of that on which webhooks hang: its repositories, projects, teams. [pure]

Said by manifests (`providers.language.discovery`); asked for by `for_each: {KEY: {discover: WHAT}}` of the files and by
`audit --discover`.
"""

from typing import Literal, NamedTuple


class Discoverable(NamedTuple):
    """One list that a vendor has.

    Args:
        what: its name, as the files say it (`repositories`).
        about: what it lists, in words.
        fills: the scope parameter that is one of its values.
        needs: what must be known before it can be asked for: parameters of the scope, or others that only it has.
        filters: what each of its items tells beside its value, and files may choose by (`archived`).
        per_call: how many items one call gives at most; 0 where it gives all.
        partial: why it may hide some; empty where it shows all.
    """

    what: str
    about: str
    fills: str
    needs: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    per_call: int = 0
    partial: str = ""

    @property
    def cost(self) -> str:
        """How many calls it takes, in words."""
        return f"one call for each {self.per_call}" if self.per_call else "one call"

    @property
    def sentence(self) -> str:
        """All of it, for people."""
        needs = f"; needs {', '.join(self.needs)}" if self.needs else ""
        filters = f"; filters: {', '.join(self.filters)}" if self.filters else ""
        partial = f"; may not show all: {self.partial}" if self.partial else ""
        return f"{self.about}, for the scope's {self.fills}{needs}{filters}; {self.cost}{partial}"


class Discovered(NamedTuple):
    """What one list gave to one block of the files; one for each place that it was asked for.

    Args:
        block: the name under `webhooks:`; `key`: the one of its `for_each`.
        provider: the entry that was asked, and `what` of it.
        given: what the list was asked for (`owner`, `acme`).
        found: how many places the vendor lists.
        values: those that fit, sorted.
        partial: why the vendor's list may hide some.
        source: who told: the vendor, or without a network the lock, which knows what was applied.
        failed: it could not be had, so nothing is planned for the block.
    """

    block: str
    key: str
    provider: str
    what: str
    given: tuple[tuple[str, str], ...] = ()
    found: int = 0
    values: tuple[str, ...] = ()
    partial: str = ""
    source: Literal["vendor", "lock"] = "vendor"
    failed: bool = False

    @property
    def where(self) -> str:
        """Where it was listed, in words."""
        return (
            f"{self.provider} ({', '.join(f'{key} {value}' for key, value in self.given)})"
            if self.given
            else (self.provider)
        )


class Apart(NamedTuple):
    """Why a webhook of the lock, which a discovered block once made, is neither one of the files nor an orphan.

    Args:
        state: `gone`: what it hangs on is not listed any more; `unfit`: it is listed, and no longer fits the block's
            filters; `unknown`: nobody could list.
        words: the same for people, with the way out.
    """

    state: Literal["gone", "unfit", "unknown"]
    words: str
