#!/usr/bin/env python3
"""Tables in the documents whose figures were measured, so that they are those that the checks hold the code to.

    docs/figures.py            writes them anew from tools/footprint/budget.json
    docs/figures.py --check    fails where it would write something else

In a document, `<!-- figures: NAME -->`, the table, and `<!-- end of figures -->`.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- figures: (?P<name>[\w-]+) -->\n)(?P<table>.*?)(?P<end>^<!-- end of figures -->$)", re.MULTILINE | re.DOTALL)

CHIPS = {"M4": "thumbv7em-none-eabi", "M0": "thumbv6m-none-eabi", "M33": "thumbv8m.main-none-eabi", "RV32": "riscv32imc-unknown-none-elf"}
WANTED = {"core": "16 KB", "keys": "28 KB", "x25519": "", "all": "48 KB"}
SESSIONS = {
    "ours, profile S": "session alone, profile S",
    "ours, profile X": "session alone, profile X",
    "`snow` 0.10.0, the handshake of profile X": "snow 0.10.0, as profile X, with a heap",
    "`lakers` 0.8.0, EDHOC": "lakers 0.8.0, without records",
}
# No row of ours: the name, and what its authors and one measurement by hand say of its flash.
QUOTED = [("`uoscore-uedhoc`, quoted", 41_000)]


def written(value):
    return "" if value is None else f"{value:,}" if isinstance(value, int) else value


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(written(cell) for cell in line)} |\n" for line in lines)


def library(budget):
    """Flash and instructions of each set on each chip, then RAM and stack, which differ little between chips, on the first."""
    head = ["", *(f"flash, {chip}" for chip in CHIPS), "wanted", *(f"to the motor, {chip}" for chip in CHIPS), "RAM", "stack, M4", "stack, M0"]
    rows = []
    for name, wanted in WANTED.items():
        rows_of = [budget[f"{target}, {name}"] for target in CHIPS.values()]
        first, second = rows_of[:2]
        rows.append(
            [f"`{name}`", *(row["flash"] for row in rows_of), wanted, *(row["hello to actuate"] for row in rows_of), first["ram"], first["stack"], second["stack"]]
        )
    return table(head, rows)


def sessions(budget):
    kinds = ["flash", "stack", "handshake", "seal", "open"]
    head = ["", *kinds, "for speed: flash", *kinds[1:]]
    rows = []
    for title, name in SESSIONS.items():
        small, fast = (budget[f"{CHIPS['M4']}, {name}{how}"] for how in ("", ", for speed"))
        rows.append([title, *(small.get(kind) for kind in kinds), *(fast.get(kind) for kind in kinds)])
    rows += [[title, flash] + [None] * 9 for title, flash in QUOTED]
    return table(head, rows)


TABLES = {"library": library, "sessions": sessions}


def main():
    budget = json.loads((ROOT / "tools/footprint/budget.json").read_text(encoding="utf-8"))
    check = sys.argv[1:] == ["--check"]
    found, stale = 0, []
    for document in sorted(ROOT.glob("docs/*.md")):
        old = document.read_text(encoding="utf-8")
        found += len(BLOCK.findall(old))
        new = BLOCK.sub(lambda block: block[1] + TABLES[block["name"]](budget) + block["end"], old)
        if new != old:
            stale.append(document.relative_to(ROOT))
            if not check:
                document.write_text(new, encoding="utf-8")
    if found < len(TABLES):
        sys.exit(f"{found} of {len(TABLES)} tables were found: a document lost the marks around one")
    if check and stale:
        sys.exit(f"the figures in {', '.join(map(str, stale))} are not those of the budget: run docs/figures.py")
    print(f"{found} tables of figures {'are those of the budget' if check else 'written'}")


if __name__ == "__main__":
    main()
