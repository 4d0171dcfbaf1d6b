"""Builds the library for a chip, and weighs it alone: without a shell in C, without a board."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from boards import LOCK, REPOSITORY
from chips import COMPILE, output_of, symbols

FOB = REPOSITORY / "examples/fob-c"
SESSION = REPOSITORY / "tools/footprint/session/Cargo.toml"

#: The feature sets: name, and the arguments of cargo. Those without profile X hold no panic, or do not link. A further one is a line here, and its limit one in limits.py.
SETS = {
    "core": ("--no-default-features", "--features", "no-panic"),
    "keys": ("--no-default-features", "--features", "no-panic,keys"),
    "x25519": ("--no-default-features", "--features", "panic-handler,keys,x25519"),
    "all but x25519": ("--features", "no-panic"),
    "all": ("--features", "panic-handler,all"),
}
#: The set of which the firmware of the examples is, so that it is built already.
OF_THE_EXAMPLES = "all but x25519"


#: What the firmware in C is told of a feature set that has fewer parts than it has: as in its build.sh.
WITHOUT = {"core": ("-DLK_SET_CORE", "-DHAS_KEYS=0", "-DHAS_LIFE=0"), "keys": ("-DHAS_LIFE=0",), "x25519": ("-DHAS_LIFE=0",)}


def probe_flags(features):
    """What the probe in C is told of a feature set."""
    keys = ("-DLK_SET_CORE",) if features == "core" else ("-DWITH_KEYS",)
    return (*keys, "-DWITH_X25519") if features in ("x25519", "all") else keys


@dataclass(frozen=True)
class Builder:
    cargo: str
    output: Path
    #: Where the sources are.
    tree: Path = REPOSITORY

    def library(self, chip, features):
        """The archive of a feature set; a copy, since the next set has the same file."""
        self.run_cargo(chip, "--package", "lock-ffi", *SETS[features], "--crate-type", "staticlib")
        return self.keep(chip, self.output / chip.target / "firmware" / "liblock_ffi.a", features)

    def session(self, chip, session):
        """The archive of a session. One that needs a heap is built apart, so that nothing else could reach for it."""
        std, folder = ("core,alloc", self.output / "with-heap") if session.needs_heap else ("core", self.output)
        self.run_cargo(chip, "--manifest-path", SESSION, "--features", session.feature, profile=session.profile, std=std, folder=folder)
        return self.keep(chip, folder / chip.target / session.profile / "libsession.a", f"{session.feature}-{session.profile}")

    def run_cargo(self, chip, *arguments, profile="firmware", std="core", folder=None):
        subprocess.run([self.cargo, "rustc", "--quiet", "--locked", "--profile", profile, f"-Zbuild-std={std}", "--target", chip.target,
                        "--target-dir", folder or self.output, *arguments], check=True, cwd=self.tree)

    def keep(self, chip, archive, what):
        kept = self.folder() / f"{what.replace(' ', '-')}-{chip.target}-{archive.name}"
        shutil.copy2(archive, kept)
        return kept

    def folder(self):
        folder = self.output / "footprint"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def compiled(self, chip, sources, *flags):
        """Objects of sources in C."""
        objects = []
        for source in sources:
            objects.append(self.folder() / f"{chip.target}-{source.parent.name}-{source.stem}.o")
            subprocess.run([chip.tool("gcc"), *chip.flags, *COMPILE, *flags, f"-I{REPOSITORY}/lock-ffi/include", f"-I{LOCK}", "-c", source,
                            "-o", objects[-1]], check=True)
        return objects


def roots(run_loop):
    """The functions of the library that a run loop calls."""
    return sorted(symbol.name for symbol in run_loop if symbol.kind == "U" and symbol.name.startswith("lk_"))


def linked(builder, chip, archive, wanted):
    """An image of the archive alone, as far as the wanted functions reach. One that is not in this feature set costs nothing."""
    defined = {symbol.name for symbol in symbols(chip, archive) if symbol.kind == "T"}
    present = [name for name in wanted if name in defined]
    if not present:
        raise SystemExit(f"{archive} defines none of the functions that a firmware calls")
    image = builder.folder() / f"{archive.stem}.elf"
    subprocess.run([chip.tool("gcc"), *chip.flags, "-nostdlib", "-nostartfiles", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
                    f"-Wl,--entry={present[0]}", *(f"-Wl,--undefined={name}" for name in present), archive, "-o", image], check=True)
    return image


def flash_of(chip, image):
    """Bytes of code and constants."""
    text, data = output_of(chip.tool("size"), image).splitlines()[1].split()[:2]
    return int(text) + int(data)


def ram_of(run_loop):
    """Bytes of the objects and buffers that a run loop holds: all that it declares static."""
    return sum(symbol.size for symbol in run_loop if symbol.kind.lower() in "bd")


def size_of(among, name):
    """The size of the only symbol of this name."""
    [size] = [symbol.size for symbol in among if symbol.name == name]
    return size
