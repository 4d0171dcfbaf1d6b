#!/usr/bin/env bash
# Searches, guided by what is reached, for bytes of which something does not hold that must hold of any: parsers, stored records, flash, a whole lock,
# virtual keys, the log, the C interface, the service. The targets are functions of verify/fuzz/src; what was found so far is in corpus/, and replayed
# by `cargo test -p fuzz` as well.
#
#   verify/fuzz/run.sh                           10 seconds for each target, as many at a time as there are processors
#   verify/fuzz/run.sh --long SECONDS [TARGET]   longer; what it reaches goes into corpus/, and how far it came into ledger.csv
#   verify/fuzz/run.sh --coverage                which lines of each crate the inputs in corpus/ reach, but for the service
#   verify/fuzz/run.sh --planted [BUG..]         planted bugs, each of which must be found
#   verify/fuzz/run.sh --again TARGET FILE..     inputs once more, such as one that was found
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

here=verify/fuzz
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
findings=$target/fuzz/findings
host=x86_64-unknown-linux-gnu
fuzzer=$target/$host/release/fuzzer
# What a caller asks of all code would replace the flags that this build lives by.
unset RUSTFLAGS
# A search that a leak ends early finds nothing else, and nothing here runs for ever.
export ASAN_OPTIONS=detect_leaks=0 RUST_BACKTRACE=0

# One program with all targets, by libfuzzer-sys alone: cargo-fuzz would build one program for each of them, and instrument all that they depend on.
build() {
    rustc +nightly --version >/dev/null 2>&1 || refuse "the nightly compiler is missing: the sanitizer is there alone"
    FUZZED_TREE=$PWD RUSTC_WRAPPER=$PWD/$here/rustc.sh \
        cargo +nightly build --quiet --locked --release --target "$host" --target-dir "$target" --manifest-path "$here/fuzzer/Cargo.toml" "$@"
}

# The names of the targets, and the longest input of each.
targets() {
    sed -n 's/^ *Target { name: "\([a-z-]*\)".* longest: \([0-9_]*\) },$/\1 \2/p' "$here/src/lib.rs" | tr -d _
}

longest_of() {
    targets | sed -n "s/^$1 //p"
}

# What the program is told in each case: target, seconds, then folders of inputs, of which the first takes new ones.
search() {
    local name=$1 seconds=$2
    shift 2
    FUZZ_TARGET=$name "$fuzzer" -max_total_time="$seconds" -max_len="$(longest_of "$name")" -len_control=0 -timeout=20 -rss_limit_mb=2560 -detect_leaks=0 \
        -print_final_stats=1 -artifact_prefix="$findings/$name-" "$@"
}

executions_in() {
    sed -n 's/^stat::number_of_executed_units: *//p' "$1"
}

edges_in() {
    sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$1" | tail -n 1
}

# Searches the target $1 for $2 seconds from what is known, keeps what is new in the folder $3, and says what came of it.
searched() {
    local name=$1 seconds=$2 new=$3 log=$target/fuzz/$1.log seeds edges input
    seeds=$(mktemp -d)
    FUZZ_SEEDS=$seeds FUZZ_TARGET=$name "$fuzzer"
    if search "$name" "$seconds" "$new" "$here/corpus/$name" "$seeds" >"$log" 2>&1; then
        edges=$(edges_in "$log")
        if [[ ${edges:-0} -lt 50 ]]; then
            echo "failed: $name: the search reaches ${edges:-0} branches: it sees nothing of the code; see $log"
        else
            echo "passed: $name: $(executions_in "$log") inputs in $seconds s, $edges branches reached"
        fi
    else
        input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        echo "failed: $name: $(grep -A 1 -m 1 "panicked at\|ERROR: \|broke\|status [-0-9]*: " "$log" | tr '\n' ' ' || true)"
        echo "        the input is kept: ${input:-none was written, see $log}"
        echo "        once more: verify/fuzz/run.sh --again $name ${input:-FILE}"
    fi
    rm -rf "$seeds"
}

# The sources that the targets are built from.
source_hash() {
    git ls-files -z -- 'lock-*/src' 'lock-*/Cargo.toml' lock-core/tests/common lock-core/examples/verify_log lock-store/tests lock-ffi/tests \
        lock-ffi/include examples/cloud/src "$here/src" | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12
}

# All of them, as many at a time as there are processors.
gate() {
    build
    local name new
    new=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$new'" EXIT
    export -f searched search longest_of targets executions_in edges_in
    export here target findings host fuzzer
    while read -r name _; do
        mkdir -p "$new/$name"
        echo "$name"
    done < <(targets) | xargs -P "$(nproc)" -I '{}' bash -c 'searched "$1" 10 "$2/$1"' _ '{}' "$new" | tee "$new/said"
    ! grep -q "^failed: " "$new/said"
}

# One after the other, so that figures can be compared.
long() {
    local seconds=$1 name failed=0 new merged log before said counters
    shift
    [[ $seconds =~ ^[1-9][0-9]*$ ]] || refuse "say for how many seconds"
    [[ $# -eq 0 || -n $(longest_of "$1") ]] || refuse "there is no target $1: say one of $(targets | cut -d' ' -f1 | tr '\n' ' ')"
    build
    [[ -f $here/ledger.csv ]] || echo "target,source,seconds,inputs tried,branches reached,inputs kept,of them new" >"$here/ledger.csv"
    for name in ${1:-$(targets | cut -d' ' -f1)}; do
        new=$(mktemp -d)
        merged=$(mktemp -d)
        log=$target/fuzz/$name.log
        said=$(searched "$name" "$seconds" "$new")
        echo "$said"
        if [[ $said == passed:* ]]; then
            # As few as reach the same. How often they do counts only where one thing leads to another.
            case $name in boot | journal | ring | device | tickets | http) counters=1 ;; *) counters=0 ;; esac
            FUZZ_TARGET=$name "$fuzzer" -merge=1 -set_cover_merge=1 -use_counters=$counters -max_len="$(longest_of "$name")" "$merged" "$here/corpus/$name" "$new" >"$log.merge" 2>&1
            before=$(find "$here/corpus/$name" -type f -printf '%f\n' | sort)
            find "$here/corpus/$name" -type f -delete
            find "$merged" -type f -exec mv -t "$here/corpus/$name" {} +
            echo "$name,$(source_hash),$seconds,$(executions_in "$log"),$(edges_in "$log"),$(find "$here/corpus/$name" -type f | wc -l),$(comm -13 \
                <(echo "$before") <(find "$here/corpus/$name" -type f -printf '%f\n' | sort) | grep -c . || true)" >>"$here/ledger.csv"
        else
            failed=1
        fi
        rm -rf "$new" "$merged"
    done
    echo "the inputs in corpus/ take $(du --apparent-size -sk "$here/corpus" | cut -f1) KB"
    return $failed
}

# Lines that the inputs reach, of each crate of the product that runs in locks and phones. On the stable compiler, without any search.
coverage() {
    local tools=/usr/lib/llvm-22/bin name built=$target/fuzz-coverage
    [[ -x $tools/llvm-cov ]] || refuse "llvm-cov is missing: install the package llvm-22, which reads what the stable compiler counts"
    FUZZED_TREE=$PWD FUZZ_COUNTS=lines RUSTC_WRAPPER=$PWD/$here/rustc.sh \
        cargo build --quiet --locked -p fuzz --no-default-features --target "$host" --target-dir "$built"
    rm -f "$built"/*.profraw
    while read -r name _; do
        [[ $name == http ]] || find "$here/corpus/$name" -type f -print0 |
            LLVM_PROFILE_FILE=$built/$name-%p.profraw xargs -0 "$built/$host/debug/fuzz" "$name" >/dev/null
    done < <(targets)
    "$tools/llvm-profdata" merge -sparse "$built"/*.profraw -o "$built/all.profdata"
    "$tools/llvm-cov" export --summary-only --instr-profile="$built/all.profdata" "$built/$host/debug/fuzz" >"$built/summary.json"
    python3 "$here/coverage.py" "$built/summary.json"
}

again() {
    [[ $# -ge 2 && -n $(longest_of "$1") ]] || refuse "say a target and a file"
    build
    RUST_BACKTRACE=1 FUZZ_TARGET=$1 "$fuzzer" "${@:2}"
}

mkdir -p "$findings"
case ${1:-} in
    "") gate ;;
    --long) long "${@:2}" ;;
    --coverage) coverage ;;
    --planted) exec python3 "$here/planted.py" "${@:2}" ;;
    --again) again "${@:2}" ;;
    *) refuse "say nothing, --long SECONDS [TARGET], --coverage, --planted [BUG..] or --again TARGET FILE" ;;
esac
