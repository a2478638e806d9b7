#!/usr/bin/env bash
# Says at once which input of the action is wrong, before anything is installed, asked or changed.
set -euo pipefail
shopt -s inherit_errexit

wrong() {
  printf '::error title=whsync::%s\n' "$1"
  exit 64
}

fits() {  # fits NAME VALUE PATTERN WHAT
  if [[ $2 =~ [[:cntrl:]] || ! $2 =~ ^($3)$ ]]; then wrong "The input $1 is not $4"; fi
}

fits command "$COMMAND" 'validate|plan|apply|drift|audit|comment' 'validate, plan, apply, drift, audit or comment'
for name in COMMENT ISSUE FAIL_ON_DIFFERENCES; do
  fits "$(tr 'A-Z_' 'a-z-' <<<"$name")" "${!name}" 'true|false' 'true or false'
done
fits plan "$PLAN" '[^-].*|' 'the path of a file'
fits lock "$LOCK_FILE" '[^-].*|' 'the path of a file'
fits reviewed-in "$REVIEWED_IN" '[A-Za-z0-9._-]+\.ya?ml|' 'the file name of a workflow'
if [[ -n $REVIEWED_IN && $COMMAND != apply ]]; then wrong 'The input reviewed-in goes with command: apply'; fi
if [[ $ISSUE == true && $COMMAND != drift ]]; then wrong 'The input issue goes with command: drift'; fi
if [[ -n $LOCK_BRANCH ]] && ! git check-ref-format --branch "$LOCK_BRANCH" >/dev/null 2>&1; then
  wrong 'The input lock-branch is not the name of a branch'
fi
