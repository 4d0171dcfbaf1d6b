//! Sections 1 and 2.1: bytes that are no packets, packets that are none, and a random search through all of it.

use std::time::{Duration, Instant};

use lock_core::proto::{Action, Kind, Packet, Query, Request};
use serde_json::Value;
use soak::Random;

use crate::check::{Check, Pace, Seen, Stop, ensure};
use crate::cloud::{Sent, kind_of};
use crate::lab::{Lab, Live};
use crate::link::framed;
use crate::vectors::{bytes, cases, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "vectors/streams",
        section: "2.1",
        rule: "After each stream of framing.json, whatever is in it, the next genuine frame is read.",
        look_at: "the vector with this name: a frame that is wrong or too long is dropped up to the next zero",
        pace: Pace::Short,
        run: streams,
    },
    Check {
        name: "vectors/packets-to-be-dropped",
        section: "1",
        rule: "Each packet of packets.json that is to be dropped gets no answer, and changes nothing in a session.",
        look_at: "the vector with this name: format, kind, and the lengths that a kind allows",
        pace: Pace::Short,
        run: dropped,
    },
    Check {
        name: "noise/oversize-and-pieces",
        section: "1, 2.1",
        rule: "Frames that are too long are dropped, and a genuine one is read when it comes byte by byte, behind zeros, and behind half a frame.",
        look_at: "the bound of the receive buffer, and where a frame ends",
        pace: Pace::Short,
        run: pieces,
    },
    Check {
        name: "noise/packets-of-the-other-direction",
        section: "1",
        rule: "A Hello, a Message2 and a SealedUp that come down get no answer, and the session goes on.",
        look_at: "kinds have a direction",
        pace: Pace::Short,
        run: upward,
    },
    Check {
        name: "noise/random-search",
        section: "8",
        rule: "Mutated packets of all kinds, drawn from the seed, get no answer and move nothing, and the lock lives.",
        look_at: "what the lock prints; the same --seed sends the same mutations",
        pace: Pace::Short,
        run: search,
    },
];

const STATUS: Request = Request::Query(Query::Status);

fn streams(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let (_, cases) = cases("framing");
    let streams: Vec<&Value> = cases.iter().filter(|case| case["stream"].is_string()).collect();
    for case in &streams {
        live.link.send_bytes(&bytes(case, "stream"));
        // A stream may end within a frame: the zero ends it.
        live.link.send_bytes(&[0]);
        let packet = lab.record(&mut live, &STATUS);
        live.link.send(&packet);
        let reply = lab.reply_within(&mut live, Duration::from_secs(3))?;
        ensure(reply.is_some(), || {
            format!("the genuine record behind the vector '{}' got no answer", text(case, "name"))
        })?;
    }
    Ok(format!("{} streams, and a genuine record read behind each", streams.len()))
}

fn dropped(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let (_, cases) = cases("packets");
    let mut count = 0;
    for case in cases.iter().filter(|case| case["error"].is_string()) {
        let packet = bytes(case, "packet");
        live.link.send(&packet);
        quiet(lab, &mut live, &format!("the vector '{}' of packets.json", text(case, "name")))?;
        count += 1;
    }
    Ok(format!("{count} packets, each as if nothing had come"))
}

/// The next thing that comes is the answer to a query: so nothing came before it.
fn quiet(lab: &mut Lab, live: &mut Live, after: &str) -> Result<(), Stop> {
    let packet = lab.record(live, &STATUS);
    live.link.send(&packet);
    match live.link.receive(Duration::from_secs(3)) {
        None => Err(Stop::Failed(format!("after {after}: the session does not answer any more"))),
        Some(packet) if packet.starts_with(&Kind::Record.prefix()) => Ok(()),
        Some(packet) => {
            Err(Stop::Failed(format!("after {after}: {} came where silence is the rule", kind_of(&packet))))
        }
    }
}

fn pieces(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    for length in [513, 600, 2_000] {
        live.link.send(&vec![0x5A; length]);
        quiet(lab, &mut live, &format!("a packet of {length} bytes"))?;
    }
    live.link.send_bytes(&[0x77; 5_000]);
    live.link.send_bytes(&[0]);
    quiet(lab, &mut live, "5,000 bytes without a zero")?;
    for (name, prefix) in [("zeros", vec![0; 7]), ("half a frame", vec![9, 1, 2, 3, 0])] {
        live.link.send_bytes(&prefix);
        quiet(lab, &mut live, name)?;
    }
    let packet = lab.record(&mut live, &STATUS);
    for byte in framed(&packet) {
        live.link.send_bytes(&[byte]);
    }
    let answer = live.link.receive(Duration::from_secs(3));
    ensure(answer.is_some(), || "a genuine record that came byte by byte got no answer".to_owned())?;
    Ok("what was too long or cut was dropped, and the genuine record behind each was read".to_owned())
}

fn upward(lab: &mut Lab) -> Seen {
    let (link, hello) = lab.greeted()?;
    let (message1, waiting) = lab.cloud.message1(&hello, &STATUS, &mut lab.random);
    link.send(&message1);
    let (mut live, _) = lab.finish(link, waiting)?;
    let message2 = [Kind::Message2.prefix().as_slice(), &[0x33; 60]].concat();
    let sealed = [Kind::SealedUp.prefix().as_slice(), &[0x44; 60]].concat();
    for (name, packet) in
        [("its own Hello", hello.to_vec()), ("a Message2", message2), ("a SealedUp", sealed)]
    {
        live.link.send(&packet);
        quiet(lab, &mut live, name)?;
    }
    Ok("silence after each, and the session went on".to_owned())
}

/// One thing that a relay without a key can do to bytes.
fn mutated(random: &mut Random, genuine: &[u8], other: &[u8]) -> Vec<u8> {
    let mut packet = genuine.to_vec();
    for _ in 0..random.between(1, 3) {
        let place = random.place(packet.len().max(1));
        match random.below(7) {
            0 => packet[place..].iter_mut().take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
            1 => packet.truncate(place),
            2 => packet.extend(random.bytes::<9>()),
            3 => packet.insert(place, random.below(256) as u8),
            4 => {
                let tail = other.get(place..).unwrap_or_default();
                packet.truncate(place);
                packet.extend_from_slice(tail);
            }
            5 => packet[place..].iter_mut().take(4).for_each(|byte| *byte = random.below(256) as u8),
            _ => {
                let (end, length) = (packet.len().min(place + 8), packet.len());
                let copy = packet[place.min(length)..end].to_vec();
                packet.splice(place..place, copy);
            }
        }
        packet.truncate(512);
        if packet.is_empty() {
            packet.push(1);
        }
    }
    packet
}

/// Genuine packets that would do something if they were taken.
fn genuine(lab: &mut Lab, hello: &[u8; 29]) -> Vec<Vec<u8>> {
    let unlock = |lab: &mut Lab| Request::Command { id: lab.cloud.command(), action: Action::Unlock };
    let request = unlock(lab);
    let message1 = lab.cloud.message1(hello, &request, &mut lab.random).0;
    let request = unlock(lab);
    let sealed = lab.cloud.seal(&request, Sent::now(), &mut lab.random);
    let record = [Kind::Record.prefix().as_slice(), &0_u64.to_be_bytes(), &lab.random.bytes::<32>()].concat();
    vec![message1, sealed, record, hello.to_vec()]
}

fn search(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    drop(live);
    let (mut left, began) = (lab.mutations, Instant::now());
    while left > 0 {
        // A link of its own for a handful: the first Message1 that fails lets it rest.
        let (link, hello) = lab.greeted()?;
        let genuine = genuine(lab, &hello);
        for _ in 0..left.min(25) {
            let (one, other) = (lab.random.place(genuine.len()), lab.random.place(genuine.len()));
            let packet = mutated(&mut lab.random, &genuine[one], &genuine[other]);
            // What came out as it went in is no mutation, and a HelloRequest may be answered.
            if !genuine.contains(&packet) && packet != Packet::HELLO_REQUEST {
                link.send(&packet);
            }
            left -= 1;
        }
        lab.silence(&link, "mutated packets")?;
        if Instant::now() > lab.deadline {
            return Err(Stop::Broken("the time of the run was over".to_owned()));
        }
        drop(link);
        if lab.target.is_serial() {
            std::thread::sleep(crate::link::HELLO_EVERY);
        }
    }
    let mut live = lab.live()?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    Ok(format!(
        "{} mutations in {:.1} s: silence, and nothing moved",
        lab.mutations,
        began.elapsed().as_secs_f32()
    ))
}
