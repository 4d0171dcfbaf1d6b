#!/usr/bin/env bash
# The device crates and the C interface build for bare Cortex-M chips with `core` alone: without heap, without std. A lock in C opens on
# an emulated chip.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 540

targets=(thumbv6m-none-eabi thumbv7em-none-eabi)
output=${CARGO_TARGET_DIR:-target}/firmware
device_crates=(lock-proto lock-crypto lock-state lock-store lock-core lock-diagnosis)

need_core_sources
need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"

for target in "${targets[@]}"; do
    echo "device crates for $target"
    "${core_cargo[@]}" build --locked --release -Zbuild-std=core --target "$target" --target-dir "$output" \
        "${device_crates[@]/#/--package=}"
    echo "profile X for $target"
    "${core_cargo[@]}" build --locked --release -Zbuild-std=core --target "$target" --target-dir "$output" \
        --package lock-core --features x25519
done

echo "steps of the lock on an emulated Cortex-M4, in instructions"
benches/cortex-m/run.sh

# A lock in C on an emulated board, with the phone and the cloud that every other lock has. The board runs what a Cortex-M0 runs, too.
need qemu-system-arm qemu-system-arm
need python3 python3
env -u RUSTC -u RUSTC_BOOTSTRAP cargo build --quiet --locked --release -p lock-sim -p cloud -p phone
programs=${CARGO_TARGET_DIR:-target}/release
for core in m4 m0; do
    echo "firmware in C for a Cortex-${core^^}"
    image=$(examples/firmware-c/build.sh "$core")
    examples/firmware-c/story.py "$image" "$programs"
done
