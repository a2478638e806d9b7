"""Programs that a machine has and a test must not really run: what would reach a registry. Used by the runners here.

`python3` installs nothing: its `venv` holds a `python` whose pip looks at its words only, and a `whsync` that is the
one of this checkout.
"""

import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WHSYNC = f"""\
#!/bin/sh
PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -W error::ResourceWarning -m reconciler "$@"
"""
_PYTHON3 = """\
#!/bin/sh
case "$*" in
  "-c import sys; sys.exit(sys.version_info < (3, 11))") exit 0 ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$STUBS/python" "$STUBS/whsync" "$3/bin/" ;;
  *) echo "python3 $*: not known here" >&2; exit 97 ;;
esac
"""
_PYTHON = """\
#!/bin/sh
case "$*" in
  "-m pip --disable-pip-version-check --quiet install --require-hashes --requirement "*)
    grep --quiet 'hash=sha256:' "$8" && touch "$(dirname "$0")/pinned" ;;
  "-m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation "*)
    test -e "$(dirname "$0")/pinned" && test -e "$8/pyproject.toml" ;;
  "-m pip --disable-pip-version-check --quiet install --no-build-isolation ROOT[jwt,aws]")
    test -e "$(dirname "$0")/pinned" ;;
  "-m pip --disable-pip-version-check --quiet install whsync==1.2.0rc1" | *" install whsync[jwt]==1.2.0rc1") ;;
  *) echo "python $*: not known here" >&2; exit 97 ;;
esac
"""
_PIP = """\
#!/bin/sh
test "$*" = "install whsync @ git+https://YOUR-HOST/YOUR-COPY.git@COMMIT"
"""
_APT = """\
#!/bin/sh
case "$*" in
  "-qq update" | "-qq install -y --no-install-recommends jq") ;;
  *) echo "apt-get $*: not known here" >&2; exit 97 ;;
esac
"""


def install(folder: Path) -> None:
    """Write the programs into a folder, for the front of PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    programs = {
        "python3": _PYTHON3,
        "python": _PYTHON.replace("ROOT", str(ROOT)),
        "whsync": _WHSYNC,
        "pip": _PIP,
        "apt-get": _APT,
    }
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
