#!/usr/bin/env python3
"""Each bug, planted in a copy of the tree, must be found by the search of its target.

usage: planted.py [BUG..]

Bugs are patches of verify/seeded, or of planted/ beside this file. The search begins with the inputs that are kept, as it always does.
"""

import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEEDED = HERE.parent / "seeded"
sys.path.insert(0, str(SEEDED))

from seeded import Failure, Tree, patch_of, pick, plant_each  # noqa: E402

HOST = "x86_64-unknown-linux-gnu"
#: How long a search may take, in seconds.
LIMIT = 180
# The bug, the target that finds it, and what it says then. None needs the service: so it is not built.
BUGS = [
    ("number-with-a-needless-byte-is-taken", "bodies", "a second encoding"),
    ("packet-assembled-without-a-bound", "frames", "fragment"),
    ("damaged-record-gives-way-to-the-older-one", "journal", "older value|never a value|a value is gone"),
    ("old-sector-closed-before-the-new-one-lives", "journal", "a cut never makes the journal unmountable|nothing acknowledged changes"),
    ("ledger-forgets", "device", "was executed twice|before command"),
    ("hello-before-the-boot-counter", "device", "before the boot counter|passed a persist"),
    ("rights-left-to-the-app", "tickets", "not among the rights"),
    ("unknown-condition-passes", "packets", "left == right"),
    ("log-hides-what-is-missing", "log", "is not noticed"),
    ("first-error-is-success", "c-api", "what is no object was taken|more was written|left == right"),
]


def found(tree, name, target, expectation):
    """What the search says, and after how many inputs."""
    tree.apply(patch_of(name, HERE / "planted"))
    try:
        built = tree.run(f'unset RUSTFLAGS; FUZZED_TREE=$PWD RUSTC_WRAPPER=$PWD/verify/fuzz/rustc.sh cargo +nightly build --quiet --locked --release '
                         f'--target {HOST} --manifest-path verify/fuzz/fuzzer/Cargo.toml --no-default-features')
        if built.returncode != 0:
            raise Failure(f"it does not compile: make it anew against the present sources\n{built.stdout[-1200:]}")
        longest = re.search(rf'name: "{target}".*longest: ([0-9_]+)', (HERE / "src/lib.rs").read_text())[1].replace("_", "")
        ran = tree.run(f'new=$(mktemp -d); seeds=$(mktemp -d); trap \'rm -rf "$new" "$seeds"\' EXIT; export FUZZ_TARGET={target} ASAN_OPTIONS=detect_leaks=0; '
                       f'fuzzer=$CARGO_TARGET_DIR/{HOST}/release/fuzzer; FUZZ_SEEDS=$seeds $fuzzer; '
                       f'$fuzzer -max_total_time={LIMIT} -max_len={longest} -len_control=0 -detect_leaks=0 -artifact_prefix=$new/ $new verify/fuzz/corpus/{target} $seeds')
    finally:
        tree.restore()
    if ran.returncode == 0:
        raise Failure(f"not found by {target} in {LIMIT} seconds")
    line = next((line for line in ran.stdout.splitlines() if re.search(expectation, line)), None)
    if line is None:
        raise Failure(f"{target} stops for another reason: nothing matches '{expectation}'\n{ran.stdout[-2000:]}")
    inputs = re.findall(r"^#(\d+)", ran.stdout, re.MULTILINE)
    return f"{target} says '{line.strip()[:120]}' within {LIMIT} s" + (f", behind input {inputs[-1]}" if inputs else ", of an input that was kept")


def main():
    chosen = pick(BUGS, sys.argv[1:], lambda bug: bug[0]) if sys.argv[1:] else BUGS
    os.environ.pop("RUSTC_WRAPPER", None)
    tree = Tree("fuzz-planted")
    missed = plant_each(chosen, lambda *bug: found(tree, *bug))
    print(f"{len(chosen) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
