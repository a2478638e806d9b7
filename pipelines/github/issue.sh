#!/usr/bin/env bash
# One issue for drift, that opens, follows and closes by itself: issue.sh FILE CODE
#
# FILE is the page of `whsync drift`, CODE what it ended with. 2: the issue is opened, or its text is renewed. 0: it is
# closed. Anything else proves nothing, so the issue stays as it is.
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source-path=SCRIPTDIR source=api.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/api.sh"

file=$1
code=$2
if [[ $code != 0 && $code != 2 ]]; then
  echo "whsync ended with $code, which tells nothing about drift: no issue is opened, changed or closed."
  exit 0
fi
marked "$file"
title=${TITLE:-Webhooks are not what was applied}
run="${GITHUB_SERVER_URL:?}/$GITHUB_REPOSITORY/actions/runs/${GITHUB_RUN_ID:?}"

body=$(mktemp)
trap 'rm -f -- "$body"' EXIT
issue=$(every "repos/$GITHUB_REPOSITORY/issues?state=open" \
  ".user.login == \$author and .pull_request == null and ((.body // \"\") | startswith(\"$marker\"))")
number=$(jq '.number // empty' <<<"${issue:-null}")

if [[ $code == 2 ]]; then
  jq --raw-input --slurp --arg title "$title" '{title: $title, body: .}' "$file" >"$body"
  if [[ -n $number ]]; then
    api PATCH "repos/$GITHUB_REPOSITORY/issues/$number" "$body" >/dev/null
    echo "Issue #$number tells the drift of now."
  else
    number=$(api POST "repos/$GITHUB_REPOSITORY/issues" "$body" | jq .number)
    echo "Issue #$number was opened."
  fi
elif [[ -n $number ]]; then
  jq --null-input --arg body "No drift any more: $run" '{$body}' >"$body"
  api POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" "$body" >/dev/null
  echo '{"state": "closed", "state_reason": "completed"}' >"$body"
  api PATCH "repos/$GITHUB_REPOSITORY/issues/$number" "$body" >/dev/null
  echo "Issue #$number is closed: there is no drift any more."
else
  echo 'There is no drift, and no open issue about any.'
fi
