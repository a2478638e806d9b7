"""Telling a masked secret from a secret. [pure]

Used by `providers.engine.codec`, wherever a vendor's answer may hold either.

A mask that is taken for a secret overwrites a good one; a secret that is taken for a mask is lost. So a mask is only
what random text never is: signs that no usual alphabet of secrets has, and letters that fill up most of a text. Where
the alphabet has all kinds of signs, two or three of them in a row are chance.
"""

import re

_SIGNS = re.compile(
    r"""
      [•●▪■∙·…] | ([*\#])\1{3}                       # bullets, and the ellipsis that is one character
    | \.{3} | \.{2}$                                # `whsec_ab...`; two dots inside may be an encrypted token
    | ^(.)\2*$ | ^[-_xX.#*\s]+$                     # nothing but one character, or but those that fill up
    | ^(?:\[[\w .:-]*\]|<[\w .:-]*>|\([\w .:-]*\)|\{+[\w .:-]*\}+)$
    | ^(?:[a-z]+[_-])?(?:redacted|hidden|masked|filtered|removed|protected|obfuscated)$
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_FEW = re.compile(r"\*{2}|#{3}")
_RICH = re.compile(r"(?=.*[!@$%^&()\[\]{}<>;?|~`'\"\\])\S{20,}")  # of an alphabet with all signs, so these are chance
_FILLED = re.compile(r"([-_xX])\1{3,}")


def is_mask(text: str) -> bool:
    """Whether a text is a masked secret rather than one."""
    filled = max((len(run[0]) for run in _FILLED.finditer(text)), default=0)
    few = _FEW.search(text) is not None and _RICH.fullmatch(text) is None
    return filled * 2 >= len(text) > 0 or few or _SIGNS.search(text) is not None
