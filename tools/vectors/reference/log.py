"""Section 6.2 of docs/protocol.md: the log as a verifier walks it."""

import bodies
from profile_s import hmac, leaf

NONE = bytes(16)
MAX_JUMP = 2**20


def next_key(key, steps=1):
    for _ in range(steps):
        key = hmac(key, b"lk1/log-next\0")
    return key


def entry_mac(key, epoch, index, previous, body):
    return hmac(key, b"lk1/log-entry\0" + epoch + index.to_bytes(8, "big") + previous + body)[:16]


def head_tag(key, epoch, nonce, first, following, last):
    numbers = first.to_bytes(8, "big") + following.to_bytes(8, "big")
    return hmac(key, b"lk1/log-head\0" + epoch + nonce + numbers + last)[:16]


class Verifier:
    """Every range that is missing is kept apart: slow, and plainly right for logs of one gap."""

    def __init__(self, key, epoch):
        self.key, self.epoch, self.next = key, epoch, 0
        self.before, self.anchored = {NONE}, True
        self.missing, self.right, self.found = set(), 0, []

    def note(self, name, says):
        self.found.append({"name": name, "says": says})

    def note_range(self, name, first, last):
        self.found.append({"name": name, "first": str(first), "last": str(last)})

    def entry(self, entry):
        index, body = int(entry["index"]), bytes.fromhex(entry["body"])
        previous, mac = bytes.fromhex(entry["previous"]), bytes.fromhex(entry["mac"])
        if index < self.next:
            self.note("Reordered", f"entry {index} is out of order or repeated: entry {self.next} was to come")
            self.missing.discard(index)
            return
        if index - self.next > MAX_JUMP:
            self.note("TooFar", f"index {index} is too far ahead to be true")
            return
        key = next_key(self.key, index - self.next)
        computed = entry_mac(key, self.epoch, index, previous, body)
        right, skipped = mac == computed, range(self.next, index)
        if skipped and not right:
            self.note("Edited", f"entry {index} was edited")
            return
        follows = bool(skipped) or previous in self.before
        was_anchored = self.anchored or bool(skipped)
        self.missing.update(skipped)
        self.next, self.key = index + 1, next_key(key)
        self.before, self.anchored = {mac, computed}, right
        if not right:
            self.note("Edited", f"entry {index} was edited")
            return
        self.right += 1
        if not follows and was_anchored:
            self.note("Forked", f"entry {index} does not follow from the entry before it: two logs were made with one key")
            return
        if skipped:
            self.note_range("Missing", skipped.start, skipped.stop - 1)
        event = bodies.read("LogEntry", body)["event"]
        gap = event.get("Overwritten") if isinstance(event, dict) else None
        if gap:
            first, last = int(gap["first"]), int(gap["last"])
            if self.missing and last < self.next and self.missing <= set(range(first, last + 1)):
                self.missing = set()
                self.note_range("Explained", first, last)

    def head(self, head, nonce):
        first, following, last = int(head["first"]), int(head["next"]), bytes.fromhex(head["last"])
        if following < self.next:
            self.note("HeadBehind", f"the head was made before entry {following}, and there are later ones")
            return
        if following - self.next > MAX_JUMP:
            self.note("TooFar", f"index {following} is too far ahead to be true")
            return
        key = next_key(self.key, following - self.next)
        right = int(head["key_epoch"]).to_bytes(4, "big") == self.epoch
        right = right and bytes.fromhex(head["tag"]) == head_tag(key, self.epoch, nonce, first, following, last)
        faulty = any("says" in found for found in self.found)
        if not right and self.right == 0 and faulty:
            self.note("WrongKey", "nothing fits this key: it is the key of another log or epoch")
        elif not right:
            self.note("NotFresh", "the head does not answer this nonce, or was edited: ask for a fresh one")
        elif following > self.next:
            self.note("Truncated", f"entries {self.next} to {following - 1} were cut off at the end")
        elif self.missing:
            self.note("Dropped", f"entries {min(self.missing)} to {max(self.missing)} were dropped")
        elif last not in self.before and self.anchored:
            self.note("Edited", f"entry {following - 1} was edited")


def found(case):
    """What a verifier with the first key of a case finds."""
    epoch = int(case["key_epoch"])
    key = leaf(bytes.fromhex(case["root"]), "log", bytes.fromhex(case["lock_id"]), epoch)
    verifier = Verifier(key, epoch.to_bytes(4, "big"))
    for entry in case["entries"]:
        verifier.entry(entry)
    verifier.head(case["head"], bytes.fromhex(case["nonce"]))
    return verifier.found
