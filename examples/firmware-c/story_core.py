#!/usr/bin/env python3
"""A lock of the smallest library, the set `core`, on an emulated Cortex-M4: no log, no keypad, no new firmware.

    examples/firmware-c/story_core.py IMAGE PROGRAMS      IMAGE: of `build.sh m4 --set core`; PROGRAMS: the folder of lock-sim, cloud and phone

The phone opens and closes it, a cloud that has another root does not, nor what the phone said once, and what it did before a power cut it does
not do again. Ends with `N passed, N failed`.
"""

import os
import secrets
import selectors
import socket
import threading
import time

from emulated import Board, connect, make_flash
from story import CODE, Cloud, Phone, check, manufacture, play


def stranger(programs, folder, lock, log):
    """A cloud that knows the lock's name, and took another root for its own."""
    os.mkdir(folder)
    cloud = Cloud(programs, folder, log)
    return cloud, Phone(programs, cloud, cloud.register(lock | {"root": secrets.token_hex(32)}), lock, log)


class Tap:
    """A cable from a phone to a board, which keeps what the phone says, until it hangs up."""

    def __init__(self, board):
        self.server, self.board, self.said = socket.create_server(("127.0.0.1", 0)), board, bytearray()
        self.phone_port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.carry)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.server.close()

    def carry(self):
        phone, _ = self.server.accept()
        with phone, connect(self.board.phone_port) as lock, selectors.DefaultSelector() as ready:
            ready.register(phone, selectors.EVENT_READ, lock)
            ready.register(lock, selectors.EVENT_READ, phone)
            while all(self.pass_on(key.fileobj, key.data, key.fileobj is phone) for key, _ in ready.select()):
                pass

    def pass_on(self, source, sink, is_kept):
        """False where an end has hung up."""
        try:
            some = source.recv(4096)
            sink.sendall(some)
        except OSError:
            return False
        if is_kept:
            self.said += some
        return some != b""


def since(board):
    """What the motor did since last asked, and how many packets came since the start."""
    board.say("n")
    lines = board.wait_for("packets ")
    return [line for line in lines if line.startswith("motor ")], int(lines[-1].split()[1])


def moves(board):
    return since(board)[0]


def replay(board, said):
    """What opened once, byte for byte. Returns what the motor did until the lock had seen all of it, or None where it did not."""
    _, before = since(board)
    frames = sum(frame != b"" for frame in bytes(said).split(b"\0"))
    moved = []
    with connect(board.phone_port) as phone:
        phone.sendall(said)
        for _ in range(50):
            more, packets = since(board)
            moved += more
            if packets >= before + frames:
                return moved + moves(board)
            time.sleep(0.1)
    return None


def story(image, programs, folder, log):
    lock, flash = manufacture(programs, folder), f"{folder}/flash"
    make_flash(flash, lock)
    cloud = Cloud(programs, folder, log)
    phone = Phone(programs, cloud, cloud.register(lock), lock, log)
    other_cloud, other_phone = stranger(programs, f"{folder}/other", lock, log)
    try:
        with Board(image, flash, log) as board:
            check("a blank chip takes its keys and starts", "provisioned" in board.wait_for("ready"))
            with Tap(board) as tap:
                check("the phone unlocks it", phone(tap, "unlock", "--client-token", "first").returncode == 0)
            check("the motor ran once", moves(board).count("motor retracts") == 1)
            check("the phone locks it", phone(board, "lock").returncode == 0)
            moves(board)
            check("a phone of another cloud is refused", other_phone(board, "unlock").returncode != 0)
            board.say(CODE)
            check("it has no keypad", board.wait_for("this lock")[-1] == "this lock has no keypad")
            check("and nothing moved", moves(board) == [])
        with Board(image, flash, log) as board:
            check("after a power cut it is provisioned no second time", "provisioned" not in board.wait_for("ready"))
            again = phone(board, "unlock", "--client-token", "first")
            check("a wish that was done before the cut is not done again", again.returncode == 0 and "nothing moved again" in again.stdout)
            check("and nothing moved", moves(board) == [])
            check("what the phone said before the cut moves nothing when it is played again", replay(board, tap.said) == [])
            check("the phone unlocks it again", phone(board, "unlock").returncode == 0)
            check("the motor ran once", moves(board).count("motor retracts") == 1)
    finally:
        cloud.stop()
        other_cloud.stop()


if __name__ == "__main__":
    play(story, __doc__)
