#!/usr/bin/env bash
# The conformance kit passes what conforms, and fails by its name what does not.
#
#   verify/conformance/run.sh              the simulator, the library in C as a process, the reference in Python; and two planted bugs, by the commit
#   verify/conformance/run.sh --planted    every planted bug, or those that are named, and nothing else
#   verify/conformance/run.sh --firmware   the firmware in C on an emulated Cortex-M4, and nothing else
source "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"

build_programs
kit=$programs/conformance
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chip=examples/firmware-c/emulated.py

if [[ ${1:-} == --planted ]]; then
    [[ $# -gt 1 ]] || set -- --planted --all
    exec verify/conformance/planted.py "$kit" "${@:2}"
fi

# What the kit says of $1, told apart from what it says of others.
judge() {
    local name=$1 status=0
    "$kit" --seed 1 "${@:2}" >"$folder/$name" 2>&1 || status=$?
    sed -i "s/^\(passed\|failed\|not applicable\): /&$name: /" "$folder/$name"
    grep -q '^failed: ' "$folder/$name" || [[ $status -eq 0 ]] || echo "failed: $name: the kit ended with exit code $status" >>"$folder/$name"
}

if [[ ${1:-} == --firmware ]]; then
    need qemu-system-arm qemu-system-arm
    image=$(examples/firmware-c/build.sh m4)
    cat >"$folder/firmware.json" <<END
{"provision": "$chip make {storage}/flash {keys}", "start": "$chip run {storage}/flash '$image' {port}",
 "serial": true, "log": true, "patience_ms": 400}
END
    judge firmware --target "$folder/firmware.json" --quick --cuts 4 --mutations 100
    cat "$folder/firmware"
    ! grep -q '^failed: ' "$folder/firmware"
    exit
fi
[[ $# -eq 0 ]] || refuse "say nothing, --planted or --firmware"

need python3 python3
program=$(examples/firmware-c/posix/build.sh)
cat >"$folder/c.json" <<END
{"provision": "$chip make {storage}/flash {keys}", "start": "'$program' {storage}/flash {port} {bench_port}",
 "hangs_up": false, "log": true, "bench": ["look", "code"]}
END
cat >"$folder/pipes.json" <<END
{"provision": "$chip make {storage}/flash {keys}", "start": "'$program' {storage}/flash", "log": true, "patience_ms": 100}
END

# They wait more than they compute.
judge simulator --simulator --only vectors --only greeting --only handshake --only relay --only records --only noise --only sealed &
judge power-cutter --simulator --only power --only commands --only behaviour --only log --only standing --cuts 9 &
judge profile-x --simulator --profile-x --quick --only vectors --only handshake --only relay --only noise &
judge library-in-c --target "$folder/c.json" --quick &
judge library-over-pipes --target "$folder/pipes.json" --only handshake/opens --only relay/record --only power/used --only power/boot &
judge reference-in-python --codec "python3 tools/vectors/reference/answer.py" &
wait
cat "$folder"/{simulator,power-cutter,profile-x,library-in-c,library-over-pipes,reference-in-python}
status=0
! grep -q '^failed: ' "$folder"/{simulator,power-cutter,profile-x,library-in-c,library-over-pipes,reference-in-python} || status=1
verify/conformance/planted.py "$kit" || status=1
exit "$status"
