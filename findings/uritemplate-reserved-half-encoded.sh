#!/usr/bin/env bash
# uritemplate 4.2.0 (PyPI), Python 3.11: once a value holds a single percent-encoded triplet, reserved and fragment expansion
# ({+a}, {#a}) encode nothing else of it. "x y" becomes x%20y, and "x%20y z" stays as it is, with a space in the URL; so do
# letters beyond ASCII. RFC 6570, section 3.2.3, passes triplets through and encodes every other character that is neither
# reserved nor unreserved. Simple expansion ({a}) does it right. Who joins path templates with values that vendors gave
# (a next link, an encoded project path) sends an address that is no address. Ends with 1 if any of this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uritemplate==4.2.0
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import uritemplate
print("version", uritemplate.__version__)
for value in ("x y", "x%20y z", "grp%2Fapi/straße"):
    print(value, "|", uritemplate.expand("/p/{+a}", a=value), "|", uritemplate.expand("{#a}", a=value), "|", uritemplate.expand("/p/{a}", a=value))
PY
diff "$folder/seen" - <<'SEEN'
version 4.2.0
x y | /p/x%20y | #x%20y | /p/x%20y
x%20y z | /p/x%20y z | #x%20y z | /p/x%2520y%20z
grp%2Fapi/straße | /p/grp%2Fapi/straße | #grp%2Fapi/straße | /p/grp%252Fapi%2Fstra%C3%9Fe
SEEN
