#!/usr/bin/env bash
# Builds the library and this firmware for a Cortex-M0, and prints the file of the image.
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

target=thumbv6m-none-eabi cpu=cortex-m0
need_core_sources
need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"

output=${CARGO_TARGET_DIR:-target}/firmware
"${core_cargo[@]}" rustc --quiet --locked --profile firmware -Zbuild-std=core --target "$target" --target-dir "$output" \
    --package lock-ffi --features no-panic --crate-type staticlib
# The board is that of the lock, and so are its drivers, its start and its map.
board=examples/firmware-c
image=$output/fob-c-$cpu.elf
arm-none-eabi-gcc -mcpu="$cpu" -mthumb -Os -std=c11 -Wall -Wextra -Wpedantic -Werror -ffreestanding -fno-tree-loop-distribute-patterns \
    -ffunction-sections -fdata-sections -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack \
    -T "$board/board.ld" -Ilock-ffi/include -I"$board" examples/fob-c/main.c "$board"/{start,clock,uart,flash}.c \
    "$output/$target/firmware/liblock_ffi.a" -o "$image"
arm-none-eabi-size "$image" >&2
echo "$image"
