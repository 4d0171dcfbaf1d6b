#!/usr/bin/env python3
"""The page that the production line leaves in a blank chip, from what `lock-sim manufacture` made: see factory_page in board.h.

    examples/firmware-c/factory.py LOCK.json PAGE.bin

Whoever has the page has the lock: destroy the file when the chip has it.
"""

import json
import os
import secrets
import sys


def factory_page(lock):
    """88 bytes: a mark, the root, the lock's id, and entropy of its own."""
    return b"lkmade1\0" + bytes.fromhex(lock["root"]) + bytes.fromhex(lock["lock_id"]) + secrets.token_bytes(32)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        page = factory_page(json.load(file))
    with os.fdopen(os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(page)


if __name__ == "__main__":
    main()
