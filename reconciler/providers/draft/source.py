"""Reads a vendor's OpenAPI description from a file. Called by `cli.providers`."""

import json
from pathlib import Path

from reconciler.codes import Code
from reconciler.document import load
from reconciler.errors import ConfigError
from reconciler.providers.draft.description import found_in
from reconciler.providers.draft.words import Words, words_of
from reconciler.support import handles, intake


def described(name: str, source: str, path: str | None = None) -> Words:
    """What a description says of its webhooks, in the words of a manifest.

    Args:
        name: the manifest's type.
        source: the file, JSON or YAML.
        path: of the list, where the description has several.

    Raises:
        ConfigError: the file cannot be read, is no OpenAPI 3 description, or has no such list.
    """
    try:
        text = intake.read(source, intake.MADE)
    except OSError as error:
        hint = "name a file with the vendor's OpenAPI 3 description"
        raise ConfigError(f"{source} cannot be read: {handles.words(error)}", hint, code=Code.FILE_UNREADABLE) from None
    try:
        document = json.loads(text) if text.lstrip()[:1] == b"{" else load(text, source)
    except (ValueError, RecursionError) as error:
        hint = "give the description as the vendor has it"
        raise ConfigError(f"{source} is not JSON: {error}", hint, code=Code.WRONG_MANIFEST) from None
    return words_of(found_in(document, path), name, f"https://{name}.example/{Path(source).name}")
