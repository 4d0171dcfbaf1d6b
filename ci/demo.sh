#!/usr/bin/env bash
# The whole system at work in a release build, hours under a hostile relay, and the counted costs.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 480

cargo run --locked --release -p demo -- --headless
cargo run --locked --release -p demo -- soak
cargo run --locked --release -p benches --bin session-cost
cargo run --locked --release -p benches --bin footprint
