#!/usr/bin/env bash
# Every byte of every write and erase of lock-store as the end of power, also twice in a row, and flash that loses bits and wears out: its own tests,
# told one by one. Then how long the flash of a whole lock lasts.
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

cargo test --locked --release -p lock-store --test journal --test ring -- cuts:: damage:: stuck:: |
    sed -n -e 's/^test \(.*\) \.\.\. ok$/passed: \1/p' -e 's/^test \(.*\) \.\.\. \(FAILED\|ignored\).*$/failed: \1/p'
lasts="flash lasts for the life of a lock, and nobody without a key wears it out over the air"
build_programs
if "$programs/wear"; then
    echo "passed: $lasts"
else
    echo "failed: $lasts"
fi
