# shellcheck shell=bash disable=SC2034
# Shared by the scripts in ci/; sourced, not run.
# Each script starts with:
#   source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
#   budget SECONDS

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Nothing may fetch a toolchain behind our back.
export RUSTUP_DIST_SERVER=file:///nonexistent RUSTUP_UPDATE_ROOT=file:///nonexistent RUSTUP_AUTO_INSTALL=0
export CARGO_TERM_COLOR=never

# Runs the calling script again under a time limit of $1 seconds, prints what it took, and ends with its exit code.
# A script that reaches its limit is stopped with all that it started, and has failed.
budget() {
    local limit=$1 name script began=$SECONDS status=0
    name=$(basename "$0" .sh)
    script=$PWD/ci/$name.sh
    [[ ${BUDGET_HELD_BY:-} == "$script" ]] && return
    echo "== $name (budget $limit s)"
    BUDGET_HELD_BY=$script timeout --kill-after=10 "$limit" bash "$script" || status=$?
    echo "== $name: $((SECONDS - began)) s of $limit s, exit code $status"
    case $status in
        124 | 137) echo "$name went over its budget of $limit s: make it faster, or raise the budget and say why" >&2 ;;
    esac
    exit "$status"
}

# Ends the script with a sentence that says what to do.
refuse() {
    echo "$*" >&2
    exit 1
}

# Refuses to go on without the command $1, which comes with the Debian package $2: a check that cannot run has failed.
need() {
    command -v "$1" >/dev/null || refuse "$1 is missing: install the package $2"
}

# Sets `core_cargo` to the command that builds `core` itself for a bare chip, and exports what it needs. `alloc` is
# never built, so that a crate that reaches for the heap does not compile.
need_core_sources() {
    export RUSTC_BOOTSTRAP=1
    if [[ -x /usr/bin/rustc && -x /usr/bin/cargo ]] && has_core_sources /usr/bin/rustc; then
        export RUSTC=/usr/bin/rustc
        core_cargo=(/usr/bin/cargo)
    elif has_core_sources rustc; then
        core_cargo=(cargo)
    else
        refuse "no toolchain here has the sources of core: install rustc-web cargo-web rust-web-src, or the component rust-src"
    fi
}

# Builds the programs that scripts run, always all of them: another choice of packages would unify features otherwise, and build anew.
build_programs() {
    env -u RUSTC -u RUSTC_BOOTSTRAP cargo build --locked --release --bins -p demo -p benches -p lock-sim -p cloud -p phone -p power-cuts -p conformance
    programs=${CARGO_TARGET_DIR:-target}/release
}

has_core_sources() {
    local sysroot
    sysroot=$("$1" --print sysroot) && [[ -d $sysroot/lib/rustlib/src/rust/library/core ]]
}
