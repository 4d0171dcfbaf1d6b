#!/usr/bin/env python3
"""Each bug, planted in a copy of the tree, must give a counterexample of the property that it breaks.

Run it from anywhere: verify/model/planted.py [NAME]...
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEEDED = HERE.parent / "seeded"
sys.path.insert(0, str(SEEDED))

from seeded import Failure, Tree, patch_of, pick, plant_each  # noqa: E402

# The bug, the scenario that finds it (with its bounds, where they differ from the small ones), and the property that is broken. Bugs are
# patches of verify/seeded, or of planted/ beside this file.
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


def counterexample(tree, name, scenario, number):
    """What is broken, in how many steps, where this property is judged alone."""
    tree.apply(patch_of(name, HERE / "planted"))
    try:
        # What a caller asks of all code would replace the flag that this build lives by.
        ran = tree.run(f"unset RUSTFLAGS; cd verify/model && cargo run --quiet --locked --profile planted -- --small {scenario} --property {number}")
    finally:
        tree.restore()
    broken = re.search(r"^failed: .*: property (\d+) is broken: (.*), after", ran.stdout, re.MULTILINE)
    if ran.returncode != 1 or not broken:
        raise Failure(f"no counterexample: {ran.stdout[-1200:]}")
    if int(broken[1]) != number:
        raise Failure(f"property {broken[1]} is broken and not {number}: {broken[2]}")
    steps = ran.stdout.split(broken[0])[1].count("\n    ")
    return f"property {number}, {broken[2]}, in {steps} steps"


def main():
    chosen = pick(BUGS, sys.argv[1:], lambda bug: bug[0]) if sys.argv[1:] else BUGS
    tree = Tree("model-planted")
    missed = plant_each(chosen, lambda *bug: counterexample(tree, *bug))
    print(f"{len(chosen) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
