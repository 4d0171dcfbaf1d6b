#!/usr/bin/env bash
# No panic, no allocation and no float routine is reachable in the C library without profile X, on four chips: what could be does not link.
#
#   verify/panic/run.sh           the largest set of features on each chip, and the smallest on one
#   verify/panic/run.sh --all     each set on each chip
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"
need python3 python3
need git git
need arm-none-eabi-objdump gcc-arm-none-eabi
linker=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld -print -quit)
[[ -n $linker ]] || refuse "rust-lld is missing: it comes with the toolchains of rustup"
need_core_sources
python3 verify/panic/panic.py --cargo "${core_cargo[0]}" --linker "$linker" --output "${CARGO_TARGET_DIR:-$PWD/target}/firmware" "$@"
