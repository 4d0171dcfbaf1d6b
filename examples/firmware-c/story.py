#!/usr/bin/env python3
"""The same phone and the same cloud as ever, and a lock that is C on an emulated Cortex-M4.

    examples/firmware-c/story.py IMAGE PROGRAMS      PROGRAMS: the folder of lock-sim, cloud and phone

It is made, provisioned, registered, opened and closed through the phone, set a code and opened with it, locked out over power cuts, and its log is
verified. Ends with `N passed, N failed`.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request

from emulated import FACTORY_AT, Board, connect, free_port, load, make_flash, private
from factory import factory_page

PASSED = FAILED = 0
CODE = "271828"
RECORDS_BYTES = 4 * 8192


def check(what, holds):
    global PASSED, FAILED
    PASSED, FAILED = PASSED + bool(holds), FAILED + (not holds)
    print(f"{'passed' if holds else 'FAILED'}: {what}", flush=True)


class Cloud:
    """The service, on a port of this machine."""

    def __init__(self, programs, folder, log):
        self.folder = folder
        self.program = os.path.join(programs, "cloud")
        files = ["--database", f"{folder}/fleet.db", "--kek", f"{folder}/fleet.kek"]
        admin = f"{folder}/admin.token"
        subprocess.run([self.program, "init", *files, "--admin-token", admin], check=True, stdout=log, stderr=log)
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [self.program, "serve", *files, "--listen", f"127.0.0.1:{port}"], stdout=log, stderr=log)
        connect(port).close()
        with open(admin, encoding="utf-8") as file:
            self.token = file.read().strip()

    def ask(self, method, path, body=None, token=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/v1{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def register(self, lock):
        known = {key: lock[key] for key in ("lock_id", "root", "profile")}
        self.ask("POST", "/locks", known | {"name": "a door in C"})
        user = self.ask("POST", "/users", {"name": "anna"})["user_id"]
        rights = ["status", "lock", "unlock", "configure", "relay", "own"]
        self.ask("PUT", f"/locks/{lock['lock_id']}/rights/{user}", {"rights": rights})
        token = self.ask("POST", f"/users/{user}/tokens")["token"]
        path = f"{self.folder}/anna.token"
        private(path, token + "\n")
        self.owner = token
        return path

    def queue(self, lock, action, name):
        body = {"action": action, "client_token": name}
        return self.ask("POST", f"/locks/{lock['lock_id']}/commands", body, self.owner)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def run(programs, program, *arguments):
    return subprocess.run([os.path.join(programs, program), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)


def manufacture(programs, folder):
    """A new lock, as the production line knows it."""
    path = f"{folder}/lock.json"
    made = run(programs, "lock-sim", "manufacture", "--out", path)
    assert made.returncode == 0, made.stdout
    return load(path)


class Phone:
    """The program of a user of a cloud, at a lock."""

    def __init__(self, programs, cloud, token, lock, log):
        self.programs, self.cloud, self.token, self.lock, self.log = programs, cloud, token, lock, log

    def __call__(self, board, *wish):
        told = run(self.programs, "phone", "--cloud", self.cloud.address, "--token-file", self.token, "--lock", f"127.0.0.1:{board.phone_port}",
                   "--lock-id", self.lock["lock_id"], *wish)
        self.log.write(told.stdout.encode())
        return told


def refuses_to_be_made_anew(image, lock, flash, log):
    """The page of the production line is there again, and no record can be read: numbers that were used would come again."""
    with open(flash, "r+b") as file:
        damaged = bytes(byte & 0xFE for byte in file.read(RECORDS_BYTES))
        file.seek(0)
        file.write(damaged)
        file.seek(FACTORY_AT)
        file.write(factory_page(lock))
    lines = []
    with Board(image, flash, log) as board:
        try:
            while "ready" not in lines:
                lines.append(board.line())
        except EOFError:
            pass
    with open(flash, "rb") as file:
        check("a lock whose records are damaged stops, and is not made anew",
              "provisioned" not in lines and "ready" not in lines and file.read(RECORDS_BYTES) == damaged)


def story(image, programs, folder, log):
    lock, flash = manufacture(programs, folder), f"{folder}/flash"
    make_flash(flash, lock)
    cloud = Cloud(programs, folder, log)
    phone = Phone(programs, cloud, cloud.register(lock), lock, log)
    try:
        with Board(image, flash, log) as board:
            lines = board.wait_for("ready")
            check("a blank chip takes its keys and starts", "provisioned" in lines)
            with open(flash, "rb") as file:
                check("nothing of the root is left in the flash", bytes.fromhex(lock["root"]) not in file.read())
            unlocked = phone(board, "unlock")
            check("the phone unlocks it, and the sensor saw it",
                  unlocked.returncode == 0 and "the sensor sees the bolt withdrawn" in unlocked.stdout)
            check("the motor ran once", board.wait_for("motor stops").count("motor retracts") == 1)
            check("the phone locks it", phone(board, "lock").returncode == 0)
            status = phone(board, "status")
            check("its status says so", status.returncode == 0 and "locked" in status.stdout)
        with Board(image, flash, log) as board:
            lines = board.wait_for("ready")
            check("after a power cut it starts from its flash, and is provisioned no second time", "provisioned" not in lines)
            check("the phone unlocks it again", phone(board, "unlock").returncode == 0)
            again = phone(board, "unlock", "--client-token", "first")
            check("it takes a wish under a name", again.returncode == 0)
            again = phone(board, "unlock", "--client-token", "first")
            check("the same wish again moves nothing", again.returncode == 0 and "nothing moved again" in again.stdout)
            check("the phone locks it", phone(board, "lock").returncode == 0)
            cloud.queue(lock, {"set_pin": {"slot": 0, "digits": CODE}}, "code")
            check("the phone delivers a code", phone(board, "deliver").returncode == 0)
        with Board(image, flash, log) as board:
            board.wait_for("bolt extended")
            board.say(CODE)
            check("the code opens after a power cut", board.wait_for("bolt retracted").count("motor retracts") == 1)
            board.wait_for("motor stops")
            board.say("o")
            check("the button outside locks", board.wait_for("bolt extended").count("motor extends") == 1)
        lights = []
        for _ in range(5):
            with Board(image, flash, log) as board:
                board.wait_for("ready")
                board.say("9999")
                lights.append(board.wait_for("light: ")[-1])
        with Board(image, flash, log) as board:
            board.wait_for("ready")
            check("wrong codes, each followed by a power cut, are refused", lights[:4] == ["light: refused"] * 4)
            check("the fifth locks codes out", lights[4] == "light: locked out")
            board.say(CODE)
            lines = board.wait_for("light: ")
            check("and the right one too, over a power cut", lines[-1] == "light: refused" and "motor retracts" not in lines)
            check("the phone unlocks it all the same", phone(board, "unlock").returncode == 0)
            board.say("s")
            stack = int(board.wait_for("stack ")[-1].split()[1])
            print(f"the deepest stack so far: {stack} bytes")
            fetched = phone(board, "log")
            check("its log is fetched and verified", fetched.returncode == 0)
        refuses_to_be_made_anew(image, lock, flash, log)
    finally:
        cloud.stop()


def play(story, usage):
    """Plays a story with the image and the programs that the command line names, and ends the program."""
    if len(sys.argv) != 3:
        sys.exit(usage)
    image, programs = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log"), "wb") as log:
        try:
            story(image, programs, folder, log)
        except BaseException:
            log.flush()
            with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as told:
                sys.stderr.write(told.read()[-4000:])
            raise
    print(f"{PASSED} passed, {FAILED} failed")
    sys.exit(FAILED != 0 or PASSED == 0)


if __name__ == "__main__":
    play(story, __doc__)
