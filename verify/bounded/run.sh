#!/usr/bin/env bash
# Lemmas on counters, parsers and stored records, proved for all values within a bound: built for WebAssembly, turned into C, and given to ESBMC, which
# unwinds each loop and says so where it would go further. The same lemmas are tests with random values and edges. Those planted must be refuted.
#
#   verify/bounded/run.sh            all lemmas, each within 60 seconds of one core
#   verify/bounded/run.sh LEMMA..    these
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"
source verify/tools.sh
need wasm2c wabt

target=$(realpath "$tools/..")
work=$target/bounded
mkdir -p "$work"

# Why each must be refuted: that reason, and no other.
declare -A planted=(
    [planted_bound]="the lemma holds"
    [planted_panic]="a trap"
    [planted_loop]="unwinding assertion"
)

# The compiler of the firmware, for a WebAssembly without an operating system and in its first version, which wasm2c and the checker know best.
built() {
    need_core_sources
    RUSTFLAGS=-Ctarget-cpu=mvp "${core_cargo[@]}" build --quiet --locked --release -Zbuild-std=core --target wasm32-unknown-unknown \
        --target-dir "$target" --manifest-path verify/bounded/Cargo.toml
}

# The C of the lemma $1 alone, from the archive of all.
as_c() {
    "$linker" -flavor wasm --no-entry --gc-sections -zstack-size=4096 --initial-memory=65536 --max-memory=65536 --allow-undefined \
        --undefined="$1" --export="$1" "$target/wasm32-unknown-unknown/release/libbounded.a" -o "$work/$1.wasm"
    wasm2c "$work/$1.wasm" --module-name=lemma --output="$work/$1.c"
}

# What ESBMC says of the lemma $1. The loops of copying and clearing have fixed lengths, longer than those of the parsers; the memory is checked by
# the C of wasm2c, not twice. A loop that goes further than it is unwound is a failure.
checked() {
    (
        ulimit -t 60
        "$checker" verify/bounded/harness.c -I "$work" -D "LEMMA=$1" -D "LEMMA_FILE=$1.c" --boolector --unwind 30 \
            --unwindsetname "__memcpy_impl:0:3000,$1.c@w2c_compiler_builtins__mem__memset:2:600" \
            --no-bounds-check --no-pointer-check --no-align-check
    ) >"$work/$1.log" 2>&1 || true
}

proved() {
    as_c "$1"
    checked "$1"
    if grep -q "^VERIFICATION SUCCESSFUL" "$work/$1.log"; then
        echo "passed: $1"
    else
        grep -A 12 "^Violated property" "$work/$1.log" >&2 || true
        echo "failed: $1 is not proved; see $work/$1.log"
    fi
}

refuted() {
    as_c "$1"
    checked "$1"
    if grep -q "^VERIFICATION FAILED" "$work/$1.log" && grep -A 4 "^Violated property" "$work/$1.log" | grep -q "${planted[$1]}"; then
        echo "passed: $1 is refuted"
    else
        echo "failed: $1 is not refuted for its reason: ${planted[$1]}; see $work/$1.log"
    fi
}

installed_checker
linker=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld -print -quit)
[[ -n $linker ]] || refuse "rust-lld is missing: it comes with the toolchains of rustup"
cargo test --quiet --locked --manifest-path verify/bounded/Cargo.toml --target-dir "$target" >"$work/tests.log" 2>&1 &&
    echo "passed: the lemmas hold of random values and edges" ||
    { cat "$work/tests.log" >&2; echo "failed: a lemma does not hold of random values and edges"; exit 1; }
lemmas=("$@")
[[ $# -gt 0 ]] || mapfile -t lemmas < <(cargo test --quiet --locked --manifest-path verify/bounded/Cargo.toml --target-dir "$target" -- --list | sed -n 's/: test$//p')
(built)
for lemma in "${lemmas[@]}"; do
    proved "$lemma"
done
for lemma in "${!planted[@]}"; do
    refuted "$lemma"
done
