"""The boards that the emulator has, and what a program needs to run there."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LOCK = REPOSITORY / "examples/firmware-c"
PROBE = REPOSITORY / "tools/footprint/probe"


@dataclass(frozen=True)
class Board:
    #: In C: the start, a serial port, the end.
    sources: tuple
    script: Path
    #: Where the compiler looks for headers, and what it links.
    includes: tuple
    libraries: tuple
    emulator: tuple


#: Runs what a Cortex-M0 runs, too.
AN386 = Board((LOCK / "start.c", LOCK / "clock.c", LOCK / "uart.c"), LOCK / "board.ld", (), ("--specs=nano.specs",),
              ("qemu-system-arm", "-M", "mps2-an386", "-cpu", "cortex-m4", "-semihosting-config", "enable=on,target=native"))
AN505 = Board((LOCK / "start.c", PROBE / "an505.c"), PROBE / "an505.ld", (), ("--specs=nano.specs",),
              ("qemu-system-arm", "-M", "mps2-an505", "-cpu", "cortex-m33", "-semihosting-config", "enable=on,target=native"))
#: Its compiler comes without a C library.
VIRT = Board((PROBE / "virt.c",), PROBE / "virt.ld", (PROBE / "bare",), ("-nostdlib",), ("qemu-system-riscv32", "-M", "virt", "-bios", "none"))
