"""What stands beside a webhook in lists of its own: read for each, and put into it, as if reads showed it there. [pure]

Used by `providers.engine.reading`.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from reconciler.providers.engine.api import Api
from reconciler.providers.engine.paginate import all_pages
from reconciler.providers.engine.template import AppliedScope
from reconciler.providers.language.reads import Listing
from reconciler.providers.protocol import Steps
from reconciler.providers.steps import beside


def completed(api: Api, lists: Mapping[str, Listing], scope: AppliedScope, items: Iterable[Any]) -> Steps[list[Any]]:
    """The items, each with its lists under their keys; one without an id stays as it is.

    Raises:
        VendorError: a list could not be read. A webhook is then not known, and none of it is concluded.
    """
    if not lists:
        return list(items)
    return (yield from beside(_completed(api, lists, scope, item) for item in items))


def _completed(api: Api, lists: Mapping[str, Listing], scope: AppliedScope, item: Any) -> Steps[Any]:
    remote_id = api.codec.id_of(item)
    if remote_id is None:
        return item
    parts = {}
    for key, words in lists.items():
        call = api.get(scope, words, remote_id)
        pages = yield from all_pages(words, call, api.classifier, api.base_url, True, api.bounds)
        parts[key] = list(chain.from_iterable(pages))
    return {**item, **parts}
