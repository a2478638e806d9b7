"""httpx without its own command line, which would bring rich and pygments with it: a third of its start.

Imported by `wire.client`, where all that is said of httpx stands. httpx foresees an installation without that part, and
is told of one while it is loaded.
"""

import sys
from typing import Any

__all__ = ["httpx"]

_ITS_COMMAND = "httpx._main"
_modules: dict[str, Any] = sys.modules

_hides = "httpx" not in _modules
if _hides:
    _modules[_ITS_COMMAND] = None  # what Python itself takes for "there is no such module"
try:
    import httpx
finally:
    if _hides:
        del _modules[_ITS_COMMAND]
