"""Which webhooks a user means by a target: `--target`, `rotate`, `state rm`, `state show`. [pure]

Used by `planning.plan`, `run.survey`, `run.drift`, `cli.rotate` and `cli.state`.

    ledger          the webhook of this name
    ci              every webhook that the `for_each` block `ci` made
    ci[prod,*]      those of them whose keys fit
    pay*            every webhook whose name, or block, fits
    provider:NAME   every webhook of that entry of `providers:`; NAME may be a pattern, too

In a pattern `*` is any text and `?` any character; brackets are what they are in names.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from reconciler.codes import Code
from reconciler.errors import UsageError
from reconciler.support.natural import natural

PROVIDER = "provider:"

Known = Iterable[tuple[str, str]]
"""Names of webhooks, each with its entry of `providers:`; a name may come more than once."""


def select(known: Known, targets: Collection[str] | None, what: str = "webhook") -> frozenset[str]:
    """The names that the targets mean; all of them where `targets` is None.

    Args:
        what: how a message calls what is chosen from.

    Raises:
        UsageError: a target means nothing; suggests what it could be.
    """
    meanings = _meanings(known)
    names = frozenset().union(*meanings.values()) if meanings else frozenset()
    if targets is None:
        return names
    meant = {target: _meant(target, meanings) for target in targets}
    strays = sorted(target for target, chosen in meant.items() if not chosen)
    if strays:
        raise UsageError(f"no {what} is called {', '.join(strays)}", _hint(strays, meanings), code=Code.UNKNOWN_NAME)
    return frozenset().union(*meant.values())


def is_single(target: str, known: Known) -> bool:
    """Whether a target is one webhook's own name, and so can mean no other."""
    return any(target == name for name, _ in known)


def _meanings(known: Known) -> Mapping[str, frozenset[str]]:
    """What each name, block and `provider:NAME` means; what is called as a block is that webhook, too."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for name, provider in known:
        for word in (name, name.partition("[")[0], PROVIDER + provider):
            meanings[word].add(name)
    return {word: frozenset(names) for word, names in meanings.items()}


def _meant(target: str, meanings: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if target in meanings:
        return meanings[target]
    if "*" not in target and "?" not in target:
        return frozenset()
    pattern = re.compile("".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in target), re.DOTALL)
    of_providers = target.startswith(PROVIDER)
    fitting = (word for word in meanings if word.startswith(PROVIDER) == of_providers and pattern.fullmatch(word))
    return frozenset().union(*(meanings[word] for word in fitting))


def _hint(strays: Iterable[str], meanings: Mapping[str, frozenset[str]]) -> str:
    found = {match for stray in strays for match in get_close_matches(stray, sorted(meanings), n=3)}
    near = sorted(found, key=natural)
    if near:
        return f"did you mean {' or '.join(f'`{each}`' for each in near)}?"
    return "`whsync plan` without --target shows every name; a block, NAME[KEY,*], a glob and provider:NAME do, too"
