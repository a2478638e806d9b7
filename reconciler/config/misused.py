"""Credentials that webhooks would send to their receivers as hidden values. [pure] Called by `config.expand`.

A hidden value goes to the vendor and from there to whoever gets the deliveries; what proves who we are goes to neither.
"""

from collections.abc import Callable, Iterator, Mapping

from reconciler.codes import Code
from reconciler.config.checked import Checked
from reconciler.config.fault import FileFault
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import hidden_references

OWN = "the secret of "
"""How `config.credentials` calls what a webhook may send, since its vendor and its receiver have it anyway."""


def hidden_credentials(
    checked: Checked, providers: Mapping[str, ProviderConfig | None], whose: Callable[[str], str | None]
) -> Iterator[FileFault]:
    """Each credential that the webhook hides in its URL or its options.

    Args:
        providers: whose `auth` says what is a credential.
        whose: says of a reference to a variable whose credential that is.
    """
    entry, desired, *_ = checked
    if not desired.hidden:
        return
    sound = {name: each for name, each in providers.items() if each}
    auth = {ref: f"a credential of `{name}`" for name, each in sound.items() for ref in each.auth.values()}
    for ref in hidden_references(desired):
        known = auth.get(ref) or whose(str(ref))
        if known is None or known.startswith(OWN):
            continue
        key = next(pointer.split("/")[1] for pointer in desired.hidden)
        yield FileFault(
            entry.place(key),
            Code.CREDENTIAL_MISPLACED,
            f"`{entry.name}` would send {ref}, which is {known}, to its receiver",
            "hide a value of its own there",
            name=entry.name,
        )
