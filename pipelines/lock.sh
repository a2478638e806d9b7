#!/usr/bin/env bash
# The lock, on a branch of its own: lock.sh fetch | lock.sh keep
#
# A protected branch takes no commit of a pipeline, so the lock lives on another one, which holds nothing else. `fetch`
# brings it into the working folder before a plan, `keep` puts it back after an apply, beside whatever else the branch
# holds. Nothing is ever forced: a branch that moved in between refuses the push.
#
#   LOCK_BRANCH     the branch; it is made by the first `keep`
#   LOCK_FILE       the lock's path in the working folder (webhooks.lock.json)
#   LOCK_REMOTE     the remote or its address (origin)
#   PIPELINE_TOKEN  what the remote lets in, if it asks: may read for `fetch`, write for `keep`
#   PIPELINE_USER   the name that goes with the token (x-access-token)
set -euo pipefail
shopt -s inherit_errexit

branch=${LOCK_BRANCH:?names the branch that keeps the lock}
file=${LOCK_FILE:-webhooks.lock.json}
remote=${LOCK_REMOTE:-origin}
if ! git check-ref-format --branch "$branch" >/dev/null 2>&1; then
  printf '%s is no name of a branch\n' "${branch@Q}" >&2
  exit 64
fi
if [[ $file == /* || /$file/ == */../* ]]; then
  printf 'The lock %s is not below the working folder\n' "${file@Q}" >&2
  exit 64
fi
path=$(git rev-parse --show-prefix)$file

# The token goes to this remote only, by the environment: command lines are seen by every process.
if [[ -n ${PIPELINE_TOKEN:-} ]]; then
  address=$(git ls-remote --get-url "$remote")
  basic=$(printf '%s:%s' "${PIPELINE_USER:-x-access-token}" "$PIPELINE_TOKEN" | base64 | tr -d '\n')
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$address.extraheader" GIT_CONFIG_VALUE_0="Authorization: Basic $basic"
fi
export GIT_TERMINAL_PROMPT=0

# Sets `tip` to the branch's last commit, or to nothing where there is no such branch yet. A remote that cannot be asked
# ends the script: without its lock, whsync would take every webhook for a new one.
find_tip() {
  local code=0
  git ls-remote --exit-code "$remote" "refs/heads/$branch" >/dev/null || code=$?
  tip=''
  if [[ $code == 2 ]]; then return; fi
  if [[ $code != 0 ]]; then exit 1; fi
  git fetch --quiet --depth=1 "$remote" "refs/heads/$branch"
  tip=$(git rev-parse FETCH_HEAD)
}

fetch() {
  find_tip
  if [[ -z $tip ]]; then
    echo "There is no branch $branch yet: nothing was applied so far."
    return
  fi
  if ! git cat-file -e "$tip:$path" 2>/dev/null; then
    echo "There is no lock on $branch yet: nothing was applied so far."
    return
  fi
  mkdir -p -- "$(dirname -- "$file")"
  local name
  for name in '' .journal; do
    rm -f -- "$file$name"  # a link that the checkout brought is not written through
    if git cat-file -e "$tip:$path$name" 2>/dev/null; then git cat-file blob "$tip:$path$name" >"$file$name"; fi
  done
  echo "The lock is that of $branch, $tip."
}

keep() {
  if [[ ! -f $file ]]; then
    echo 'There is no lock to keep.'
    return
  fi
  find_tip
  local index tree commit name
  index=$(mktemp -d)
  export GIT_INDEX_FILE=$index/index
  if [[ -n $tip ]]; then git read-tree "$tip"; else git read-tree --empty; fi
  for name in '' .journal; do
    if [[ -f $file$name ]]; then
      git update-index --add --cacheinfo "100644,$(git hash-object -w --no-filters -- "$file$name"),$path$name"
    else
      git -C "$(git rev-parse --show-toplevel)" update-index --force-remove -- "$path$name"
    fi
  done
  tree=$(git write-tree)
  rm -rf -- "$index"
  if [[ -n $tip && $tree == "$(git rev-parse "$tip^{tree}")" ]]; then
    echo "The lock on $branch is this one already."
    return
  fi
  export GIT_AUTHOR_NAME=whsync GIT_AUTHOR_EMAIL=whsync@localhost GIT_COMMITTER_NAME=whsync GIT_COMMITTER_EMAIL=whsync@localhost
  commit=$(git commit-tree ${tip:+-p "$tip"} -m "The lock after an apply of $(git rev-parse HEAD)" "$tree")
  git push --quiet "$remote" "$commit:refs/heads/$branch"
  echo "The lock is kept on $branch, $commit."
  if [[ -n ${GITHUB_OUTPUT:-} ]]; then echo "lock-commit=$commit" >>"$GITHUB_OUTPUT"; fi
}

case ${1:-} in
  fetch) fetch ;;
  keep) keep ;;
  *) echo 'lock.sh fetch, or lock.sh keep' >&2; exit 64 ;;
esac
