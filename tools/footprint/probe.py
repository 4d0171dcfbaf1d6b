"""Runs the operations of a lock on an emulated board: their instructions, counted by a plugin, and their stack, painted."""

import subprocess
from pathlib import Path

from chips import symbols
from library import LOCK, REPOSITORY

HERE = REPOSITORY / "tools/footprint"
BOARD = [LOCK / name for name in ("start.c", "clock.c", "uart.c")]
METER = HERE / "probe/meter.c"
NOTHING = "-"
TIME_LIMIT_S = 120


def plugin(builder):
    file = builder.folder() / "count.so"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", file, HERE / "count.c"], check=True)
    return file


def measure(builder, chip, program, archive, *flags):
    """What the operations of a program cost: name -> (instructions, bytes of stack)."""
    objects = builder.compiled(chip, [HERE / "probe" / program, METER, *BOARD], *flags)
    image = builder.folder() / f"{archive.stem}-probe.elf"
    subprocess.run([chip.tool("gcc"), *chip.flags, "-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
                    "-Wl,-z,noexecstack", "-T", LOCK / "board.ld", *objects, archive, "-o", image], check=True)
    return run(builder, chip, image)


def run(builder, chip, image):
    said, counts = image.with_suffix(".said"), image.with_suffix(".counts")
    marks = {symbol.name: symbol.address for symbol in symbols(chip, image) if symbol.name.startswith("meter_mark_")}
    arguments = ",".join(f"{name}=0x{marks[f'meter_mark_{name}'] & ~1:x}" for name in ("start", "stop", "tell"))
    with open(said, "w", encoding="ascii") as out:
        subprocess.run(["qemu-system-arm", "-M", "mps2-an386", "-cpu", "cortex-m4", "-display", "none", "-nodefaults", "-nic", "none", "-monitor", "none",
                        "-serial", "stdio", "-serial", "null", "-semihosting-config", "enable=on,target=native",
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
