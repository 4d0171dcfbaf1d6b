#!/usr/bin/env bash
# Verifpal on the models of the protocol, and on what must break them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source verify/tools.sh

# It says that it needs a newer compiler than the stable one and no more than the nightly one.
installed verifpal 1.6.7 +nightly --ignore-rust-version
python3 verify/symbolic/check.py "$tools/bin/verifpal"
