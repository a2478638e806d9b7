"""How a user gets hold of a secret that only the vendor knows, or may know: errors and ways out, in words. [pure]

Called by `secrets.custody.check` and `secrets.custody.occupied` for plans, by `secrets.custody.store` and
`apply.recover` for what an apply owes.
Each way is one that the vendor has: `semantics` says which.
"""

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import NOT_THE_FILES, SecretSemantics
from reconciler.model.webhook import Desired, Remote
from reconciler.support.hints import command


def owed(name: str, remote_id: str | None, sink: object, semantics: SecretSemantics) -> SecretError:
    """The error of a secret that is owed to `sink`."""
    summary = f"its secret is owed: {sink} may not have the one that the vendor issued last"
    if semantics.reissues:
        return SecretError(summary, f"{command('rotate', name)} issues a new one and stores it", code=Code.SECRET_OWED)
    again = "apply again once the vendor shows it; or " if semantics.readable or semantics.fetchable else ""
    return SecretError(
        summary, again + _by_hand(name, remote_id, sink) + _replaced(name, semantics), code=Code.SECRET_OWED
    )


def no_second(desired: Desired, remote: Remote | None, semantics: SecretSemantics) -> SecretError:
    """The error of asking for another secret where the vendor has no call for that."""
    summary = "its vendor issues the secret and has no call that issues another"
    by_hand = _by_hand(desired.name, remote and remote.remote_id, desired.secret and desired.secret.sink)
    return SecretError(summary, by_hand + _replaced(desired.name, semantics), code=Code.NO_SECOND_SECRET)


def outdated(name: str, remote_id: str, sink: object, semantics: SecretSemantics) -> str:
    """The ways out where the vendor has another secret than the stored one and does not show it."""
    adopt = f"then {command('adopt', name, '--id', remote_id)} takes your word for it"
    if semantics.reissues:
        return f"{command('rotate', name)} issues a new one and stores it; or put the one in force into {sink}, {adopt}"
    return _by_hand(name, remote_id, sink) + _replaced(name, semantics)


def how_to_own(desired: Desired, semantics: SecretSemantics) -> str:
    """How to get hold of a secret that the vendor issued and nobody stored."""
    shows = "did not show it this time" if semantics.readable or semantics.fetchable else "shows it only once"
    rotate = f"{command('rotate', desired.name)} issues a new one and stores it"
    otherwise = f"ask it for another and put that into {desired.secret and desired.secret.sink}"
    return f"the vendor {shows}; {rotate if semantics.reissues else otherwise + _replaced(desired.name, semantics)}"


def rotation(name: str, which: str = "") -> str:
    """The command that gives a webhook another secret; `which`: a further one's name."""
    return command("rotate", name, *(("--secret", which) if which else ()))


def how_to_set(name: str, semantics: SecretSemantics, which: str = "") -> str:
    """How the vendor gets a secret that the file declares, where nobody knows which one it has."""
    shows, one, all_ = _shows(semantics), rotation(name, which), command("apply", "--own-secrets")
    if semantics.settable_later:
        return f"{NOT_THE_FILES}: the vendor {shows}; {one} gives it the file's, {all_} all of them theirs"
    set_once = f"the vendor {shows} and sets it only at creation"
    return f"{NOT_THE_FILES}: {set_once}; {one} replaces the webhook, {all_} all such ones"


def _shows(semantics: SecretSemantics) -> str:
    """What the vendor lets anybody see of a secret of ours."""
    if semantics.readable or semantics.fetchable:
        return "did not show it this time"
    if semantics.masked:
        return "shows no more than a mask of it"
    return "says no more than whether there is one" if semantics.flagged else "never shows it"


def occupied(name: str, making: bool) -> str:
    """The ways out where the sink has a secret of somebody else's; `making`: the webhook is to be made."""
    adopt = f"; if the webhook is there already, {command('adopt', name, '--id', 'ID')}" if making else ""
    return f"put the lock back that was there when it was stored{adopt}; else name another sink, or empty it by hand"


def _replaced(name: str, semantics: SecretSemantics) -> str:
    """The way to another secret by another webhook, behind other ways; empty where the vendor cannot delete."""
    if not semantics.replaceable:
        return ""
    return (
        f"; or replace the webhook: take it out of the file, {command('apply', '--prune', '--target', name)}, "
        "put it back and apply, and the new one has a secret of its own"
    )


def _by_hand(name: str, remote_id: str | None, sink: object) -> str:
    adopt = command("adopt", name, "--id", remote_id or "ID")
    return f"ask the vendor for one and put it into {sink}; then {adopt} takes your word for it"
