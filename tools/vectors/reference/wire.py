"""Sections 1 and 2 of docs/protocol.md: packets, framing, fragments. Refusals are named as in section 9."""

import struct


class Refused(Exception):
    """Bytes that must be dropped, with the name of the reason."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


# --- section 1 ------------------------------------------------------------------------------------------------------

KINDS = {1: "HelloRequest", 2: "Hello", 3: "Message1", 4: "Message2", 5: "Record", 6: "SealedDown", 7: "SealedUp"}
SELECTORS = {0: "CloudCurrent", 1: "CloudPending", 2: "Ticket", 3: "Claim"}
PROFILES = {1: "S", 2: "X"}


def need(condition, reason):
    if not condition:
        raise Refused(reason)


def parse_packet(packet):
    """The kind and the fields of a packet, as in packets.json."""
    need(len(packet) <= 512, "TooLong")
    need(len(packet) >= 1, "TooShort")
    need(packet[0] == 1, "UnknownFormat")
    need(len(packet) >= 2, "TooShort")
    need(packet[1] in KINDS, "UnknownKind")
    kind = KINDS[packet[1]]
    return kind, {
        "HelloRequest": parse_hello_request,
        "Hello": parse_hello,
        "Message1": parse_message1,
        "Message2": parse_message2,
        "Record": parse_record,
        "SealedDown": parse_sealed,
        "SealedUp": parse_sealed,
    }[kind](packet)


def parse_hello_request(packet):
    need(len(packet) <= 2, "TooLong")
    return {}


def parse_hello(packet):
    need(len(packet) >= 29, "TooShort")
    need(len(packet) <= 29, "TooLong")
    lowest, highest, profile = packet[2:5]
    need(profile in PROFILES and lowest <= highest, "BadField")
    return {"lowest": str(lowest), "highest": str(highest), "profile": PROFILES[profile], "handle": packet[5:13].hex(),
            "nonce": packet[13:29].hex()}


def parse_message1(packet):
    need(len(packet) >= 6, "TooShort")
    version, selector, ticket_length = struct.unpack(">BBH", packet[2:6])
    need(selector in SELECTORS, "BadField")
    need(len(packet) >= 6 + ticket_length, "TooShort")
    has_ticket = SELECTORS[selector] == "Ticket"
    need(1 <= ticket_length <= 384 if has_ticket else ticket_length == 0, "BadField")
    need(len(packet) >= 6 + ticket_length + 32, "TooShort")
    need(has_ticket or len(packet) <= 128, "TooLong")
    return {"version": str(version), "selector": SELECTORS[selector], "ticket": packet[6:6 + ticket_length].hex(),
            "handshake": packet[6 + ticket_length:].hex()}


def parse_message2(packet):
    need(len(packet) >= 34, "TooShort")
    return {"handshake": packet[2:].hex()}


def parse_record(packet):
    need(len(packet) >= 26, "TooShort")
    return {"counter": str(int.from_bytes(packet[2:10], "big")), "ciphertext": packet[10:].hex()}


def parse_sealed(packet):
    need(len(packet) >= 46, "TooShort")
    key_epoch, counter = struct.unpack(">IQ", packet[2:14])
    return {"key_epoch": str(key_epoch), "counter": str(counter), "random": packet[14:30].hex(),
            "ciphertext": packet[30:].hex()}


# --- section 2.1 ----------------------------------------------------------------------------------------------------

def frame(packet):
    """COBS and the closing zero."""
    need(1 <= len(packet) <= 512, "BadLength")
    out, block = bytearray(), bytearray()
    closed = False  # by a full block, which stands for no zero
    for byte in packet:
        closed = False
        if byte == 0:
            out += bytes([len(block) + 1]) + block
            block.clear()
            continue
        block.append(byte)
        if len(block) == 254:
            out += b"\xff" + block
            block.clear()
            closed = True
    if not closed:
        out += bytes([len(block) + 1]) + block
    return bytes(out) + b"\0"


def unframed(body):
    """The packet in a frame without its zero; None when it is broken."""
    out, place = bytearray(), 0
    while place < len(body):
        code = body[place]
        block = body[place + 1:place + code]
        if len(block) != code - 1:
            return None
        out += block
        place += code
        if code != 255 and place < len(body):
            out.append(0)
    return bytes(out)


def deframed(stream):
    """The packets that a receiver finds in a stream."""
    frames = stream.split(b"\0")[:-1]
    packets = (unframed(body) for body in frames if len(body) <= 515)
    return [packet for packet in packets if packet is not None and 1 <= len(packet) <= 512]


# --- section 2.2 ----------------------------------------------------------------------------------------------------

def fragments(packet, payload):
    need(1 <= len(packet) <= 512, "BadLength")
    need(20 <= payload <= 512, "BadPayload")
    contents = [packet[place:place + payload - 1] for place in range(0, len(packet), payload - 1)]
    last = len(contents) - 1
    return [bytes([number | (0x80 if number == 0 else 0) | (0x40 if number == last else 0)]) + content
            for number, content in enumerate(contents)]


class Assembler:
    """One link and direction."""

    def __init__(self):
        self.drop()

    def drop(self):
        self.packet, self.expected, self.length, self.since = b"", None, None, None

    def take(self, fragment, at):
        """The packet when it is complete, else None."""
        try:
            done = self.add(fragment, at)
        except Refused:
            self.drop()
            raise
        if not done:
            return None
        packet = self.packet
        self.drop()
        return packet

    def add(self, fragment, at):
        need(len(fragment) >= 2, "Empty")
        header, content = fragment[0], fragment[1:]
        if header & 0x80:
            self.packet, self.expected, self.length, self.since = b"", 0, len(content), at
        need(self.expected is not None and header & 0x3F == self.expected, "OutOfOrder")
        need(at - self.since < 2000, "TooSlow")
        is_last = bool(header & 0x40)
        need(len(content) == self.length or (is_last and len(content) < self.length), "UnevenLength")
        self.packet += content
        self.expected += 1
        need(len(self.packet) <= 512, "TooLong")
        return is_last
