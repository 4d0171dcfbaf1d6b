#!/usr/bin/env python3
"""The implementation of this folder as a program that computes: the conformance kit asks it the vectors, line by line (docs/conformance.md).

    cargo run --release -p conformance -- --codec 'python3 tools/vectors/reference/answer.py'
"""

import json
import sys

import backups
import bodies
import codes
import log
import session
import tickets
import wire
from check import lock_would_answer


def data(question, name):
    return bytes.fromhex(question[name])


def parse(question):
    kind, fields = wire.parse_packet(data(question, "packet"))
    return {"kind": kind, "fields": fields}


def assemble(question):
    assembler, packets = wire.Assembler(), []
    for arrival in question["arrivals"]:
        try:
            packet = assembler.take(data(arrival, "fragment"), int(arrival["at"]))
        except wire.Refused:
            packet = None
        packets.append(packet and packet.hex())
    return {"packets": packets}


def decode(question):
    try:
        return {"fields": bodies.read(question["message"], data(question, "body"))}
    except bodies.UnknownAction as unknown:
        return {"error": "UnknownAction", "id": unknown.command}


def start(question):
    message1, _ = session.initiator_starts(question)
    return {"prologue": session.bound_by(question, question).hex(), "message1": message1.hex()}


def take(question):
    return {"payload": lock_would_answer(question).hex()}


def answer(question):
    _, lock = session.lock_opens(question, session.initiator_starts(question)[0])
    return {"message2": session.lock_answers(question, lock).hex()}


def finish(question):
    _, initiator = session.initiator_starts(question)
    return {"payload": session.initiator_opens(initiator, data(question, "message2")).hex()}


def records(question):
    down, up = session.session_keys(question)
    return {"down_record": session.record(down, 0, data(question, "down_body")).hex(),
            "up_record": session.record(up, 0, data(question, "up_body")).hex()}


def receive(question):
    down, up = session.session_keys(question)
    receiver = session.Receiver({"Lock": down, "Initiator": up}[question["receiver"]], question["delivery"])
    found = {"bodies": [], "commands": []}
    for packet in question["packets"]:
        body = command = None
        try:
            counter, body = receiver.take(bytes.fromhex(packet))
            request = bodies.read("Live", body)["request"] if question["receiver"] == "Lock" else None
            if isinstance(request, dict) and "Command" in request:
                command = receiver.command(counter)
        except wire.Refused:
            pass
        found["bodies"].append(None if body is None else body.hex())
        found["commands"].append(command)
    return found


def label(question):
    code = session.label_read(question["typed"])
    return {"code": code.hex(), "text": session.label_text(code)}


def caveats(question):
    tickets.read_block(data(question, "caveats"), int(question["level"]))
    return {}


def series(question):
    return codes.Series(data(question, "leaf"), int(question["code_epoch"]), int(question["since"]))


def told(code, slot):
    begin, end = codes.window(*code[:2])
    return {"slot": str(slot), "begin": str(begin), "end": str(end)}


def code(question):
    wanted = (question["code"]["class"], int(question["code"]["start"]), int(question["code"]["serial"]))
    slot = series(question).slot(*wanted)
    wire.need(slot is not None, "NoSuchCode")
    return told(wanted, slot) | {"digits": series(question).digits(slot)}


def read_code(question):
    read = series(question).read(question["digits"])
    wire.need(read is not None, "NoCode")
    kind, begins, serial = read
    named = {"class": kind, "start": str(begins), "serial": str(serial)}
    return told(read, series(question).slot(*read)) | {"code": named}


ANSWERS = {
    "frame": lambda question: {"frame": wire.frame(data(question, "packet")).hex()},
    "deframe": lambda question: {"packets": [packet.hex() for packet in wire.deframed(data(question, "stream"))]},
    "fragment": lambda question: {"fragments": [
        piece.hex() for piece in wire.fragments(data(question, "packet"), int(question["payload"]))]},
    "assemble": assemble,
    "parse": parse,
    "decode": decode,
    "encode": lambda question: {"body": bodies.write(question["message"], question["fields"]).hex()},
    "label": label,
    "derive": lambda question: {"result": session.computed(question).hex()},
    "start": start,
    "take": take,
    "answer": answer,
    "finish": finish,
    "session": records,
    "receive": receive,
    "seal": lambda question: {"packet": session.seal_packet(question).hex()},
    "open": lambda question: {"body": session.open_packet(question).hex()},
    "judge": lambda question: {"verdict": session.verdict(int(question["mark"]), int(question["counter"]))},
    "issue": tickets.made,
    "caveats": caveats,
    "permute": lambda question: {"digits": series(question).digits(int(question["meaning"]))},
    "unpermute": lambda question: {"meaning": str(series(question).meaning(question["digits"]))},
    "code": code,
    "read_code": read_code,
    "verify": lambda question: {"found": log.found(question)},
    "seal_backup": lambda question: {"file": backups.sealed(question).hex()},
    "open_backup": lambda question: {"body": backups.opened(question).hex()},
}


def main():
    for line in sys.stdin:
        question = json.loads(line)
        act = ANSWERS.get(question["ask"])
        if act is None:
            told_back = {"unsupported": True}
        else:
            try:
                told_back = act(question)
            except wire.Refused as refused:
                told_back = {"error": refused.reason}
            except bodies.Malformed:
                told_back = {"error": "Malformed"}
        print(json.dumps(told_back), flush=True)


if __name__ == "__main__":
    main()
