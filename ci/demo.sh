#!/usr/bin/env bash
# The whole system at work in a release build, hours under a hostile relay, and the counted costs.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# Three minutes of it build; a minute and a half kills the lock at every step of a rotation, and as long at every step of an unlock.
budget 900

cargo run --locked --release -p demo -- --headless
cargo run --locked --release -p demo -- soak
cargo run --locked --release -p benches --bin session-cost
cargo run --locked --release -p benches --bin footprint
