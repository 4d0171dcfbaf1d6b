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


class LogEntries:
    """A byte string of at most 336 bytes: of each entry its MAC, the length of its body, and the body."""

    def write(self, value):
        data = bytes.fromhex(value)
        self.check(data)
        return Integer(32).write(len(data)) + data

    def read(self, reader):
        data = reader.take(int(Integer(32).read(reader)))
        self.check(data)
        return data.hex()

    def check(self, data):
        if len(data) > 336:
            raise Malformed("more than a page")
        page = Reader(data)
        while page.place < len(data):
            page.take(16)
            if not page.take(page.take(1)[0]):
                raise Malformed("an empty entry")


class Signed:
    """A number of 8 bits as it is; one of 16 bits with its sign in bit 0."""

    def __init__(self, bits):
        self.bits = bits

    def write(self, value):
        number = int(value)
        assert -(1 << self.bits - 1) <= number < 1 << self.bits - 1
        if self.bits == 8:
            return bytes([number & 0xFF])
        return Integer(self.bits).write(2 * number if number >= 0 else -2 * number - 1)

    def read(self, reader):
        number = int(Integer(self.bits).read(reader))
        if self.bits == 8:
            return str(number - 256 if number > 127 else number)
        return str(number // 2 if number % 2 == 0 else -(number + 1) // 2)


class List:
    """So many values, one after the other."""

    def __init__(self, inner, length):
        self.inner, self.length = inner, length

    def write(self, value):
        assert len(value) == self.length
        return b"".join(self.inner.write(each) for each in value)

    def read(self, reader):
        return [self.inner.read(reader) for _ in range(self.length)]


class Profile:
    """The byte of a profile, as in a Hello."""

    def write(self, value):
        return bytes([int(value)])

    def read(self, reader):
        byte = reader.take(1)[0]
        if byte not in (1, 2):
            raise Malformed("a profile is 1 or 2")
        return str(byte)


class Identifier:
    """1 to 16 bytes, as a byte string."""

    def write(self, value):
        data = bytes.fromhex(value)
        return U64.write(len(data)) + data

    def read(self, reader):
        data = reader.take(int(U64.read(reader)))
        if not 1 <= len(data) <= 16:
            raise Malformed("the identifier of a token has 1 to 16 bytes")
        return data.hex()


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


class Piece:
    """1 to 448 bytes of an image, as a byte string."""

    def write(self, value):
        data = bytes.fromhex(value)
        return U64.write(len(data)) + data

    def read(self, reader):
        data = reader.take(int(U64.read(reader)))
        if not 1 <= len(data) <= 448:
            raise Malformed("a chunk has 1 to 448 bytes")
        return data.hex()


class Chunk(Struct):
    """A record with a piece of an image: request 3, behind the header."""

    def write(self, value):
        first, *rest = ((kind, value[name]) for name, kind in self.fields.items())
        header, others = first[0].write(first[1]), [kind.write(part) for kind, part in rest]
        return header + U32.write(3) + b"".join(others)

    def read(self, reader):
        fields = {}
        for place, (name, kind) in enumerate(self.fields.items()):
            if place == 1 and U32.read(reader) != "3":
                raise Malformed("not a chunk")
            fields[name] = kind.read(reader)
        return fields


class Command(Struct):
    """An id and an action; an action that is beyond the tables is refused by the id."""

    def read(self, reader):
        command = U64.read(reader)
        try:
            return {"id": command, "action": ACTION.read(reader)}
        except NewerAction:
            raise UnknownAction(command) from None


U8, U16, U32, U64 = Integer(8), Integer(16), Integer(32), Integer(64)
I8, I16 = Signed(8), Signed(16)

# --- sections 7.1, 7.2, 7.5 -----------------------------------------------------------------------------------------

MODE = Choice("Normal", "Vacation", "Privacy", "NoRemote", "Passage")
CREDENTIAL_KIND = Choice("ProgrammingPin", "Pin", "Rfid", "Fingerprint", "FingerVein", "Face", "Fob", "VirtualKey")
PUT = Choice("Add", "Replace", "Set")
CODE_CLASS = Choice("Once", "OneHour", "TwoHours", "FourHours", "TwelveHours", "OneDay", "TwoDays", "ThreeDays", "OneWeek",
                    "TwoWeeks", "FourWeeks")
TABLE = Choice("Settings", "Users", "Credentials", "Windows", "Holidays")
SUPPLY = Choice("Alkaline", "Lithium", "NiMh", "Mains")
MECHANICS = Struct(latch=Choice("None", "Unsensed", "Sensed"), latch_hold=U8, lock_n_go=U8, lock_on_close=U32,
                   ajar_after=U32, retries=U8)
POLICY = Struct(wrong_codes=U8, critical_battery=Choice("FailSecure", "FailSafe"),
                remote_at_unknown=Choice("Refuse", "Permit"), sound=Choice("Normal", "Quiet"))
NIGHT = Struct(**{"from": U16, "until": U16, "relock": U32})
ZONE = Struct(offset=I16, transitions=List(Optional(Struct(at=U64, offset=I16)), 4))
POWER_SUPPLY = Struct(supply=SUPPLY, cells=U8)
USER_KIND = Choice("Unrestricted", "YearDay", "WeekDay", "Programming", "NonAccess", "Forced", "Disposable",
                   ("Expiring", Struct(minutes=U16)), "ScheduleRestricted", "RemoteOnly", "Holiday")
USER = Struct(kind=USER_KIND, status=Choice("Enabled", "Disabled"), rule=Choice("Single", "Dual", "Tri"),
              not_before=Optional(U64), not_after=Optional(U64))
SPAN = Choice(("Weekly", Struct(**{"days": U8, "from": U16, "until": U16})),
              ("Dates", Struct(**{"from": U64, "until": U64})))
WINDOW = Struct(user=U8, span=SPAN)
HOLIDAY = Struct(**{"from": U64, "until": U64, "mode": Optional(MODE)})
SECRET = Choice(("Pin", Digits()), ("Token", Identifier()))
SETTING = Choice(("AutoRelock", U32), ("Mechanics", MECHANICS), ("Policy", POLICY), ("Night", Optional(NIGHT)), ("Zone", ZONE),
                 ("PowerSupply", POWER_SUPPLY), ("SetUser", Struct(slot=U8, put=PUT, user=USER)),
                 ("SetWindow", Struct(slot=U8, put=PUT, window=WINDOW)),
                 ("SetHoliday", Struct(slot=U8, put=PUT, holiday=HOLIDAY)),
                 ("SetCredential", Struct(slot=U8, put=PUT, user=Optional(U8), kind=CREDENTIAL_KIND, secret=SECRET)),
                 ("Clear", Struct(table=TABLE, slot=U8)),
                 ("OfflineCodes", Struct(switch=Choice("Off", "On"), epoch=U32, since=U32)),
                 ("RestoreCredential", Struct(slot=U8, put=PUT, user=Optional(U8), kind=CREDENTIAL_KIND, check=Fixed(8),
                                              hash=Fixed(16))), beyond=NewerAction)
MANIFEST = Struct(model=U32, version=U32, rollback_index=U32, size=U32, sha256=Fixed(32))
ACTION = Choice("Lock", "Unlock", ("Configure", Struct(version=U32, setting=SETTING)), "Unlatch",
                ("UnlockFor", Struct(delay=U32)), "LockNGo", ("SetMode", MODE), "Calibrate", "SelfTest", "EndLockout",
                ("RevokeTickets", Struct(epoch=U32)), ("DenyTicket", Struct(epoch=U32, serial=U64)),
                ("PrepareRotation", Struct(epoch=U32, share=Fixed(32))), ("CommitRotation", Struct(epoch=U32)),
                ("AdoptPinKey", Fixed(32)), ("AcknowledgeLog", Struct(key_epoch=U32, index=U64, mac=Fixed(16))),
                ("EndOwnership", Struct(key_epoch=U32)), ("OfferUpdate", MANIFEST),
                ("InstallUpdate", Struct(version=U32, trial=U32)), beyond=NewerAction)
QUERY = Choice("Status", ("Command", U64), ("Marks", Fixed(16)), "Digest", ("Items", Struct(table=TABLE, first=U8)), "Health",
               "Rotation", ("Secrets", Struct(first=U8)), ("Log", Struct(**{"from": U64, "nonce": Fixed(16)})), "Update",
               "Tickets")
REQUEST = Choice("Nothing", ("Command", Command(id=U64, action=ACTION)), ("Query", QUERY))

# --- sections 7.3, 7.4, 7.6 -----------------------------------------------------------------------------------------

REASON = Choice("Unsupported", "Expired", "ValidTooLong", "ClockNotTrusted", "IdConflict", "OutcomeUnknown", "IdTooFar",
                "StorageBusy", "StorageFault", "PositionUnknown", "LockedOut", "WrongCode", "NotPermitted",
                "StaleConfiguration", "InvalidArgument", "Moving", "DoorOpen", "BatteryCritical", "UserDisabled",
                "OutsideSchedule", "OutsideValidity", "NoAccess", "AlreadyUsed", "MoreCredentials", "RemoteOnly",
                "VacationMode", "PrivacyMode", "NoRemoteMode", "PassageMode", "Duplicate", "Occupied", "Vacant",
                "NoSuchSlot", "NoSuchUser", "UserInUse", "NoLatch", "Busy", "DoorNotClosed", "PresenceNeeded",
                "TicketRevoked", "TicketStale", "InvalidTicket", "TicketsFull", "SessionNeeded", "AnotherPinKey",
                "RollbackRefused", "WrongModel", "ImageTooLarge", "AlreadyRuns", "DigestMismatch", "UpdateNotReady",
                "UpdateUnderWay", "BatteryLow")
OUTCOME = Choice("Started", "Done", ("Refused", REASON), "Jammed", "TimedOut", "Superseded", "Interrupted", "NotExecuted")
CAUSE = Choice("Unknown", "Boot", "RemoteLive", "RemoteSealed", "VirtualKey",
               ("Credential", Struct(kind=CREDENTIAL_KIND, slot=U8, user=Optional(U8))), "Manual", "AutoRelock", "Mechanism",
               "Button", "Schedule", "Battery", "Reset",
               ("OfflineCode", Struct(**{"class": CODE_CLASS, "start": U32})))
TARGET = Choice("None", "Locked", "Unlocked", "Unlatched")
BOLT = Choice("Unknown", "Extended", "Retracted", "Between")
BOOT_REASON = Choice("Unknown", "PowerOn", "BrownOut", "Watchdog", "Software", "Update", "ResetPin")


def fact(*values):
    value = values[0] if isinstance(values[0], Choice) else Choice(*values)
    return Struct(value=value, cause=CAUSE, age=U32, sequence=U32)


STATUS = Struct(
    sequence=U32,
    bolt=fact(BOLT),
    latch=fact("Unknown", "Engaged", "Held"),
    target=fact(TARGET),
    motion=Choice("Still", "Extending", "Retracting", "Unlatching", "HoldingLatch", "Releasing", "Relieving", "Pausing"),
    door=fact("Unknown", "Open", "Closed", "Ajar", "Forced", "Faulty"),
    calibration=fact("Needed", "Running", "Done", "Failed"),
    fault=fact("None", "Jammed", "MotorTimeout", "ClutchFailed", "BoltSensor"),
    mode=fact(MODE),
    battery=Optional(Struct(resting=U16, percent=Optional(U8), age=U32)),
    relock_in=Optional(U32),
    clock=Choice("Unset", "Floor", ("Trusted", Struct(error_ms=U32))),
    lockout=U32,
    configuration=U32,
)
PART = Choice("Unknown", "Good", "Silent", "Contradictory")
DRIVE = Struct(goal=TARGET, end=Choice("Arrived", "Stalled", "TimedOut", "Superseded"), duration_ms=U16, attempts=U8)
UPDATE_STATE = Choice("None", "Receiving", "Ready", "Trial", "Failed", "RolledBack")
HEALTH = Struct(
    status=STATUS,
    uptime=U32,
    boots=Struct(count=U64, reason=BOOT_REASON, brown_outs=U16, watchdogs=U16),
    power=Struct(supply=POWER_SUPPLY, level=Choice("Unknown", "Good", "Low", "Critical"), resting=Optional(U16),
                 loaded=Optional(U16), temperature=Optional(I8), percent=Optional(U8), read_ago=Optional(U32),
                 days_left=Optional(U16), replaced_at=Optional(U64), rapid_drain=Bool(), keypad=Optional(U16)),
    motor=Struct(drives=U32, stalls=U16, timeouts=U16, learned=Optional(Struct(extend_ms=U16, retract_ms=U16)),
                 last=List(Optional(DRIVE), 4)),
    parts=Struct(bolt_sensor=PART, door_sensor=PART, accelerometer=PART, keypad=PART, light=PART, buzzer=PART,
                 tamper_contact=PART),
    radio=Struct(signal=Optional(I8), cloud_heard_ago=Optional(U32), link_drops=U16, bad_packets=U16),
    refusals=List(U16, 8),
    firmware=Struct(version=U32, update=UPDATE_STATE),
    log=Struct(pending=U32, capacity=U32),
    self_test=List(Choice("NotRun", "Passed", "Failed"), 6),
)
MARKS = Struct(down=U64, command=U64)
DIGEST = Struct(version=U32, digest=Fixed(16))
LOG_ANSWER = Struct(**{"key_epoch": U32, "first": U64, "next": U64, "last_mac": Fixed(16), "tag": Fixed(16), "from": U64,
                       "previous": Fixed(16), "entries": LogEntries()})
ITEMS = Struct(table=TABLE, first=U8, versions=List(U32, 16))
TICKETS = Struct(epoch=U32, denied=U8)
SECRETS = Struct(key=Fixed(32), slots=U8, first=U8, secrets=List(Optional(Struct(
    version=U32, user=Optional(U8), kind=CREDENTIAL_KIND, hash=Fixed(16))), 8))
UPDATE = Struct(state=UPDATE_STATE, manifest=Optional(MANIFEST), wanted=U32, version=U32, rollback_index=U32,
                failure=Optional(REASON))
REPLY = Choice("Nothing", ("Command", Struct(id=U64, outcome=OUTCOME, repeat=Bool())), ("Status", STATUS),
               ("Marks", Struct(nonce=Fixed(16), marks=MARKS)), "NotUnderstood", ("Digest", DIGEST), ("Items", ITEMS),
               ("Health", HEALTH),
               ("Rotation", Struct(epoch=U32, prepared=Optional(Struct(epoch=U32, digest=Fixed(16), share=Fixed(32))))),
               ("Secrets", SECRETS), ("Log", LOG_ANSWER),
               ("Unowned", Struct(key_epoch=U32, revocation_epoch=U32, configuration=U32, code_epoch=U32)),
               ("Claimed", OUTCOME), ("Update", UPDATE), ("Wanted", U32), ("Tickets", TICKETS))
ALARM = Choice("Jammed", "WrongCodeLimit", "Forced", "BatteryLow", "StorageCorrupt", "DoorAjar", "Tamper", "Duress",
               "FactoryReset", "RadioReset", "BatteryCritical", "BatteryDrain", "ClockLost", "LogNearlyFull", "ClutchFailed",
               "SensorFault", "UpdateFailed", "UpdateRolledBack")
EVENT = Choice(("Changed", STATUS), ("Finished", Struct(id=U64, outcome=OUTCOME)), ("Alarm", ALARM), ("Update", UPDATE))

# --- section 7.7 ----------------------------------------------------------------------------------------------------

LOG_TIME = Choice("Unset", ("Floor", U64), ("Trusted", Struct(earliest=U64, span_ms=U32)))
LOG_EVENT = Choice(("Booted", BOOT_REASON), ("Asked", TARGET), ("Bolt", BOLT), ("Refused", REASON),
                   ("Configured", Struct(version=U32, table=TABLE, slot=U8)), ("Alarm", ALARM), ("Mode", MODE), "ClockSet",
                   "ClockLost", "FactoryReset", ("Overwritten", Struct(first=U64, last=U64)), ("Lost", U32), ("KeyEpoch", U32))

MESSAGES = {
    "LogEntry": Struct(boot=U64, uptime=U64, time=LOG_TIME, cause=CAUSE, command=Optional(U64), event=LOG_EVENT),
    "Opening": Struct(time=Optional(U64), request=REQUEST),
    "Live": Struct(valid_until=U64, request=REQUEST),
    "Chunk": Chunk(valid_until=U64, image=Fixed(8), offset=U32, bytes=Piece()),
    "Sealed": Struct(issued_at=U64, not_after=Optional(U64), request=REQUEST),
    "Answer": Struct(uptime=U64, boot=U64, marks=MARKS, reply=REPLY),
    "Report": Struct(uptime=U64, body=Choice(("Reply", REPLY), ("Event", EVENT))),
    "SealedReport": Choice(("Receipt", Struct(id=U64, outcome=OUTCOME, configuration=U32)),
                           ("MarksAnswer", Struct(nonce=Fixed(16), marks=MARKS)), ("MarksHint", Struct(marks=MARKS)),
                           ("Status", Struct(boot=U64, status=STATUS)), ("Digest", DIGEST), ("Items", ITEMS),
                           ("Health", Struct(boot=U64, health=HEALTH)), ("Log", LOG_ANSWER), ("Update", UPDATE),
                           ("Tickets", TICKETS)),
    "NewOwner": Struct(valid_until=U64, profile=Profile(), root=Fixed(32)),
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
    """The action bytes of section 6: without the bytes of a secret and their length."""
    reader = Reader(action)
    fields = ACTION.read(reader)
    reader.end()
    return action[:len(action) - secret_length(fields)]


def secret_length(action):
    """How many bytes of an action, at its end, are a secret with its length, a hash or a key."""
    name, fields = next(iter(action.items())) if isinstance(action, dict) else (action, None)
    if name == "AdoptPinKey":
        return 32
    setting = fields["setting"] if name == "Configure" else None
    if not isinstance(setting, dict):
        return 0
    if "RestoreCredential" in setting:
        return 16
    if "SetCredential" not in setting:
        return 0
    (secret,) = setting["SetCredential"]["secret"].values()
    return 1 + len(secret) // 2


# --- section 11 -----------------------------------------------------------------------------------------------------

BACKUP_ITEM = Struct(version=U32, setting=SETTING)
BACKUP_HEAD = Struct(taken_at=U64, key=Fixed(32))


def write_backup(fields):
    """The body of a backup."""
    head = {name: fields[name] for name in ("taken_at", "key")}
    items = fields["items"]
    return BACKUP_HEAD.write(head) + U16.write(str(len(items))) + b"".join(map(BACKUP_ITEM.write, items))


def read_backup(body):
    """The fields of a backup; raises Malformed."""
    reader = Reader(body)
    fields = BACKUP_HEAD.read(reader)
    fields["items"] = [BACKUP_ITEM.read(reader) for _ in range(int(U16.read(reader)))]
    reader.end()
    return fields


def items_digest(items, sha256):
    """Section 6.1: the hash over the items of a configuration, in the order of table and slot."""
    digest = bytes(16)
    for item in items:
        if int(item["version"]):
            place = TABLE.write(item["table"]) + U8.write(item["slot"])
            digest = sha256(b"lk1/items\0" + digest + place + int(item["version"]).to_bytes(4, "big"))[:16]
    return digest
