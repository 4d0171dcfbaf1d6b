#!/usr/bin/env bash
# The device crates and the C interface build for bare Cortex-M chips with `core` alone: without heap, without std. A lock in C opens on
# an emulated chip, and so does one in Rust.
#
#   ci/firmware.sh                           all of it, with a part of the power cuts
#   ci/firmware.sh footprint                 what the library costs, on four chips and in each feature set, and other sessions: a table, and
#                                            target/footprint.json
#   ci/firmware.sh cuts                      every cut of each operation, on demand, and a firmware that must not pass
#   ci/firmware.sh cuts --pairs              all pairs of cuts, of a wrong code, an unlock and a rotation; with --sample COUNT so many of each
#   ci/firmware.sh cuts --soak SECONDS       the emulator is killed at any moment, for so long
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

# The power of the lock in image $1 goes; see `power-cuts --help` for the rest.
cuts() {
    "$programs/power-cuts" "$1" "$output/cut.so" "${@:2}"
}

# What in image $1 can panic, allocate or compute with floats.
panics() {
    tools/footprint/panics.py arm-none-eabi "$1"
}

# What the library costs a chip, against its limits and its budget; with --quick of what the images here are built from.
footprint() {
    mkdir -p "$output"
    tools/footprint/footprint.py --cargo "${core_cargo[0]}" --output "$output" --json "${CARGO_TARGET_DIR:-target}/footprint.json" "$@"
}

# The test of the test: a lock with a planted bug, examples/firmware-c/mutants/NAME.patch, does not pass. The patch says in its head which
# cuts must fail, and what they must say.
mutant_is_caught() {
    local patch=$PWD/examples/firmware-c/mutants/$1.patch work image must_fail expect
    must_fail=$(sed -n 's/^# must-fail: //p' "$patch")
    expect=$(sed -n 's/^# expect: //p' "$patch")
    [[ -n $must_fail && -n $expect ]] || refuse "$patch does not say what must fail: give it '# must-fail: ARGUMENTS' and '# expect: REGEX'"
    need git git
    work=$(realpath "$output")/mutant
    rm -rf "$work"
    mkdir -p "$work/tree" "$work/target/firmware"
    git ls-files --cached --others --exclude-standard -z | tar --create --null --files-from=- | tar --extract --touch --directory "$work/tree"
    git -C "$work/tree" init --quiet
    git -C "$work/tree" apply "$patch" || refuse "$patch does not apply: make it anew against the present sources"
    # A target folder of its own: the real library and this one have the same name. What others wrote is not built again.
    cp -a "$output/thumbv7em-none-eabi" "$output/firmware" "$work/target/firmware"
    image=$(CARGO_TARGET_DIR=$work/target "$work/tree/examples/firmware-c/build.sh" m4)
    # Several words.
    # shellcheck disable=SC2086
    if cuts "$image" $must_fail --stop >"$work/log"; then
        refuse "the power cuts do not notice the planted bug $1"
    fi
    grep -Eq -- "$expect" "$work/log" || refuse "$1 fails for another reason: $(cat "$work/log")"
    echo "caught: $1: $(grep -E -m 1 -- "$expect" "$work/log")"
}

if [[ ${1:-} == cuts ]]; then
    prepare_story
    image=$(examples/firmware-c/build.sh m4)
    case ${2:-} in
        --pairs) cuts "$image" code unlock rotation "${@:2}" ;;
        "")
            mutant_is_caught erase-first
            mutant_is_caught forgets-commands
            cuts "$image"
            ;;
        *) cuts "$image" "${@:2}" ;;
    esac
    exit
fi
if [[ ${1:-} == footprint ]]; then
    need_core_sources
    need arm-none-eabi-gcc "gcc-arm-none-eabi and libnewlib-arm-none-eabi"
    need riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
    need qemu-system-arm qemu-system-arm
    need qemu-system-riscv32 qemu-system-misc
    need python3 python3
    need gcc gcc
    footprint "${@:2}"
    exit
fi
[[ $# -eq 0 ]] || refuse "say nothing, cuts or footprint"
# A third of it is the power cuts, which belong to the verification as much as to the firmware.
budget 1020

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
    panics "$image"
done
echo "firmware in C for a Cortex-M4, with the set core"
core_image=$(examples/firmware-c/build.sh m4 --set core)
examples/firmware-c/story_core.py "$core_image" "$programs"
panics "$core_image"
echo "key fob in C for a Cortex-M0, at the lock on a Cortex-M4"
fob=$(examples/fob-c/build.sh)
examples/fob-c/story.py "$fob" "$image" "$programs"
panics "$fob"
echo "what the library costs"
footprint --quick
echo "firmware in Rust for a Cortex-M4"
rust_image=$(examples/firmware-rs/build.sh m4)
examples/firmware-c/story.py "$rust_image" "$programs"
panics "$rust_image"
cuts "$rust_image" unlock update --sample 12

# The power goes after each store of the short operations, after some of the long ones, and after pairs of stores.
cuts "$image" code boot log unlock
cuts "$image" button configuration page-switch rotation update --sample 24
cuts "$image" code unlock rotation --pairs --sample 100
mutant_is_caught erase-first
git apply --check examples/firmware-c/mutants/*.patch || refuse "a planted bug does not apply: make it anew against the present sources"
