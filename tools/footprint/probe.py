"""Runs the operations of a lock on an emulated board: their instructions, counted by a plugin, and their stack, painted."""

import subprocess
from pathlib import Path

from boards import PROBE
from chips import symbols

PLUGIN = Path(__file__).parent / "count.c"
NOTHING = "-"
#: The other end of a session may be deeper than the device, which is measured.
STACK = 64 * 1024
TIME_LIMIT_S = 120


def plugin(builder):
    file = builder.folder() / "count.so"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", file, PLUGIN], check=True)
    return file


def measure(builder, chip, program, archive, *flags):
    """What the operations of a program cost: name -> (instructions, bytes of stack)."""
    board = chip.board
    objects = builder.compiled(chip, [PROBE / program, PROBE / "meter.c", *board.sources], *(f"-I{folder}" for folder in board.includes), *flags)
    image = builder.folder() / f"{archive.stem}-probe.elf"
    subprocess.run([chip.tool("gcc"), *chip.flags, "-nostartfiles", *board.libraries, "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
                    "-Wl,-z,noexecstack", f"-Wl,--defsym=STACK={STACK}", "-T", board.script, *objects, archive, "-lgcc", "-o", image], check=True)
    return run(builder, chip, image)


def run(builder, chip, image):
    said, counts = image.with_suffix(".said"), image.with_suffix(".counts")
    marks = {symbol.name: symbol.address for symbol in symbols(chip, image) if symbol.name.startswith("meter_mark_")}
    arguments = ",".join(f"{name}=0x{marks[f'meter_mark_{name}'] & ~1:x}" for name in ("start", "stop", "tell"))
    with open(said, "w", encoding="ascii") as out:
        subprocess.run([*chip.board.emulator, "-display", "none", "-nodefaults", "-nic", "none", "-monitor", "none", "-serial", "stdio",
                        "-plugin", f"{plugin(builder)},{arguments},counts={counts}", "-kernel", image],
                       check=True, stdin=subprocess.DEVNULL, stdout=out, timeout=TIME_LIMIT_S)
    return paired(said.read_text(encoding="ascii").splitlines(), counts.read_text(encoding="ascii").splitlines())


def paired(said, counts):
    """The program tells names and stack, the plugin instructions, in the same order."""
    if len(said) != len(counts) or not said:
        raise SystemExit(f"the program told {len(said)} operations and the plugin {len(counts)}")
    costs = {}
    for line, count in zip(said, counts):
        name, stack = line.split("\t")
        if name != NOTHING:
            costs[name] = (int(count), int(stack))
    return costs
