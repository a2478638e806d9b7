"""Credentials that webhooks would send to their receivers as hidden values. [pure] Called by `config.load`.

A hidden value goes to the vendor and from there to whoever gets the deliveries; what proves who we are goes to neither.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from reconciler.codes import Code
from reconciler.config.check import Checked
from reconciler.config.fault import FileFault
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import hidden_references

OWN = "the secret of "
"""How `config.credentials` calls what a webhook may send, since its vendor and its receiver have it anyway."""


def hidden_credentials(
    checked: Sequence[Checked], providers: Mapping[str, ProviderConfig], whose: Callable[[str], str | None]
) -> Iterator[FileFault]:
    """Each webhook that hides a credential in its URL or its options.

    Args:
        checked: the webhooks that hide anything.
        providers: whose `auth` says what is a credential.
        whose: says of a reference to a variable whose credential that is.
    """
    auth = {ref: f"a credential of `{name}`" for name, each in providers.items() for ref in each.auth.values()}
    for entry, desired, *_ in checked:
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
