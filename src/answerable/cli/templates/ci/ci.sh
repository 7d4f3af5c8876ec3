#!/bin/sh
# Holds a branch to where it began, on any machine with git: lint, behavior, and the evaluation gate.
# Exit 0 passed, 10 failed, 12 lint errors, 11 can't tell; anything else: it could not be checked, and why.
# The report for the pull request is report.md, whatever happens. Arguments go on to `answerable ci run`.
# The base is $BASE, else what GitHub or GitLab says the branch is to be merged into, else main.
set -eu
cd "$(dirname "$0")"
base=${BASE:-${GITHUB_BASE_REF:-${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}}}
if [ -n "$base" ]; then set -- --base "$base" "$@"; fi
code=0
answerable ci run --output report.md "$@" || code=$?
if [ "$code" -eq 11 ]; then
  echo "can't tell: more cases, more repeats (--repeat 3), or a person's word; report.md says how" >&2
fi
exit "$code"
