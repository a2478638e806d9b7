#!/usr/bin/env bash
# jmespath 1.1.0 (PyPI), Python 3.11: `==` tells 1 from true and 0 from false, as the specification of JMESPath demands;
# contains() does not, for it asks Python's `in`. So a filter finds nothing where contains() says that it is there, and the
# same holds one level deeper, for lists and objects. Who checks an answer with contains(codes, `1`) takes [true] for it.
# Ends with 1 if any of this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jmespath==1.1.0
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import json
import jmespath
print("version", jmespath.__version__)
for sought, there in ((1, [True]), (0, [False]), (True, [1, 2]), (1, [1.0])):
    text = json.dumps(sought)
    print(text, json.dumps(there), jmespath.search(f"contains(@, `{text}`)", there), jmespath.search(f"[?@ == `{text}`]", there))
PY
diff "$folder/seen" - <<'SEEN'
version 1.1.0
1 [true] True []
0 [false] True []
true [1, 2] True []
1 [1.0] True [1.0]
SEEN
