#!/usr/bin/env bash
# One issue for drift, that opens, follows and closes by itself: issue.sh FILE CODE
#
# FILE is the page of `whsync drift`, CODE what it ended with. 2: the issue is opened, or its text is renewed. 0: it is
# closed. Anything else proves nothing, so the issue stays as it is.
#
#   CI_API_V4_URL, CI_PROJECT_ID, CI_PIPELINE_URL   set by every runner
#   PIPELINE_TOKEN                                  a token of the project that may use the API as a Reporter
set -euo pipefail
shopt -s inherit_errexit

: "${CI_API_V4_URL:?}" "${CI_PROJECT_ID:?}" "${PIPELINE_TOKEN:?}"
file=$1
code=$2
if [[ $code != 0 && $code != 2 ]]; then
  echo "whsync ended with $code, which tells nothing about drift: no issue is opened, changed or closed."
  exit 0
fi
if [[ ! $PIPELINE_TOKEN =~ ^[A-Za-z0-9_.~+/=-]+$ ]]; then
  echo 'The token has characters that no token has' >&2
  exit 64
fi
marker=$(head -n 1 -- "$file")
if [[ ! $marker =~ ^\<!--\ whsync:[a-z]+\ --\>$ ]]; then
  printf '%s is no page of whsync\n' "${file@Q}" >&2
  exit 1
fi

# api METHOD PATH [FILE]: call it with the JSON of FILE, and print the answer. The token is handed over by a pipe.
api() {
  local -a more=()
  if [[ $1 == GET ]]; then more+=(--retry 3); fi
  if (($# > 2)); then more+=(--header 'Content-Type: application/json' --data-binary "@$3"); fi
  printf 'header = "PRIVATE-TOKEN: %s"\n' "$PIPELINE_TOKEN" |
    curl --config - --silent --show-error --fail --max-time 60 --request "$1" "${more[@]}" "$CI_API_V4_URL/$2"
}

body=$(mktemp)
trap 'rm -f -- "$body"' EXIT
issues="projects/$CI_PROJECT_ID/issues"
me=$(api GET user | jq .id)
iid=''
page=1
while [[ -z $iid ]] && ((page <= 100)); do
  answer=$(api GET "$issues?state=opened&author_id=$me&scope=all&per_page=100&page=$page")
  iid=$(jq --arg marker "$marker" '[.[] | select((.description // "") | startswith($marker))][0].iid // empty' <<<"$answer")
  if (($(jq length <<<"$answer") < 100)); then break; fi
  page=$((page + 1))
done

if [[ $code == 2 ]]; then
  jq --raw-input --slurp --arg title "${TITLE:-Webhooks are not what was applied}" '{title: $title, description: .}' \
    "$file" >"$body"
  if [[ -n $iid ]]; then
    api PUT "$issues/$iid" "$body" >/dev/null
    echo "Issue #$iid tells the drift of now."
  else
    iid=$(api POST "$issues" "$body" | jq .iid)
    echo "Issue #$iid was opened."
  fi
elif [[ -n $iid ]]; then
  jq --null-input --arg body "No drift any more: ${CI_PIPELINE_URL:?}" '{$body}' >"$body"
  api POST "$issues/$iid/notes" "$body" >/dev/null
  echo '{"state_event": "close"}' >"$body"
  api PUT "$issues/$iid" "$body" >/dev/null
  echo "Issue #$iid is closed: there is no drift any more."
else
  echo 'There is no drift, and no open issue about any.'
fi
