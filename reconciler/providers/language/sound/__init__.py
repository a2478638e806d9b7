"""What a manifest must not say although its language allows it: one small check a rule. [pure]

Asked by `providers.registry` before a manifest is used, and, for the rules about examples, by `cli.providers`. Each
rule is a function from a manifest to what it finds; docs/manifests.md lists them by name. None of them knows the
engine: what only running shows is found by the examples (`providers.rehearse`).
"""

from collections.abc import Callable, Iterator

from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound import (
    calls,
    choices,
    discover,
    events,
    fields,
    outside,
    pages,
    paths,
    secrets,
    shown,
    targets,
)
from reconciler.providers.language.sound.fault import Fault

Rule = Callable[[Manifest], Iterator[Fault]]

ALWAYS: tuple[Rule, ...] = (
    *targets.RULES,
    *paths.RULES,
    *fields.RULES,
    *calls.RULES,
    *choices.RULES,
    *secrets.RULES,
    *events.RULES,
    *pages.RULES,
    *discover.RULES,
    *outside.RULES,
)
ABOUT_EXAMPLES: tuple[Rule, ...] = shown.RULES


def faults_in(manifest: Manifest, rules: tuple[Rule, ...] = ALWAYS) -> tuple[Fault, ...]:
    """All that is wrong, each thing once."""
    return tuple(dict.fromkeys(fault for rule in rules for fault in rule(manifest)))
