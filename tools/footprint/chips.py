"""The chips that the library is measured for, and what compiles C for them."""

import subprocess
from dataclasses import dataclass

from boards import AN386, AN505, VIRT, Board


@dataclass(frozen=True)
class Chip:
    target: str
    name: str
    tools: str
    flags: tuple
    #: Where its code is run, so that instructions and stack can be measured.
    board: Board

    def tool(self, name):
        return f"{self.tools}-{name}"


ARM = ("-mthumb",)
CHIPS = (
    Chip("thumbv6m-none-eabi", "Cortex-M0", "arm-none-eabi", ("-mcpu=cortex-m0", *ARM), AN386),
    Chip("thumbv7em-none-eabi", "Cortex-M4", "arm-none-eabi", ("-mcpu=cortex-m4", *ARM), AN386),
    Chip("thumbv8m.main-none-eabi", "Cortex-M33", "arm-none-eabi", ("-mcpu=cortex-m33+nodsp", *ARM), AN505),
    Chip("riscv32imc-unknown-none-elf", "RV32IMC", "riscv64-unknown-elf", ("-march=rv32imc", "-mabi=ilp32"), VIRT),
)
BY_TARGET = {chip.target: chip for chip in CHIPS}

COMPILE = ("-Os", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-ffreestanding",
           "-fno-tree-loop-distribute-patterns", "-ffunction-sections", "-fdata-sections")


def output_of(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


@dataclass(frozen=True)
class Symbol:
    name: str
    kind: str
    address: int
    size: int


def symbols(chip, file):
    """What is defined in an object, an archive or an image, and what is missing there, of kind U."""
    listed = output_of(chip.tool("nm"), "--format=posix", file, stderr=subprocess.DEVNULL)
    found = (line.split() for line in listed.splitlines())
    return [Symbol(fields[0], fields[1], *(int(field, 16) for field in (fields[2:] + ["0", "0"])[:2]))
            for fields in found if len(fields) >= 2 and len(fields[1]) == 1]
