#!/usr/bin/env python3
"""The power goes right after each store into the flash of one operation; then the lock starts again from the same flash.

    examples/firmware-c/cuts.py IMAGE PROGRAMS PLUGIN [OPERATION ...] [--every N] [--pairs N --seed N]

IMAGE is what build.sh made, PROGRAMS the folder of lock-sim, PLUGIN host/cut.c as a shared object. The operations are `code` (a wrong code at the
keypad), `button` (an unlock with the button inside, its log entries included) and `boot`. With --every 1, the default, no store is left out. With
--pairs the power goes N times at a store drawn by chance, and again at one of the boot that follows. Ends with `N passed, N failed`.

What must be so after any cut: the lock starts; a wrong code that was answered is counted, and none is counted twice; a lockout stays; the
motor does nothing by itself; the log has no gap (the firmware says so where it cannot read one, and stops where storage is damaged).
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from emulated import Board, Scissors, load, make_flash

LIMIT = 5  # wrong codes that lock codes out


class Lock:
    """One lock, and copies of its flash."""

    def __init__(self, image, programs, plugin, folder, log):
        self.image, self.folder, self.log = image, folder, log
        self.flash = os.path.join(folder, "flash")
        self.scissors = Scissors(plugin, os.path.join(folder, "count"))
        made = os.path.join(folder, "lock.json")
        subprocess.run([os.path.join(programs, "lock-sim"), "manufacture", "--out", made], check=True, stdout=log)
        make_flash(self.flash, load(made))
        with self.power() as board:
            board.wait_for("bolt extended")
        self.keep()

    def keep(self):
        shutil.copyfile(self.flash, self.flash + ".kept")

    def put_back(self):
        shutil.copyfile(self.flash + ".kept", self.flash)

    def power(self, cut_after=0):
        self.scissors.start()
        self.scissors.cut_after(cut_after)
        return Board(self.image, self.flash, self.log, self.scissors.arguments)


def wrong_codes_left(lock):
    """How many wrong codes it takes until codes are locked out; and whether the motor stood still meanwhile."""
    with lock.power() as board:
        moved = any(line.startswith("motor ") and line != "motor stops" for line in board.wait_for("bolt extended"))
        for tries in range(1, LIMIT + 2):
            board.say("9999")
            lines = board.wait_for("light: ")
            moved |= any(line.startswith("motor ") for line in lines)
            if lines[-1] == "light: locked out":
                return tries, not moved
        return 0, not moved


def code(board):
    board.say("9999")
    return board.wait_for("light: ")[-1] == "light: refused"


def button(board):
    board.say("u")
    board.wait_for("bolt retracted")
    board.say("l")
    board.wait_for("bolt extended")
    board.wait_for("motor stops")
    return False


OPERATIONS = {"code": code, "button": button, "boot": None}


def count_stores(lock, operation):
    """How many stores an operation makes, from the same flash each time."""
    lock.put_back()
    with lock.power() as board:
        board.wait_for("bolt extended")
        settle(lock)
        if operation is None:
            return lock.scissors.stores()
        before = lock.scissors.stores()
        operation(board)
        settle(lock)
        return lock.scissors.stores() - before


def settle(lock):
    """Waits until the lock has stored what it wanted to: nothing for a while."""
    last, since = lock.scissors.stores(), time.monotonic()
    while time.monotonic() - since < 0.3:
        time.sleep(0.02)
        if lock.scissors.stores() != last:
            last, since = lock.scissors.stores(), time.monotonic()


def cut_once(lock, operation, cut):
    """Cuts the power after a store of an operation. Returns whether the operation was answered before."""
    answered = False
    try:
        if operation is None:
            with lock.power(cut) as board:
                board.wait_for("bolt extended")
                board.wait_for("never", within=2)
        else:
            with lock.power() as board:
                board.wait_for("bolt extended")
                settle(lock)
                lock.scissors.cut_after(cut)
                answered = operation(board)
                board.wait_for("never", within=2)
    except (EOFError, ConnectionError, TimeoutError):
        pass
    return answered


def judge(lock, answered):
    """What is wrong after a cut; an empty text where nothing is."""
    # A bolt that a cut left half way is brought home by hand: the door is beside the flash.
    with open(lock.flash, "r+b") as file:
        file.seek(0x20004)
        file.write((400).to_bytes(4, "little"))
    try:
        left, stood_still = wrong_codes_left(lock)
    except (EOFError, TimeoutError) as error:
        return f"it does not start again: {error}"
    expected = {LIMIT - 1} if answered else {LIMIT, LIMIT - 1}
    if left not in expected:
        return f"{left} wrong codes were left, not {sorted(expected)}"
    return "" if stood_still else "the motor moved by itself"


def main():
    parser = argparse.ArgumentParser()
    for name in ("image", "programs", "plugin"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("operations", nargs="*", default=["code"], choices=list(OPERATIONS))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log"), "wb") as log:
        lock = Lock(options.image, options.programs, options.plugin, folder, log)
        for name in options.operations:
            operation = OPERATIONS[name]
            stores = count_stores(lock, operation)
            if stores == 0:
                sys.exit(f"{name}: it stores nothing, so that nothing can be cut")
            if options.pairs:
                chance = random.Random(options.seed)
                boot = count_stores(lock, None)
                cuts = [(chance.randint(1, stores), chance.randint(1, boot)) for _ in range(options.pairs)]
            else:
                cuts = [(cut, 0) for cut in range(1, stores + 1, options.every)]
            print(f"{name}: {stores} stores, {len(cuts)} cuts", flush=True)
            began = time.monotonic()
            for cut, second in cuts:
                lock.put_back()
                answered = cut_once(lock, operation, cut)
                if second:
                    cut_once(lock, None, second)
                wrong = judge(lock, answered)
                passed, failed = passed + (not wrong), failed + bool(wrong)
                if wrong:
                    print(f"FAILED: {name}, cut after store {cut}{f' and {second}' if second else ''}: {wrong}", flush=True)
            print(f"{name}: {(time.monotonic() - began) / len(cuts):.2f} s a cut", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0 or passed == 0)


if __name__ == "__main__":
    main()
