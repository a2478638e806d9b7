#!/usr/bin/env bash
# jmespath 1.0.0 (PyPI), Python 3.11: a program may compile so many different expressions and not one more. The cache keeps 128;
# whoever fills it makes the library empty half of it by drawing keys at random, and Python 3.11 no longer draws from what has
# no order. The expression itself is right, and the same one compiles in a process that has seen fewer. 1.0.1 works.
# Ends with 1 if any of this has changed, with 77 where there is no Python 3.11 or later.
set -euo pipefail
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || exit 77
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
for version in 1.0.0 1.0.1; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "jmespath==$version"
  "$folder/$version/bin/python" - <<'PY' | tee -a "$folder/seen"
import jmespath
compiled = 0
try:
    for number in range(1000):
        jmespath.compile(f"items[{number}].id")
        compiled += 1
    outcome = "all"
except TypeError:
    outcome = "TypeError"
print(jmespath.__version__, outcome, compiled)
PY
done
diff "$folder/seen" - <<'SEEN'
1.0.0 TypeError 128
1.0.1 all 1000
SEEN
