#!/usr/bin/env python3
"""No panic, no allocation and no float routine is reachable in the library without profile X: an image in which one is does not link.

    panic.py --cargo CARGO --linker RUST_LLD --output FOLDER            the largest set on four chips, the smallest on one, and what must not link
    panic.py --cargo CARGO --linker RUST_LLD --output FOLDER --all      each set on each chip

The library's panic handler calls a function that nobody defines (feature `no-panic`), and nobody defines one that allocates. The linker keeps what is
reachable from the functions that the library exports, all of them, and nothing else (--gc-sections): what it misses then is what can happen. The
routines for floats come with the compiler: what of them it keeps, its map says.

FOLDER is the target folder of ci/firmware.sh, so that what that has built is not built again.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parents[1]
sys.path.insert(0, str(REPOSITORY / "tools/footprint"))

import library  # noqa: E402
import panics  # noqa: E402
from chips import BY_TARGET, CHIPS  # noqa: E402

M4 = BY_TARGET["thumbv7em-none-eabi"]
SETS = ("core", "keys", library.OF_THE_EXAMPLES)
#: ci/firmware.sh has built three of these.
GATE = [(chip, library.OF_THE_EXAMPLES) for chip in CHIPS] + [(M4, "core")]

PANIC = "lk_a_panic_is_reachable"
#: In each image.
FAMILIAR = {"lk_device_boot", "lk_device_poll"}


def float_routines():
    """The names of the ABI of ARM, and those of all compilers."""
    verbs = ("add", "sub", "rsub", "mul", "div", "cmpeq", "cmplt", "cmple", "cmpge", "cmpgt", "cmpun", "2iz", "2uiz", "2lz", "2ulz")
    yield from (f"__aeabi_{kind}{verb}" for kind in "fd" for verb in verbs)
    yield from (f"__aeabi_{number}2{kind}" for number in ("i", "ui", "l", "ul") for kind in "fd")
    yield from ("__aeabi_f2d", "__aeabi_d2f", "__extendsfdf2", "__truncdfsf2")
    for kind in "sd":
        yield from (f"__{verb}{kind}f3" for verb in ("add", "sub", "mul", "div"))
        yield from (f"__{verb}{kind}f2" for verb in ("neg", "eq", "ne", "lt", "le", "gt", "ge", "unord", "cmp", "powi"))
        yield from (f"__fix{sign}{kind}f{size}i" for sign in ("", "uns") for size in "sd")
        yield from (f"__float{sign}{size}i{kind}f" for sign in ("", "un") for size in "sd")


FLOATS = frozenset(float_routines())


class Linker:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.image = folder / "panic.elf"

    def missed(self, archive):
        """What the linker misses in an image of all that an archive exports, and its words where it does not link."""
        linked = self.link(archive, "--error-limit=0")
        names = set(re.findall(r"undefined symbol: (\S+)", linked.stdout))
        if linked.returncode != 0 and not names:
            raise SystemExit(f"failed: the linker gave up for another reason: {linked.stdout}")
        kept = set(self.whatever(archive).split())
        if not FAMILIAR <= kept:
            raise SystemExit("failed: the linker's map does not name what every image has")
        return names | kept & FLOATS, linked.stdout

    def to_blame(self, chip, archive):
        """The functions that reach the panic handler, as the branches of an image say that was linked all the same."""
        self.whatever(archive)
        return panics.to_blame(panics.callers_of(chip.tools, self.image))

    def whatever(self, archive):
        """Links with what is missed left open, and returns the map of the image."""
        linked = self.link(archive, "--unresolved-symbols=ignore-all", "-Map=-")
        if linked.returncode != 0:
            raise SystemExit(f"failed: {archive} does not link even with what it misses left open: {linked.stdout}")
        return linked.stdout

    def link(self, archive, *options):
        exported = sorted(set(re.findall(r"\blk_[a-z0-9_]+\b", self.symbols(archive))) - {PANIC})
        if len(exported) < 20:
            raise SystemExit(f"failed: {archive} exports {len(exported)} functions: it is not the library")
        return subprocess.run(
            [self.program, "-flavor", "gnu", "--gc-sections", *options, f"--entry={exported[0]}",
             *(f"--undefined={name}" for name in exported), archive, "-o", self.image],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def symbols(self, archive):
        """The map of an image with all of the archive in it says what it exports."""
        listed = subprocess.run(
            [self.program, "-flavor", "gnu", "--relocatable", "--whole-archive", archive, "-Map=-", "-o", self.folder / "whole.o"],
            check=True, stdout=subprocess.PIPE, text=True)
        return listed.stdout


def free_of_panic(builder, linker, chip, features):
    archive = builder.library(chip, features)
    missed, words = linker.missed(archive)
    what = f"{chip.name}, set {features}"
    if missed:
        print(words, file=sys.stderr)
        if PANIC in missed and chip.tools == M4.tools:
            print(f"can panic: {', '.join(sorted(linker.to_blame(chip, archive)))}", file=sys.stderr)
        print(f"failed: {what}: {', '.join(sorted(missed))} can be reached")
    else:
        print(f"passed: {what}: no panic, no allocation and no float routine is reachable from all that it exports")
    return not missed


def planted_is_missed(builder, linker, patch, expected, culprit):
    """The test of the test, in a copy of the tree: what is planted does not link, and the function in which it is gets the blame."""
    with tempfile.TemporaryDirectory() as tree:
        files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], check=True, stdout=subprocess.PIPE,
                               cwd=REPOSITORY, text=True).stdout.split("\0")
        for file in filter(None, files):
            (Path(tree) / file).parent.mkdir(parents=True, exist_ok=True)
            if (REPOSITORY / file).exists():
                shutil.copy2(REPOSITORY / file, Path(tree) / file)
        subprocess.run(["git", "init", "--quiet", tree], check=True)
        subprocess.run(["git", "-C", tree, "apply", patch], check=True)
        planted = library.Builder(builder.cargo, builder.output, Path(tree))
        archive = planted.library(M4, "core")
        missed, _ = linker.missed(archive)
        blamed = linker.to_blame(M4, archive)
    if not expected <= missed:
        print(f"failed: {patch.stem}: {', '.join(sorted(expected - missed))} was planted, and the image links")
        return False
    if blamed != {culprit}:
        print(f"failed: {culprit} is planted, and these are blamed: {', '.join(sorted(blamed)) or 'none'}")
        return False
    print(f"passed: {patch.stem} does not link: {', '.join(sorted(missed))}; {culprit} is to blame")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cargo", required=True)
    parser.add_argument("--linker", required=True)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    builder = library.Builder(arguments.cargo, arguments.output)
    wanted = [(chip, features) for features in SETS for chip in CHIPS] if arguments.all else GATE
    with tempfile.TemporaryDirectory() as folder:
        linker = Linker(arguments.linker, Path(folder))
        passed = [free_of_panic(builder, linker, chip, features) for chip, features in wanted]
        passed.append(planted_is_missed(builder, linker, FOLDER / "planted.patch", {PANIC, "__aeabi_dmul"}, "lk_device_timeout"))
    raise SystemExit(not all(passed))


if __name__ == "__main__":
    main()
