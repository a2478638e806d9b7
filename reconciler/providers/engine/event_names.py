"""Asks a vendor which events there are, by the manifest's word `catalogue: {read: …}`. [pure]

Used by `providers.engine.interpret`.

Half a list would call a good name a wrong one, so whatever is wrong with a page or an item fails all of it.
"""

from itertools import chain

from reconciler.model.webhook import Scope
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.paginate import all_pages
from reconciler.providers.engine.template import AppliedScope
from reconciler.providers.protocol import Steps


def event_names(api: Api, scope: Scope) -> Steps[frozenset[str]]:
    """The names of the events that a webhook in this scope may have, as files spell them.

    Raises:
        VendorError: the list cannot be had, is empty, or an item of it has no name.
        Rejected: (kind config) there is no list for such a scope, or a value cannot stand in its path.
    """
    lists, catalogue = api.manifest.fields.events.catalogue.read, api.capabilities.events
    words = next(each for each in lists if not each.scope or each.scope in dict(scope))
    place = AppliedScope(variables=dict(scope), headers=api.applied(scope).headers)
    pages = yield from all_pages(words, api.get(place, words), api.classifier, api.base_url, True, api.bounds)
    found = [api.classifier.sought(words.name, item) for item in chain.from_iterable(pages)]
    if not found or not all(isinstance(name, str) and name for name in found):
        raise api.classifier.blame("lists events of which one has no name" if found else "lists no events at all")
    return catalogue.spelled(frozenset(found))
