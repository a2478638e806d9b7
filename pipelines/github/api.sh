# GitHub's API, for the scripts beside this one, which source it.
#
#   GITHUB_API_URL, GITHUB_REPOSITORY   set by every runner
#   PIPELINE_TOKEN                      what the calls are made with
# shellcheck shell=bash

: "${GITHUB_API_URL:?}" "${GITHUB_REPOSITORY:?}" "${PIPELINE_TOKEN:?}"
if [[ ! $PIPELINE_TOKEN =~ ^[A-Za-z0-9_.~+/=-]+$ ]]; then
  echo 'The token has characters that no token has' >&2
  exit 64
fi

# api METHOD PATH [FILE]: call it with the JSON of FILE, and print the answer. What may be asked twice is asked again.
api() {
  local method=$1 path=$2
  local -a more=()
  if [[ $method == GET ]]; then more+=(--retry 3); fi
  if (($# > 2)); then more+=(--header 'Content-Type: application/json' --data-binary "@$3"); fi
  call --request "$method" --header 'Accept: application/vnd.github+json' "${more[@]}" "$GITHUB_API_URL/$path"
}

# download PATH FILE: what the address of an artefact leads to. The token does not go where GitHub sends us on to.
download() {
  call --retry 3 --location --max-filesize "${LARGEST:-67108864}" --output "$2" "$GITHUB_API_URL/$1"
}

# The token is handed over by a pipe: command lines are seen by every process.
call() {
  printf 'header = "Authorization: Bearer %s"\n' "$PIPELINE_TOKEN" |
    curl --config - --silent --show-error --fail --max-time 60 --header 'X-GitHub-Api-Version: 2022-11-28' "$@"
}

# every PATH FILTER: the first thing of a list, over all its pages, that jq's FILTER keeps; nothing where there is none.
every() {
  local page=1 answer found join='?'
  if [[ $1 == *\?* ]]; then join='&'; fi
  while ((page <= 100)); do
    answer=$(api GET "$1${join}per_page=100&page=$page")
    found=$(jq --compact-output --argjson author "$(author)" "[.[] | select($2)][0] // empty" <<<"$answer")
    if [[ -n $found ]]; then
      printf '%s\n' "$found"
      return
    fi
    if (($(jq length <<<"$answer") < 100)); then return; fi
    page=$((page + 1))
  done
}

# Whose comments and issues are ours, as JSON: anybody can write a text that begins as ours do.
author() {
  jq --null-input --arg login "${PIPELINE_AUTHOR:-github-actions[bot]}" '$login'
}

# marked WHAT FILE: the page begins with the hidden marker of a plan, a drift or an apply; sets `marker` to it.
marked() {
  marker=$(head -n 1 -- "$1")
  if [[ ! $marker =~ ^\<!--\ whsync:[a-z]+\ --\>$ ]]; then
    printf '%s is no page of whsync\n' "${1@Q}" >&2
    exit 1
  fi
}
