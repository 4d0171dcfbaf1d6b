#!/usr/bin/env bash
# The command of the README: every test of the workspace.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 600

cargo test --workspace --locked
