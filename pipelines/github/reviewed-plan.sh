#!/usr/bin/env bash
# Fetches the plan that was reviewed before this commit was merged: reviewed-plan.sh WORKFLOW ARTEFACT FILE
#
# WORKFLOW is the file name of the workflow that planned it. Looked at are its good runs for the last commit of the pull
# request that became this commit, runs of forks never. whsync proves the rest: `whsync apply FILE` refuses a plan that is
# not what files, lock and vendors say now.
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source-path=SCRIPTDIR source=api.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/api.sh"

workflow=$1
artefact=$2
file=$3
if [[ ! $workflow =~ ^[A-Za-z0-9._-]+\.ya?ml$ || ! $artefact =~ ^[A-Za-z0-9._-]+$ ]]; then
  printf '%s and %s are not the names of a workflow and of an artefact\n' "${workflow@Q}" "${artefact@Q}" >&2
  exit 64
fi
repository="repos/$GITHUB_REPOSITORY"

head=$(api GET "$repository/commits/${GITHUB_SHA:?}/pulls" |
  jq --raw-output --arg sha "$GITHUB_SHA" '[.[] | select(.merge_commit_sha == $sha)][0].head.sha // empty')
run=''
if [[ -n $head ]]; then
  run=$(api GET "$repository/actions/workflows/$workflow/runs?head_sha=$head&event=pull_request&status=success&per_page=100" |
    jq --arg repository "$GITHUB_REPOSITORY" '
      [.workflow_runs[] | select(.head_repository.full_name == $repository)] | max_by(.run_number) | .id // empty')
fi
if [[ -z $run ]]; then
  echo "::error title=whsync::No pull request of this repository was planned for this commit, so nothing is applied. Look at a plan, and start this workflow by hand."
  exit 1
fi
id=$(api GET "$repository/actions/runs/$run/artifacts?name=$artefact&per_page=100" |
  jq '[.artifacts[] | select(.expired | not)] | max_by(.id) | .id // empty')
if [[ -z $id ]]; then
  echo "::error title=whsync::The plan of run $run is gone or has expired, so nothing is applied. Look at a plan, and start this workflow by hand."
  exit 1
fi
archive=$(mktemp)
trap 'rm -f -- "$archive"' EXIT
download "$repository/actions/artifacts/$id/zip" "$archive"
unzip -p "$archive" plan.json >"$file"
echo "The plan is that of run $run, artefact $id."
