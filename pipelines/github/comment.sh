#!/usr/bin/env bash
# Puts a page of whsync on a pull request, over the page that stands there from a former run: comment.sh FILE NUMBER
#
# whsync has clipped the page to what a comment holds. NOTE, if set, is a sentence of ours that goes below it.
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source-path=SCRIPTDIR source=api.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/api.sh"

file=$1
number=$2
if [[ ! $number =~ ^[1-9][0-9]{0,9}$ ]]; then
  printf '%s is no number of a pull request\n' "${number@Q}" >&2
  exit 64
fi
marked "$file"

body=$(mktemp)
trap 'rm -f -- "$body"' EXIT
jq --raw-input --slurp --arg note "${NOTE:-}" '
  (if $note == "" then . else . + "\n" + $note + "\n" end) as $whole
  | {body: (if ($whole | length) <= 65536 then $whole else . end)}' "$file" >"$body"

comment=$(every "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
  ".user.login == \$author and (.body | startswith(\"$marker\"))")
if [[ -n $comment ]]; then
  id=$(jq .id <<<"$comment")
  api PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" "$body" >/dev/null
  echo "Comment $id of #$number is up to date."
else
  id=$(api POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" "$body" | jq .id)
  echo "Comment $id was written on #$number."
fi
