#!/usr/bin/env python3
"""An independent reading of docs/protocol.md, sections 3 to 6, for profile S.

It shares no code with the crates: SHA-256 and HMAC come from Python's standard library, ChaCha20-Poly1305 and HChaCha20 are
written out below and checked against RFC 8439 and draft-irtf-cfrg-xchacha-03 before anything is printed. The printed values
are the known answers of lock-crypto; regenerate them with

    python3 tools/vectors/reference/profile_s.py > lock-crypto/tests/protocol/known_answers/profile_s.txt
"""

import hashlib
import hmac as standard_hmac
import struct


# --- primitives -----------------------------------------------------------------------------------------------------

def sha256(data):
    return hashlib.sha256(data).digest()


def hmac(key, data):
    return standard_hmac.new(key, data, hashlib.sha256).digest()


def hkdf_expand(key, info, length):
    out, block, number = b"", b"", 1
    while len(out) < length:
        block = hmac(key, block + info + bytes([number]))
        out, number = out + block, number + 1
    return out[:length]


def rounds(state):
    x = list(state)

    def quarter(a, b, c, d):
        for first, second, third, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[first] = (x[first] + x[second]) & 0xFFFFFFFF
            mixed = x[third] ^ x[first]
            x[third] = ((mixed << shift) | (mixed >> (32 - shift))) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for diagonal in range(4):
            quarter(diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4)
    return x


CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


def chacha20_block(key, counter, nonce):
    state = CONSTANTS + struct.unpack("<8I", key) + (counter,) + struct.unpack("<3I", nonce)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(rounds(state), state)))


def hchacha20(key, nonce16):
    x = rounds(CONSTANTS + struct.unpack("<8I", key) + struct.unpack("<4I", nonce16))
    return struct.pack("<8I", *(x[:4] + x[12:]))


def chacha20(key, nonce, data):
    stream = b"".join(chacha20_block(key, 1 + i, nonce) for i in range((len(data) + 63) // 64))
    return bytes(a ^ b for a, b in zip(data, stream))


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i:i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def pad16(data):
    return data + bytes(-len(data) % 16)


def seal(key, nonce, associated_data, plaintext):
    ciphertext = chacha20(key, nonce, plaintext)
    lengths = struct.pack("<QQ", len(associated_data), len(ciphertext))
    one_time_key = chacha20_block(key, 0, nonce)[:32]
    return ciphertext + poly1305(one_time_key, pad16(associated_data) + pad16(ciphertext) + lengths)


def check_primitives():
    # RFC 8439, section 2.8.2
    text = (b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
            b"would be it.")
    sealed = seal(bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647"),
                  bytes.fromhex("50515253c0c1c2c3c4c5c6c7"), text)
    assert sealed[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"
    # draft-irtf-cfrg-xchacha-03, section 2.2.1
    subkey = hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
    assert subkey.hex() == "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    # RFC 5869, test case 1
    prk = hmac(bytes(range(13)), b"\x0b" * 22)
    assert prk.hex() == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    assert hkdf_expand(prk, bytes(range(0xF0, 0xFA)), 42)[:8].hex() == "3cb25f25faacd57a"


# --- Noise revision 34, section 5.2 ---------------------------------------------------------------------------------

def counter_nonce(counter):
    return bytes(4) + struct.pack("<Q", counter)


class Symmetric:
    def __init__(self, name):
        self.h = name.ljust(32, b"\0") if len(name) <= 32 else sha256(name)
        self.ck, self.k, self.n = self.h, None, 0

    def hkdf(self, material, outputs):
        temporary, result, last = hmac(self.ck, material), [], b""
        for number in range(1, outputs + 1):
            last = hmac(temporary, last + bytes([number]))
            result.append(last)
        return result

    def mix_hash(self, data):
        self.h = sha256(self.h + data)

    def mix_key(self, material):
        self.ck, self.k = self.hkdf(material, 2)
        self.n = 0

    def mix_key_and_hash(self, material):
        self.ck, temporary, self.k = self.hkdf(material, 3)
        self.mix_hash(temporary)
        self.n = 0

    def encrypt_and_hash(self, plaintext):
        ciphertext = seal(self.k, counter_nonce(self.n), self.h, plaintext)
        self.n += 1
        self.mix_hash(ciphertext)
        return ciphertext

    def split(self):
        return self.hkdf(b"", 2)


# --- the protocol ---------------------------------------------------------------------------------------------------

LABELS = ["session", "command-down", "event-up", "ticket", "ticket-enc", "log", "hedge", "handle", "backup", "code", "rotate"]


def leaf(root, label, lock_id, key_epoch):
    return hkdf_expand(root, b"lk1/" + label.encode() + b"\0" + lock_id + struct.pack(">I", key_epoch), 32)


def prologue(lock_id, key_epoch, hello, version, role, selector, ticket):
    return (b"lk1/prologue\0" + lock_id + struct.pack(">I", key_epoch) + hello + bytes([version, role, 0x10, selector])
            + struct.pack(">H", len(ticket)) + ticket)


def handshake(psk, hello, prologue_bytes, role, payload1, payload2, attempt, boot, count, entropy1, entropy2):
    state = Symmetric(b"LK1_S_NNpsk0_ChaChaPoly_SHA256")
    state.mix_hash(prologue_bytes)
    state.mix_key_and_hash(psk)
    state.mix_key(hello)
    nonce1 = hkdf_expand(psk, b"lk1/m1\0" + bytes([role]) + struct.pack(">Q", attempt) + sha256(prologue_bytes)
                         + sha256(payload1) + entropy1, 16)
    state.mix_hash(nonce1)
    state.mix_key(nonce1)
    message1 = nonce1 + state.encrypt_and_hash(payload1)
    nonce2 = hkdf_expand(psk, b"lk1/m2\0\x10" + struct.pack(">QQ", boot, count) + state.h + sha256(payload2) + entropy2, 16)
    state.mix_hash(nonce2)
    state.mix_key(nonce2)
    message2 = nonce2 + state.encrypt_and_hash(payload2)
    down, up = state.split()
    return message1, message2, down, up


def record(key, counter, body):
    header = b"\x01\x05" + struct.pack(">Q", counter)
    return header + seal(key, counter_nonce(counter), header, body)


def sealed_packet(key, kind, key_epoch, counter, random, body):
    header = bytes([1, kind]) + struct.pack(">IQ", key_epoch, counter) + random
    subkey = hchacha20(key, struct.pack(">Q", counter) + random[:8])
    return header + seal(subkey, bytes(4) + random[8:], header, body)


def main():
    check_primitives()
    lock_id, key_epoch = bytes(range(0xA0, 0xB0)), 7
    root = sha256(b"a root key for known answers")
    leaves = {label: leaf(root, label, lock_id, key_epoch) for label in LABELS}
    show = lambda name, value: print(f"{name:24} {value.hex()}")
    show("root", root)
    for label in LABELS:
        show("leaf " + label, leaves[label])

    entropy = [bytes([fill]) * 32 for fill in (0x11, 0x22, 0x33, 0x44)]
    hello_nonce = hkdf_expand(leaves["hedge"], b"lk1/hello\0" + struct.pack(">QQ", 3, 9) + entropy[0], 16)
    handle = hmac(leaves["handle"], b"lk1/hello-handle\0" + hello_nonce)[:8]
    hello = bytes([1, 2, 1, 1, 1]) + handle + hello_nonce
    show("hello", hello)
    show("advertisement mark", hmac(leaves["handle"], b"lk1/advertisement\0" + b"\x01\x02\x03")[:5])

    for name, selector, role, psk, ticket in (
            ("cloud", 0, 1, leaves["session"], b""),
            ("pending", 1, 1, leaves["session"], b""),
            ("ticket", 2, 2, sha256(b"a key that follows from a ticket"), bytes(range(200))),
            ("claim", 3, 3, sha256(b"a key that follows from a label"), b"")):
        bound = prologue(lock_id, key_epoch, hello, 1, role, selector, ticket)
        message1, message2, down, up = handshake(psk, hello, bound, role, b"open the door", b"it is open", 5, 3, 10,
                                                 entropy[1], entropy[2])
        show(name + " message 1", message1)
        show(name + " message 2", message2)
        for counter in (0, 1):
            show(f"{name} down {counter}", record(down, counter, b"lock it"))
            show(f"{name} up {counter}", record(up, counter, b"locked"))

    # A name of more than 32 bytes is hashed, and a second payload under one key takes the nonce 1.
    state = Symmetric(b"Noise_NNpsk0_25519_ChaChaPoly_SHA256")
    state.mix_hash(prologue(lock_id, key_epoch, hello, 1, 1, 0, b""))
    state.mix_key_and_hash(leaves["session"])
    show("symmetric first", state.encrypt_and_hash(b"first"))
    state.mix_hash(b"a share")
    show("symmetric second", state.encrypt_and_hash(b"second"))
    state.mix_key(b"a shared secret")
    show("symmetric third", state.encrypt_and_hash(b""))
    show("symmetric hash", state.h)
    for direction, key in zip(("down", "up"), state.split()):
        show("symmetric " + direction, key)

    random = hkdf_expand(leaves["hedge"], b"lk1/sealed-up\0" + struct.pack(">QQ", 3, 11) + entropy[3], 16)
    show("sealed-up random", random)
    show("sealed down", sealed_packet(leaves["command-down"], 6, key_epoch, 0x0102030405060708, bytes(range(16)), b"later"))
    show("sealed up", sealed_packet(leaves["event-up"], 7, key_epoch, 64, random, b"done"))
    show("pin", hmac(sha256(b"a pin key"), b"lk1/pin\0" + b"123456")[:16])
    show("digest", sha256(b"lk1/digest\0" + b"\x01\x02\x03")[:8])


if __name__ == "__main__":
    main()
