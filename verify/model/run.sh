#!/usr/bin/env bash
# Searches all that can happen, within bounds, to the real lock, its cloud and a hostile relay.
#
#   verify/model/run.sh             the small bounds
#   verify/model/run.sh --large     the large ones: half an hour
#   verify/model/run.sh --planted   planted bugs, each of which must give a counterexample of its property
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# What a caller asks of all code would replace the flag that this build lives by.
unset RUSTFLAGS
case ${1:---small} in
    --planted) exec ./planted.py ;;
    --small | --large) exec cargo run --quiet --release --locked -- "${1:---small}" ;;
    *) echo "say --small, --large or --planted" >&2 && exit 2 ;;
esac
