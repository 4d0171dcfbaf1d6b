#!/usr/bin/env bash
# Which lines of the four crates run in their tests and in those of lock-core, without the lines of tests themselves. At least 95 of 100 in each crate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# The compiler's own version of LLVM reads what it writes: those of Debian have a number, those of a toolchain none.
major=$(rustc --version --verbose | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
find_tool() {
    local candidate
    for candidate in "$(rustc --print target-libdir)/../bin/$1" "$1-$major"; do
        command -v "$candidate" && return
    done
    echo "failed: $1 of LLVM $major is missing: install the package llvm-$major" && exit 1
}
profdata=$(find_tool llvm-profdata) || { echo "$profdata" && exit 1; }
cov=$(find_tool llvm-cov) || { echo "$cov" && exit 1; }

target=$(realpath "${CARGO_TARGET_DIR:-target}")/coverage
mkdir -p "$target"
rm -rf "$target/profiles"
# Our crates alone are counted.
cat >"$target/counted" <<'END'
#!/bin/sh
compiler=$1
shift
exec "$compiler" -Cinstrument-coverage "$@"
END
chmod +x "$target/counted"
export CARGO_TARGET_DIR=$target RUSTC_WORKSPACE_WRAPPER=$target/counted LLVM_PROFILE_FILE=$target/profiles/%p-%m.profraw
packages=(-p lock-crypto -p lock-proto -p lock-store -p lock-state -p lock-core --features "lock-crypto/x25519 lock-core/x25519")
# Two cuts in a row, and millions of steps, go through no line that one cut and thousands of steps do not.
export LOCK_HISTORY_STEPS=25000 PROPTEST_CASES=64
cargo test --quiet --locked --lib --tests "${packages[@]}" -- --skip a_second_cut >"$target/tests.log" 2>&1 || { tail -n 40 "$target/tests.log" && echo "failed: the tests do not pass" && exit 1; }
"$profdata" merge --sparse "$target"/profiles/*.profraw --output "$target/all.profdata"
objects=()
while read -r object; do
    objects+=(--object "$object")
done < <(cargo test --quiet --locked --lib --tests "${packages[@]}" --no-run --message-format=json 2>/dev/null | python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable"):
        print(message["executable"])')
"$cov" export --format=lcov --instr-profile "$target/all.profdata" "${objects[@]}" >"$target/lines.lcov"
python3 verify/mutants/coverage.py "$target/lines.lcov"
