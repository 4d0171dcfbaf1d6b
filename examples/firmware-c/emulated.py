#!/usr/bin/env python3
"""The board in an emulator: its flash is a file that outlives it, its serial ports are sockets of this machine.

    examples/firmware-c/emulated.py make FLASH KEYS.json        the flash of a new chip, as the production line leaves it
    examples/firmware-c/emulated.py run FLASH IMAGE PORT        power, until the process is killed; packets on a port of this machine
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time

from factory import factory_page

FLASH_BYTES = 16 << 20
FACTORY_AT = 8 * 8192
DOOR_AT = 0x20000


def make_flash(path, lock):
    """What the production line leaves in a blank chip: what the keys are made from, and a bolt that is thrown."""
    cells = bytearray(b"\xff" * FLASH_BYTES)
    page = factory_page(lock)
    cells[FACTORY_AT : FACTORY_AT + len(page)] = page
    cells[DOOR_AT : DOOR_AT + 8] = struct.pack("<II", 0, 0)
    with open(path, "wb") as file:
        file.write(cells)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port, within=10):
    end = time.monotonic() + within
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def command(image, flash, *serial):
    """The emulator with this image and flash, and serial ports."""
    ports = [word for port in serial for word in ("-serial", port)]
    return ["qemu-system-arm", "-M", "mps2-an386,memory-backend=nvm", "-object",
            f"memory-backend-file,id=nvm,size={FLASH_BYTES},mem-path={flash},share=on",
            "-display", "none", "-nodefaults", "-monitor", "none", *ports,
            "-semihosting-config", "enable=on,target=native", "-icount", "shift=6,sleep=on", "-kernel", image]


class Board:
    """A board with power. It is on until `cut` or the end of the block."""

    def __init__(self, image, flash, log):
        self.phone_port = free_port()
        bench_port = free_port()
        serial = "tcp:127.0.0.1:{},server=on,wait={},nodelay=on"
        self.process = subprocess.Popen(
            command(image, flash, serial.format(self.phone_port, "off"), serial.format(bench_port, "on")),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.bench = connect(bench_port)
        self.heard = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def line(self, within=10):
        """The next line of the bench."""
        end = time.monotonic() + within
        while b"\n" not in self.heard:
            self.bench.settimeout(max(0.01, end - time.monotonic()))
            more = self.bench.recv(4096)
            if not more:
                raise EOFError(f"the board stopped with code {self.process.wait(5)}")
            self.heard += more
        line, self.heard = self.heard.split(b"\n", 1)
        return line.decode()

    def wait_for(self, wanted, within=10):
        """All lines up to one."""
        lines = []
        while True:
            lines.append(self.line(within))
            if lines[-1].startswith(wanted):
                return lines

    def say(self, line):
        self.bench.sendall(line.encode() + b"\n")

    def cut(self):
        """The power goes, wherever the chip stands."""
        self.process.kill()
        self.process.wait()
        self.bench.close()


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def private(path, text):
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def main():
    match sys.argv[1:]:
        case ["make", flash, keys]:
            make_flash(flash, load(keys))
        case ["run", flash, image, port]:
            words = command(image, flash, f"tcp:127.0.0.1:{port},server=on,wait=off,nodelay=on", "null")
            os.execvp(words[0], words)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
