#!/usr/bin/env bash
# Every byte of every write and erase of lock-store as the end of power, also twice in a row, and flash that loses bits and wears out: its own tests,
# told one by one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cargo test --locked --release -p lock-store --test journal --test ring -- cuts:: damage:: stuck:: |
    sed -n -e 's/^test \(.*\) \.\.\. ok$/passed: \1/p' -e 's/^test \(.*\) \.\.\. \(FAILED\|ignored\).*$/failed: \1/p'
