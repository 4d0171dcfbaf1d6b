"""Changes the sources in small ways, and demands that the tests notice.

usage: mutants.py                            twenty mutants: those of lines that changed lately first, the others as the commit chooses
       mutants.py --planted                  the same, with mutants that no test notices: must fail
       mutants.py --shard K/N                the K-th of N parts of all mutants, into ledger.csv
           [--crate NAME] [--file NAME]      of this crate, or of files that end in this
           [--missing]                       only those whose entry is not of the present source, or that survived without a reason
           [--longest SECONDS]               without the tests that take longer: more may survive then
       mutants.py --score                    what the ledger says, by crate
       mutants.py --survivors [--crate NAME] the mutants that no test noticed, and that have no reason

cargo-mutants says which mutants there are. Those of a crate are built at once, each behind a switch, and each is looked at by the tests that reach it;
those that cannot be switched are built one by one. What survives the tests of its crate is shown to those of the crates that use it.

In ledger.csv an entry counts as long as the function is what it was. Whoever finds that a survivor behaves as the original does writes why into the
last column; then it is equivalent, and no test is asked for.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time

from listing import CRATES, FOLDER, REPOSITORY, current, listed, read_ledger, update_ledger
from trial import DEPENDANTS, Failure, Workshop, entry_of

SAMPLE = 20
#: Commits whose lines come first.
RECENT = 5
#: Of those that are built one by one, as many are part of a sample.
APART = 2
GOAL = 90
PLANTED = "unnoticed"


def say(text):
    print(text, flush=True)


def judge(workshop, crate, mutants, ledger, enter, longest=None, planted=()):
    """Judges mutants of one crate, and hands each entry to `enter`. Those that are planted are shown to the tests of the crate alone."""
    numbered = dict(enumerate(mutants, 1))
    began = time.monotonic()
    switched, unviable, apart = workshop.compile(crate, dict(numbered))
    for mutant in unviable.values():
        enter(mutant, entry_of(mutant, "unviable", "", ledger))
    say(f"{crate}: {len(switched)} switched, {len(unviable)} unviable, {len(apart)} apart ({time.monotonic() - began:.0f} s)")
    surviving, seconds, reached = dict(switched), {}, set()
    for package in (crate, *DEPENDANTS[crate]):
        if package != crate and all(mutant in planted for mutant in surviving.values()):
            break
        began = time.monotonic()
        workshop.switch(switched)
        tests = workshop.tests(package)
        if tests is None:
            raise Failure(f"the tests of {package} do not compile with switches: {workshop.said}")
        built = time.monotonic()
        tests = workshop.record(tests, longest)
        seconds |= {(test.target, test.name): test.seconds for test in tests}
        reached.update(*(test.reached for test in tests))
        recorded = time.monotonic()
        judged = len(surviving)
        for number, verdict, witness in workshop.trial(surviving, tests):
            if verdict != "survived":
                enter(surviving.pop(number), entry_of(numbered[number], verdict, witness, ledger))
        say(f"{crate}: {len(tests)} tests of {package}, {len(surviving)} left "
            f"(build {built - began:.0f} s, record {recorded - built:.0f} s, {judged} mutants {time.monotonic() - recorded:.0f} s)")
    # A switch is off where the compiler computes: what only constants reach is built by itself.
    for number in [number for number, mutant in surviving.items() if number not in reached and is_const(mutant)]:
        apart[number] = surviving.pop(number)
    for mutant in surviving.values():
        enter(mutant, entry_of(mutant, "survived", "", ledger))
    for mutant in apart.values():
        began = time.monotonic()
        verdict, witness = workshop.alone(mutant, dict.fromkeys(target.split()[0] for target, _ in seconds), seconds)
        enter(mutant, entry_of(mutant, verdict, witness, ledger))
        say(f"apart: {mutant}: {verdict} ({time.monotonic() - began:.0f} s)")


def is_const(mutant):
    """Whether the compiler may compute the function. Its head follows on attributes and documentation."""
    if mutant.told["function"] is None:
        return True
    first = mutant.told["function"]["span"]["start"]["line"] - 1
    lines = (REPOSITORY / mutant.file).read_text().splitlines()[first:mutant.told["span"]["end"]["line"]]
    return any(re.search(r"\bconst fn\b", line) for line in lines)


def changed_lines():
    """The lines that the last commits changed, by file; none where the history is not there."""
    diff = subprocess.run(["git", "diff", "--unified=0", "--no-color", f"HEAD~{RECENT}", "--", *(f"{crate}/src" for crate in CRATES)],
                          cwd=REPOSITORY, capture_output=True, text=True)
    lines, file = {}, None
    for line in diff.stdout.splitlines() if diff.returncode == 0 else []:
        if line.startswith("+++ "):
            file = line.removeprefix("+++ b/")
        elif match := re.match(r"@@ \S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(match[1]), int(match[2] or 1)
            lines.setdefault(file, set()).update(range(first, first + count))
    return lines


def sample(mutants, ledger):
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.strip()
    lines = changed_lines()

    def is_changed(mutant):
        span = mutant.told["span"]
        return not lines.get(mutant.file, set()).isdisjoint(range(span["start"]["line"], span["end"]["line"] + 1))

    def order(mutant):
        return (not is_changed(mutant), hashlib.sha256(f"{commit} {mutant.key}".encode()).digest())

    chosen, apart = [], 0
    for mutant in sorted(mutants, key=order):
        known = current(ledger, mutant)
        # A survivor that the ledger knows as it is now counts there against the score: nothing new would be learned.
        if known and known.verdict in ("unviable", "survived"):
            continue
        # Lines that did not change and that nobody has judged yet are for a shard.
        if not known and not is_changed(mutant):
            continue
        # What the tests of another crate notice takes minutes to build.
        if known and not known.noticed_by.startswith(mutant.crate):
            continue
        if mutant.told["function"] is None:
            apart += 1
            if apart > APART:
                continue
        chosen.append(mutant)
        if len(chosen) == SAMPLE:
            break
    say(f"{sum(map(is_changed, chosen))} of {len(chosen)} mutants are in lines that changed in the last {RECENT} commits")
    return chosen


def by_crate(mutants):
    return [(crate, part) for crate in CRATES if (part := [mutant for mutant in mutants if mutant.crate == crate])]


def gate(workshop, program, ledger, planted_counts):
    """The sample, and a mutant that no test notices."""
    workshop.tree.apply(FOLDER / f"{PLANTED}.patch")
    workshop.tree.git("add", "--all")
    planted = [mutant for mutant in listed(program, ["lock-crypto"], workshop.tree.folder) if PLANTED in mutant.key[2] and mutant.told["genre"] == "BinaryOperator"][:2]
    mutants = [mutant for mutant in listed(program, CRATES, workshop.tree.folder) if PLANTED not in mutant.key[2]]
    verdicts = {}
    for crate, part in by_crate(sample(mutants, ledger) + planted):
        judge(workshop, crate, part, ledger, lambda mutant, entry: verdicts.update({mutant: entry}), planted=planted)
    failed = 0
    for mutant, entry in verdicts.items():
        if mutant in planted and not planted_counts:
            continue
        if entry.verdict == "survived" and not entry.is_equivalent:
            failed += 1
            say(f"failed: no test notices {mutant}")
        else:
            say(f"passed: {mutant}: {entry.verdict}{' by ' + entry.noticed_by if entry.noticed_by else ''}")
    if not planted_counts:
        seen = bool(planted) and all(verdicts[mutant].verdict == "survived" for mutant in planted)
        failed += not seen
        say(f"{'passed' if seen else 'failed'}: {len(planted)} planted mutants that no test looks at are seen to survive")
    return failed + score(listed(program), ledger)


def shard(workshop, mutants, ledger, of, crate, file, missing, longest):
    part, parts = (int(number) for number in of.split("/"))
    everything = mutants
    mutants = [mutant for number, mutant in enumerate(mutants) if number % parts == part % parts and crate in (None, mutant.crate) and mutant.file.endswith(file)]
    if missing:
        mutants = [mutant for mutant in mutants if not (known := current(ledger, mutant)) or known.verdict == "survived" and not known.reason]

    def enter(mutant, entry):
        update_ledger(mutant, entry, everything)

    for crate, part in by_crate(mutants):
        judge(workshop, crate, part, ledger, enter, longest)
        say(f"passed: {crate}: {len(part)} mutants judged")


def score(mutants, ledger):
    """Prints the table, and what is below the goal. Returns how many crates are."""
    failed = 0
    say("| crate | mutants | that compile | current entries | killed | equivalent | survived | score |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for crate, part in by_crate(mutants):
        known = [entry for mutant in part if (entry := current(ledger, mutant))]
        caught, equivalent = sum(entry.is_caught for entry in known), sum(entry.is_equivalent for entry in known)
        unviable = sum(entry.verdict == "unviable" for entry in known)
        survived = len(known) - caught - equivalent - unviable
        reached = 100 * caught / max(1, caught + survived)
        say(f"| {crate} | {len(part)} | {len(part) - unviable} | {len(known)} | {caught} | {equivalent} | {survived} | {reached:.1f} % |")
        if reached < GOAL or 2 * len(known) < len(part):
            failed += 1
            say(f"failed: {crate}: at least {GOAL} % are to be killed, by entries of the present source for at least half of the mutants: "
                f"run ci/verify.sh mutants --shard 1/1 --crate {crate} --missing")
        else:
            say(f"passed: {crate}: {reached:.1f} % of the mutants are killed, {GOAL} % are asked for")
    return failed


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--shard")
    parser.add_argument("--crate", choices=CRATES)
    parser.add_argument("--file", default="")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--longest", type=float)
    parser.add_argument("--score", action="store_true")
    parser.add_argument("--survivors", action="store_true")
    arguments = parser.parse_args()
    program, switches = os.environ["CARGO_MUTANTS"], os.environ["SWITCHES"]
    ledger = read_ledger()
    try:
        if arguments.shard:
            shard(Workshop(switches), listed(program), ledger, arguments.shard, arguments.crate, arguments.file, arguments.missing, arguments.longest)
            return 0
        if arguments.score:
            return score(listed(program), ledger)
        if arguments.survivors:
            for mutant in listed(program, [arguments.crate] if arguments.crate else CRATES):
                known = current(ledger, mutant)
                if known and known.verdict == "survived" and not known.reason:
                    say(mutant)
            return 0
        return 1 if gate(Workshop(switches), program, ledger, arguments.planted) else 0
    except Failure as failure:
        say(f"failed: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
