"""Telling a masked secret from a secret. [pure]

Used by `providers.engine.codec`, wherever a vendor's answer may hold either, and by `providers.engine.spoilt`.

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


_HIDING = re.compile(
    r"""
      [•●▪■]{2} | \*{3}                                # stars in a row; a lone one, or two, may be a pattern
    | ^(?:\#{4,}|[xX]{4,})$
    | ^\S+(?:\.{3}|…)\w{0,8}$                         # the beginning of something, perhaps with its end
    | ^[\[(<{]*(?:redacted|hidden|masked|filtered|obfuscated)[\])>}]*$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NOTHING_ELSE = re.compile(r"[•●▪■*\#]{3,}")


def hides(text: str, prose: bool = False) -> bool:
    """Whether a vendor shows this instead of a field's value: fewer shapes than for a secret, since fields are words.

    Args:
        prose: it is written for people, who may use dots and stars.
    """
    return _NOTHING_ELSE.fullmatch(text) is not None if prose else _HIDING.search(text) is not None


def is_mask(text: str) -> bool:
    """Whether a text is a masked secret rather than one."""
    filled = max((len(run[0]) for run in _FILLED.finditer(text)), default=0)
    few = _FEW.search(text) is not None and _RICH.fullmatch(text) is None
    return filled * 2 >= len(text) > 0 or few or _SIGNS.search(text) is not None
