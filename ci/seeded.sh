#!/usr/bin/env bash
# Each planted bug is caught by the check that claims to catch it.
#
# A bug is a patch file verify/seeded/NAME.patch that starts with two lines:
#   # must-fail: COMMAND   run in the root of a copy of the tree with the bug in it; must not succeed
#   # expect: REGEX        extended; a line of what the command prints must match, so that it failed for that reason;
#                          where the compiler is to refuse the bug, a line that starts with "error"
# The commands pass on the clean tree: ci/tests.sh and ci/demo.sh run what they run.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
budget 720

need git git
shopt -s nullglob
patches=(verify/seeded/*.patch)
((${#patches[@]} > 0)) || refuse "verify/seeded holds no patch: restore the planted bugs"

target=$PWD/target/seeded
tree=$target/tree
log=$target/output
rm -rf "$tree"
mkdir -p "$tree"
# All files get the time of the copy: what an earlier run built from a bug must not look fresh.
git ls-files --cached --others --exclude-standard -z | tar --create --null --files-from=- | tar --extract --touch --directory "$tree"
git -C "$tree" init --quiet
git -C "$tree" add --all

# The text after "# KEY: " in the head of patch $1.
field() {
    sed -n "/^diff /q; /^--- /q; s/^# $2: //p" "$1" | head -n 1
}

check() {
    local patch=$1 command expect
    command=$(field "$patch" must-fail)
    expect=$(field "$patch" expect)
    [[ -n $command && -n $expect ]] || refuse "$patch does not say what must fail: start it with '# must-fail: COMMAND' and '# expect: REGEX'"
    git -C "$tree" apply "$PWD/$patch" || refuse "$patch does not apply: make it anew against the present sources"
    if (cd "$tree" && CARGO_TARGET_DIR=$target bash -c "$command") >"$log" 2>&1 </dev/null; then
        refuse "$patch is not caught: '$command' succeeds with the bug in the tree"
    fi
    if grep -q "could not compile" "$log" && ! grep -E -- "$expect" "$log" | grep -q "^error"; then
        tail -n 40 "$log" >&2
        refuse "$patch does not compile: make it anew against the present sources"
    fi
    if ! grep -Eq -- "$expect" "$log"; then
        tail -n 40 "$log" >&2
        refuse "$patch fails for another reason: '$command' prints nothing that matches '$expect'"
    fi
    # Back to the clean tree, also where a command wrote: a lock file, a failure that a test keeps.
    git -C "$tree" checkout --quiet -- .
    git -C "$tree" clean --quiet --force -d
    echo "caught: $(basename "$patch" .patch)"
}

for patch in "${patches[@]}"; do
    check "$patch"
done
echo "${#patches[@]} planted bugs, all caught"
