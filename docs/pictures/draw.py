#!/usr/bin/env python3
"""Draws the pictures of the documents: `python3 docs/pictures/draw.py` writes the SVG files beside it. Standard library only."""

from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent

STYLE = """
  text { font-family: system-ui, sans-serif; font-size: 13px; fill: #1c2733 }
  .over { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round }
  .title { font-weight: 600; font-size: 14px }
  .small { font-size: 11.5px; fill: #4a5866 }
  .page { fill: #ffffff }
  .box { fill: #eef3f8; stroke: #5b6b7b; stroke-width: 1.2 }
  .hostile { fill: #fdf0ee; stroke: #b4493b; stroke-width: 1.2; stroke-dasharray: 6 4 }
  .part { fill: #ffffff; stroke: #9aa8b5; stroke-width: 1 }
  .line { stroke: #34495e; stroke-width: 1.6; fill: none; marker-end: url(#tip) }
  .life { stroke: #9aa8b5; stroke-width: 1; stroke-dasharray: 3 4 }
  .tip { fill: #34495e }
  .key { fill: #1c6b3c; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e3e9ef }
    .over { stroke: #10161c }
    .small { fill: #a9b6c2 }
    .page { fill: #10161c }
    .box { fill: #1b2631; stroke: #8fa1b3 }
    .hostile { fill: #2e1c1a; stroke: #e0806f }
    .part { fill: #10161c; stroke: #5b6b7b }
    .line { stroke: #b8c7d6 }
    .life { stroke: #5b6b7b }
    .tip { fill: #b8c7d6 }
    .key { fill: #7fd6a0 }
  }
"""


class Picture:
    """An SVG under construction."""

    def __init__(self, width, height, label):
        self.parts = []
        self.head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">\n'
            f"<style>{STYLE}</style>\n"
            '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
            '<path class="tip" d="M0,0 L9,4 L0,8 Z"/></marker></defs>\n'
            f'<rect class="page" width="{width}" height="{height}"/>\n'
        )

    def box(self, left, top, width, height, kind="box"):
        self.parts.append(
            f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="7"/>'
        )

    def text(self, x, y, words, kind="", anchor="start"):
        self.parts.append(f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, kind="line"):
        self.parts.append(f'<path class="{kind}" d="M{x1},{y1} L{x2},{y2}"/>')

    def part(self, left, top, width, title, *notes):
        self.box(left, top, width, 24 + 16 * len(notes), "part")
        self.text(left + 10, top + 17, title)
        for row, note in enumerate(notes):
            self.text(left + 10, top + 34 + 16 * row, note, "small")

    def save(self, name):
        (HERE / name).write_text(self.head + "\n".join(self.parts) + "\n</svg>\n", encoding="utf-8")


def system():
    picture = Picture(960, 430, "A cloud, a hostile phone and a lock, with the crates that run in each")
    columns = [(20, 290, "Cloud: decides and holds the keys", "box"),
               (370, 220, "Phone, relay: hostile", "hostile"),
               (650, 290, "Lock: checks, moves, remembers", "box")]
    for left, width, title, kind in columns:
        picture.box(left, 20, width, 340, kind)
        picture.text(left + width / 2, 44, title, "title", "middle")
    picture.part(35, 60, 260, "service, apps", "users, tokens, rights; REST, relay")
    picture.part(35, 114, 260, "lock-fleet", "wrapped keys, numbers taken once", "queues, audit; SQLite, one owner")
    picture.part(35, 184, 260, "lock-core :: cloud", "Connecting, Session, seal_down, open_up", "no word of a relay is believed")
    picture.part(35, 254, 260, "lock-crypto + lock-proto", "keys, handshakes, records; bytes")
    picture.text(35, 326, "Root key of each lock, wrapped", "key")
    picture.text(35, 344, "Random, never from a public id", "small")

    picture.part(385, 60, 190, "lock-core :: holder", "sees kind, length, counter")
    for row, words in enumerate(["may record, replay, delay, drop,", "reorder, reflect, splice and forge", "",
                                 "cannot read, cannot make,", "cannot use anything twice", "",
                                 "holds no key of the lock"]):
        picture.text(480, 140 + 19 * row, words, "small", "middle")

    picture.part(665, 60, 260, "run loop (yours)", "handle, poll_output, persist, motor, sleep")
    picture.part(665, 114, 260, "lock-core :: device", "links, command ledger, marks, barriers", "ordered outputs")
    picture.part(665, 184, 260, "lock-state", "bolt, door, motor, codes, clock: decide()", "\"locked\" on sensor evidence alone")
    picture.part(665, 254, 260, "lock-store", "journal in NOR flash; survives any cut")
    picture.text(665, 326, "Leaf keys of this lock alone", "key")
    picture.text(665, 344, "No heap, clock, socket, random source", "small")

    picture.line(312, 262, 368, 262)
    picture.line(592, 262, 648, 262)
    picture.line(648, 290, 592, 290)
    picture.line(368, 290, 312, 290)
    for y, packets, meaning in [(388, "Hello, Message1, Message2, Record:", "the lock is reached now; one round trip to the motor"),
                                (410, "SealedDown, SealedUp:", "the lock is not reached now; stored and forwarded")]:
        picture.text(470, y, packets, "key", "end")
        picture.text(480, y, meaning)
    picture.save("system.svg")


def unlock():
    lanes = [("Cloud", 125), ("Phone (hostile)", 330), ("Lock", 545), ("Flash", 705), ("Motor, sensors", 865)]
    x = dict(lanes)
    picture = Picture(960, 640, "One unlock, from the lock's Hello to the sensor's evidence")
    for name, at in lanes:
        picture.box(at - 75, 14, 150, 30, "hostile" if "hostile" in name else "box")
        picture.text(at, 34, name, "title", "middle")
        picture.line(at, 44, at, 620, "life")

    def arrow(y, start, end, words, note=""):
        left, right = x[start], x[end]
        side = 6 if right > left else -6
        picture.line(left + side, y, right - side, y)
        picture.text((left + right) / 2, y - 6, words, "over", "middle")
        if note:
            picture.text((left + right) / 2, y + 14, note, "small over", "middle")

    def does(y, lane, words, note="", anchor="middle"):
        picture.text(x[lane], y, words, "key over", anchor)
        if note:
            picture.text(x[lane], y + 15, note, "small over", anchor)

    arrow(80, "Lock", "Phone (hostile)", "Hello", "fresh nonce, used once")
    arrow(100, "Phone (hostile)", "Cloud", "Hello, “unlock”")
    does(130, "Cloud", "rights, then numbers", "attempt and command id, durably")
    arrow(180, "Cloud", "Phone (hostile)", "Message1", "the command is inside")
    arrow(196, "Phone (hostile)", "Lock", "Message1", "as it came, or not at all")
    does(236, "Lock", "tag, freshness, id, decide()", "the Hello is burned, valid or not")
    arrow(284, "Lock", "Flash", "mark, ledger")
    arrow(312, "Flash", "Lock", "read back")
    does(340, "Flash", "power cut before: nothing happened", "power cut after: never run again, and a query says so")
    arrow(394, "Lock", "Motor, sensors", "Retract", "the motor comes before the answer is computed")
    arrow(434, "Lock", "Phone (hostile)", "Message2: Started")
    arrow(450, "Phone (hostile)", "Cloud", "Message2", "the core opens it, not the phone")
    arrow(502, "Motor, sensors", "Lock", "bolt sensor: Retracted", "stop, at once, past any barrier")
    arrow(552, "Lock", "Phone (hostile)", "Record: Finished, Done")
    arrow(568, "Phone (hostile)", "Cloud", "Record")
    does(604, "Cloud", "“unlocked” is said now")
    picture.save("unlock.svg")


if __name__ == "__main__":
    system()
    unlock()
