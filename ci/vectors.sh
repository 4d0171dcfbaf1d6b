#!/usr/bin/env bash
# The stored test vectors are what the code makes, and what a reader of the specification makes who shares no code with us.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 60

need python3 python3
cargo run --locked -p vectors -- --check
python3 -B tools/vectors/reference/check.py
