#!/usr/bin/env python3
"""Checks vectors/*.json against docs/protocol.md, as a stranger would read it.

It shares no code with the crates and needs nothing but Python 3.10: SHA-256 and HMAC come from the standard library, the rest is
written out in this folder and first checked against RFC 8439, RFC 5869, RFC 7748 and draft-irtf-cfrg-xchacha-03. It prints
`N passed, N failed` and exits 1 when a case fails.

    python3 tools/vectors/reference/check.py
"""

import json
import pathlib
import sys

import backups
import bodies
import codes
import log
import profile_s
import session
import tickets
import wire
import x25519

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "vectors"


class Differs(Exception):
    """A case says one thing and the specification another."""


def equal(what, found, expected):
    if found != expected:
        raise Differs(f"{what} is {found!r}, the specification says {expected!r}")


def refusal(act, *arguments):
    """The reason with which `act` refuses."""
    try:
        result = act(*arguments)
    except wire.Refused as refused:
        return refused.reason
    raise Differs(f"it is accepted as {result!r}")


def data(case, name):
    return bytes.fromhex(case[name])


def check_framing(case):
    if "stream" in case:
        equal("packets", case["packets"], [packet.hex() for packet in wire.deframed(data(case, "stream"))])
    elif "error" in case:
        equal("error", case["error"], refusal(wire.frame, data(case, "packet")))
    else:
        equal("frame", case["frame"], wire.frame(data(case, "packet")).hex())
        equal("packet", [case["packet"]], [packet.hex() for packet in wire.deframed(data(case, "frame"))])


def check_fragments(case):
    if "arrivals" in case:
        assembler = wire.Assembler()
        for arrival in case["arrivals"]:
            try:
                packet = assembler.take(data(arrival, "fragment"), int(arrival["at"]))
                found = ("Incomplete", None) if packet is None else ("Packet", packet.hex())
            except wire.Refused as refused:
                found = (refused.reason, None)
            equal("result", (arrival["result"], arrival.get("packet")), found)
        return
    packet, payload = data(case, "packet"), int(case["payload"])
    if "error" in case:
        equal("error", case["error"], refusal(wire.fragments, packet, payload))
        return
    pieces = wire.fragments(packet, payload)
    equal("fragments", case["fragments"], [piece.hex() for piece in pieces])
    assembler = wire.Assembler()
    equal("assembled", [assembler.take(piece, 0) for piece in pieces], [None] * (len(pieces) - 1) + [packet])


def check_packets(case):
    packet = data(case, "packet")
    if "error" in case:
        equal("error", case["error"], refusal(wire.parse_packet, packet))
    else:
        equal("kind and fields", (case["kind"], case["fields"]), wire.parse_packet(packet))


def check_bodies(case):
    body = data(case, "body")
    if "error" not in case:
        equal("body", case["body"], bodies.write(case["message"], case["fields"]).hex())
        equal("fields", case["fields"], bodies.read(case["message"], body))
        return
    try:
        found = f"accepted as {bodies.read(case['message'], body)!r}"
    except bodies.UnknownAction as unknown:
        found = ("UnknownAction", unknown.command)
    except bodies.Malformed:
        found = ("Malformed", None)
    equal("error", (case["error"], case.get("id")), found)


def check_keys(case):
    if case["function"] == "label":
        if "error" in case:
            equal("error", case["error"], refusal(session.label_read, case["typed"]))
            return
        equal("code", case["code"], session.label_read(case["typed"]).hex())
        equal("text", case["text"], session.label_text(data(case, "code")))
        return
    equal("result", case["result"], session.computed(case).hex())


def check_handshake(case):
    if "handshake" in case:
        _, initiator = session.initiator_starts(named("handshake.json", case["handshake"]))
        equal("error", case["error"], refusal(session.initiator_opens, initiator, data(case, "message2")))
        return
    if "error" in case:
        equal("error", case["error"], refusal(lock_would_answer, case))
        return
    equal("prologue", case["prologue"], session.bound_by(case, case).hex())
    message1, initiator = session.initiator_starts(case)
    equal("message1", case["message1"], message1.hex())
    payload, lock = session.lock_opens(case, message1)
    equal("payload of message 1", case["initiator"]["payload"], payload.hex())
    message2 = session.lock_answers(case, lock)
    equal("message2", case["message2"], message2.hex())
    equal("payload of message 2", case["lock"]["payload"], session.initiator_opens(initiator, message2).hex())
    equal("keys of both ends", lock.split(), initiator.split())
    down, up = lock.split()
    records = case["session"]
    equal("down_record", records["down_record"], session.record(down, 0, data(records, "down_body")).hex())
    equal("up_record", records["up_record"], session.record(up, 0, data(records, "up_body")).hex())


def lock_would_answer(case):
    """What a lock does with a Message1 up to the point where it would answer: with profile X, agree on a secret."""
    payload, lock = session.lock_opens(case, data(case, "message1"))
    if session.profile_of(case) == session.PROFILE_X:
        lock.own = b"any secret of 32 bytes will do.."
        lock.agree()
    return payload


def check_records(case):
    down, up = session.session_keys(named("handshake.json", case["handshake"]))
    receiver = session.Receiver({"Lock": down, "Initiator": up}[case["receiver"]], case["delivery"])
    for arrival in case["arrivals"]:
        try:
            counter, body = receiver.take(data(arrival, "packet"))
        except wire.Refused as refused:
            equal("result", arrival["result"], refused.reason)
            equal("body", arrival.get("body"), None)
            continue
        equal("result and body", (arrival["result"], arrival.get("body")), ("Opened", body.hex()))
        request = bodies.read("Live", body)["request"] if case["receiver"] == "Lock" else None
        is_command = isinstance(request, dict) and "Command" in request
        equal("command", arrival.get("command"), receiver.command(counter) if is_command else None)


def check_sealed(case):
    if "verdict" in case:
        equal("verdict", case["verdict"], session.verdict(int(case["mark"]), int(case["counter"])))
    elif "error" in case:
        equal("error", case["error"], refusal(session.open_packet, case))
    else:
        equal("packet", case["packet"], session.seal_packet(case).hex())
        equal("body", case["body"], session.open_packet(case).hex())


def check_tickets(case):
    if "error" in case:
        equal("error", case["error"], refusal(tickets.read_block, data(case, "caveats"), int(case["level"])))
        return
    found = tickets.made(case)
    for field in ("ticket", "tags", "psk", "use_ids", "link"):
        equal(field, case[field], found[field])
    equal("link read back", tickets.read_link(case["link"]), data(case, "ticket"))
    equal("root caveats", case["root_caveats"], tickets.open_root(case).hex())
    tickets.read_block(data(case, "root_caveats"), 0)
    for block in case["blocks"]:
        tickets.read_block(bytes.fromhex(block), 1)


def check_offline_codes(case):
    series = codes.Series(data(case, "leaf"), int(case["code_epoch"]), int(case["since"]))
    if "meaning" in case:
        equal("digits", case["digits"], series.digits(int(case["meaning"])))
        equal("meaning", int(case["meaning"]), series.meaning(case["digits"]))
    elif case.get("error") == "NoCode":
        equal("code", None, series.read(case["digits"]))
    else:
        code = (case["code"]["class"], int(case["code"]["start"]), int(case["code"]["serial"]))
        slot = series.slot(*code)
        if "error" in case:
            equal("error", (case["error"], None), ("NoSuchCode", slot))
            return
        equal("slot", int(case["slot"]), slot)
        equal("digits", case["digits"], series.digits(slot))
        equal("code", code, series.read(case["digits"]))
        equal("window", (int(case["begin"]), int(case["end"])), codes.window(*code[:2]))


def check_log(case):
    equal("found", case["found"], log.found(case))


def check_backups(case):
    if "error" in case:
        equal("error", case["error"], refusal(backups.opened, case))
        return
    equal("body", data(case, "body"), bodies.write_backup(case["fields"]))
    equal("fields", case["fields"], bodies.read_backup(data(case, "body")))
    equal("file", data(case, "file"), backups.sealed(case))
    equal("body of the file", data(case, "body"), backups.opened(case))


CHECKS = {
    "framing.json": check_framing,
    "fragments.json": check_fragments,
    "packets.json": check_packets,
    "bodies.json": check_bodies,
    "keys.json": check_keys,
    "handshake.json": check_handshake,
    "records.json": check_records,
    "sealed.json": check_sealed,
    "tickets.json": check_tickets,
    "offline_codes.json": check_offline_codes,
    "log.json": check_log,
    "backups.json": check_backups,
}


def cases(name):
    return json.loads((FOLDER / name).read_text())["cases"]


def named(name, case):
    return next(found for found in cases(name) if found["name"] == case)


def main():
    profile_s.check_primitives()
    x25519.check()
    files = {path.name for path in FOLDER.glob("*.json")}
    if files != set(CHECKS):
        sys.exit(f"vectors/ holds {sorted(files)}, this program checks {sorted(CHECKS)}: add or remove the difference")
    passed = failed = 0
    for name, check in CHECKS.items():
        for case in cases(name):
            try:
                check(case)
                passed += 1
            except Exception as error:  # a case of an unknown form has failed as well
                failed += 1
                print(f"{name}: {case.get('name')!r}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
