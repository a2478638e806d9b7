#!/bin/sh
# The check for any pipeline. Exit code: 0 nothing to do, 1 an error, 2 differences or drift, 3 refused by the policy.
set -u
whsync validate || exit $?
whsync plan --detailed-exitcode || exit $?
exec whsync drift
