#!/usr/bin/env bash
# Builds the library and this firmware, for a Cortex-M4 and with `m0` for a Cortex-M0: prints the file of the image.
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

case ${1:-m4} in
    m4) target=thumbv7em-none-eabi cpu=cortex-m4 ;;
    m0) target=thumbv6m-none-eabi cpu=cortex-m0 ;;
    *) refuse "say for which core: m4 or m0" ;;
esac
need_core_sources
need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"

output=${CARGO_TARGET_DIR:-target}/firmware
"${core_cargo[@]}" rustc --quiet --locked --profile firmware -Zbuild-std=core --target "$target" --target-dir "$output" \
    --package lock-ffi --features panic-handler --crate-type staticlib
folder=examples/firmware-c
image=$output/firmware-c-$cpu.elf
arm-none-eabi-gcc -mcpu="$cpu" -mthumb -Os -std=c11 -Wall -Wextra -Wpedantic -Werror -ffreestanding -fno-tree-loop-distribute-patterns \
    -ffunction-sections -fdata-sections -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack \
    -T "$folder/board.ld" -Ilock-ffi/include -I"$folder" "$folder"/*.c "$output/$target/firmware/liblock_ffi.a" -o "$image"
arm-none-eabi-size "$image" >&2
echo "$image"
