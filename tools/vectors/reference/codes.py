"""Section 3.6 of docs/protocol.md: offline codes."""

from profile_s import hchacha20

LEFT, RIGHT, ROUNDS = 31_250, 32_000, 12
SPAN = 4 * 1_461 * 24
QUARTER = 15 * 60_000

# duration and unit in quarters of an hour, and serials
CLASSES = {
    "Once": (96, 4, 4), "OneHour": (4, 1, 1), "TwoHours": (8, 1, 1), "FourHours": (16, 2, 1), "TwelveHours": (48, 4, 1),
    "OneDay": (96, 4, 1), "TwoDays": (192, 8, 1), "ThreeDays": (288, 12, 1), "OneWeek": (672, 12, 1),
    "TwoWeeks": (1344, 24, 1), "FourWeeks": (2688, 48, 1),
}


class Series:
    def __init__(self, leaf, code_epoch, since):
        self.key = hchacha20(leaf, b"lk1/code" + code_epoch.to_bytes(4, "big") + since.to_bytes(4, "big"))
        self.since = since

    def step(self, number, half, side):
        drawn = hchacha20(self.key, bytes([number]) + bytes(11) + half.to_bytes(4, "big"))[:8]
        return int.from_bytes(drawn, "big") * side >> 64

    def digits(self, meaning):
        a, b = divmod(meaning, RIGHT)
        for number in range(ROUNDS):
            if number % 2 == 0:
                a = (a + self.step(number, b, LEFT)) % LEFT
            else:
                b = (b + self.step(number, a, RIGHT)) % RIGHT
        return f"{a * RIGHT + b:09}"

    def meaning(self, digits):
        a, b = divmod(int(digits), RIGHT)
        for number in reversed(range(ROUNDS)):
            if number % 2 == 0:
                a = (a - self.step(number, b, LEFT)) % LEFT
            else:
                b = (b - self.step(number, a, RIGHT)) % RIGHT
        return a * RIGHT + b

    def slot(self, wanted, start, serial):
        before = 0
        for name, (_, unit, serials) in CLASSES.items():
            if name == wanted:
                index = start // unit - self.since * 4 // unit
                if start % unit or not 0 <= index < SPAN // unit or serial >= serials:
                    return None
                return before + index * serials + serial
            before += SPAN // unit * serials

    def read(self, digits):
        slot = self.meaning(digits)
        for name, (_, unit, serials) in CLASSES.items():
            if slot < SPAN // unit * serials:
                index, serial = divmod(slot, serials)
                return (name, (self.since * 4 // unit + index) * unit, serial)
            slot -= SPAN // unit * serials
        return None


def window(name, start):
    return (start * QUARTER, (start + CLASSES[name][0]) * QUARTER)
