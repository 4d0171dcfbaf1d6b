#!/usr/bin/env bash
# What a build without profile X has to do. The workspace turns the feature x25519 on; a lock of profile S alone is built
# without it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 240

cargo test --locked -p lock-crypto -p lock-core
