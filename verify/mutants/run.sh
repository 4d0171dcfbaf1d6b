#!/usr/bin/env bash
# Mutation testing of the crates that security rests on: small changes of the sources, each of which a test must notice. See mutants.py for options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ ${1:-} != --coverage ]] || exec bash verify/mutants/coverage.sh
source verify/tools.sh
installed cargo-mutants
target=${CARGO_TARGET_DIR:-target}
switches=(--quiet --release --locked --manifest-path verify/mutants/Cargo.toml --target-dir "$target/mutants/switches")
cargo build "${switches[@]}"
[[ $# -gt 0 ]] || cargo test "${switches[@]}" >/dev/null || { echo "failed: the switches are not what they should be" && exit 1; }
CARGO_MUTANTS=$tools/bin/cargo-mutants SWITCHES=$(realpath "$target/mutants/switches/release/switches") exec python3 verify/mutants/mutants.py "$@"
