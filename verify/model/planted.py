#!/usr/bin/env python3
"""Each bug, planted in a copy of the tree, must give a counterexample of the property that it breaks.

Run it from anywhere: verify/model/planted.py [NAME]...
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# The bug, the scenario that finds it (with its bounds, where they differ from the small ones), and the property that is broken. Bugs are patches of verify/seeded, or of planted/ beside this file.
BUGS = [
    ("replay-check-removed", "sealed", 5),
    ("ledger-forgets", "unlock", 1),
    ("lockout-ends-early", "codes", 13),
    ("lockout-forgotten-at-boot", "codes", 13),
    ("locked-on-command", "door", 15),
    ("offline-code-opens-twice", "codes handshakes=1 links=1 codes=2 waits=0", 4),
    ("old-epoch-after-commit", "old-epoch", 7),
    ("nonce-count-stands-still", "unlock", 2),
    ("settings-lost-at-boot", "sealed", 3),
    ("greets-before-its-boot-is-counted", "unlock faults=2 hostile=0", 4),
    ("floor-is-not-kept", "sealed", 11),
    ("sealed-order-without-the-time", "sealed", 12),
    ("relock-forgotten-at-boot", "codes", 16),
    ("rotates-without-its-record", "rotation faults=2", 17),
]


def copy_of_the_tree(tree):
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).splitlines()
    for name in names:
        source = ROOT / name
        if source.is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, tree / name)
    subprocess.check_call(["git", "init", "--quiet"], cwd=tree)
    subprocess.check_call(["git", "add", "--all"], cwd=tree)


def patch_of(name):
    for folder in (ROOT / "verify/seeded", HERE / "planted"):
        if (folder / f"{name}.patch").is_file():
            return folder / f"{name}.patch"
    sys.exit(f"there is no patch {name}")


def search(tree, target, scenario, number):
    """What the model says of a scenario, where this property is judged alone."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    environment.pop("RUSTFLAGS", None)
    command = ["cargo", "run", "--quiet", "--locked", "--profile", "planted", "--", "--small"]
    command += [*scenario.split(), "--property", str(number)]
    run = subprocess.run(command, cwd=tree / "verify/model", env=environment, text=True, capture_output=True)
    return run.returncode, run.stdout, run.stderr


def check(tree, target, name, scenario, number):
    """Why the bug is not caught, or nothing."""
    patch = patch_of(name)
    if subprocess.run(["git", "apply", str(patch)], cwd=tree).returncode != 0:
        return "the patch does not apply"
    status, said, errors = search(tree, target, scenario, number)
    subprocess.check_call(["git", "checkout", "--quiet", "--", "."], cwd=tree)
    broken = re.search(r"^failed: .*: property (\d+) is broken: (.*), after", said, re.MULTILINE)
    if status != 1 or not broken:
        return f"no counterexample: {said[-400:]}{errors[-800:]}"
    if int(broken[1]) != number:
        return f"property {broken[1]} is broken and not {number}: {broken[2]}"
    steps = said.split(broken[0])[1].count("\n    ")
    print(f"passed: {name}: property {number}, {broken[2]}, in {steps} steps", flush=True)
    return None


def main():
    chosen = [bug for bug in BUGS if len(sys.argv) < 2 or bug[0] in sys.argv[1:]]
    target = ROOT / "target/model-planted"
    tree = target / "tree"
    copy_of_the_tree(tree)
    failed = 0
    for name, scenario, number in chosen:
        why = check(tree, target, name, scenario, number)
        if why is not None:
            failed += 1
            print(f"failed: {name}: {why}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
