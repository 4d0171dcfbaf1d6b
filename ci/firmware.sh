#!/usr/bin/env bash
# The device crates and the C interface build for bare Cortex-M chips with `core` alone: without heap, without std.
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
    echo "C interface for $target"
    "${core_cargo[@]}" rustc --locked --release -Zbuild-std=core --target "$target" --target-dir "$output" \
        --package lock-ffi --features panic-handler --crate-type staticlib
done

echo "steps of the lock on an emulated Cortex-M4, in instructions"
benches/cortex-m/run.sh

# The archive links into a C program of newlib: nothing of it is missing, and its symbols clash with none.
link() {
    local target=$1 cpu=$2
    arm-none-eabi-gcc -mcpu="$cpu" -mthumb -Os -std=c99 -Wall -Wextra -Wpedantic -Werror --specs=nano.specs --specs=rdimon.specs \
        -Wl,--gc-sections -Ilock-ffi/include lock-ffi/tests/frame.c "$output/$target/release/liblock_ffi.a" \
        -o "$output/frame-$cpu.elf"
    arm-none-eabi-size "$output/frame-$cpu.elf"
}
link thumbv6m-none-eabi cortex-m0
link thumbv7em-none-eabi cortex-m4
