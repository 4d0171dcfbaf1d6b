"""Section 11: backups as they leave a cloud."""

from profile_s import hchacha20, leaf, seal
from session import open_aead
from wire import Refused

HEADER = 45


def backup_leaf(case):
    return leaf(bytes.fromhex(case["root"]), "backup", bytes.fromhex(case["lock_id"]), int(case["key_epoch"]))


def header(case):
    lock_id, epoch = bytes.fromhex(case["lock_id"]), int(case["key_epoch"]).to_bytes(4, "big")
    return b"\x01" + lock_id + epoch + bytes.fromhex(case["nonce"])


def key_and_nonce(case, nonce):
    return hchacha20(backup_leaf(case), nonce[:16]), bytes(4) + nonce[16:]


def sealed(case):
    """The file: header, ciphertext and tag."""
    head = header(case)
    key, nonce = key_and_nonce(case, bytes.fromhex(case["nonce"]))
    return head + seal(key, nonce, b"lk1/backup\0" + head, bytes.fromhex(case["body"]))


def opened(case):
    """The body of the file, opened with the keys of the case."""
    file = bytes.fromhex(case["file"])
    if len(file) < HEADER + 16 or file[0] != 1:
        raise Refused("NotABackup")
    if file[1:17] != bytes.fromhex(case["lock_id"]):
        raise Refused("AnotherLock")
    if int.from_bytes(file[17:21], "big") != int(case["key_epoch"]):
        raise Refused("AnotherEpoch")
    key, nonce = key_and_nonce(case, file[21:HEADER])
    return open_aead(key, nonce, b"lk1/backup\0" + file[:HEADER], file[HEADER:])
