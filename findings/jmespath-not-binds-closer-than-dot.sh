#!/usr/bin/env bash
# jmespath 1.1.0 (PyPI), Python 3.11: `!a.b` is read as `(!a).b`, for `!` binds closer than the dot, although JMESPath's
# grammar gives `!` a whole expression. So it finds nothing where `a` is there, whatever `a.b` is; `!(a.b)` is what was
# meant. Ends with 1 if any of this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jmespath==1.1.0
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import jmespath
print("version", jmespath.__version__)
for expression in ("!a.b", "!(a.b)"):
    print(expression, jmespath.search(expression, {"a": {"b": None}}), jmespath.search(expression, {"a": {"b": 1}}))
PY
diff "$folder/seen" - <<'SEEN'
version 1.1.0
!a.b None None
!(a.b) True False
SEEN
