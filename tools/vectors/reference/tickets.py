"""Section 10 of docs/protocol.md: virtual keys, the chain of their tags, and their links."""

import struct

from profile_s import hchacha20, hkdf_expand, hmac, leaf, seal, sha256
from session import LETTERS, open_aead
from wire import Refused, need

# number: how many varints follow, or "key" for 32 bytes
CAVEATS = {0: 1, 1: 1, 2: 1, 3: "key", 4: 1, 5: 1, 6: 1, 7: 3, 8: 0, 9: 1, 10: 1}
ROOT_ONLY = {0, 1, 2, 3}
NEEDED = {0, 1, 2, 4}


def varint(data, at):
    value = shift = 0
    while True:
        need(at < len(data), "InvalidTicket")
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            need(byte != 0 or shift == 7, "InvalidTicket")
            return value, at


def read_block(data, level):
    """The caveats of a root (level 0) or of a block, by number; refused where a lock refuses the key."""
    at, said, last = 0, {}, -1
    while at < len(data):
        number, at = varint(data, at)
        need(number in CAVEATS and number > last, "InvalidTicket")
        last = number
        if CAVEATS[number] == "key":
            need(at + 32 <= len(data), "InvalidTicket")
            said[number], at = data[at:at + 32], at + 32
            continue
        # The days of a window are one byte, not a varint.
        values = []
        for place in range(CAVEATS[number]):
            if number in (4, 9) or (number == 7 and place == 0):
                need(at < len(data), "InvalidTicket")
                value, at = data[at], at + 1
            else:
                value, at = varint(data, at)
            values.append(value)
        said[number] = values
    need(level == 0 or not ROOT_ONLY & said.keys(), "InvalidTicket")
    need(level != 0 or (NEEDED <= said.keys() and said[0] != [0]), "InvalidTicket")
    need(level != 0 or 8 not in said or 6 in said, "InvalidTicket")
    need(4 not in said or said[4][0] <= 15, "InvalidTicket")
    if 7 in said:
        days, start, end = said[7]
        need(0 < days < 0x80 and start < 1440 and end < 1440, "InvalidTicket")
    return said


def scope(case):
    number = int(case["key_epoch"])
    value = bytes.fromhex(case["root"]), bytes.fromhex(case["lock_id"])
    get = lambda label: leaf(value[0], label, value[1], number)
    associated_data = b"lk1/ticket\0" + value[1] + struct.pack(">I", number)
    return value[1], number, get, associated_data


def made(case):
    lock_id, number, get, associated_data = scope(case)
    caveats, entropy = bytes.fromhex(case["root_caveats"]), bytes.fromhex(case["entropy"])
    iv = hmac(get("ticket-enc"), b"lk1/ticket-iv\0" + entropy + caveats)[:16]
    sealed = seal(hchacha20(get("ticket-enc"), iv), bytes(12), associated_data, caveats)
    blocks = [bytes.fromhex(block) for block in case["blocks"]]
    ticket = bytes([1, len(caveats)]) + iv + sealed + b"".join(bytes([len(block)]) + block for block in blocks)
    tag = hmac(get("ticket"), b"\0" + caveats)
    if "holder_secret" in case:
        value = hkdf_expand(bytes.fromhex(case["holder_secret"]), b"lk1/holder\0" + lock_id, 32)
        if read_block(caveats, 0)[3] != value:
            raise Refused("AnotherHolder")
        tag = hmac(tag, b"\1" + value)
    tags = [tag]
    for block in blocks:
        tags.append(hmac(tags[-1], b"\2" + block))
    said = bytes([1, 0]) + lock_id + struct.pack(">I", number) + get("handle") + tags[-1] + ticket
    return {
        "ticket": ticket.hex(),
        "tags": [tag.hex() for tag in tags],
        "psk": hmac(tags[-1], b"\3psk").hex(),
        "use_ids": [hmac(tag, b"\4use")[:8].hex() for tag in tags],
        "link": "LKT1" + letters(said + sha256(b"lk1/link\0" + said)[:4]),
    }


def open_root(case):
    _, _, get, associated_data = scope(case)
    ticket = bytes.fromhex(case["ticket"])
    length, iv = ticket[1], ticket[2:18]
    return open_aead(hchacha20(get("ticket-enc"), iv), bytes(12), associated_data, ticket[18:18 + length + 16])


def letters(data):
    bits = int.from_bytes(data, "big") << -(len(data) * 8) % 5
    count = (len(data) * 8 + 4) // 5
    return "".join(LETTERS[bits >> 5 * (count - 1 - place) & 31] for place in range(count))


def read_link(text):
    """The ticket in a link."""
    need(text.startswith("LKT1"), "NotALink")
    body = text[4:]
    bits = 0
    for letter in body:
        bits = bits << 5 | LETTERS.index(letter)
    length = len(body) * 5 // 8
    data = (bits >> len(body) * 5 - length * 8).to_bytes(length, "big")
    said, check = data[:-4], data[-4:]
    need(sha256(b"lk1/link\0" + said)[:4] == check, "Damaged")
    return said[86:]
