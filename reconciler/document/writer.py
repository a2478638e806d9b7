"""A plain tree -> YAML for people. Used by `trust.file` and `providers.draft.text`."""

from collections.abc import Mapping

import yaml


def dump(tree: Mapping[str, object], comment: str = "", compact: bool = False) -> str:
    """The tree as block YAML that `document.read` reads back; `comment` stands above it, line by line.

    `compact`: mappings and lists without further ones in them stand in one line.
    """
    above = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    flow = None if compact else False
    return above + yaml.dump(
        dict(tree), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120, default_flow_style=flow
    )


class _Plain(yaml.SafeDumper):
    """Writes a value that stands in two places twice: people look for it where it counts, not behind an anchor."""

    def ignore_aliases(self, data: object) -> bool:
        """No value gets an anchor."""
        return True
