"""Runs Verifpal on the models of this folder, and on what must break them.

usage: check.py VERIFPAL

Each model says in its head which labels of the protocol it has and what the verdicts of its queries are. It passes if every label stands in the
specification and in the code, every verdict is the one that is written down, and the search was exhausted. Each control of controls.toml
changes a model so that there is an attack; it passes if the attack is found. Ends with `N passed, N failed`.
"""

import re
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parents[1]
PATIENCE = 300


#: Behind this line a model goes on to what follows from the handshake.
END_OF_HANDSHAKE = "// the handshake ends here\n"


class Failure(Exception):
    """What does not hold, in a sentence."""


def verdicts(verifpal, text, name, sessions):
    """The verdict of each query, such as c0 or a1: a letter for its kind, 1 where there is an attack."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.vp"
        path.write_text(text)
        ran = subprocess.run([verifpal, "verify", "--result-code", "--sessions", str(sessions), path], capture_output=True, text=True, timeout=PATIENCE)
    if ran.returncode:
        raise Failure(f"verifpal refuses the model: {ran.stderr.strip() or ran.stdout.strip()}")
    code = ran.stdout.strip().splitlines()[-1]
    passed = [line for line in ran.stdout.splitlines() if line.lstrip().startswith("PASS +") and "?" in line]
    if any(f"search exhausted at {sessions} session" not in line for line in passed):
        raise Failure("the search was not exhausted")
    return re.findall("[a-z][01]", code)


def handshake_alone(text):
    """The model up to the end of its handshake, with the queries that can be asked there. The search of the whole model says that it was
    exhausted, and yet misses replays of Message1 that it finds here."""
    head = re.sub("^//.*\n", "", text[: text.index(END_OF_HANDSHAKE)], flags=re.MULTILINE)
    queries = [line for line in text[text.index("queries[") :].splitlines() if "?" in line]
    answered = [line for line in queries if re.search(rf"\b{line.split()[-1]}\b", head)]
    return f"{head}]\nqueries[\n" + "\n".join(answered) + "\n]\n"


def check_labels(text):
    """What the model names is what specification and code name."""
    labels = re.findall(r"^// label \w+ +(.+)$", text, re.MULTILINE)
    if not labels:
        raise Failure("it names no label of the protocol")
    specification = (REPOSITORY / "docs/protocol.md").read_text()
    code = "".join(path.read_text() for path in sorted((REPOSITORY / "lock-crypto/src").rglob("*.rs")))
    for label in labels:
        if label not in specification:
            raise Failure(f"{label} is not in docs/protocol.md")
        bare = label.strip('`"')
        if f'"{bare}' not in code:
            raise Failure(f"{label} is not in lock-crypto")


def check_model(verifpal, path):
    text = path.read_text()
    check_labels(text)
    expected = re.findall(r"^// result of (\d) sessions?(, handshake alone)?: +(\w+)$", text, re.MULTILINE)
    if not expected:
        raise Failure("it does not say what its result is")
    for sessions, part, result in expected:
        got = "".join(verdicts(verifpal, handshake_alone(text) if part else text, path.stem, int(sessions)))
        if got != result:
            raise Failure(f"with {sessions} sessions{part} the verdicts are {got}, and not {result}")


def check_control(verifpal, control):
    text = (FOLDER / f"{control['model']}.vp").read_text()
    for old, new in control["replace"]:
        if old not in text:
            raise Failure(f"the model has no {old!r}: make the control anew")
        text = text.replace(old, new)
    if control.get("handshake_alone"):
        text = handshake_alone(text)
    got = verdicts(verifpal, text, "control", control.get("sessions", 2))
    missed = [number for number in control["at"] if got[number - 1][1] != "1"]
    if missed:
        raise Failure(f"no attack is found on the queries {missed}: {''.join(got)}")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    verifpal = sys.argv[1]
    checks = [(path.name, check_model, path) for path in sorted(FOLDER.glob("*.vp"))]
    controls = tomllib.loads((FOLDER / "controls.toml").read_text())["control"]
    checks += [(f"control of {control['model']}.vp: {control['name']}", check_control, control) for control in controls]
    failed = 0
    for name, check, what in checks:
        began = time.monotonic()
        try:
            check(verifpal, what)
            print(f"passed: {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Failure as failure:
            failed += 1
            print(f"failed: {name}: {failure}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
