#!/usr/bin/env bash
# Runs one whsync command, and keeps what it told for the steps behind: pages, reports, exit code.
#
# It ends with 0 whatever whsync ends with, so that comments are written and locks kept after a failure, too. The action's
# last step ends with whsync's own exit code.
set -euo pipefail
shopt -s inherit_errexit

export PATH="${RUNNER_TEMP:?}/whsync/path:$PATH"
folder=$(mktemp -d "$RUNNER_TEMP/whsync-$COMMAND-XXXXXX")
echo "reports=$folder" >>"${GITHUB_OUTPUT:?}"

words=("$COMMAND")
forms=(markdown=comment.md github=summary.md json="$COMMAND.json" junit=junit.xml sarif="$COMMAND.sarif")
case $COMMAND in
  plan)
    words+=(--detailed-exitcode)
    forms+=(html=plan.html)
    if [[ -n $PLAN ]]; then words+=(--out "$PLAN"); fi
    ;;
  apply)
    if [[ -n $PLAN ]]; then words+=("$PLAN"); else words+=(--yes); fi
    ;;
  drift) forms+=(html=drift.html) ;;
  audit) forms+=(html=audit.html csv=audit.csv) ;;
esac
for form in "${forms[@]}"; do words+=(--report "${form%%=*}=$folder/${form#*=}"); done
# The lock that is fetched and kept is the one that is used; without a branch, the files say where theirs is.
if [[ -n $LOCK_BRANCH ]]; then export WHSYNC_LOCK=${LOCK_FILE:-webhooks.lock.json}; fi
if [[ -n $LOCK_FILE ]]; then export WHSYNC_LOCK=$LOCK_FILE; fi
while IFS= read -r word; do
  if [[ -n $word ]]; then words+=("$word"); fi
done <<<"$ARGUMENTS"

# Who cancels a job interrupts this script alone. whsync is told, finishes what it has sent, and writes down what it knows.
stopped=''
whsync "${words[@]}" &
child=$!
trap 'stopped=yes; kill -TERM "$child" 2>/dev/null || true' INT TERM
code=0
wait "$child" || code=$?
while [[ -n $stopped ]]; do
  stopped=''
  code=0
  wait "$child" || code=$?
done
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
