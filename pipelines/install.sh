#!/usr/bin/env bash
# Installs whsync into a folder of its own: install.sh FOLDER [VERSION [EXTRAS]]
#
# Without a VERSION, whsync is what this checkout holds, with the releases of requirements.lock, each checked by its hash;
# with one, it is that release of a package index. EXTRAS, such as jwt,aws, come from the index as well, and no lock names
# what they need. FOLDER/path then holds `whsync` and nothing else, to be put on PATH.
set -euo pipefail
shopt -s inherit_errexit

folder=$1
version=${2:-}
extras=${3:-}
checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

if [[ -n $version && ! $version =~ ^[0-9]+(\.[0-9]+)*((a|b|rc|\.post|\.dev)[0-9]+)*$ ]]; then
  printf '%s is no version of whsync\n' "${version@Q}" >&2
  exit 64
fi
if [[ -n $extras && ! $extras =~ ^[a-z]+(,[a-z]+)*$ ]]; then
  printf '%s is no list of extras\n' "${extras@Q}" >&2
  exit 64
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo 'whsync needs Python 3.11 or newer as python3' >&2
  exit 1
fi

# A second use in the same job finds it installed; another version is installed over it.
if [[ -f $folder/installed && $(<"$folder/installed") == "$checkout $version $extras" ]]; then exit 0; fi
python3 -m venv "$folder"
pip=("$folder/bin/python" -m pip --disable-pip-version-check --quiet)
if [[ -n $version ]]; then
  "${pip[@]}" install "whsync${extras:+[$extras]}==$version"
else
  "${pip[@]}" install --require-hashes --requirement "$checkout/requirements.lock"
  "${pip[@]}" install --no-deps --no-build-isolation "$checkout"
  if [[ -n $extras ]]; then "${pip[@]}" install --no-build-isolation "${checkout}[$extras]"; fi
fi
mkdir -p "$folder/path"
ln -sf ../bin/whsync "$folder/path/whsync"
"$folder/path/whsync" version
printf '%s\n' "$checkout $version $extras" >"$folder/installed"
