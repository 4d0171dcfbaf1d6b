#!/usr/bin/env bash
# Builds this firmware, for a Cortex-M4 and with `m0` for a Cortex-M0: prints the file of the image.
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

case ${1:-m4} in
    m4) target=thumbv7em-none-eabi ;;
    m0) target=thumbv6m-none-eabi ;;
    *) refuse "say for which core: m4 or m0" ;;
esac
need_core_sources
need arm-none-eabi-ld gcc-arm-none-eabi

output=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")/firmware
variable=CARGO_TARGET_$(tr a-z- A-Z_ <<<"$target")_RUSTFLAGS
export "$variable=-C linker=arm-none-eabi-ld -C linker-flavor=ld"
"${core_cargo[@]}" build --quiet --locked --release -Zbuild-std=core --target "$target" --target-dir "$output" \
    --manifest-path examples/firmware-rs/Cargo.toml
image=$output/$target/release/firmware-rs
arm-none-eabi-size "$image" >&2
echo "$image"
