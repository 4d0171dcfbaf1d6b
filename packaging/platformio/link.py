"""PlatformIO runs this for the library: it adds the archive of the chip, which came with the library (lib/TARGET) or is built here by cargo.

In platformio.ini:

    custom_lock_ffi_target = thumbv7em-none-eabi     where the board does not say its core
    custom_lock_ffi_archive = path/liblock_ffi.a     one that was built before
    custom_lock_ffi_features = x25519                of one that is built here
    custom_lock_ffi_sector = 4096                    what the flash erases at once, in bytes; 8192 where nothing is said
    custom_lock_ffi_unit = 8                         what it programs at once
"""

import subprocess
import sys
from pathlib import Path

Import("env")  # noqa: F821  PlatformIO's

LIBRARY = Path(env.Dir(".").srcnode().get_abspath())  # noqa: F821
SOURCES = LIBRARY.parent / "build.py"

# By what a board calls its core or its chip; with floats in registers the target has another name.
CORES = {
    "cortex-m0": "thumbv6m-none-eabi",
    "cortex-m0plus": "thumbv6m-none-eabi",
    "cortex-m1": "thumbv6m-none-eabi",
    "cortex-m3": "thumbv7m-none-eabi",
    "cortex-m4": "thumbv7em-none-eabi",
    "cortex-m7": "thumbv7em-none-eabi",
    "cortex-m23": "thumbv8m.base-none-eabi",
    "cortex-m33": "thumbv8m.main-none-eabi",
    "cortex-m55": "thumbv8m.main-none-eabi",
    "esp32c2": "riscv32imc-unknown-none-elf",
    "esp32c3": "riscv32imc-unknown-none-elf",
    "esp32c6": "riscv32imac-unknown-none-elf",
    "esp32h2": "riscv32imac-unknown-none-elf",
}
HOST = ""


def refuse(text):
    sys.stderr.write(f"lock_ffi: {text}\n")
    env.Exit(1)  # noqa: F821


def option(name):
    return env.GetProjectOption(f"custom_lock_ffi_{name}", "")  # noqa: F821


def flags():
    return [str(flag) for key in ("CCFLAGS", "LINKFLAGS") for flag in env.Flatten(env.get(key, []))]  # noqa: F821


def target():
    """The target as Rust names it; empty for this machine."""
    if option("target"):
        return option("target")
    if not env.get("BOARD"):  # noqa: F821
        return HOST
    board = env.BoardConfig()  # noqa: F821
    for name in (board.get("build.cpu", ""), board.get("build.mcu", "")):
        if name in CORES:
            is_hard = "-mfloat-abi=hard" in flags() and CORES[name].endswith(("7em-none-eabi", "8m.main-none-eabi"))
            return CORES[name] + ("hf" if is_hard else "")
    return refuse(f"no Rust target is known for the board {board.id}: say custom_lock_ffi_target")


def build(chip, out):
    arguments = [env.subst("$PYTHONEXE"), str(SOURCES), "--out", str(out), "--cargo-folder", str(out.parent / "cargo")]  # noqa: F821
    if chip:
        arguments += ["--target", chip]
    for feature in option("features").replace(",", " ").split():
        arguments += ["--feature", feature]
    for name in ("sector", "unit"):
        if option(name):
            arguments += [f"--{name}", option(name)]
    if subprocess.run(arguments, check=False).returncode != 0:
        refuse("the library was not built")


def archive(chip):
    given = option("archive")
    if given:
        return Path(env.subst("$PROJECT_DIR")) / given  # noqa: F821
    packed = LIBRARY / "lib" / (chip or "host") / "liblock_ffi.a"
    if packed.exists() or not SOURCES.exists():
        return packed
    built = Path(env.subst("$BUILD_DIR")) / "lock_ffi" / "liblock_ffi.a"  # noqa: F821
    build(chip, built)
    return built


CHIP = target()
ARCHIVE = archive(CHIP)
if not ARCHIVE.exists():
    refuse(f"there is no {ARCHIVE}: pack the library for {CHIP or 'this machine'}, or say custom_lock_ffi_archive")
env.Append(LIBPATH=[str(ARCHIVE.parent)], LIBS=["lock_ffi"])  # noqa: F821
if CHIP == HOST:
    env.Append(LIBS=["pthread", "dl", "m"])  # noqa: F821
