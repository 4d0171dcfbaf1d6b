#!/usr/bin/env bash
# Builds the library and this firmware, and prints the file of the image.
#
#   build.sh                      for a Cortex-M4
#   build.sh m0                   for a Cortex-M0
#   build.sh m4 --set SET         with a library of fewer or more features, and the parts that it has: core, keys, x25519 or all
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

case ${1:-m4} in
    m4) target=thumbv7em-none-eabi cpu=cortex-m4 ;;
    m0) target=thumbv6m-none-eabi cpu=cortex-m0 ;;
    *) refuse "say for which core: m4 or m0" ;;
esac
# A panic that is reachable does not link; but the arithmetic of profile X keeps some.
features=(--features no-panic) parts=() suffix=
if [[ ${2:-} == --set ]]; then
    case ${3:-} in
        core) features=(--no-default-features --features no-panic) parts=(-DLK_SET_CORE -DHAS_KEYS=0 -DHAS_LIFE=0) ;;
        keys) features=(--no-default-features --features no-panic,keys) parts=(-DHAS_LIFE=0) ;;
        x25519) features=(--no-default-features --features panic-handler,keys,x25519) parts=(-DHAS_LIFE=0) ;;
        all) features=(--features panic-handler,all) ;;
        *) refuse "say which set: core, keys, x25519 or all" ;;
    esac
    suffix=-$3
fi
need_core_sources
need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"

output=${CARGO_TARGET_DIR:-target}/firmware
"${core_cargo[@]}" rustc --quiet --locked --profile firmware -Zbuild-std=core --target "$target" --target-dir "$output" \
    --package lock-ffi "${features[@]}" --crate-type staticlib
folder=examples/firmware-c
image=$output/firmware-c-$cpu$suffix.elf
arm-none-eabi-gcc -mcpu="$cpu" -mthumb -Os -std=c11 -Wall -Wextra -Wpedantic -Werror -ffreestanding -fno-tree-loop-distribute-patterns \
    -ffunction-sections -fdata-sections -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack \
    "${parts[@]}" -T "$folder/board.ld" -Ilock-ffi/include -I"$folder" "$folder"/*.c "$output/$target/firmware/liblock_ffi.a" -o "$image"
arm-none-eabi-size "$image" >&2
echo "$image"
