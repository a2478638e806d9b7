"""One line of an env-file, so that shells and dotenv readers agree on its value. [pure]

Used by `secrets.backends.env`, `secrets.backends.env_file` and `secrets.secret_file`.

Readers differ in how they take quotes and backslashes; a value that they would read differently is refused rather
than guessed.
"""

import re
from collections.abc import Iterator

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
"""What every reader takes as a variable's name; a regular expression."""
_INNER = re.compile(r"""(?P<quote>['"])(?P<quoted>.*?)(?P=quote).*|(?P<bare>\S*).*""", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_./:+=@%,-]+")
# An assignment up to the end of its last line; a quoted value may span lines, which then are no assignments themselves.
_ASSIGNMENT = re.compile(
    rb"""^(?P<lead>[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=)"""
    rb"""[ \t]*(?:'[^']*'|"(?:[^"\\]|\\.)*")?[^\r\n]*""",
    re.MULTILINE | re.DOTALL,
)


class Unwritable(ValueError):
    """The value has no line that every reader takes the same way; never holds the value."""


def is_name(name: str) -> bool:
    """Whether every reader takes `name` as a variable's name."""
    return re.fullmatch(NAME, name) is not None


def with_line(content: bytes, name: str, value: str) -> bytes:
    """`content` with the line `name=value`: in place of every line that sets `name`, else at the end.

    All other bytes stay as they are.

    Raises:
        Unwritable: see `quoted`.
    """
    text = quoted(value).encode()
    wanted = name.encode()
    found = False

    def line(match: re.Match[bytes]) -> bytes:
        nonlocal found
        if match["name"] != wanted:
            return match[0]
        found = True
        return match["lead"] + text

    replaced = _ASSIGNMENT.sub(line, content)
    if found:
        return replaced
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    gap = newline if content and not content.endswith(b"\n") else b""
    return content + gap + wanted + b"=" + text + newline


def values_of(content: bytes, name: str) -> Iterator[str]:
    """What every line that sets `name` may mean to some reader: whole, and without quotes or a comment."""
    for match in _ASSIGNMENT.finditer(content):
        if match["name"] == name.encode():
            text = match[0][len(match["lead"]) :].decode(errors="replace").strip()
            yield from {text, _INNER.sub(lambda inner: inner["quoted"] or inner["bare"] or "", text)} - {""}


def assignments(content: bytes) -> Iterator[tuple[int, str, str | None]]:
    """Each assignment of an env-file: its line, its name, and its value; None where readers would not agree on it.

    Of lines that are no assignment, comments and empty ones, nothing is said; see `strays`.
    """
    for match in _ASSIGNMENT.finditer(content):
        text = match[0][len(match["lead"]) :].decode("utf-8", "replace").strip()
        line = content.count(b"\n", 0, match.start()) + 1
        yield line, match["name"].decode(), _agreed(text)


def strays(content: bytes) -> Iterator[int]:
    """The numbers of the lines that are no assignment, no comment and not empty."""
    blanked = _ASSIGNMENT.sub(lambda match: b"\n" * match[0].count(b"\n"), content)
    for number, line in enumerate(blanked.split(b"\n"), 1):
        if line.strip() and not line.lstrip().startswith(b"#"):
            yield number


def _agreed(text: str) -> str | None:
    """What all readers take for the value of what stands behind `=`; None where they differ."""
    if "\ufffd" in text:
        return None
    if single := re.fullmatch(r"'([^'\\\r\n]*)'(?:\s+#.*)?", text):
        return single[1]
    if double := re.fullmatch(r'"([^"\\$`\r\n]*)"(?:\s+#.*)?', text):
        return double[1]
    bare = re.fullmatch(r"([^\s'\"\\$`#]*)(?:\s+#.*)?", text)
    return bare[1] if bare else None


def quoted(value: str) -> str:
    """The value as it stands behind `=`: bare, in single or in double quotes, whichever all readers understand.

    Raises:
        Unwritable: it holds a line break, a control character, a backslash, or a single quote beside a double quote,
            a dollar sign or a backtick.
    """
    if _PLAIN.fullmatch(value):
        return value
    if any(ord(character) < ord(" ") or character in "\x7f\x85\u2028\u2029" for character in value):
        raise Unwritable("it does not fit on one line of an env-file; use file:PATH")
    if "\\" in value or ("'" in value and re.search(r'["$`]', value)):
        raise Unwritable("readers of env-files would not agree on its quotes; use file:PATH")
    return f'"{value}"' if "'" in value else f"'{value}'"
