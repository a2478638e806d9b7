"""Why a text is no JMESPath expression, in the words of someone who writes one. [pure]

Used by `providers.language.words`.
"""

import re

from jmespath.exceptions import EmptyExpressionError, IncompleteExpressionError, JMESPathError

_DASHED = re.compile(r"""(?<!["'\w-])[A-Za-z_]\w*(?:-\w+)+(?!["'\w-])""")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")


def why_not(text: str, error: JMESPathError) -> str:
    """What is wrong with it; after a semicolon, what would be right."""
    if isinstance(error, EmptyExpressionError):
        return "it is empty; `@` is the whole answer"
    if isinstance(error, IncompleteExpressionError):
        return "it ends too early"
    if _DASHED.search(_QUOTED.sub("''", text)):
        return f"a name that holds a - stands in double quotes; write `{_dashes_quoted(text)}`"
    place, token = getattr(error, "lex_position", None), getattr(error, "token_value", None)
    if place is None or not token:
        return "it goes wrong somewhere"
    return f"`{token}` cannot stand at character {place + 1}"


def _dashes_quoted(text: str) -> str:
    """The text, with names that hold a - in double quotes; what is quoted already stays."""
    parts, end = [], 0
    for quoted in _QUOTED.finditer(text):
        parts += [_DASHED.sub(r'"\g<0>"', text[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return "".join([*parts, _DASHED.sub(r'"\g<0>"', text[end:])])
