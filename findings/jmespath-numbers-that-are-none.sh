#!/usr/bin/env bash
# jmespath 1.1.0 (PyPI), Python 3.11: to_number takes whatever Python's int() and float() take. The specification of JMESPath
# says that a text which is no number of JSON gives null. So "1_000" is 1000, " 12 " is 12, an Arabic-Indic three is 3, and
# "nan" and "infinity" are numbers that no JSON can hold and that compare oddly with all others. Who reads counts, limits
# or cursors out of an API's texts and relies on null for what is none gets a number. Ends with 1 if any of this has changed.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check jmespath==1.1.0
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import jmespath
print("version", jmespath.__version__)
for text in ("12", "1_000", " 12 ", "+5", "01", "1.", ".5", "\u0663", "nan", "infinity", "0x10"):
    print(ascii(text), jmespath.search("to_number(@)", text))
PY
diff "$folder/seen" - <<'SEEN'
version 1.1.0
'12' 12
'1_000' 1000
' 12 ' 12
'+5' 5
'01' 1
'1.' 1.0
'.5' 0.5
'\u0663' 3
'nan' nan
'infinity' inf
'0x10' None
SEEN
