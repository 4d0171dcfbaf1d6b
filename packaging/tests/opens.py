#!/usr/bin/env python3
"""A firmware image for the board of examples/firmware-c: it starts from a blank chip, and opens and locks with the button inside.

    packaging/tests/opens.py IMAGE
"""

import secrets
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "firmware-c"))

from emulated import Board, make_flash  # noqa: E402


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "wb") as log:
        flash = f"{folder}/flash"
        make_flash(flash, {"root": secrets.token_hex(32), "lock_id": secrets.token_hex(16)})
        with Board(sys.argv[1], flash, log) as board:
            lines = board.wait_for("bolt extended")
            board.say("u")
            lines += board.wait_for("bolt retracted")
            board.say("l")
            lines += board.wait_for("bolt extended")
    if "provisioned" not in lines or lines.count("motor retracts") != 1 or lines.count("motor extends") != 1:
        sys.exit(f"it did something else: {lines}")
    print("it takes its keys, opens and locks")


if __name__ == "__main__":
    main()
