"""Section 7 of docs/protocol.md: bodies, as tables and as bytes.

A type here has `write(value) -> bytes` and `read(reader) -> value`. Values are those of bodies.json: numbers as decimal
strings, bytes in hexadecimal, a choice by its name, or as {name: fields} where it has fields.
"""


class Malformed(Exception):
    pass


class NewerAction(Exception):
    """The number of an action or setting is beyond the tables."""


class UnknownAction(Exception):
    def __init__(self, command):
        super().__init__(command)
        self.command = command


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        taken = self.data[self.place:self.place + count]
        if len(taken) != count:
            raise Malformed("cut")
        self.place += count
        return taken

    def end(self):
        if self.place != len(self.data):
            raise Malformed("bytes left over")


class Integer:
    def __init__(self, bits):
        self.bits = bits

    def write(self, value):
        number, out = int(value), bytearray()
        assert 0 <= number < 1 << self.bits
        if self.bits == 8:
            return bytes([number])
        while number >= 0x80:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes(out + bytes([number]))

    def read(self, reader):
        if self.bits == 8:
            return str(reader.take(1)[0])
        number, shift = 0, 0
        while True:
            byte = reader.take(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= self.bits:
                raise Malformed("a varint is too long")
        if byte == 0 and shift > 7:
            raise Malformed("a varint has a needless byte")
        if number >> self.bits:
            raise Malformed("a number is too large")
        return str(number)


class Bool:
    def write(self, value):
        return bytes([bool(value)])

    def read(self, reader):
        byte = reader.take(1)[0]
        if byte > 1:
            raise Malformed("a bool is 0 or 1")
        return byte == 1


class Optional:
    def __init__(self, inner):
        self.inner = inner

    def write(self, value):
        return b"\0" if value is None else b"\1" + self.inner.write(value)

    def read(self, reader):
        return self.inner.read(reader) if Bool().read(reader) else None


class Fixed:
    """An array of fixed length."""

    def __init__(self, length):
        self.length = length

    def write(self, value):
        data = bytes.fromhex(value)
        assert len(data) == self.length
        return data

    def read(self, reader):
        return reader.take(self.length).hex()


class Digits:
    """4 to 10 ASCII digits, as a byte string."""

    def write(self, value):
        data = bytes.fromhex(value)
        return U64.write(len(data)) + data

    def read(self, reader):
        data = reader.take(int(U64.read(reader)))
        if not 4 <= len(data) <= 10 or not all(0x30 <= byte <= 0x39 for byte in data):
            raise Malformed("a PIN has 4 to 10 digits")
        return data.hex()


class Struct:
    def __init__(self, **fields):
        self.fields = fields

    def write(self, value):
        assert set(value) == set(self.fields), (set(value), set(self.fields))
        return b"".join(kind.write(value[name]) for name, kind in self.fields.items())

    def read(self, reader):
        return {name: kind.read(reader) for name, kind in self.fields.items()}


class Choice:
    """A number from a table and the fields of its row. `beyond` is raised for a number that no row has."""

    def __init__(self, *rows, beyond=Malformed):
        self.rows = [row if isinstance(row, tuple) else (row, None) for row in rows]
        self.beyond = beyond

    def write(self, value):
        name, fields = (value, None) if isinstance(value, str) else next(iter(value.items()))
        number = [row for row, _ in self.rows].index(name)
        kind = self.rows[number][1]
        return U32.write(number) + (kind.write(fields) if kind else b"")

    def read(self, reader):
        number = int(U32.read(reader))
        if number >= len(self.rows):
            raise self.beyond("no such number")
        name, kind = self.rows[number]
        return {name: kind.read(reader)} if kind else name


class Command(Struct):
    """An id and an action; an action that is beyond the tables is refused by the id."""

    def read(self, reader):
        command = U64.read(reader)
        try:
            return {"id": command, "action": ACTION.read(reader)}
        except NewerAction:
            raise UnknownAction(command) from None


U8, U16, U32, U64 = Integer(8), Integer(16), Integer(32), Integer(64)

# --- sections 7.1, 7.2, 7.5 -----------------------------------------------------------------------------------------

SETTING = Choice(("AutoRelock", U32), ("SetPin", Struct(slot=U8, digits=Digits())), ("ClearPin", Struct(slot=U8)),
                 beyond=NewerAction)
ACTION = Choice("Lock", "Unlock", ("Configure", Struct(version=U32, setting=SETTING)), beyond=NewerAction)
QUERY = Choice("Status", ("Command", U64), ("Marks", Fixed(16)))
REQUEST = Choice("Nothing", ("Command", Command(id=U64, action=ACTION)), ("Query", QUERY))

# --- sections 7.3, 7.4, 7.6 -----------------------------------------------------------------------------------------

REASON = Choice("Unsupported", "Expired", "ValidTooLong", "ClockNotTrusted", "IdConflict", "OutcomeUnknown", "IdTooFar",
                "StorageBusy", "StorageFault", "PositionUnknown", "LockedOut", "WrongCode", "NotPermitted",
                "StaleConfiguration", "InvalidArgument", "Moving", "DoorOpen", "BatteryCritical")
OUTCOME = Choice("Started", "Done", ("Refused", REASON), "Jammed", "TimedOut", "Superseded", "Interrupted", "NotExecuted")
CAUSE = Choice("Unknown", "Boot", "RemoteLive", "RemoteSealed", "VirtualKey", ("Keypad", Struct(slot=U8)), "Manual",
               "AutoRelock", "Mechanism")


def fact(*values):
    return Struct(value=Choice(*values), cause=CAUSE, age=U32, sequence=U32)


STATUS = Struct(
    sequence=U32,
    bolt=fact("Unknown", "Extended", "Retracted", "Between"),
    target=fact("None", "Locked", "Unlocked"),
    motion=Choice("Still", "Extending", "Retracting"),
    door=fact("Unknown", "Open", "Closed"),
    fault=fact("None", "Jammed", "MotorTimeout"),
    battery=Optional(Struct(resting=U16, age=U32)),
    relock_in=Optional(U32),
    clock=Choice("Unset", "Floor", ("Trusted", Struct(error_ms=U32))),
    lockout=U32,
    configuration=U32,
)
MARKS = Struct(down=U64, command=U64)
REPLY = Choice("Nothing", ("Command", Struct(id=U64, outcome=OUTCOME, repeat=Bool())), ("Status", STATUS),
               ("Marks", Struct(nonce=Fixed(16), marks=MARKS)), "NotUnderstood")
ALARM = Choice("Jammed", "WrongCodeLimit", "Forced", "BatteryLow", "StorageCorrupt")
EVENT = Choice(("Changed", STATUS), ("Finished", Struct(id=U64, outcome=OUTCOME)), ("Alarm", ALARM))

MESSAGES = {
    "Opening": Struct(time=Optional(U64), request=REQUEST),
    "Live": Struct(valid_until=U64, request=REQUEST),
    "Sealed": Struct(issued_at=U64, not_after=Optional(U64), request=REQUEST),
    "Answer": Struct(uptime=U64, boot=U64, marks=MARKS, reply=REPLY),
    "Report": Struct(uptime=U64, body=Choice(("Reply", REPLY), ("Event", EVENT))),
    "SealedReport": Choice(("Receipt", Struct(id=U64, outcome=OUTCOME, configuration=U32)),
                           ("MarksAnswer", Struct(nonce=Fixed(16), marks=MARKS)), ("MarksHint", Struct(marks=MARKS)),
                           ("Status", Struct(boot=U64, status=STATUS))),
}


def read(message, body):
    """The fields of a body; raises Malformed or UnknownAction."""
    reader = Reader(body)
    fields = MESSAGES[message].read(reader)
    reader.end()
    return fields


def write(message, fields):
    return MESSAGES[message].write(fields)


def action_identity(action):
    """The action bytes of section 6: without the digits of a PIN and their length."""
    reader = Reader(action)
    fields = ACTION.read(reader)
    reader.end()
    pin = fields["Configure"]["setting"].get("SetPin") if isinstance(fields, dict) else None
    return action[:len(action) - len(Digits().write(pin["digits"]))] if pin else action
