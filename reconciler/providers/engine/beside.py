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


def completed(api: Api, lists: Mapping[str, Listing], scope: AppliedScope, items: Iterable[Any]) -> Steps[list[Any]]:
    """The items, each with its lists under their keys; one without an id stays as it is.

    Raises:
        VendorError: a list could not be read. A webhook is then not known, and none of it is concluded.
    """
    whole: list[Any] = []
    for item in items:
        remote_id = api.codec.id_of(item) if lists else None
        parts: dict[str, Any] = {}
        for key, words in lists.items() if remote_id is not None else ():
            call = api.get(scope, words, remote_id)
            pages = yield from all_pages(words, call, api.classifier, api.base_url, True, api.bounds)
            parts[key] = list(chain.from_iterable(pages))
        whole.append({**item, **parts} if parts else item)
    return whole
