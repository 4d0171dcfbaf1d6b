#!/usr/bin/env python3
"""Each bug, planted in the simulator of a copy of the tree, must fail the check of the conformance kit that is named beside it. The kit itself is
built from the clean tree: it shares no code with the lock that it judges.

usage: planted.py KIT [--all | NAME..]     KIT: the program. Without names two bugs are planted, chosen by the commit.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEEDED = HERE.parent / "seeded"
sys.path.insert(0, str(SEEDED))

from seeded import Failure, Tree, patch_of, pick, plant_each, sample  # noqa: E402

SAMPLE = 2

# The bug, the check that must fail, and what it must have seen. Bugs are patches of verify/seeded, of verify/model/planted, or of planted/ beside
# this file.
BUGS = [
    ("replay-check-removed", "relay/sealed-again", "moved something"),
    ("last-counter-passes-again", "relay/sealed-again", "under a number that was used moved something"),
    ("ledger-forgets", "commands/same-id-again", "NotExecuted"),
    ("refusal-burns-the-id", "sealed/age", "NotExecuted was due"),
    ("hello-answered-twice", "relay/message1-again", "Message2 .* where silence is the rule"),
    ("hello-outlives-a-forgery", "relay/hello-is-burned", "behind a forged one"),
    ("link-never-rests", "relay/link-rests", "within the rest of the link"),
    ("hellos-without-a-pace", "greeting/one-hello-a-second", "HelloRequests within 800 ms got"),
    ("hint-for-anybody", "relay/sealed-altered", "SealedUp .* where silence is the rule"),
    ("late-command-runs", "records/validity", "is to be refused with Expired"),
    ("failures-without-end", "relay/eighth-failure-ends-the-session", "after eight that failed"),
    ("bad-tag-moves-the-counter", "relay/record-altered", "the true record got None"),
    ("header-outside-the-tag", "handshake/opens", "must be answered was not"),
    ("one-key-for-both-ways", "handshake/opens", "does not open"),
    ("mark-jumps-without-limit", "sealed/jump", "moved the mark"),
    ("sealed-order-without-the-time", "vectors/sealed", "is answered by"),
    ("boot-is-not-in-the-nonces", "power/boot-counter-grows", "the nonce of a .* came twice"),
    ("reserved-numbers-again-after-a-boot", "power/sealed-numbers-never-come-again", "came twice"),
    ("settings-lost-at-boot", "power/configuration-stays", "in force after the cut"),
    ("lockout-forgotten-at-boot", "power/wrong-codes-are-counted-over-cuts", "no lockout"),
    ("head-answers-any-question", "log/verifies", "the walk ends with Broken"),
    ("position-is-remembered", "behaviour/no-position-without-a-sensor", "without its sensor the lock says Extended"),
]


def target(program, folder):
    """The file by which the kit reaches the simulator with the bug."""
    path = Path(folder) / "target.json"
    path.write_text(json.dumps({
        "provision": f"{program} provision --flash {{storage}}/flash --keys {{keys}}",
        # Its random source is stuck as well: no rule rests on it.
        "start": f"{program} run --stuck-entropy --flash {{storage}}/flash --world {{storage}}/world --listen {{address}} --bench {{bench}}",
        "links": 2, "latch": True, "log": True, "bench": ["look", "code", "sensor", "jam", "hold"],
    }))
    return path


def caught(kit, tree, name, check, seen):
    """The line with which the kit names the bug."""
    tree.apply(patch_of(name, HERE.parent / "model" / "planted", HERE / "planted"))
    try:
        built = tree.run("cargo build --quiet --locked -p lock-sim")
        if built.returncode != 0:
            raise Failure(f"it does not compile: make it anew against the present sources\n{built.stdout[-1200:]}")
    finally:
        tree.restore()
    program = Path(tree.environment["CARGO_TARGET_DIR"]) / "debug" / "lock-sim"
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([kit, "--target", target(program, folder), "--seed", "1", "--only", check],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    line = re.search(rf"^failed: {re.escape(check)}: .*", ran.stdout, re.MULTILINE)
    if ran.returncode != 1 or not line:
        raise Failure(f"the kit does not fail {check}: {ran.stdout[-1200:]}{ran.stderr[-600:]}")
    if not re.search(seen, line[0]):
        raise Failure(f"the kit fails {check} for another reason than '{seen}': {line[0]}")
    return line[0]


def chosen(names):
    if names == ["--all"]:
        return BUGS
    return pick(BUGS, names, lambda bug: bug[0]) if names else sample(BUGS, SAMPLE, lambda bug: bug[0])


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    kit, bugs = Path(sys.argv[1]).resolve(), chosen(sys.argv[2:])
    tree = Tree("conformance")
    return 1 if plant_each(bugs, lambda *bug: f"caught: {caught(kit, tree, *bug)}") else 0


if __name__ == "__main__":
    sys.exit(main())
