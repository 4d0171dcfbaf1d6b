#!/usr/bin/env bash
# The whole system at work in a release build, hours under a hostile relay, and the counted costs.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# Three minutes of it build; a minute and a half kills the lock at every step of a rotation, and as long at every step of an unlock.
budget 900

build_programs

# The demonstration waits for bolts most of the time, and the soak never: they go beside each other.
told=$(mktemp)
"$programs/demo" soak >"$told" 2>&1 &
soak=$!
trap 'kill "$soak" 2>/dev/null || true; rm -f "$told"' EXIT
"$programs/demo" --headless
status=0
wait "$soak" || status=$?
cat "$told"
[[ $status -eq 0 ]] || refuse "the soak ended with exit code $status: read above what it found"

"$programs/session-cost"
"$programs/footprint"
