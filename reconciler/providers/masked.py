"""Telling a masked secret from a secret. Used by `codec`, wherever a vendor's answer may hold either. [pure]

A mask that is taken for a secret overwrites a good one; a secret that is taken for a mask is lost. So a mask is only
what random text never is: signs that no alphabet of secrets has, and letters that fill up most of a text.
"""

import re

_SIGNS = re.compile(
    r"""
      \*{2} | [•●▪■∙·…]                             # bullets, and the ellipsis that is one character
    | \.{3} | \.{2}$                                # `whsec_ab...`; two dots inside may be an encrypted token
    | \#{3}
    | ^(.)\1*$ | ^[-_xX.#*\s]+$                     # nothing but one character, or but those that fill up
    | ^(?:\[[\w .:-]*\]|<[\w .:-]*>|\([\w .:-]*\)|\{+[\w .:-]*\}+)$
    | ^(?:[a-z]+[_-])?(?:redacted|hidden|masked|filtered|removed|protected|obfuscated)$
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_FILLED = re.compile(r"([-_xX])\1{3,}")


def is_mask(text: str) -> bool:
    """Whether a text is a masked secret rather than one."""
    filled = max((len(run[0]) for run in _FILLED.finditer(text)), default=0)
    return filled * 2 >= len(text) > 0 or _SIGNS.search(text) is not None
