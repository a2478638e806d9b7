"""What a file may not say of a webhook's further secrets, and of how long a secret is. [pure]

Called by `config.check`.
"""

from collections.abc import Iterator, Mapping

from reconciler.codes import Code
from reconciler.config.fault import FileFault, did_you_mean
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import WrittenWebhook
from reconciler.model.secret import SecretSpec
from reconciler.model.secret_rule import FEWEST_BYTES, SecretRule
from reconciler.model.webhook import Source


def further_secret_faults(entry: WrittenWebhook, provider: ProviderConfig) -> Iterator[FileFault]:
    """Secrets by names that the vendor does not have, or in a form that it does not take.

    What only the defaults speak of and this vendor lacks is skipped.
    """
    known, title = dict(provider.vendor.capabilities.secrets), provider.vendor.title
    for which, block in (entry.webhook.secrets or {}).items():
        spec, at = block.spec, entry.place("secrets", which)
        mine = entry.says("secrets", which)
        if which not in known:
            if mine:
                yield _unknown(which, known, title, at)
        elif not spec.issued:
            yield from length_faults(spec, known[which].rule, title, entry.place("secrets", which, "generate"))
        elif mine:
            what = f"{title} does not issue the secret `{which}`, so there is none to store"
            hint = "write {from: REF}, or {generate: 32, to: SINK} to have one made"
            yield FileFault(at, Code.WRONG_SECRET_FORM, what, hint, key=True)


def _unknown(which: str, known: Mapping[str, object], title: str, at: Source) -> FileFault:
    if which == "secret":
        hint = "the first one stands under `secret:`, beside `secrets:`"
    else:
        hint = did_you_mean(which, known, "" if known else "it has one secret at most: write it under `secret:`")
    return FileFault(at, Code.UNKNOWN_SECRET, f"{title} has no secret called `{which}`", hint, key=True)


def length_faults(spec: SecretSpec, rule: SecretRule, title: str, at: Source) -> Iterator[FileFault]:
    """A secret that whsync is to make, and that the vendor would not take."""
    if spec.generate is None or rule.fits(spec.generate):
        return
    what = f"{title} takes secrets of {rule.excess(spec.generate)}"
    most = f"write {{generate: {rule.most}, to: SINK}}" if rule.most >= FEWEST_BYTES else "choose one: {from: REF}"
    yield FileFault(at, Code.SECRET_LENGTH, what, most)
