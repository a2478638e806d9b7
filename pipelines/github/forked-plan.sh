#!/usr/bin/env bash
# Comments on a pull request of a fork with the plan that its own run made, which had no credential: forked-plan.sh ARTEFACT
#
# A fork can run anything in place of our workflow, so nothing in the artefact is believed. The number of the pull request
# counts only if that request's last commit is the one that ran; of the plan, only a report that whsync can show counts,
# and whsync shows it: every text in it stays text. No code of the fork is fetched here.
set -euo pipefail
shopt -s inherit_errexit
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=api.sh
source "$here/api.sh"

artefact=$1
run=$(jq '.workflow_run.id' "${GITHUB_EVENT_PATH:?}")
commit=$(jq --raw-output '.workflow_run.head_sha' "$GITHUB_EVENT_PATH")
repository="repos/$GITHUB_REPOSITORY"
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

id=$(api GET "$repository/actions/runs/$run/artifacts?name=$artefact&per_page=100" | jq '.artifacts[0].id // empty')
if [[ -z $id ]]; then
  echo "Run $run left no artefact $artefact: there is nothing to comment with."
  exit 0
fi
download "$repository/actions/artifacts/$id/zip" "$folder/archive.zip"
part() { { unzip -p "$folder/archive.zip" "$1" 2>/dev/null || true; } | head -c "$2"; }
part number 11 >"$folder/number"
part plan.json 67108864 >"$folder/plan.json"

number=$(cat -- "$folder/number")
if [[ ! $number =~ ^[1-9][0-9]{0,9}$ ]]; then
  echo '::error title=whsync::The artefact names no pull request'
  exit 1
fi
api GET "$repository/pulls/$number" >"$folder/pull.json"
if ! jq --exit-status --arg commit "$commit" '.state == "open" and .head.sha == $commit' "$folder/pull.json" >/dev/null; then
  echo "::notice title=whsync::#$number has another last commit than the one that was planned, so it gets no comment."
  exit 0
fi

cd -- "$folder"
export PATH="${RUNNER_TEMP:?}/whsync/path:$PATH"
whsync show plan.json --format json >shown.json 2>/dev/null || true
if jq --exit-status 'has("changes")' shown.json >/dev/null 2>&1; then
  whsync show plan.json --format markdown >comment.md || true
else
  printf '<!-- whsync:plan -->\n\n## whsync: there is no plan\n\nThe run says why: %s/%s/actions/runs/%s\n' \
    "${GITHUB_SERVER_URL:?}" "$GITHUB_REPOSITORY" "$run" >comment.md
fi
export NOTE='Planned without any credential, as it comes from a fork: files were compared with the lock, no vendor was asked.'
"$here/comment.sh" "$folder/comment.md" "$number"
