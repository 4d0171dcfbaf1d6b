#!/usr/bin/env python3
"""The manifests of the packages agree with the crate: its version, and what its flash erases and programs at once. And the boards of the examples that CI
cannot build have all that the firmware asks of a board. Ends with `N passed, N failed`."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSED = FAILED = 0

FIRMWARE = "examples/firmware-c"
BOARDS = {
    "Zephyr": ["packaging/zephyr/samples/lock/board.c", f"{FIRMWARE}/loader.c", f"{FIRMWARE}/mechanism.c"],
    "ESP-IDF": ["packaging/esp-idf/examples/lock/main/board.c", "packaging/esp-idf/examples/lock/main/mechanism.c"],
}


def check(what, found, expected):
    global PASSED, FAILED
    holds = found == expected
    PASSED, FAILED = PASSED + holds, FAILED + (not holds)
    if not holds:
        print(f"FAILED: {what}: {found!r}, and not {expected!r}")


def only(pattern, name):
    """The one group of the one match."""
    found = re.findall(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return found[0] if len(found) == 1 else found


def number_behind(name, option):
    """The default of an option of a Kconfig file."""
    return only(rf"^\s*config {option}\n(?:.+\n)*?\s+default (\d+)", name)


def check_boards():
    declared = re.findall(r"^[a-zA-Z_][\w ]*?(\w+)\([^;{]*\);$", (ROOT / FIRMWARE / "board.h").read_text(encoding="utf-8"), re.MULTILINE)
    check("whether board.h asks for anything", len(declared) > 10, True)
    for system, files in BOARDS.items():
        code = "\n".join((ROOT / file).read_text(encoding="utf-8") for file in files)
        defined = re.findall(r"^[a-zA-Z_][\w ]*?(\w+)\([^;{]*\)\n\{", code, re.MULTILINE)
        check(f"what the board for {system} lacks", sorted(set(declared) - set(defined)), [])


def main():
    version = only(r'^version = "(.+)"', "Cargo.toml")
    library = json.loads((ROOT / "packaging/platformio/library.json").read_text(encoding="utf-8"))
    check("version of the PlatformIO library", library["version"], version)
    check("version of the ESP-IDF component", only(r'^version: "(.+)"', "packaging/esp-idf/lock_ffi/idf_component.yml"), version)

    geometry = {name: only(rf'option_env!\("LK_FLASH_{name}"\), ([\d_]+)\)', "lock-ffi/src/flash.rs").replace("_", "") for name in ("SECTOR", "UNIT")}
    for name, bytes_at_once in geometry.items():
        check(f"{name} of the CMake package", only(rf"^set\(LOCK_FFI_FLASH_{name} (\d+) CACHE", "packaging/cmake/CMakeLists.txt"), bytes_at_once)
        check(f"{name} of the Zephyr module", number_behind("packaging/zephyr/Kconfig", f"LOCK_FFI_FLASH_{name}"), bytes_at_once)
    check("SECTOR of the ESP-IDF component", number_behind("packaging/esp-idf/lock_ffi/Kconfig", "LOCK_FFI_FLASH_SECTOR"), geometry["SECTOR"])

    for name, part in (("cmake", "CMakeLists.txt"), ("kconfig", "")):
        named = only(rf"^  {name}: (.+)$", "zephyr/module.yml")
        check(f"what the Zephyr module names as {name}", (ROOT / named / part if part else ROOT / named).is_file(), True)
    check_boards()
    print(f"{PASSED} passed, {FAILED} failed")
    sys.exit(FAILED != 0 or PASSED == 0)


if __name__ == "__main__":
    main()
