#!/bin/sh
# Holds a change to the baseline, on any machine: exit 0 passed, 10 failed, 11 inconclusive.
# The report for the pull request is written to gate.md.
set -eu
cd "$(dirname "$0")"
if grep -q "^\[\[source\]\]" answerable.toml; then answerable source sync; fi
code=0
answerable eval gate --format markdown --output gate.md "$@" || code=$?
case "$code" in
  11) echo "inconclusive: more cases, more repeats, or a person's word: answerable eval gate RUN --accept-inconclusive" >&2 ;;
esac
exit "$code"
