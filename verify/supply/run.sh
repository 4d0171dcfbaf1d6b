#!/usr/bin/env bash
# What we take from others, and what we give: licences, sources and duplicates of all dependencies, the compiler that is promised, the bill of
# materials of the C library (target/sbom), and the public API of the device crates as it was last agreed to (verify/supply/api).
#
#   run.sh            these
#   run.sh --all      also: the C library bit for bit the same from two folders; the oldest dependencies that the manifests allow
#   run.sh --record   agrees to the public API as it is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source verify/tools.sh

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Says what came of the check $1, whose command follows.
check() {
    local what=$1
    shift
    if "$@" >"$folder/said" 2>&1; then
        echo "passed: $what"
    else
        tail -n 40 "$folder/said" >&2
        echo "failed: $what"
    fi
}

# The crates of a device: what others build on.
device_crates=(lock-proto lock-crypto lock-state lock-store lock-place lock-core lock-diagnosis)
public_api() {
    PATH=$tools/bin:$PATH cargo +nightly public-api --package "$1" -sss --color never
}
same_api() {
    public_api "$1" >"$folder/api" || return 1
    diff "verify/supply/api/$1.txt" "$folder/api" || {
        echo "the public API of $1 has changed: look at the difference, then agree to it by ci/verify.sh supply --record"
        return 1
    }
}

if [[ ${1:-} == --record ]]; then
    installed cargo-public-api
    for crate in "${device_crates[@]}"; do
        public_api "$crate" >"verify/supply/api/$crate.txt"
        echo "passed: $crate: recorded"
    done
    exit
fi

promised_compiler() {
    local promised running
    promised=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    running=$(rustc --version | sed 's/^rustc \([0-9]*\.[0-9]*\).*/\1/')
    [[ $promised == "$running" ]] && return
    # Another compiler runs the other checks: this one must build what it is promised to build.
    cargo "+$promised.0" check --locked --workspace --target-dir "$target/promised"
}

installed cargo-deny
check "licences, sources and duplicates of all dependencies" "$tools/bin/cargo-deny" check licenses bans sources
check "the compiler that rust-version promises builds all of it" promised_compiler
for features in core keys x25519 all; do
    check "each crate in the C library of the set $features has a licence and a checksum" verify/supply/sbom.py "$features" "$target/sbom/lock-ffi-$features.cdx.json"
done
installed cargo-public-api
for crate in "${device_crates[@]}"; do
    check "$crate: its public API is the one that was agreed to" same_api "$crate"
done
[[ ${1:-} == --all ]] || exit 0

tree() {
    mkdir -p "$1"
    git ls-files --cached -z | tar --create --null --files-from=- | tar --extract --directory "$1"
}
library_from() {
    tree "$1"
    (cd "$1" && CARGO_TARGET_DIR=$1/target RUSTFLAGS="--remap-path-prefix=$1=/lock --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo" \
        cargo rustc --quiet --locked --release -p lock-ffi --features x25519 --crate-type staticlib)
}
reproducible() {
    library_from "$folder/one"
    library_from "$folder/another"
    cmp "$folder/one/target/release/liblock_ffi.a" "$folder/another/target/release/liblock_ffi.a"
}
oldest() {
    tree "$folder/oldest"
    # Of the workspace what a device is made of: examples and measures may ask for the newest.
    sed -i -e '/^    "\(examples\|benches\|tools\|lock-fleet\)/d' "$folder/oldest/Cargo.toml"
    (cd "$folder/oldest" && rm Cargo.lock && cargo +nightly update --quiet -Zdirect-minimal-versions &&
        CARGO_TARGET_DIR=$target/oldest cargo check --quiet -p lock-ffi --features all -p lock-core -p lock-diagnosis)
}
check "the C library is bit for bit the same from two folders" reproducible
check "the device crates build with the oldest dependencies that their manifests allow" oldest
