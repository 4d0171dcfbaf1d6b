#!/usr/bin/env bash
# Each planted bug is caught by the checks that claim to catch it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python3 verify/seeded/seeded.py "$@"
