"""Plants bugs in a copy of the tree, and demands that the checks notice them.

usage: seeded.py [--all | NAME..]

A bug is a patch file verify/seeded/NAME.patch. It begins with what it is, and then with one pair of lines or several:
  # real: WHERE            optional; where it happened to others
  # must-fail: COMMAND     run in the root of a copy of the tree with the bug in it; must not succeed
  # expect: REGEX          extended; a line of what the command prints must match, so that it failed for that reason;
                           where the compiler is to refuse the bug, a line that starts with "error"
The commands pass on the clean tree: the other scripts of ci/ run what they run.

Without arguments six bugs are planted, chosen by the commit. With --all every one, and a table is printed at the end. What was caught of the bugs
that were asked for, by name or all, is entered into ledger.csv, and what was not is taken out. In each case the ledger must know every bug as it is now.
"""

import csv
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parents[1]
LEDGER = FOLDER / "ledger.csv"
COLUMNS = ("bug", "patch", "check", "seconds")
SAMPLE = 6


class Failure(Exception):
    """What does not hold, in a sentence."""


@dataclass(frozen=True)
class Bug:
    name: str
    path: Path
    #: Where it happened to others; empty where nobody has told.
    real: str
    #: Command and expectation of each check that must notice it.
    checks: tuple

    @property
    def hash(self):
        return hashlib.sha256(self.path.read_bytes()).hexdigest()[:12]


def patch_of(name, *folders):
    """The file of a bug: from the catalogue here, or from the first of these folders that has it."""
    for folder in (FOLDER, *folders):
        if (folder / f"{name}.patch").is_file():
            return folder / f"{name}.patch"
    raise Failure("there is no such patch")


def pick(bugs, wanted, name_of):
    """The bugs with the wanted names; refuses a name that none has."""
    named = [bug for bug in bugs if name_of(bug) in wanted]
    if len(named) != len(wanted):
        raise SystemExit(f"no such bug: {' '.join(sorted(set(wanted) - {name_of(bug) for bug in named}))}")
    return named


def sample(bugs, count, name_of):
    """So many of the bugs, chosen by the commit."""
    commit = output_of("git", "rev-parse", "HEAD").decode().strip()
    return sorted(bugs, key=lambda bug: hashlib.sha256(f"{commit} {name_of(bug)}".encode()).digest())[:count]


def plant_each(bugs, look):
    """Looks for bugs that are tuples, of which the first is the name: `look` gets all of one and says what it saw. Returns how many were missed."""
    missed = 0
    for name, *rest in bugs:
        try:
            print(f"passed: {name}: {look(name, *rest)}", flush=True)
        except Failure as failure:
            missed += 1
            print(f"failed: {name}: {failure}", flush=True)
    return missed


def read(path):
    head = re.split(r"^(?:diff |--- )", path.read_text(), maxsplit=1, flags=re.MULTILINE)[0]
    commands = re.findall(r"^# must-fail: (.+)$", head, re.MULTILINE)
    expectations = re.findall(r"^# expect: (.+)$", head, re.MULTILINE)
    real = re.findall(r"^# real: (.+)$", head, re.MULTILINE)
    if not commands or len(commands) != len(expectations):
        raise SystemExit(f"{path.name} does not say what must fail: give it pairs of '# must-fail: COMMAND' and '# expect: REGEX'")
    return Bug(path.stem, path, "; ".join(real), tuple(zip(commands, expectations)))


def output_of(*command, cwd=REPOSITORY):
    return subprocess.run(command, check=True, capture_output=True, cwd=cwd).stdout


class Tree:
    """A copy of the tree, and what is built from it, in a folder of that name under the target folder."""

    def __init__(self, name):
        target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")).resolve() / name
        self.folder = target / "tree"
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
        shutil.rmtree(self.folder, ignore_errors=True)
        # Each file gets the time of the copy: what an earlier run built from a bug must not look fresh.
        for name in output_of("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").decode().split("\0"):
            source = REPOSITORY / name
            if name and source.is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, self.folder / name)
        self.git("init", "--quiet")
        self.git("add", "--all")

    def git(self, *arguments):
        return output_of("git", *arguments, cwd=self.folder)

    def apply(self, patch):
        try:
            self.git("apply", str(patch))
        except subprocess.CalledProcessError as error:
            raise Failure("the patch does not apply: make it anew against the present sources") from error

    def restore(self):
        """Back to the clean tree, also where a command wrote: a lock file, a failure that a test keeps."""
        self.git("checkout", "--quiet", "--", ".")
        self.git("clean", "--quiet", "--force", "-d")

    def run(self, command):
        return subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def must_notice(tree, command, expectation):
    ran = tree.run(command)
    tail = "\n".join(ran.stdout.splitlines()[-40:])
    if ran.returncode == 0:
        raise Failure(f"'{command}' succeeds with the bug in the tree")
    matching = [line for line in ran.stdout.splitlines() if re.search(expectation, line)]
    if "could not compile" in ran.stdout and not any(line.startswith("error") for line in matching):
        raise Failure(f"it does not compile: make it anew against the present sources\n{tail}")
    if not matching:
        raise Failure(f"'{command}' fails for another reason: it prints nothing that matches '{expectation}'\n{tail}")


def catch(tree, bug):
    """The rows of the ledger."""
    tree.apply(bug.path)
    try:
        for command, expectation in bug.checks:
            began = time.monotonic()
            must_notice(tree, command, expectation)
            yield (bug.name, bug.hash, command, f"{time.monotonic() - began:.0f}")
    finally:
        tree.restore()


def chosen(bugs, arguments):
    if arguments == ["--all"]:
        return bugs
    return pick(bugs, arguments, lambda bug: bug.name) if arguments else sample(bugs, SAMPLE, lambda bug: bug.name)


def read_ledger():
    """The rows of each bug, by its name."""
    ledger = {}
    if LEDGER.exists():
        with LEDGER.open(newline="") as file:
            for row in list(csv.reader(file))[1:]:
                ledger.setdefault(row[0], []).append(tuple(row))
    return ledger


def write_ledger(ledger, bugs):
    rows = [row for bug in bugs for row in ledger.get(bug.name, [])]
    with LEDGER.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])


def is_known(ledger, bug):
    return bug.name in ledger and all(patch == bug.hash for _, patch, _, _ in ledger[bug.name])


def print_table(ledger, bugs):
    print("| bug | happened to | caught by | seconds |\n| --- | --- | --- | --- |")
    for bug in bugs:
        for _, _, check, seconds in ledger.get(bug.name, []):
            print(f"| {bug.name} | {bug.real} | `{check}` | {seconds} |")


def main():
    arguments = sys.argv[1:]
    if "--help" in arguments:
        raise SystemExit(__doc__)
    # One check after the other: the less that differs between two trees, the less is built anew.
    bugs = sorted((read(path) for path in FOLDER.glob("*.patch")), key=lambda bug: (bug.checks[0][0], bug.name))
    ledger = read_ledger()
    tree = Tree("seeded")
    failed = False
    for bug in chosen(bugs, arguments):
        try:
            ledger[bug.name] = list(catch(tree, bug))
            for _, _, check, seconds in ledger[bug.name]:
                print(f"passed: {bug.name}: caught by {check} ({seconds} s)", flush=True)
        except Failure as failure:
            failed = True
            ledger.pop(bug.name, None)
            print(f"failed: {bug.name}: {failure}", flush=True)
        if arguments:
            write_ledger(ledger, bugs)
    if arguments == ["--all"]:
        print_table(ledger, bugs)
    if unknown := [bug.name for bug in bugs if not is_known(ledger, bug)]:
        failed = True
        print(f"failed: the ledger does not know {', '.join(unknown)} as now: run ci/verify.sh seeded with these names, or --all")
    else:
        print(f"passed: the ledger has seen all {len(bugs)} planted bugs caught, as they are now")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
