#!/bin/sh
# A nightly look for drift that is silent as long as all is well, so that cron mails only when somebody has to look:
# 2 somebody changed a webhook at a vendor, 1 an error, 3 refused by the policy. Call it in the folder of webhooks.yaml.
set -u

# One look at a time; a run of somebody else that holds the lock is waited for.
exec 9>"${XDG_RUNTIME_DIR:-/tmp}/whsync-nightly-$(id -u).lock"
if ! flock --wait 600 9; then
  echo "Another nightly look has been at work for ten minutes." >&2
  exit 1
fi
code=0
said=$(whsync drift --lock-timeout 10m 2>&1) || code=$?
if [ "$code" -ne 0 ]; then
  printf '%s\n\nwhsync drift ended with %s on %s, in %s.\n' "$said" "$code" "$(uname -n)" "$PWD"
fi
exit "$code"
