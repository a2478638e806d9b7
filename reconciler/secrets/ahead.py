"""References asked several at once, before anybody needs what is behind them. Called by `secrets.source`.

What tells its secrets by a command, a server or a keyring is asked in a lane of its own: the first of its references
alone, and the others beside each other. So what has to be unlocked, or logged in to, is asked for that once and not by
sixteen at a time. A command has neither a terminal nor an input, so nothing that it says there can be mixed up.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets import registry
from reconciler.secrets.scheme import SchemeKind, SecretBatch, SecretScheme
from reconciler.support.turns import Lane, Stage, take_turns


class Asking(NamedTuple):
    """How references are asked.

    Args:
        one: asks one; whatever it raises is kept for who needs it, and not raised here.
        several: asks as many as a kind of reference takes in one call.
    """

    one: Callable[[SecretRef], object]
    several: Callable[[SecretBatch, Sequence[SecretRef]], object]


def ask(refs: Iterable[SecretRef], asking: Asking, at_once: int) -> None:
    """Ask for all references that take a while.

    Args:
        at_once: as many may be asked beside each other.
    """
    lanes: dict[Hashable, list[SecretRef]] = {}
    schemes: dict[Hashable, SecretScheme] = {}
    for ref in dict.fromkeys(refs):
        scheme = _found(ref)
        if scheme is not None and scheme.read is not None and scheme.kind is not SchemeKind.AT_HAND:
            lane = ref.scheme, registry.program(ref)
            schemes[lane] = scheme
            lanes.setdefault(lane, []).append(ref)
    take_turns((_lane(schemes[lane], same, asking, at_once) for lane, same in lanes.items()), at_once, "secret")


def _found(ref: SecretRef) -> SecretScheme | None:
    with suppress(SecretError):  # told where the secret is needed
        return registry.find(ref.scheme)
    return None


def _lane(scheme: SecretScheme, refs: Sequence[SecretRef], asking: Asking, at_once: int) -> Lane:
    tasks: list[Callable[[], object]]
    if scheme.batch is not None and len(refs) > 1:
        size = scheme.batch.most
        chunks = [refs[at : at + size] for at in range(0, len(refs), size)]
        tasks = [partial(asking.several, scheme.batch, chunk) for chunk in chunks]
    else:
        tasks = [partial(asking.one, ref) for ref in refs]
    yield Stage(1, tasks[:1])
    yield Stage(at_once, tasks[1:])
