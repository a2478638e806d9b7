"""Which webhooks of a list are those of the scope, where the list shows those of other places as well. [pure]

Used by `providers.engine.reading` and `providers.engine.discovering`.

What another place has is left out: taken for ours, it would be adopted and rewritten. What does not say where it
belongs proves nothing, so that the read fails: left out, it would be made a second time.
"""

from collections.abc import Mapping
from typing import Any

from reconciler.codes import Code
from reconciler.errors import VendorError
from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.extract import place
from reconciler.providers.engine.template import AppliedScope, plain
from reconciler.providers.language.words import variables_in


def belongs(
    item: Any, only: Mapping[str, str], scope: AppliedScope, classifier: ReplyClassifier, one: str = "a webhook"
) -> bool:
    """Whether an item is one of the scope: at each place of `only` it has what the scope says.

    Args:
        item: as the vendor lists it.
        only: by expression, what it must be.
        scope: what that is filled in with.
        classifier: blames the vendor.
        one: what the item is, in words.

    Raises:
        VendorError: it does not tell, or tells it in another spelling.
    """
    return all(
        _has(item, expression, plain(template, scope.variables), classifier, one)
        for expression, template in only.items()
        if set(variables_in(template)) <= set(scope.variables)
    )


def _has(item: Any, expression: str, wanted: str, classifier: ReplyClassifier, one: str) -> bool:
    found = classifier.sought(expression, item)
    if found is None and place(expression, item) == (None,):
        return False  # it says that it has none
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise classifier.blame(f"lists {one} that does not tell by `{expression}` where it belongs")
    if str(found) != wanted and str(found).casefold() == wanted.casefold():
        summary = f"{classifier.title} lists {one} of another spelling of the scope: not {wanted}"
        hint = "write the scope as the vendor does"
        raise VendorError(summary, hint, kind="vendor", code=Code.ANSWER_UNUSABLE)
    return str(found) == wanted
