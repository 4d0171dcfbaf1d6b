#!/usr/bin/env python3
"""What the library costs a chip: flash, RAM, stack and instructions, measured, as one table and as JSON.

    footprint.py --cargo CARGO --output FOLDER --json FILE            all chips and feature sets, the key fob, and sessions
    footprint.py --cargo CARGO --output FOLDER --json FILE --quick    what the examples are built from, on the chips that the emulator has
    footprint.py ... --target TARGET                                  of all that, one chip
    footprint.py ... --record                                         the figures become the budget of their rows

CARGO builds core itself, see ci/firmware.sh. Ends with an error where a figure has grown beyond its budget (budget.json) by more than the slack.
"""

import argparse
import json
from pathlib import Path

import library
import limits
import panics
import peers
import probe
from chips import BY_TARGET, CHIPS

M0, M4 = BY_TARGET["thumbv6m-none-eabi"], BY_TARGET["thumbv7em-none-eabi"]
#: The columns of instructions; the others are in the JSON alone.
OPERATIONS = ("handshake", "hello to actuate", "seal", "open", "log append", "ticket redeem", "step", "wrong code", "boot")
#: What a device calls of a session.
DEVICE = ("session_device", "session_device_seal", "session_device_open")
LIMITED = ("hello to actuate", "seal", "open")


def library_row(builder, chip, features, records):
    """One feature set on one chip."""
    archive = builder.library(chip, features)
    run_loop = run_loop_of(builder, library.LOCK, *library.WITHOUT.get(features, ()))
    image = library.linked(builder, chip, archive, library.roots(run_loop))
    filled = library.size_of(library.symbols(chip, archive), "LK_DEVICE_FILLED")
    row = image_row(chip, features, image, run_loop) | {"head_room": library.size_of(run_loop, "device") - filled}
    add_costs(row, probe.measure(builder, chip, "operations.c", archive, *library.probe_flags(features)) | records)
    return row


def run_loop_of(builder, folder, *flags):
    """What a run loop in C names and declares. It is the same for each chip: all have 32 bits."""
    return library.symbols(M0, builder.compiled(M0, [folder / "main.c"], *flags)[0])


def image_row(chip, name, image, run_loop):
    return {"target": chip.target, "set": name, "measured": True, "is_limited": True, "flash": library.flash_of(chip, image),
            "ram": library.ram_of(run_loop), "can_panic": panics.look(chip.tools, image)[0],
            "stack": None, "stacks": {}, "instructions": {}}


def add_costs(row, costs):
    row["instructions"] = {name: count for name, (count, _) in costs.items()}
    row["stacks"] = {name: stack for name, (_, stack) in costs.items()}
    row["stack"] = max(row["stacks"].values())


def records_on(builder, chip):
    """What a record of 64 bytes costs: the same in each feature set."""
    costs = probe.measure(builder, chip, "session.c", builder.session(chip, peers.PROFILE_S))
    return {name: costs[name] for name in ("seal", "open")}


def session_row(builder, chip, session):
    """What an end that answers costs: the handshake, records where there are any. Whether others can panic is theirs to say."""
    archive = builder.session(chip, session)
    image = library.linked(builder, chip, archive, DEVICE)
    complaints = panics.look(chip.tools, image)[0] if session.is_ours else []
    row = {"target": chip.target, "set": session.name, "measured": True, "is_limited": False, "flash": library.flash_of(chip, image), "ram": None,
           "can_panic": complaints}
    add_costs(row, probe.measure(builder, chip, "session.c", archive))
    return row


def fob_row(builder):
    archive = builder.library(M0, library.OF_THE_EXAMPLES)
    run_loop = run_loop_of(builder, library.FOB)
    image = library.linked(builder, M0, archive, library.roots(run_loop))
    return image_row(M0, "key fob", image, run_loop)


def quick(builder):
    records = {M4: records_on(builder, M4), M0: {}}
    return [library_row(builder, chip, library.OF_THE_EXAMPLES, records[chip]) for chip in (M4, M0)]


def whole(builder, chips):
    rows = []
    for chip in chips:
        records = records_on(builder, chip)
        rows += [library_row(builder, chip, features, records) for features in library.SETS]
    if M0 in chips:
        rows.append(fob_row(builder))
    if M4 in chips:
        rows += [session_row(builder, M4, session) for session in peers.SESSIONS] + peers.quoted(M4)
    return rows


def table(rows):
    columns = ["target", "what", "flash", "", "RAM", "", "of it head-room", "stack", "", *(
        title for name in OPERATIONS for title in ([name, ""] if name in LIMITED else [name]))]
    yield line(columns)
    yield line(["---"] * len(columns))
    for row in rows:
        yield line(cells_of(row))


def cells_of(row):
    def number(figure):
        return f"{figure:,}" if figure is not None else ""

    cells = [row["target"], row["set"] + ("" if row["measured"] else f" (quoted: {row['source']})")]
    cells += [number(row.get("flash")), limits.verdict(row, "flash", row.get("flash"))]
    cells += [number(row.get("ram")), limits.verdict(row, "ram", row.get("ram")), number(row.get("head_room"))]
    cells += [number(row.get("stack")), limits.verdict(row, "stack", row.get("stack"))]
    for name in OPERATIONS:
        count = row.get("instructions", {}).get(name)
        cells += [number(count), limits.verdict(row, name, count)] if name in LIMITED else [number(count)]
    return cells


def line(cells):
    return f"| {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cargo", required=True)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--json", required=True, type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--target", choices=BY_TARGET)
    parser.add_argument("--record", action="store_true")
    wish = parser.parse_args()
    builder = library.Builder(wish.cargo, wish.output.resolve())
    rows = quick(builder) if wish.quick else whole(builder, [BY_TARGET[wish.target]] if wish.target else CHIPS)
    print("\n".join(table(rows)))
    wish.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    measured = [row for row in rows if row["measured"]]
    if wish.record:
        limits.record(measured)
    complaints = [f"{limits.key(row)}: {line}" for row in measured for line in row["can_panic"]] + limits.grown(measured)
    print("\n".join(complaints) if complaints else f"{len(measured)} rows within their budget")
    raise SystemExit(bool(complaints))


if __name__ == "__main__":
    main()
