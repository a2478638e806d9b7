#!/usr/bin/env bash
# keyrings.alt 5.0.2 (PyPI) with keyring 25.7.0, Python 3.11: in its file keyrings the names of users have no case, those of
# services do. A secret that is stored for "CI" takes the place of the one for "ci", without an error, and who deletes "Ci"
# deletes both. Only ASCII letters are meant: "é" and "É" are two users.
# Ends with 1 if any of this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keyring==25.7.0 keyrings.alt==5.0.2
"$folder/venv/bin/python" - "$folder/ring.cfg" <<'PY' | tee "$folder/seen"
import sys
from importlib.metadata import version
from keyrings.alt.file import PlaintextKeyring

ring = PlaintextKeyring()
ring.file_path = sys.argv[1]
print("versions", version("keyring"), version("keyrings.alt"))


def stored(what, first, second):
    ring.set_password(*first, "first")
    ring.set_password(*second, "second")
    print(what, ring.get_password(*first), ring.get_password(*second))


stored("users", ("hooks", "ci"), ("hooks", "CI"))
stored("services", ("Pay", "x"), ("pay", "x"))
stored("users beyond ASCII", ("hooks", "\xe9"), ("hooks", "\xc9"))
ring.delete_password("hooks", "Ci")
print("after the deletion of Ci", ring.get_password("hooks", "ci"))
PY
diff "$folder/seen" - <<'SEEN'
versions 25.7.0 5.0.2
users second second
services first second
users beyond ASCII first second
after the deletion of Ci None
SEEN
