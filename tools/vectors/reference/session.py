"""Sections 3 to 6 of docs/protocol.md: keys, the handshakes of both profiles, records, sealed messages."""

import struct

import bodies
import x25519
from profile_s import (Symmetric, chacha20, chacha20_block, counter_nonce, hchacha20, hkdf_expand, hmac, leaf, pad16,
                       poly1305, prologue, seal, sha256)
from wire import SELECTORS, Refused, need, parse_packet

ROLES = {"CloudCurrent": 1, "CloudPending": 1, "Ticket": 2, "Claim": 3}
LOCK_ROLE = 0x10


def open_aead(key, nonce, associated_data, sealed):
    """ChaCha20-Poly1305, RFC 8439 section 2.8: the plaintext, or Refused."""
    need(len(sealed) >= 16, "Forged")
    ciphertext, tag = sealed[:-16], sealed[-16:]
    lengths = struct.pack("<QQ", len(associated_data), len(ciphertext))
    one_time_key = chacha20_block(key, 0, nonce)[:32]
    need(poly1305(one_time_key, pad16(associated_data) + pad16(ciphertext) + lengths) == tag, "Forged")
    return chacha20(key, nonce, ciphertext)


# --- section 3 ------------------------------------------------------------------------------------------------------

def computed(case):
    """The result of a case of keys.json."""
    value = lambda name: bytes.fromhex(case[name])
    number = lambda name, size: int(case[name]).to_bytes(size, "big")
    lock_hedge = lambda: number("boot", 8) + number("count", 8)
    match case["function"]:
        case "leaf":
            return leaf(value("root"), case["label"], value("lock_id"), int(case["key_epoch"]))
        case "claim-key":
            extracted = hmac(value("code"), value("maker_secret"))
            return hkdf_expand(extracted, b"lk1/claim\0" + value("lock_id"), 32)
        case "unowned-leaf":
            info = b"lk1/unowned-" + case["label"].encode() + b"\0" + value("lock_id")
            return hkdf_expand(value("claim_key"), info, 32)
        case "handle":
            return hmac(value("leaf"), b"lk1/hello-handle\0" + value("nonce"))[:8]
        case "advertisement":
            return hmac(value("leaf"), b"lk1/advertisement\0" + value("salt"))[:5]
        case "hello-nonce":
            return hkdf_expand(value("leaf"), b"lk1/hello\0" + lock_hedge() + value("entropy"), 16)
        case "sealed-up-random":
            return hkdf_expand(value("leaf"), b"lk1/sealed-up\0" + lock_hedge() + value("entropy"), 16)
        case "message1-nonce":
            return message1_draw(PROFILE_S, value("psk"), int(case["role"]), int(case["attempt"]), value("prologue"),
                                 value("payload"), value("entropy"))
        case "message2-nonce":
            return message2_draw(PROFILE_S, value("psk"), int(case["boot"]), int(case["count"]), value("handshake_hash"),
                                 value("payload"), value("entropy"))
        case "message1-secret":
            return message1_draw(PROFILE_X, value("psk"), int(case["role"]), int(case["attempt"]), value("prologue"),
                                 value("payload"), value("entropy"))
        case "message2-secret":
            return message2_draw(PROFILE_X, value("psk"), int(case["boot"]), int(case["count"]), value("handshake_hash"),
                                 value("payload"), value("entropy"))
        case "pin-hash":
            return hmac(value("key"), b"lk1/pin\0" + case["digits"].encode())[:16]
        case "token-hash":
            return hmac(value("key"), b"lk1/token\0" + bytes([int(case["kind"])]) + value("identifier"))[:16]
        case "pin-key-check":
            return hmac(value("key"), b"lk1/pin-key-check\0")[:8]
        case "items-digest":
            return bodies.items_digest(case["items"], sha256)
        case "lock-share":
            return hkdf_expand(value("leaf"), b"lk1/rotation-draw\0" + lock_hedge() + value("entropy"), 32)
        case "share-digest":
            return sha256(b"lk1/rotation-share\0" + value("share"))[:16]
        case "next-root":
            mixed = hmac(value("rotate"), value("cloud_share") + value("lock_share"))
            return hkdf_expand(mixed, b"lk1/rotation\0" + value("lock_id") + number("next", 4), 32)
        case "digest":
            return sha256(b"lk1/digest\0" + bodies.action_identity(value("action")))[:8]
    raise ValueError(f"no function {case['function']}")


LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def label_text(code):
    """Section 3.2: the 128 bits of the code and 12 check bits, as 28 letters in groups of four."""
    check = int.from_bytes(sha256(b"lk1/label\0" + code)[:2], "big") >> 4
    bits = int.from_bytes(code, "big") << 12 | check
    letters = [LETTERS[bits >> shift & 31] for shift in range(135, -1, -5)]
    return "LK1-" + "-".join("".join(letters[at:at + 4]) for at in range(0, 28, 4))


def label_read(typed):
    """The code of a label as somebody typed it, or Refused."""
    alike = str.maketrans("OIL", "011")
    letters = typed.upper().replace("-", "").replace(" ", "").translate(alike)
    need(letters.startswith("1K1"), "NotALabel")
    letters = letters[3:]
    need(all(letter in LETTERS for letter in letters), "UnknownCharacter")
    need(len(letters) == 28, "WrongLength")
    bits = 0
    for letter in letters:
        bits = bits << 5 | LETTERS.index(letter)
    code = (bits >> 12).to_bytes(16, "big")
    need(label_text(code).replace("-", "")[3:] == letters, "Mistyped")
    return code


PROFILE_S, PROFILE_X = 1, 2
# The end of the label and the length of what is drawn, by the profile's number in a Hello.
DRAWN = {PROFILE_S: (b"", 16), PROFILE_X: (b"-x", 32)}


def message1_draw(profile, psk, role, attempt, bound, payload, entropy):
    """The initiator's nonce or ephemeral secret, section 3.4."""
    ending, length = DRAWN[profile]
    info = b"lk1/m1" + ending + b"\0" + bytes([role]) + struct.pack(">Q", attempt) + sha256(bound) + sha256(payload) + entropy
    return hkdf_expand(psk, info, length)


def message2_draw(profile, psk, boot, count, handshake_hash, payload, entropy):
    """The lock's nonce or ephemeral secret, section 3.4."""
    ending, length = DRAWN[profile]
    info = b"lk1/m2" + ending + b"\0" + bytes([LOCK_ROLE]) + struct.pack(">QQ", boot, count) + handshake_hash
    return hkdf_expand(psk, info + sha256(payload) + entropy, length)


# --- section 4 ------------------------------------------------------------------------------------------------------

class Handshake(Symmetric):
    """One end of a handshake: what both profiles have in common."""

    def decrypt_and_hash(self, sealed):
        payload = open_aead(self.k, counter_nonce(self.n), self.h, sealed)
        self.n += 1
        self.mix_hash(sealed)
        return payload

    def mix_share(self, share):
        self.mix_hash(share)
        self.mix_key(share)


class HandshakeS(Handshake):
    """Profile S, section 4.3; its first two lines are run when it is made."""

    def __init__(self, psk, bound, hello):
        super().__init__(b"LK1_S_NNpsk0_ChaChaPoly_SHA256")
        self.mix_hash(bound)
        self.mix_key_and_hash(psk)
        self.mix_key(hello)

    def write(self, nonce, payload):
        self.mix_share(nonce)
        return nonce + self.encrypt_and_hash(payload)

    def read(self, message):
        need(len(message) >= 32, "TooShort")
        self.mix_share(message[:16])
        return self.decrypt_and_hash(message[16:])


class HandshakeX(Handshake):
    """Profile X, section 4.4; its first two lines are run when it is made."""

    def __init__(self, psk, bound, _hello):
        super().__init__(b"Noise_NNpsk0_25519_ChaChaPoly_SHA256")
        self.mix_hash(bound)
        self.mix_key_and_hash(psk)
        self.own, self.theirs = None, None

    def agree(self):
        """The token ee: nothing before both ephemeral keys are there."""
        if self.own is None or self.theirs is None:
            return
        shared = x25519.x25519(self.own, self.theirs)
        need(shared != bytes(32), "NoSecret")
        self.mix_key(shared)

    def write(self, secret, payload):
        self.own, public = secret, x25519.x25519(secret, x25519.BASE)
        self.mix_share(public)
        self.agree()
        return public + self.encrypt_and_hash(payload)

    def read(self, message):
        need(len(message) >= 48, "Forged")
        self.theirs = message[:32]
        self.mix_share(self.theirs)
        self.agree()
        return self.decrypt_and_hash(message[32:])


HANDSHAKES = {PROFILE_S: HandshakeS, PROFILE_X: HandshakeX}


def profile_of(case):
    """The number of the profile that the Hello of a case names."""
    return bytes.fromhex(case["hello"])[4]


def begun(case, bound):
    return HANDSHAKES[profile_of(case)](bytes.fromhex(case["psk"]), bound, bytes.fromhex(case["hello"]))


def bound_by(case, fields):
    """The prologue of a handshake between these peers with the clear fields of this Message1."""
    selector = fields["selector"]
    number = {name: number for number, name in SELECTORS.items()}[selector]
    return prologue(bytes.fromhex(case["lock_id"]), int(case["key_epoch"]), bytes.fromhex(case["hello"]),
                    int(fields["version"]), ROLES[selector], number, bytes.fromhex(fields["ticket"]))


def lock_opens(case, message1):
    """The payload that the lock of a case finds in a Message1 packet, and its state; or Refused."""
    kind, fields = parse_packet(message1)
    need(kind == "Message1", "UnknownKind")
    lock = begun(case, bound_by(case, fields))
    return lock.read(bytes.fromhex(fields["handshake"])), lock


def initiator_opens(initiator, message2):
    """The payload that an initiator finds in a Message2 packet; or Refused."""
    kind, fields = parse_packet(message2)
    need(kind == "Message2", "UnknownKind")
    return initiator.read(bytes.fromhex(fields["handshake"]))


def initiator_starts(case):
    """The Message1 packet of a whole handshake, and the state that awaits the answer."""
    bound, psk, given = bound_by(case, case), bytes.fromhex(case["psk"]), case["initiator"]
    payload = bytes.fromhex(given["payload"])
    drawn = message1_draw(profile_of(case), psk, ROLES[case["selector"]], int(given["attempt"]), bound, payload,
                          bytes.fromhex(given["entropy"]))
    initiator = begun(case, bound)
    number = {name: number for number, name in SELECTORS.items()}[case["selector"]]
    ticket = bytes.fromhex(case["ticket"])
    header = bytes([1, 3, int(case["version"]), number]) + struct.pack(">H", len(ticket)) + ticket
    return header + initiator.write(drawn, payload), initiator


def lock_answers(case, lock):
    """The Message2 packet of a whole handshake."""
    given = case["lock"]
    payload = bytes.fromhex(given["payload"])
    drawn = message2_draw(profile_of(case), bytes.fromhex(case["psk"]), int(given["boot"]), int(given["count"]), lock.h,
                          payload, bytes.fromhex(given["entropy"]))
    return bytes([1, 4]) + lock.write(drawn, payload)


def session_keys(case):
    """The keys down and up that a whole handshake ends with."""
    _, lock = lock_opens(case, initiator_starts(case)[0])
    lock_answers(case, lock)
    return lock.split()


def record(key, counter, body):
    header = bytes([1, 5]) + struct.pack(">Q", counter)
    return header + seal(key, counter_nonce(counter), header, body)


class Receiver:
    """One end of a session. It keeps every counter that it has seen: slow, and plainly right."""

    def __init__(self, key, delivery):
        if delivery not in ("Ordered", "Datagram"):
            raise ValueError(f"no delivery {delivery}")
        self.key, self.delivery = key, delivery
        self.seen, self.failures, self.last_command = set(), 0, -1

    def take(self, packet):
        """The counter and the body of a record; or Refused."""
        need(self.failures < 8 and 65535 not in self.seen, "SessionEnded")
        need(len(packet) >= 26, "TooShort")
        counter = int.from_bytes(packet[2:10], "big")
        try:
            need(counter < 65536 and self.may_come(counter), "UnexpectedCounter")
            body = open_aead(self.key, counter_nonce(counter), packet[:10], packet[10:])
        except Refused:
            self.failures += 1
            raise
        self.seen.add(counter)
        return counter, body

    def may_come(self, counter):
        newest = max(self.seen, default=-1)
        if self.delivery == "Ordered":
            return counter == newest + 1
        return counter not in self.seen and counter > newest - 128

    def command(self, counter):
        if counter <= self.last_command:
            return "Stale"
        self.last_command = counter
        return "Accepted"


# --- section 5 ------------------------------------------------------------------------------------------------------

LEAVES = {"Down": "command-down", "Up": "event-up"}
SEALED_KINDS = {"Down": 6, "Up": 7}


def sealed_leaf(case):
    return leaf(bytes.fromhex(case["root"]), LEAVES[case["direction"]], bytes.fromhex(case["lock_id"]), int(case["key_epoch"]))


def sealed_keys(key, header):
    return hchacha20(key, header[6:22]), bytes(4) + header[22:30]


def seal_packet(case):
    header = bytes([1, SEALED_KINDS[case["direction"]]]) + struct.pack(">IQ", int(case["key_epoch"]), int(case["counter"]))
    header += bytes.fromhex(case["random"])
    subkey, nonce = sealed_keys(sealed_leaf(case), header)
    return header + seal(subkey, nonce, header, bytes.fromhex(case["body"]))


def open_packet(case):
    packet = bytes.fromhex(case["packet"])
    need(len(packet) >= 46, "TooShort")
    subkey, nonce = sealed_keys(sealed_leaf(case), packet[:30])
    return open_aead(subkey, nonce, packet[:30], packet[30:])


def verdict(mark, counter):
    if counter <= mark:
        return "AtOrBelow"
    return "TooFar" if counter > mark + 2**20 or counter == 2**64 - 1 else "Fresh"
