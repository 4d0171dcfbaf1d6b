#!/usr/bin/env python3
"""Makes a folder that carries the library ready-built, for those who have no Rust: an ESP-IDF component or a PlatformIO library.

    packaging/pack.py esp-idf FOLDER                          for each chip that the component knows
    packaging/pack.py platformio FOLDER --target thumbv7em-none-eabi --target thumbv6m-none-eabi
    packaging/pack.py platformio FOLDER --target host         for this machine

FOLDER must not exist. What follows is the publisher's: `compote component pack` or `upload`, `pio pkg pack` or `publish`.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"esp-idf": ROOT / "packaging" / "esp-idf" / "lock_ffi", "platformio": ROOT / "packaging" / "platformio"}
TARGETS = {
    "esp-idf": ["riscv32imc-unknown-none-elf", "riscv32imac-unknown-none-elf"],
    "platformio": ["thumbv6m-none-eabi", "thumbv7m-none-eabi", "thumbv7em-none-eabi", "thumbv7em-none-eabihf", "thumbv8m.main-none-eabi"],
}
HOST = "host"


def build(target, options, archive):
    arguments = [sys.executable, ROOT / "packaging" / "build.py", "--out", archive]
    if target != HOST:
        arguments += ["--target", target]
    for feature in options.feature:
        arguments += ["--feature", feature]
    for name in ("sector", "unit", "cargo_folder"):
        if getattr(options, name):
            arguments += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    subprocess.run(arguments, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", action="append", help="as Rust names it; may be given again")
    parser.add_argument("--feature", action="append", default=[], help="of lock-ffi, such as x25519; may be given again")
    parser.add_argument("--sector", type=int, help="what the flash erases at once, in bytes")
    parser.add_argument("--unit", type=int, help="what the flash programs at once, in bytes")
    parser.add_argument("--cargo-folder", help="where cargo works")
    options = parser.parse_args()
    if options.folder.exists():
        sys.exit(f"{options.folder} exists: say another folder")
    shutil.copytree(KINDS[options.kind], options.folder, ignore=shutil.ignore_patterns("__pycache__"))
    # In the repository the component needs no copy of the header, and the library has one that includes it from where it is made.
    shutil.copy2(ROOT / "lock-ffi" / "include" / "lock.h", options.folder / "include" / "lock.h")
    for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
        shutil.copy2(ROOT / licence, options.folder / licence)
    for target in options.target or TARGETS[options.kind]:
        build(target, options, options.folder / "lib" / target / "liblock_ffi.a")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{os.path.basename(str(error.cmd[1]))} ended with {error.returncode}")
