"""Which webhooks `--target` means. [pure] Used by `planning.plan`, `run.survey` and `run.drift`."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from reconciler.codes import Code
from reconciler.errors import UsageError


def select(names: Iterable[str], targets: Collection[str] | None) -> frozenset[str]:
    """The names that the targets mean: themselves, or all that `for_each` made of one (`ci` means every `ci[…]`).

    Raises:
        UsageError: a target means nothing; suggests what it could be.
    """
    known = frozenset(names)
    if targets is None:
        return known
    families: dict[str, set[str]] = {}
    for name in known:
        families.setdefault(name, set()).add(name)
        families.setdefault(name.partition("[")[0], set()).add(name)
    strays = sorted(target for target in targets if target not in families)
    if strays:
        near = sorted({match for stray in strays for match in get_close_matches(stray, sorted(families), n=3)})
        hint = f"did you mean {' or '.join(near)}?" if near else "`whsync plan` without --target shows every name"
        raise UsageError(f"no webhook is called {', '.join(strays)}", hint, code=Code.UNKNOWN_NAME)
    return frozenset().union(*(families[target] for target in targets))
