# shellcheck shell=bash
# Tools of the verification that come from crates.io, each in one version. Sourced, not run.

tools=${CARGO_TARGET_DIR:-target}/tools
mkdir -p "$tools"
tools=$(realpath "$tools")

# Installs the program $1 in version $2, unless it is there; $3, where given, is a toolchain such as +nightly, and the rest goes to cargo.
installed() {
    local name=$1 version=$2 toolchain=()
    shift 2
    if [[ ${1:-} == +* ]]; then
        toolchain=("$1")
        shift
    fi
    cargo "${toolchain[@]}" install --quiet --locked --root "$tools" --version "=$version" "$@" "$name"
}
