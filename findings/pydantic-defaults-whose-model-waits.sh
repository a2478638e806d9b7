#!/usr/bin/env bash
# pydantic 2.13.4 (PyPI): a model may be built late (`defer_build`), and an instance of it made without validation may be the
# default of a field elsewhere. Asked for its JSON Schema, the outer model gives none, until somebody has built the inner one by
# hand: what writes the default takes the stand-in for the serializer that is not built yet. So the same call fails or works by
# what the process did before. 2.14.0 works at once.
# Ends with 1 if any of this has changed, with 77 where there is no Python 3.11 or later.
set -euo pipefail
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || exit 77
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
for version in 2.13.4 2.14.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "pydantic==$version"
  "$folder/$version/bin/python" - <<'PY' | tee -a "$folder/seen"
from pydantic import VERSION, BaseModel, ConfigDict

class Limits(BaseModel):
    model_config = ConfigDict(defer_build=True)
    reads: int = 4

class Account(BaseModel):
    limits: Limits = Limits.model_construct()

def default():
    try:
        return Account.model_json_schema()["properties"]["limits"]["default"]
    except TypeError as error:
        return f"TypeError, {error}"

print(VERSION, "waiting:", default())
Limits.model_rebuild(force=True)
print(VERSION, "built:", default())
PY
done
diff "$folder/seen" - <<'SEEN'
2.13.4 waiting: TypeError, 'MockValSer' object is not an instance of 'SchemaSerializer'
2.13.4 built: {'reads': 4}
2.14.0 waiting: {'reads': 4}
2.14.0 built: {'reads': 4}
SEEN
