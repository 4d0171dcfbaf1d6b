#!/usr/bin/env python3
"""Builds the C library for one target, and prints the file of the archive.

    packaging/build.py                                          for this machine
    packaging/build.py --target thumbv7em-none-eabi             for a Cortex-M4
    packaging/build.py --target thumbv6m-none-eabi --feature x25519 --sector 4096 --unit 8

The one recipe: the CMake package, the Zephyr module, the ESP-IDF component and the PlatformIO library call it. It needs a Rust toolchain with the
target (`rustup target add TARGET`), or with the sources of core (Debian: rustc-web cargo-web rust-web-src; else the component rust-src).
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHIVE = "liblock_ffi.a"
#: What the lock of the library does, in features of lock-ffi; see lock-ffi/Cargo.toml.
SETS = {
    "core": ["--no-default-features"],
    "keys": ["--no-default-features", "--features", "keys"],
    "x25519": ["--no-default-features", "--features", "keys,x25519"],
    "all": ["--features", "all"],
}
DEBIAN = ("/usr/bin/cargo", "/usr/bin/rustc")


class NoToolchain(Exception):
    """There is no Rust for the target; the text says what to install."""


def toolchains():
    """Pairs of cargo and rustc that are here, the user's own first."""
    own = shutil.which(os.environ.get("CARGO", "cargo")), shutil.which(os.environ.get("RUSTC", "rustc"))
    for cargo, rustc in dict.fromkeys([own, DEBIAN]):
        if cargo and rustc and os.path.exists(cargo) and os.path.exists(rustc):
            yield cargo, rustc


def library_of(rustc):
    told = subprocess.run([rustc, "--print", "sysroot"], check=True, capture_output=True, text=True)
    return Path(told.stdout.strip()) / "lib" / "rustlib"


def host_of(rustc):
    told = subprocess.run([rustc, "-vV"], check=True, capture_output=True, text=True)
    return next(line.split()[1] for line in told.stdout.splitlines() if line.startswith("host: "))


def choose(target):
    """cargo, rustc, and whether core is to be built: it comes with the toolchain, or from its sources."""
    for cargo, rustc in toolchains():
        if any((library_of(rustc) / target / "lib").glob("libcore-*.rlib")):
            return cargo, rustc, False
    for cargo, rustc in toolchains():
        if (library_of(rustc) / "src" / "rust" / "library" / "core").is_dir():
            return cargo, rustc, True
    raise NoToolchain(f"no Rust here for {target}: run rustup target add {target}, or install rustc-web cargo-web rust-web-src")


def is_bare(target):
    return "-none-" in target or target.endswith("-none")


def command(options, cargo, builds_core):
    features = list(options.feature)
    arguments = [cargo, "rustc", "--quiet", "--locked", "--manifest-path", str(ROOT / "Cargo.toml"), "--package", "lock-ffi"]
    if is_bare(options.target):
        arguments += ["--profile", "firmware", "--target", options.target]
        if not options.beside_rust:
            features.append("panic-handler")
    else:
        arguments += ["--release"]
    if builds_core:
        arguments += ["-Zbuild-std=core"]
    arguments += SETS.get(options.set, [])
    if features:
        arguments += ["--features", ",".join(features)]
    if options.cargo_folder:
        arguments += ["--target-dir", options.cargo_folder]
    return [*arguments, "--crate-type", "staticlib"]


def environment(options, rustc, builds_core):
    variables = dict(os.environ, RUSTC=rustc)
    if builds_core:
        variables["RUSTC_BOOTSTRAP"] = "1"
    for name, value in (("LK_FLASH_SECTOR", options.sector), ("LK_FLASH_UNIT", options.unit)):
        if value:
            variables[name] = str(value)
    return variables


def built(options):
    """Where cargo leaves the archive."""
    folder = Path(options.cargo_folder or os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").absolute()
    return folder / options.target / "firmware" / ARCHIVE if is_bare(options.target) else folder / "release" / ARCHIVE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", help="as Rust names it; this machine where you say nothing")
    parser.add_argument("--feature", action="append", default=[], help="of lock-ffi, such as x25519; may be given again")
    parser.add_argument("--set", choices=SETS, help="what the lock does: core, keys, x25519 (with keys) or all; all but x25519 where you say nothing")
    parser.add_argument("--sector", type=int, help="what the flash erases at once, in bytes")
    parser.add_argument("--unit", type=int, help="what the flash programs at once, in bytes")
    parser.add_argument("--beside-rust", action="store_true", help="the image has Rust of its own, with a panic handler")
    parser.add_argument("--cargo-folder", help="where cargo works")
    parser.add_argument("--out", help="the file to copy the archive to")
    options = parser.parse_args()
    try:
        host = next((host_of(rustc) for _, rustc in toolchains()), None)
        options.target = options.target or host
        if not options.target:
            raise NoToolchain("no Rust here: install cargo and rustc")
        if not is_bare(options.target) and options.target != host:
            raise NoToolchain(f"{options.target} has an operating system and is not this machine's: build it there")
        cargo, rustc, builds_core = choose(options.target)
    except NoToolchain as missing:
        sys.exit(str(missing))
    # Where the sources of the caller's project lie is none of cargo's business.
    made = subprocess.run(command(options, cargo, builds_core), env=environment(options, rustc, builds_core), cwd=ROOT, check=False)
    if made.returncode != 0:
        sys.exit(made.returncode)
    archive = built(options)
    if options.out:
        Path(options.out).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(archive, options.out)
        archive = Path(options.out)
    print(archive)


if __name__ == "__main__":
    main()
