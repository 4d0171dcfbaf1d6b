#!/usr/bin/env python3
"""A key fob and a lock, both C on emulated chips, joined by a cable that somebody taps. The cloud issues a key and goes.

    examples/fob-c/story.py FOB LOCK PROGRAMS      the images of build.sh here and in firmware-c; PROGRAMS: the folder of demo, lock-sim, cloud and phone

The owner narrows the key for the fob, the fob opens and closes while no cloud is there, its power goes in the midst of a press, what was on the cable
is played to the lock again, and a key that a lock cannot judge any more is refused. Ends with `N passed, N failed`.
"""

import os
import selectors
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "firmware-c"))

import story as lock_story  # noqa: E402
from emulated import FLASH_BYTES, Board, connect, load, make_flash, private  # noqa: E402
from story import Cloud, check  # noqa: E402

CLOCK_NOT_TRUSTED, NOT_PERMITTED = 3, 12  # section 7.3 of the protocol
HELLO_REQUEST = bytes([3, 1, 1, 0])  # as a frame


class Cable:
    """Carries bytes between a fob and a lock, and keeps what the fob said."""

    def __init__(self, fob, lock):
        self.fob, self.lock = connect(fob.phone_port), connect(lock.phone_port)
        self.fob_said = bytearray()
        self.ending, self.end = os.pipe()
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.end)
        self.thread.join()
        self.fob.close()
        self.lock.close()
        os.close(self.ending)

    def carry(self):
        with selectors.DefaultSelector() as ready:
            ready.register(self.fob, selectors.EVENT_READ, self.lock)
            ready.register(self.lock, selectors.EVENT_READ, self.fob)
            ready.register(self.ending, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.data is None or not self.pass_on(key.fileobj, key.data):
                        return

    def pass_on(self, source, sink):
        try:
            some = source.recv(4096)
            sink.sendall(some)
        except OSError:
            return False
        if source is self.fob:
            self.fob_said += some
        return some != b""


class Scene:
    """What the story is played with."""

    def __init__(self, fob, lock, programs, folder, log):
        self.fob_image, self.lock_image, self.programs, self.folder, self.log = fob, lock, programs, folder, log
        self.fob_flash, self.lock_flash = f"{folder}/fob.flash", f"{folder}/lock.flash"
        self.run("lock-sim", "manufacture", "--out", f"{folder}/lock.json")
        self.made = load(f"{folder}/lock.json")
        make_flash(self.lock_flash, self.made)
        with open(self.fob_flash, "wb") as file:
            file.write(b"\xff" * FLASH_BYTES)

    def run(self, program, *arguments):
        told = subprocess.run([os.path.join(self.programs, program), *arguments], stdout=subprocess.PIPE,
                              stderr=self.log, text=True, timeout=60, check=True)
        return told.stdout

    def lock(self):
        return Board(self.lock_image, self.lock_flash, self.log)

    def fob(self):
        return Board(self.fob_image, self.fob_flash, self.log)

    def key(self, cloud, name, conditions):
        """A key as the cloud issues it, in a file of its owner's."""
        body = {"label": name, "conditions": conditions}
        made = cloud.ask("POST", f"/locks/{self.made['lock_id']}/virtual-keys", body, cloud.owner)
        path = f"{self.folder}/{name}.key"
        private(path, made["link"])
        return path

    def narrow(self, path, *limits):
        return self.run("demo", "role-guest", "narrow", "--key", path, *limits).strip()


def press(fob, button):
    """Presses a button. Returns the number of the handshake and the last word."""
    number = None
    fob.say(button)
    while True:
        line = fob.line(20)
        if line.startswith("number "):
            number = int(line.split()[1])
        elif line != "begun":
            return number, line


def take(fob, link):
    fob.say("k" + link)
    return fob.line() == "key taken"


def drives(lock, until):
    return [line for line in lock.wait_for(until) if line.startswith("motor ")]


def with_the_cloud(scene, lock):
    """The lock is registered and hears the time, and its owner gets two keys. Then there is no cloud any more."""
    cloud = Cloud(scene.programs, scene.folder, scene.log)
    try:
        token = cloud.register(scene.made)
        scene.run("phone", "--cloud", cloud.address, "--token-file", token, "--lock", f"127.0.0.1:{lock.phone_port}",
                  "--lock-id", scene.made["lock_id"], "status")
        return scene.key(cloud, "guests", {"depth": 2}), scene.key(cloud, "always", {})
    finally:
        cloud.stop()


def at_the_door(scene, lock, link):
    with scene.fob() as fob, Cable(fob, lock) as cable:
        check("a blank fob starts without a key", fob.line() == "ready, no key")
        fob.say("u")
        check("and does nothing", fob.line() == "no key")
        check("what is no key is refused", not take(fob, "LKT1ABCDEF"))
        check("it takes a key that its owner narrowed", take(fob, link))
        number, word = press(fob, "u")
        check("the fob opens, and hears that the sensor saw it", word == "done")
        check("the motor ran once", drives(lock, "motor stops").count("motor retracts") == 1)
        fob.say("s")
        print(f"the deepest stack of the fob so far: {fob.wait_for('stack ')[-1].split()[1]} bytes")
        again, word = press(fob, "l")
        check("the fob locks, under a number of its own", word == "done" and again == number + 1)
        drives(lock, "motor stops")
        said = bytes(cable.fob_said)
    return again, said


def power_cuts(scene, lock, number):
    """The fob's power goes as soon as a number is in its flash: whether its packet left is not known."""
    for _ in range(3):
        with scene.fob() as fob, Cable(fob, lock):
            fob.wait_for("ready, has a key")
            fob.say("l")
            cut = int(fob.wait_for("number ")[-1].split()[1])
        check("a fob whose power goes in the midst of a press never repeats its number", cut == number + 1)
        number = cut
    with scene.fob() as fob, Cable(fob, lock):
        fob.wait_for("ready, has a key")
        number, word = press(fob, "u")
        check("and opens with the next", word == "done" and number == cut + 1)
        drives(lock, "motor stops")
        press(fob, "l")
        drives(lock, "motor stops")


def greets(tap):
    tap.sendall(HELLO_REQUEST)
    try:
        return tap.recv(4096) != b""
    except TimeoutError:
        return False


def replay(lock, said):
    """What opened once, byte for byte. A lock that did not take it is quiet for a second; once it greets again, it has seen all of it."""
    with connect(lock.phone_port) as tap:
        tap.settimeout(0.3)
        tap.sendall(said)
        tries = 0
        while greets(tap) and tries < 50:
            tries += 1
        while not greets(tap) and tries < 50:
            tries += 1
        lock.say("s")
        moved = drives(lock, "stack ")
    check("what was on the cable moves nothing when it is played again", tries < 50 and moved == [])


def story(scene):
    with scene.lock() as lock:
        lock.wait_for("ready")
        guests, always = with_the_cloud(scene, lock)
        link = scene.narrow(guests, "--rights", "unlock,lock", "--for", "2h")
        number, said = at_the_door(scene, lock, link)
        power_cuts(scene, lock, number)
        replay(lock, said)
        with scene.fob() as fob, Cable(fob, lock):
            fob.wait_for("ready, has a key")
            take(fob, scene.narrow(guests, "--rights", "lock"))
            _, word = press(fob, "u")
            check("a key that may only lock opens nothing", word == f"refused, reason {NOT_PERMITTED}")
            take(fob, link)
    with scene.lock() as lock, scene.fob() as fob, Cable(fob, lock):
        lock.wait_for("bolt extended")
        fob.wait_for("ready, has a key")
        _, word = press(fob, "u")
        check("a lock that lost the time refuses a key that ends", word == f"refused, reason {CLOCK_NOT_TRUSTED}")
        with open(always, encoding="utf-8") as file:
            take(fob, file.read())
        _, word = press(fob, "u")
        check("and takes one that does not", word == "done")
        check("the motor ran for that one alone", drives(lock, "motor stops").count("motor retracts") == 1)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    fob, lock, programs = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log"), "w+b") as log:
        try:
            story(Scene(fob, lock, programs, folder, log))
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-4000:])
            raise
    print(f"{lock_story.PASSED} passed, {lock_story.FAILED} failed")
    sys.exit(lock_story.FAILED != 0 or lock_story.PASSED == 0)


if __name__ == "__main__":
    main()
