"""A block whose rows its vendor lists, as far as it can be judged before that. [pure] Used by `config.load`."""

from collections.abc import Iterable
from typing import Any

from reconciler.config.expand import Expansion, Template, expand
from reconciler.config.fault import FileFault, below
from reconciler.config.lookups import SAMPLE
from reconciler.config.rows import Row
from reconciler.config.webhook import hidden_references
from reconciler.model.webhook import Source


def sampled(template: Template) -> Expansion:
    """What is wrong with a template whatever its vendor lists: seen in rows in which one value stands for each.

    What has such a value in it is not judged, for that one is nobody's. The webhooks are nobody's, too; there are some
    only where neither their secrets nor what they hide hangs on such a value.
    """
    stand_ins = {lookup.key: SAMPLE for lookup in template.lookups}
    rows = [Row(",".join(filter(None, (row.key, SAMPLE))), {**row.values, **stand_ins}) for row in template.rows]
    made = expand(template, rows)

    def shown(fault: FileFault) -> FileFault:
        name = f"{template.name}[…]"
        summary = fault.summary.replace(f"`{fault.name}`", f"`{name}`") if fault.name else fault.summary
        return fault._replace(summary=summary, name=template.name if fault.name else None)

    faults = tuple(shown(fault) for fault in made.faults if not _hangs_on(fault.source, template, stand_ins))
    if any(_hangs_on(below(template.source, key), template, stand_ins) for key in ("secret", "secrets")):
        return made._replace(checked=(), faults=faults)
    known = (item for item in made.checked if not any(SAMPLE in str(ref) for ref in hidden_references(item.desired)))
    return made._replace(checked=tuple(known), faults=faults)


def _hangs_on(source: Source, template: Template, keys: Iterable[str]) -> bool:
    """Whether what stands at a place of the template holds one of these values of `each`."""
    tree: Any = template.tree
    for step in source.path[len(template.source.path) :]:
        tree = tree[step] if isinstance(tree, dict) and step in tree else tree
        tree = tree[step] if isinstance(tree, list) and isinstance(step, int) and step < len(tree) else tree
    return tree is not template.tree and any(f"${{each.{key}" in repr(tree) for key in keys)
