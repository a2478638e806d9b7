#!/usr/bin/env bash
# Ends the action as whsync ended: differences (2) fail it only where that was asked for.
set -euo pipefail

if [[ $CODE == 2 && $FAIL_ON_DIFFERENCES == false ]]; then exit 0; fi
exit "${CODE:-1}"
