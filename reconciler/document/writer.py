"""A plain tree -> YAML for people. Used by `trust.file`."""

from collections.abc import Mapping

import yaml


def dump(tree: Mapping[str, object], comment: str = "") -> str:
    """The tree as block YAML that `document.read` reads back; `comment` stands above it, line by line."""
    above = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    return above + yaml.safe_dump(dict(tree), sort_keys=False, allow_unicode=True, width=120)
