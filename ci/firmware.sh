#!/usr/bin/env bash
# The device crates and the C interface build for bare Cortex-M chips with `core` alone: without heap, without std. A lock in C opens on
# an emulated chip, and so does one in Rust.
#
#   ci/firmware.sh                 all of it, with a part of the power cuts
#   ci/firmware.sh cuts            every cut of each operation, on demand
#   ci/firmware.sh cuts --pairs    pairs of cuts, a thousand of each
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

output=${CARGO_TARGET_DIR:-target}/firmware

# The programs around a lock, and what takes the power away.
prepare_story() {
    need_core_sources
    need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"
    need qemu-system-arm qemu-system-arm
    need python3 python3
    need gcc gcc
    build_programs
    mkdir -p "$output"
    gcc -O2 -Wall -Wextra -Werror -fPIC -shared -o "$output/cut.so" examples/firmware-c/host/cut.c
}

cuts() {
    examples/firmware-c/cuts.py "$1" "$programs" "$output/cut.so" "${@:2}"
}

if [[ ${1:-} == cuts ]]; then
    prepare_story
    image=$(examples/firmware-c/build.sh m4)
    case ${2:-} in
        --pairs) cuts "$image" code button --pairs 1000 ;;
        "") cuts "$image" code button boot ;;
        *) refuse "say cuts, or cuts --pairs" ;;
    esac
    exit
fi
[[ $# -eq 0 ]] || refuse "say nothing, or cuts"
budget 540

targets=(thumbv6m-none-eabi thumbv7em-none-eabi)
device_crates=(lock-proto lock-crypto lock-state lock-store lock-core lock-diagnosis)

need_core_sources

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
prepare_story
for core in m0 m4; do
    echo "firmware in C for a Cortex-${core^^}"
    image=$(examples/firmware-c/build.sh "$core")
    examples/firmware-c/story.py "$image" "$programs"
done
echo "key fob in C for a Cortex-M0, at the lock on a Cortex-M4"
fob=$(examples/fob-c/build.sh)
examples/fob-c/story.py "$fob" "$image" "$programs"
echo "firmware in Rust for a Cortex-M4"
rust_image=$(examples/firmware-rs/build.sh m4)
examples/firmware-c/story.py "$rust_image" "$programs"
cuts "$image" code boot
cuts "$image" button --every 16
cuts "$image" code --pairs 30
