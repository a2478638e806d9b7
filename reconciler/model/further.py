"""A webhook's further secrets: their names, and a webhook as if it had only one of its secrets. [pure]

Most webhooks have one secret, and everything that is decided about one is decided about it alone. Where a manifest
names several, the others are told by their names, and each is looked at by itself: `desired_of`, `remote_of`,
`entry_of` and `semantics_of` give the webhook with that secret in the place of its only one. So whatever handles one
secret handles each of them, by the same code.

Used by `config`, `matching`, `planning`, `run`, `apply`, `secrets.custody` and `render`.
"""

from collections.abc import Mapping

from reconciler.model.capabilities import Capabilities
from reconciler.model.fields import SECRET
from reconciler.model.secret import SecretEcho, SecretRecord, SecretSemantics, SecretSpec, SecretStatus
from reconciler.model.webhook import Desired, Entry, Remote

FIRST = ""
"""The name of the secret that every manifest may speak of; in the files it stands under `secret:`."""
Further = Mapping[str, Mapping[str, SecretStatus]]
"""The states of further secrets: by webhook, and then by their names."""
_BELOW = f"{SECRET}s/"


def pointer_of(which: str) -> str:
    """The pointer that a plan sends a secret under: `/secret`, or `/secrets/NAME`."""
    return _BELOW + which if which else SECRET


def which_of(pointer: str) -> str | None:
    """The name of the secret that a pointer means; None where it means none."""
    if pointer == SECRET:
        return FIRST
    return pointer.removeprefix(_BELOW) if pointer.startswith(_BELOW) else None


def called(which: str) -> str:
    """How people call it: `secret`, or `secret NAME`."""
    return f"secret {which}" if which else "secret"


def salt_of(name: str, which: str) -> str:
    """What the fingerprints of a webhook's secret are made for, so that equal secrets look different."""
    return f"{name}/{which}" if which else name


def specs_of(webhook: Desired) -> Mapping[str, SecretSpec]:
    """The secrets that the file declares, by their names."""
    first = {FIRST: webhook.secret} if webhook.secret is not None else {}
    return {**first, **dict(webhook.secrets)}


def records_of(entry: Entry) -> Mapping[str, SecretRecord]:
    """What the lock knows of the secrets of a webhook, by their names."""
    first = {FIRST: entry.secret} if entry.secret is not None else {}
    return {**first, **dict(entry.secrets)}


def named(webhook: Desired | None, entry: Entry | None) -> tuple[str, ...]:
    """The names of the secrets that the file declares or the lock knows; the first is always among them, and first."""
    further = {name for name, _ in webhook.secrets} if webhook is not None else set()
    further |= {name for name, _ in entry.secrets} if entry is not None else set()
    return (FIRST, *sorted(further)) if further else (FIRST,)


def desired_of(webhook: Desired, which: str) -> Desired:
    """The webhook as if it had only this secret."""
    return webhook._replace(secret=dict(webhook.secrets).get(which)) if which else webhook


def entry_of(entry: Entry, which: str) -> Entry:
    """The same of what the lock has."""
    return entry._replace(secret=dict(entry.secrets).get(which)) if which else entry


def remote_of(remote: Remote, which: str) -> Remote:
    """The same of what was read."""
    if not which:
        return remote
    seen = dict(remote.secrets).get(which, SecretEcho())
    return remote._replace(mask=seen.mask, has_secret=seen.has, secret=seen.value)


def semantics_of(capabilities: Capabilities, which: str) -> SecretSemantics:
    """How the vendor treats this secret; of one that it does not have, that it has none."""
    return dict(capabilities.secrets).get(which, SecretSemantics()) if which else capabilities.secret


def with_record(entry: Entry, which: str, record: SecretRecord | None) -> Entry:
    """The entry with what is known of one secret; with None, nothing is."""
    if not which:
        return entry._replace(secret=record)
    others = {name: other for name, other in entry.secrets if name != which}
    records = {**others, which: record} if record is not None else others
    return entry._replace(secrets=tuple(sorted(records.items())))


def way_to_have(which: str) -> str:
    """What to write in the file, so that a webhook has this secret."""
    return f"give it one under `secrets: {{{which}: …}}`" if which else "give it a `secret:` block"
