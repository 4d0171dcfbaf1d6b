#!/usr/bin/env bash
# Counts what a step of the lock costs on an emulated Cortex-M4, in instructions, and fails beyond the limits in src/main.rs.
# Needs gcc-arm-none-eabi, qemu-system-arm, and the sources of core: rustc-web cargo-web rust-web-src, or the component rust-src.
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

need arm-none-eabi-ld gcc-arm-none-eabi
need qemu-system-arm qemu-system-arm
need_core_sources

output=$PWD/${CARGO_TARGET_DIR:-target}/firmware
[[ ${CARGO_TARGET_DIR:-} == /* ]] && output=$CARGO_TARGET_DIR/firmware
export CARGO_TARGET_THUMBV7EM_NONE_EABI_RUSTFLAGS="-C linker=arm-none-eabi-ld -C linker-flavor=ld"
"${core_cargo[@]}" build --quiet --locked --release -Zbuild-std=core --target thumbv7em-none-eabi \
    --target-dir "$output" --manifest-path benches/cortex-m/Cargo.toml
timeout 120 qemu-system-arm -M mps2-an386 -cpu cortex-m4 -nographic -icount shift=0 \
    -semihosting-config enable=on,target=native -kernel "$output/thumbv7em-none-eabi/release/steps-on-cortex-m" </dev/null
