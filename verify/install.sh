#!/usr/bin/env bash
# Installs all tools of the verification, which each part would otherwise do when it needs one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source verify/tools.sh

for name in "${!versions[@]}"; do
    installed "$name"
done
installed_checker
rm -rf "$tools/build"
