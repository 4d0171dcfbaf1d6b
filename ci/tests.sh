#!/usr/bin/env bash
# The command of the README: every test of the workspace; then what a build without profile X has to do.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 600

cargo test --workspace --locked
# The workspace turns the feature x25519 on. A lock of profile S alone is built without it.
cargo test --locked -p lock-crypto -p lock-core
