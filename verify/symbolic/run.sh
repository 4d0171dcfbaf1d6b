#!/usr/bin/env bash
# Verifpal on the models of the protocol, and on what must break them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source verify/tools.sh

installed verifpal
python3 verify/symbolic/check.py "$tools/bin/verifpal"
