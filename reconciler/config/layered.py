"""Blocks over blocks: a webhook over the defaults, and its overrides over both. [pure]

Used by `config.webhook` and `config.expand`.
"""

from collections.abc import Mapping
from typing import Any

_MERGED = ("options", "scope", "lifecycle")  # these merge key by key; everything else is replaced as a whole


def merged(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `defaults`; options, scope and lifecycle key by key, to any depth; further secrets by their names."""
    result = {**defaults, **own}
    if isinstance(own.get("secrets"), dict) and isinstance(defaults.get("secrets"), dict):
        result["secrets"] = {**defaults["secrets"], **own["secrets"]}
    for key in _MERGED:
        if key in own and key in defaults:
            result[key] = _over(own[key], defaults[key])
    return result


def shown(under: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """What of `under` is left once `above` is merged over it: nobody needs the rest to be filled in."""
    left = {
        key: _left(value, above[key]) if key in above else value
        for key, value in under.items()
        if key not in above or (key in _MERGED and isinstance(value, dict) and isinstance(above[key], dict))
    }
    mine, theirs = under.get("secrets"), above.get("secrets")
    if isinstance(mine, dict) and isinstance(theirs, dict):
        left["secrets"] = {name: secret for name, secret in mine.items() if name not in theirs}
    return left


def _left(under: Any, above: Any) -> Any:
    if not isinstance(above, dict) or not isinstance(under, dict):
        return under
    rest = ((key, value) for key, value in under.items() if key not in above or isinstance(value, dict))
    return {key: _left(value, above.get(key)) for key, value in rest}


def _over(above: Any, under: Any) -> Any:
    if not isinstance(above, dict) or not isinstance(under, dict) or {"from"} in (set(above), set(under)):
        return above
    return {**under, **{key: _over(value, under[key]) if key in under else value for key, value in above.items()}}
