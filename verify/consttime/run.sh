#!/usr/bin/env bash
# What touches secrets, under valgrind with the secrets marked as undefined: no branch and no address depends on one, but for verdicts that everybody
# learns (verdicts.supp). What leaks on purpose must be reported.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v valgrind >/dev/null || { echo "failed: valgrind is missing: install the package valgrind"; exit 1; }

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
cargo build --quiet --locked --release --manifest-path verify/consttime/Cargo.toml --target-dir "$target"
failed=0
said=$(mktemp)
trap 'rm -f "$said"' EXIT
for name in $("$target/release/consttime"); do
    status=0
    valgrind --quiet --error-exitcode=9 --suppressions=verify/consttime/verdicts.supp "$target/release/consttime" "$name" >"$said" 2>&1 || status=$?
    case $name,$status in
        leaks-*,9) echo "passed: $name is reported" ;;
        leaks-*,*)
            failed=1
            echo "failed: $name is not reported"
            ;;
        *,0) echo "passed: $name" ;;
        *)
            grep -v "std::\|core::\|libc" "$said" >&2 || true
            failed=1
            echo "failed: $name"
            ;;
    esac
done
exit $failed
