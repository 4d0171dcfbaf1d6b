"""The mutants that cargo-mutants sees in the sources, each with a name that survives edits elsewhere in the file."""

import csv
import fcntl
import hashlib
import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parents[1]
LEDGER = FOLDER / "ledger.csv"
COLUMNS = ("crate", "file", "mutant", "source", "verdict", "noticed by", "reason")
CRATES = ("lock-crypto", "lock-proto", "lock-store", "lock-state")


@dataclass(frozen=True, eq=False)
class Mutant:
    #: As cargo-mutants tells it.
    told: dict
    #: Crate, file and description; with a number where that is not the only one.
    key: tuple
    #: Of the function that it is in, of the line where it is in none.
    source: str

    @property
    def crate(self):
        return self.key[0]

    @property
    def file(self):
        return self.key[1]

    def __str__(self):
        line = self.told["span"]["start"]["line"]
        return f"{self.file}:{line}: {self.key[2]}"


@dataclass(frozen=True)
class Entry:
    source: str
    #: killed, timeout, survived, or unviable: it does not compile.
    verdict: str
    #: The tests that failed, by package and target.
    noticed_by: str = ""
    #: Of a survivor: why no test could notice.
    reason: str = ""

    @property
    def is_caught(self):
        return self.verdict in ("killed", "timeout")

    @property
    def is_equivalent(self):
        return self.verdict == "survived" and self.reason != ""


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def listed(program, crates=CRATES, root=REPOSITORY):
    """All mutants of these crates, in the order of the sources."""
    packages = [argument for crate in crates for argument in ("--package", crate)]
    command = [program, "mutants", "--list", "--json", "--dir", str(root), *packages]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    told.sort(key=lambda mutant: (mutant["package"], mutant["file"], mutant["span"]["start"]["line"], mutant["span"]["start"]["column"], mutant["replacement"]))
    seen, lines, mutants = Counter(), {}, []
    for mutant in told:
        file = mutant["file"]
        if file not in lines:
            lines[file] = (root / file).read_text().splitlines()
        span = (mutant["function"] or mutant)["span"]
        source = "\n".join(lines[file][span["start"]["line"] - 1:span["end"]["line"]])
        description = re.sub(r"^[^:]+:\d+:\d+: ", "", mutant["name"])
        seen[file, description] += 1
        if seen[file, description] > 1:
            description += f" ({seen[file, description]})"
        mutants.append(Mutant(mutant, (mutant["package"], file, description), digest(source)))
    return mutants


def read_ledger():
    """The entries by the key of their mutant."""
    if not LEDGER.exists():
        return {}
    with LEDGER.open(newline="") as file:
        return {tuple(row[:3]): Entry(*row[3:]) for row in list(csv.reader(file))[1:]}


def update_ledger(mutant, entry, mutants):
    """Enters one verdict. Other parts may be entered at the same time; what is no longer in the sources is left out."""
    with (FOLDER / "run.sh").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ledger = {**read_ledger(), mutant.key: entry}
        rows = [(*known.key, found.source, found.verdict, found.noticed_by, found.reason)
                for known in mutants if (found := ledger.get(known.key))]
        # As a whole: a run that is stopped leaves what was there before.
        written = LEDGER.with_suffix(".new")
        with written.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
        written.replace(LEDGER)


def current(ledger, mutant):
    """The entry of the mutant, if the source is what it was then."""
    entry = ledger.get(mutant.key)
    return entry if entry and entry.source == mutant.source else None
