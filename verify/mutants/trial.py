"""Builds mutants and lets the tests look at them."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from listing import FOLDER, REPOSITORY, Entry

sys.path.insert(0, str(REPOSITORY / "verify" / "seeded"))

from seeded import Failure, Tree  # noqa: E402

#: What the tests of each package are built with.
FEATURES = {"lock-crypto": ["--features", "x25519"], "lock-core": ["--features", "x25519"], "lock-store": ["--features", "host"]}
#: Who else tests what a crate does: its nearest dependants.
DEPENDANTS = {"lock-crypto": ("lock-core",), "lock-proto": ("lock-state", "lock-core"), "lock-store": (), "lock-state": ("lock-core",)}
#: The tests of the store cut the power at pairs of bytes.
FAST = ("--config", "profile.dev.package.lock-store.opt-level=3")
#: Errors that a mutated text has wherever it stands; others may come from the switch around it.
OF_TYPES = {"E0277", "E0308", "E0369", "E0368", "E0600", "E0604", "E0605", "E0606", "E0607", "E0433", "E0425"}
#: Texts that overflow are to fail when they run.
ALLOWED = "#![allow(warnings)]\n#![allow(arithmetic_overflow, unconditional_panic, overflowing_literals)]\n"
JOBS = min(2, os.cpu_count() or 1)
MEMORY = 6 << 30


@dataclass
class Test:
    target: str
    binary: str
    folder: Path
    name: str
    seconds: float = 0.0
    reached: set = field(default_factory=set)


class Workshop:
    """A copy of the tree in which mutants are built and run."""

    def __init__(self, switches):
        self.switches = switches
        self.tree = Tree("mutants")
        self.environment = {
            **self.tree.environment,
            "CARGO_INCREMENTAL": "0",
            "CARGO_PROFILE_DEV_DEBUG": "0",
            # One mutant is judged by the same cases each time.
            "PROPTEST_RNG_SEED": "1",
            "PROPTEST_CASES": os.environ.get("PROPTEST_CASES", "64"),
            "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1",
            "PROPTEST_MAX_SHRINK_ITERS": "0",
            "LOCK_HISTORY_STEPS": "25000",
            "RUST_BACKTRACE": "0",
        }

    def cargo(self, *arguments):
        """The messages of cargo, and whether it succeeded."""
        environment = {**self.environment, "RUSTC_BOOTSTRAP": "lock_crypto,lock_proto,lock_store,lock_state"}
        ran = subprocess.run(["cargo", *arguments, "--locked", "--message-format=json", *FAST], cwd=self.tree.folder, env=environment,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        messages = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        return messages, ran.returncode == 0, ran.stderr

    def switch(self, mutants):
        """Puts the mutants, by number, behind switches. Returns their places in the sources, and who has none."""
        self.tree.restore()
        request = [{**mutant.told, "id": number} for number, mutant in mutants.items()]
        answer = json.loads(subprocess.run([self.switches, str(self.tree.folder)], check=True, capture_output=True, text=True,
                                           input=json.dumps(request)).stdout)
        return answer["ranges"], set(answer["without"])

    def compile(self, package, mutants):
        """Switches all mutants of a package that can be. Returns those by number, the unviable ones, and those to be built one by one."""
        # Where a function returns `impl`, a second result of another type has no place in it.
        apart = {number: mutants.pop(number) for number, mutant in list(mutants.items()) if returns_impl(mutant)}
        unviable = {}
        while True:
            ranges, without = self.switch(mutants)
            apart.update({number: mutants.pop(number) for number in without})
            messages, succeeded, said = self.cargo("check", "--lib", "--package", package, *FEATURES.get(package, []))
            if succeeded:
                return mutants, unviable, apart
            blamed = {}
            for message in messages:
                if message["reason"] == "compiler-message" and message["message"]["level"] == "error":
                    blamed.update(blame(message["message"], ranges))
            blamed = {number: certain for number, certain in blamed.items() if number in mutants}
            if not blamed:
                blamed = self.arms_without(messages, ranges, mutants)
            if not blamed:
                raise Failure(f"{package} with switches does not compile:\n{said}\n" + errors(messages))
            for number, code in blamed.items():
                mutant = mutants.pop(number)
                (unviable if is_certain(mutant, code) else apart)[number] = mutant

    def arms_without(self, messages, ranges, mutants):
        """Of matches that do not hold each case once an arm can be switched off, the arms of the function behind which the compiler says so."""
        blamed = {}
        for message in messages:
            if message["reason"] != "compiler-message" or (message["message"]["code"] or {}).get("code") != "E0004":
                continue
            for span in message["message"]["spans"]:
                arms = [place for place in ranges.get(span["file_name"], []) if mutants[place["id"]].told["genre"] == "MatchArm" and place["start"] > span["byte_start"]]
                if span["is_primary"] and arms:
                    function = mutants[min(arms, key=lambda place: place["start"])["id"]].told["function"]
                    blamed.update({place["id"]: None for place in arms if mutants[place["id"]].told["function"] == function})
        return blamed

    def tests(self, package):
        """Builds the tests of a package."""
        messages, succeeded, said = self.cargo("test", "--no-run", "--package", package, "--lib", "--tests", *FEATURES.get(package, []))
        if not succeeded:
            self.said = said + errors(messages)
            return None
        found = []
        for message in messages:
            if message["reason"] == "compiler-artifact" and message["executable"] and message["profile"]["test"]:
                folder, binary = Path(message["manifest_path"]).parent, message["executable"]
                names = [subprocess.run([binary, "--list", "--format", "terse", *more], check=True, capture_output=True, text=True).stdout.splitlines() for more in ((), ("--ignored",))]
                target = f"{package} {message['target']['name'] if 'test' in message['target']['kind'] else 'lib'}"
                found += [Test(target, binary, folder, line.removesuffix(": test")) for line in names[0] if line.endswith(": test") and line not in names[1]]
        if not found:
            raise Failure(f"{package} has no tests")
        return found

    def run(self, tests, seconds, **environment):
        """Runs tests of one binary. Returns the name of one that failed, None if all pass, and `timeout`."""
        command = [tests[0].binary, "--exact", "--test-threads=1", *(test.name for test in tests)]
        process = subprocess.Popen(command, cwd=tests[0].folder, env={**self.environment, "CARGO_MANIFEST_DIR": str(tests[0].folder), **environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                                   text=True, errors="replace", preexec_fn=limit)
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "timeout"
        if process.returncode == 0:
            if f" {len(tests)} passed;" not in said:
                raise Failure(f"{tests[0].target} ran other tests than it was asked for")
            return None
        failed = [line.split()[1] for line in said.splitlines() if line.startswith("test ") and line.endswith(" FAILED")]
        return failed[0] if failed else "the end of the process"

    def record(self, tests, longest):
        """Finds which mutants each test reaches, and how long it takes. Returns the tests that take no longer than so many seconds."""
        folder = self.tree.folder.parent / "reached"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

        def one(numbered):
            number, test = numbered
            path = folder / str(number)
            began = time.monotonic()
            outcome = self.run([test], longest or 600, MUTANTS_REACHED=str(path))
            test.seconds = time.monotonic() - began
            if outcome == "timeout" and longest:
                return False
            if outcome is not None:
                raise Failure(f"{test.target} {test.name} fails without a mutant: {outcome}")
            test.reached = {int(line) for line in path.read_text().split()} if path.exists() else set()
            return True

        with ThreadPoolExecutor(JOBS) as pool:
            return [test for test, is_kept in zip(tests, pool.map(one, enumerate(tests))) if is_kept]

    def judge(self, number, tests):
        """What the tests that reach the mutant say: the quick ones first, since one that fails is enough."""
        for group in groups(sorted((test for test in tests if number is None or number in test.reached), key=lambda test: test.seconds)):
            limit_seconds = 10 + 5 * sum(test.seconds for test in group)
            outcome = self.run(group, limit_seconds, MUTANT=str(number or 0))
            if outcome is not None:
                return ("timeout" if outcome == "timeout" else "killed"), group[0].target
        return "survived", ""

    def trial(self, mutants, tests):
        """Number, verdict and witness of each mutant, as they come."""
        with ThreadPoolExecutor(JOBS) as pool:
            yield from pool.map(lambda number: (number, *self.judge(number, tests)), list(mutants))

    def alone(self, mutant, packages, quick):
        """Verdict and witness of a mutant that is built by itself. `quick` are the tests that were timed, and how long they took."""
        self.tree.restore()
        path = self.tree.folder / mutant.file
        start, end = mutant.told["span"]["start"], mutant.told["span"]["end"]
        lines = path.read_text().split("\n")
        before = "\n".join([*lines[:start["line"] - 1], lines[start["line"] - 1][:start["column"] - 1]])
        behind = "\n".join([lines[end["line"] - 1][end["column"] - 1:], *lines[end["line"]:]])
        path.write_text(f"{before} {mutant.told['replacement']} {behind}")
        root = self.tree.folder / mutant.crate / "src" / "lib.rs"
        root.write_text(ALLOWED + root.read_text())
        # Most constants that are changed hold some assertion up, or a subtraction: no test has to be built for those.
        if not self.cargo("check", "--lib", "--package", mutant.crate, *FEATURES.get(mutant.crate, []))[1]:
            return "unviable", ""
        for package in packages:
            tests = self.tests(package)
            if tests is None:
                return "unviable", ""
            known = [test for test in tests if (test.target, test.name) in quick]
            for test in known:
                test.seconds = quick[test.target, test.name]
            verdict, witness = self.judge(None, known)
            if verdict != "survived":
                return verdict, witness
        return "survived", ""


def errors(messages):
    """The first errors of the compiler, as it prints them."""
    said = [message["message"]["rendered"] for message in messages if message["reason"] == "compiler-message" and message["message"]["level"] == "error"]
    return "\n".join(said[:3])


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def groups(tests):
    """Tests of one binary after the other, in parts that take longer and longer: those that fail mostly do so at once."""
    budget, rest = 0.05, tests
    while rest:
        spent, part = 0.0, []
        while rest and (not part or spent + rest[0].seconds <= budget):
            spent += rest[0].seconds
            part.append(rest[0])
            rest = rest[1:]
        for binary in dict.fromkeys(test.binary for test in part):
            yield [test for test in part if test.binary == binary]
        budget *= 4


def returns_impl(mutant):
    return mutant.told["genre"] == "FnValue" and "impl " in mutant.told["function"]["return_type"]


def is_certain(mutant, code):
    """Whether the mutant would not compile by itself either."""
    if mutant.told["genre"] == "FnValue":
        return code is not None
    return code in OF_TYPES


def blame(message, ranges):
    """The mutants that an error of the compiler comes from, with its code where it is in the mutated text."""
    code = (message["code"] or {}).get("code", "none")
    for spans in ([span for span in message["spans"] if span["is_primary"]], message["spans"]):
        hits = [place for span in spans for place in ranges.get(span["file_name"], []) if place["start"] <= span["byte_start"] and span["byte_end"] <= place["end"]]
        for mutated in (True, False):
            if found := [place for place in hits if place["is_mutated"] == mutated]:
                shortest = min(place["end"] - place["start"] for place in found)
                return {place["id"]: code if mutated else None for place in found if place["end"] - place["start"] == shortest}
    return {}


def entry_of(mutant, verdict, witness, ledger):
    """The new entry: a reason stays with a survivor whose source has not changed."""
    known = ledger.get(mutant.key)
    reason = known.reason if known and known.source == mutant.source and verdict == "survived" else ""
    return Entry(mutant.source, verdict, witness, reason)
