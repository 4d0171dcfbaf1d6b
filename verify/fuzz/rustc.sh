#!/usr/bin/env bash
# The compiler of the fuzzer: what is in this repository gets counters at its branches and comparisons, and the address sanitizer; what is not is built
# as ever, since nobody searches there, and counters of a web server would only slow the search down. With FUZZ_COUNTS=lines it counts lines instead.
set -euo pipefail
compiler=$1
shift
case ${CARGO_MANIFEST_DIR:-} in
    "$FUZZED_TREE" | "$FUZZED_TREE"/*) ;;
    *) exec "$compiler" "$@" ;;
esac
# Macros and build scripts run in the compiler, and are not searched.
case " $* " in
    *" --target "*) ;;
    *) exec "$compiler" "$@" ;;
esac
if [[ ${FUZZ_COUNTS:-branches} == lines ]]; then
    exec "$compiler" "$@" -Cinstrument-coverage
fi
exec "$compiler" "$@" --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Zunstable-options
