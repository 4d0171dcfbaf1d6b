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
    numbers = epoch.to_bytes(4, "big") + index.to_bytes(8, "big")
    return hmac(key, b"lk1/log-entry\0" + numbers + previous + body)[:16]


def head_tag(key, epoch, nonce, first, following, last):
    numbers = first.to_bytes(8, "big") + following.to_bytes(8, "big")
    return hmac(key, b"lk1/log-head\0" + epoch.to_bytes(4, "big") + nonce + numbers + last)[:16]


class Verifier:
    """Every range that is missing is kept apart: slow, and plainly right for logs of one gap.

    `key` is None where the key of the epoch is not known; `since` is then the first entry without one. `is_start` says
    that the first chain of an ownership is still to be found.
    """

    def __init__(self, key, epoch, later):
        self.key, self.epoch, self.next, self.later = key, epoch, 0, later
        self.since, self.is_start = 0, key is None
        self.before, self.anchored = {NONE}, True
        self.missing, self.right, self.faults, self.found = set(), 0, 0, []

    def note(self, name, says):
        self.faults += 1
        self.found.append({"name": name, "says": says})

    def note_range(self, name, first, last):
        self.found.append({"name": name, "first": str(first), "last": str(last)})

    def find(self, index, fits):
        """The chain of a later epoch that fits: its epoch, the key that fits, and where it begins."""
        ahead = index - self.next
        most = ahead if self.key is None else ahead - 1
        for epoch, key in self.later:
            if not self.is_start and epoch <= self.epoch:
                continue
            for steps in range(min(most, MAX_JUMP) + 1):
                if fits(epoch, key):
                    return epoch, key, index - steps
                key = next_key(key)
        return None

    def stand(self, begins):
        """What had no key ends before this index."""
        if self.key is None and self.since < begins:
            self.note_range("Unverified", self.since, begins - 1)
        self.is_start = False

    def entry(self, entry):
        index, body = int(entry["index"]), bytes.fromhex(entry["body"])
        previous, mac = bytes.fromhex(entry["previous"]), bytes.fromhex(entry["mac"])
        if index < self.next:
            self.note("Reordered", f"entry {index} is out of order or repeated: entry {self.next} was to come")
            self.missing.discard(index)
            return
        if index - self.next > MAX_JUMP and not self.is_start:
            self.note("TooFar", f"index {index} is too far ahead to be true")
            return
        skipped = range(self.next, index)
        computed = None
        if self.key is not None:
            key = next_key(self.key, len(skipped))
            computed = entry_mac(key, self.epoch, index, previous, body)
        if mac != computed and (skipped or self.key is None):
            found = self.find(index, lambda epoch, key: mac == entry_mac(key, epoch, index, previous, body))
            if found is None and self.key is None and not self.is_start:
                self.next = index + 1
                return
            if found is None:
                self.note("Edited", f"entry {index} was edited")
                return
            epoch, key, begins = found
            skipped = range(begins, index) if self.key is None else skipped
            self.stand(begins)
            self.epoch, self.right, self.faults = epoch, 0, 0
            computed, self.before, self.anchored = mac, {previous}, True
        follows = bool(skipped) or previous in self.before
        was_anchored = self.anchored or bool(skipped)
        right = mac == computed
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
        self.heed(bodies.read("LogEntry", body)["event"])

    def heed(self, event):
        """What an entry that is right says of the log itself."""
        event = event if isinstance(event, dict) else {}
        if "Overwritten" in event:
            first, last = int(event["Overwritten"]["first"]), int(event["Overwritten"]["last"])
            if self.missing and last < self.next and self.missing <= set(range(first, last + 1)):
                self.missing = set()
                self.note_range("Explained", first, last)
        if "KeyEpoch" in event and int(event["KeyEpoch"]) > self.epoch:
            self.epoch, self.right, self.faults = int(event["KeyEpoch"]), 0, 0
            self.key, self.since = dict(self.later).get(self.epoch), self.next

    def head(self, head, nonce):
        first, following, last = int(head["first"]), int(head["next"]), bytes.fromhex(head["last"])
        of, tag = int(head["key_epoch"]), bytes.fromhex(head["tag"])
        if following < self.next:
            self.note("HeadBehind", f"the head was made before entry {following}, and there are later ones")
            return
        if following - self.next > MAX_JUMP and not self.is_start:
            self.note("TooFar", f"index {following} is too far ahead to be true")
            return
        if self.key is None and of not in dict(self.later):
            self.note("NoKey", f"the key of key epoch {of} is not here: what was written under it cannot be verified")
            return

        def fits(epoch, key):
            return epoch == of and tag == head_tag(key, epoch, nonce, first, following, last)

        if self.key is not None and of == self.epoch:
            right = fits(of, next_key(self.key, following - self.next))
        else:
            found = self.find(following, fits)
            right = found is not None
            if right and self.key is None and (found[2] == following if self.is_start else following == self.next):
                self.stand(following)
                (self.epoch, self.key, _), self.next, self.before = found, following, {last}
        if not right and self.right == 0 and self.faults:
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
    """What a verifier with the first keys of a case finds."""

    def first_key(of):
        return leaf(bytes.fromhex(of["root"]), "log", bytes.fromhex(case["lock_id"]), int(of["key_epoch"]))

    later = [(int(of["key_epoch"]), first_key(of)) for of in case.get("later", [])]
    key = None if case.get("start") == "Ownership" else first_key(case)
    verifier = Verifier(key, int(case["key_epoch"]), later)
    for entry in case["entries"]:
        verifier.entry(entry)
    verifier.head(case["head"], bytes.fromhex(case["nonce"]))
    return verifier.found
