#!/usr/bin/env bash
# A report on the commit, which its pull requests show (Code Insights): insights.sh FILE CODE
#
# FILE is the JSON of a plan or of a drift, CODE what whsync ended with. A pipeline needs no token for it: Bitbucket's own
# proxy beside each step lets these calls in.
#
#   BITBUCKET_REPO_FULL_NAME, BITBUCKET_COMMIT, BITBUCKET_BUILD_NUMBER   set by every pipeline
set -euo pipefail
shopt -s inherit_errexit

file=$1
code=$2
: "${BITBUCKET_REPO_FULL_NAME:?}" "${BITBUCKET_COMMIT:?}" "${BITBUCKET_BUILD_NUMBER:?}"

body=$(mktemp)
trap 'rm -f -- "$body"' EXIT
# At most ten values are shown; a file that holds no counts tells of a run that failed early.
jq --arg code "$code" \
  --arg link "https://bitbucket.org/$BITBUCKET_REPO_FULL_NAME/pipelines/results/$BITBUCKET_BUILD_NUMBER" '
  (.summary? // {}) as $counts
  | (if has("changes")
     then ["create", "adopt", "update", "replace", "delete", "deactivate", "orphan", "drift", "unknown", "problems"]
     else ["drift", "unmanaged", "unverified", "unknown", "problems"] end) as $shown
  | {
      title: "whsync",
      report_type: "TEST",
      reporter: "whsync",
      link: $link,
      result: (if $code == "0" or ($code == "2" and has("changes")) then "PASSED" else "FAILED" end),
      details: ({"0": "Nothing differs.", "2": "There are differences; the log of the pipeline has each.",
                 "3": "Refused by a policy; the log of the pipeline says which."}[$code]
                // "whsync failed; the log of the pipeline says why."),
      data: [$shown[] | select($counts[.] != null) | {title: ., type: "NUMBER", value: $counts[.]}]
    }' "$file" >"$body"

curl --proxy "${INSIGHTS_PROXY:-http://localhost:29418}" --silent --show-error --fail --retry 3 --max-time 60 \
  --request PUT --header 'Content-Type: application/json' --data-binary "@$body" --output /dev/null \
  "http://api.bitbucket.org/2.0/repositories/$BITBUCKET_REPO_FULL_NAME/commit/$BITBUCKET_COMMIT/reports/whsync"
echo 'The report is on the commit.'
