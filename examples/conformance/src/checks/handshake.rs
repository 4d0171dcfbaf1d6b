//! Sections 1.3, 2.4 and 4: what a relay does with a handshake.

use std::thread;
use std::time::{Duration, Instant};

use lock_core::crypto::{KeyEpoch, LockId};
use lock_core::proto::{Action, Kind, Outcome, Packet, Query, Reason, Reply, Request};

use crate::alteration;
use crate::check::{Check, Pace, Seen, Stop, ensure};
use crate::cloud::Twist;
use crate::lab::Lab;
use crate::link::hello_of;

const SILENT: &str = "silence before authentication: no answer, no Hello, no hanging up at once";

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "handshake/opens",
        section: "4.3, 4.4",
        rule: "An honest Message1 is answered by a Message2 that opens, with a status, and a session follows.",
        look_at: "prologue, psk and the order of the mixes: the vectors of handshake.json have each step",
        pace: Pace::Short,
        run: opens,
    },
    Check {
        name: "relay/message1-altered",
        section: "1.3, 4.1, 8",
        rule: "A Message1 that was altered in any of its parts gets no answer.",
        look_at: SILENT,
        pace: Pace::Short,
        run: altered,
    },
    Check {
        name: "relay/message1-of-another-hello",
        section: "4.1",
        rule: "A Message1 for a Hello that the relay had altered (versions, profile, handle, nonce) gets no answer.",
        look_at: "the prologue holds the Hello as it was sent, all 29 bytes",
        pace: Pace::Short,
        run: hello_altered,
    },
    Check {
        name: "relay/message1-of-a-stranger",
        section: "3.1, 4.1, 8",
        rule: "A Message1 under another key, for another lock, epoch or version, or for an epoch that was not prepared, gets no answer.",
        look_at: "what the prologue binds, and that the lock takes its own values there and none of a packet",
        pace: Pace::Short,
        run: stranger,
    },
    Check {
        name: "relay/message1-again",
        section: "1.2, 4.1",
        rule: "A Message1 that comes again, under the same Hello or a later one, gets no answer and moves nothing.",
        look_at: "the first Message1 burns the Hello",
        pace: Pace::Short,
        run: again,
    },
    Check {
        name: "relay/hello-is-burned",
        section: "1.2",
        rule: "A forged Message1 burns the Hello: the true one for it gets no answer any more.",
        look_at: "the Hello is taken before the tag is looked at",
        pace: Pace::Short,
        run: burned,
    },
    Check {
        name: "relay/hello-is-replaced",
        section: "1.2",
        rule: "A new Hello replaces the old one: a Message1 for the old one gets no answer.",
        look_at: "one Hello lives per link",
        pace: Pace::Short,
        run: replaced,
    },
    Check {
        name: "relay/link-rests",
        section: "2.4",
        rule: "After a Message1 that fails, the link gives no Hello for a second, and then it does; other links go on.",
        look_at: "the rest of a link, which is this link's alone",
        pace: Pace::Short,
        run: rests,
    },
    Check {
        name: "handshake/late-command",
        section: "4.5",
        rule: "A motion that comes 6 s after its Hello is refused with Expired; it moves nothing and its id stays free.",
        look_at: "the age of the Hello, in the lock's own time",
        pace: Pace::Long,
        run: late,
    },
    Check {
        name: "handshake/dead-hello",
        section: "1.2, 4.5",
        rule: "A Message1 that comes more than 10 s after its Hello gets no answer.",
        look_at: "a Hello is dead after 10 s",
        pace: Pace::Long,
        run: dead,
    },
];

const QUERY: Request = Request::Query(Query::Status);

fn opens(lab: &mut Lab) -> Seen {
    let (mut live, answer) = lab.open(&QUERY)?;
    ensure(matches!(answer.reply, Reply::Status(_)), || {
        format!("the query Status is answered by {:?}", answer.reply)
    })?;
    lab.status(&mut live)?;
    Ok(format!("boot {}, {:?}, and a record each way", answer.boot, answer.marks))
}

/// Sends a packet in place of an honest Message1, and looks for silence; then the lock must still take an honest one.
fn in_vain(lab: &mut Lab, name: &str, make: impl FnOnce(&mut Lab, &[u8; 29]) -> Vec<u8>) -> Result<(), Stop> {
    let (link, hello) = lab.greeted()?;
    let packet = make(lab, &hello);
    link.send(&packet);
    lab.silence(&link, name)?;
    drop(link);
    if lab.target.is_serial() {
        thread::sleep(crate::link::HELLO_EVERY);
    }
    Ok(())
}

fn altered(lab: &mut Lab) -> Seen {
    let names: Vec<_> = alteration::all(Kind::Message1, &[0; 64]).into_iter().map(|(name, _)| name).collect();
    for (place, name) in names.iter().enumerate() {
        in_vain(lab, name, |lab, hello| {
            let (genuine, _) = lab.cloud.message1(hello, &QUERY, &mut lab.random);
            alteration::all(Kind::Message1, &genuine).swap_remove(place).1
        })?;
    }
    lab.open(&QUERY)?;
    Ok(format!("silence after each of {} alterations, and an honest handshake behind them", names.len()))
}

fn hello_altered(lab: &mut Lab) -> Seen {
    let places = [
        ("the highest version raised", 3, 3),
        ("another profile", 4, 3),
        ("another handle", 5, 1),
        ("the last bit of the nonce flipped", 28, 1),
    ];
    for (name, place, bits) in places {
        in_vain(lab, name, |lab, hello| {
            let mut hello = *hello;
            hello[place] ^= bits;
            lab.cloud.message1(&hello, &QUERY, &mut lab.random).0
        })?;
    }
    Ok(format!("silence after each of {} altered Hellos", places.len()))
}

fn stranger(lab: &mut Lab) -> Seen {
    let mut other_lock = *lab.cloud.lock_id().as_bytes();
    other_lock[15] ^= 1;
    let twists = [
        ("another key", Twist { key: Some([0x42; 32]), ..Twist::default() }),
        ("a key of zeros", Twist { key: Some([0; 32]), ..Twist::default() }),
        ("another lock id", Twist { lock_id: Some(LockId(other_lock)), ..Twist::default() }),
        ("the next epoch", Twist { epoch: KeyEpoch::new(2), ..Twist::default() }),
        ("version 2", Twist { version: Some(2), ..Twist::default() }),
        ("version 0", Twist { version: Some(0), ..Twist::default() }),
        ("a prepared epoch", Twist { pending: true, ..Twist::default() }),
        ("a prepared next epoch", Twist { pending: true, epoch: KeyEpoch::new(2), ..Twist::default() }),
    ];
    let count = twists.len();
    for (name, twist) in twists {
        in_vain(lab, name, |lab, hello| lab.cloud.twisted(hello, &QUERY, &twist, &mut lab.random).0)?;
    }
    Ok(format!("silence after each of {count} strangers"))
}

fn again(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.bring(&mut live, &Action::Lock)?;
    drop(live);
    let request = Request::Command { id: lab.cloud.command(), action: Action::Unlock };
    let (link, hello) = lab.greeted()?;
    let (message1, waiting) = lab.cloud.message1(&hello, &request, &mut lab.random);
    link.send(&message1);
    let (mut live, _) = lab.finish(link.clone(), waiting)?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    link.send(&message1);
    lab.silence(&link, "a Message1 that came again under its Hello")?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    drop((live, link));
    let (link, _) = lab.greeted()?;
    link.send(&message1);
    lab.silence(&link, "a Message1 that came again under a later Hello")?;
    drop(link);
    if lab.target.is_serial() {
        thread::sleep(crate::link::HELLO_EVERY);
    }
    let mut live = lab.live()?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    Ok("silence both times, and nothing moved".to_owned())
}

fn burned(lab: &mut Lab) -> Seen {
    let (link, hello) = lab.greeted()?;
    let (genuine, _) = lab.cloud.message1(&hello, &QUERY, &mut lab.random);
    let mut forged = genuine.clone();
    *forged.last_mut().expect("a Message1 is not empty") ^= 1;
    link.send(&forged);
    lab.silence(&link, "a forged Message1")?;
    link.send(&genuine);
    lab.silence(&link, "the true Message1 behind a forged one")?;
    thread::sleep(crate::link::HELLO_EVERY);
    link.send(&genuine);
    lab.silence(&link, "the true Message1 a second behind a forged one")?;
    Ok("silence after the forged one, and after the true one behind it".to_owned())
}

fn replaced(lab: &mut Lab) -> Seen {
    let (link, old) = lab.greeted()?;
    let (for_the_old, _) = lab.cloud.message1(&old, &QUERY, &mut lab.random);
    lab.greeted_again(&link)?;
    link.send(&for_the_old);
    lab.silence(&link, "a Message1 for the Hello before the last")?;
    Ok("silence".to_owned())
}

fn rests(lab: &mut Lab) -> Seen {
    let (link, hello) = lab.greeted()?;
    // Past the pace of HelloRequests, so that only the rest can keep the lock silent.
    thread::sleep(crate::link::HELLO_EVERY);
    let (mut forged, _) = lab.cloud.message1(&hello, &QUERY, &mut lab.random);
    *forged.last_mut().expect("a Message1 is not empty") ^= 1;
    let began = Instant::now();
    link.send(&forged);
    link.send(&Packet::HELLO_REQUEST);
    let early = link.receive(Duration::from_millis(800));
    ensure(early.is_none(), || "a Hello came within the rest of the link".to_owned())?;
    let other = if lab.target.description.links > 1 && !lab.target.is_serial() {
        lab.open(&QUERY)?;
        ensure(began.elapsed() < Duration::from_secs(4), || "another link had to wait".to_owned())?;
        ", and another link had its session meanwhile"
    } else {
        ""
    };
    thread::sleep(Duration::from_millis(1_200).saturating_sub(began.elapsed()));
    // A request within the rest may count for the pace of the next.
    let hello = (0..3).find_map(|_| {
        link.send(&Packet::HELLO_REQUEST);
        link.receive(crate::link::HELLO_EVERY).as_deref().and_then(hello_of)
    });
    ensure(hello.is_some(), || "no Hello came after the rest of the link was over".to_owned())?;
    Ok(format!("no Hello for 800 ms, and one afterwards{other}"))
}

fn late(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    drop(live);
    let id = lab.cloud.command();
    let (link, hello) = lab.greeted()?;
    let request = Request::Command { id, action: Action::Unlock };
    let (message1, waiting) = lab.cloud.message1(&hello, &request, &mut lab.random);
    thread::sleep(Duration::from_secs(6));
    link.send(&message1);
    let (mut live, answer) = lab.finish(link, waiting)?;
    let expired = Outcome::Refused(Reason::Expired);
    ensure(matches!(answer.reply, Reply::Command { outcome, .. } if outcome == expired), || {
        format!("a command 6 s old is answered by {:?}", answer.reply)
    })?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    ensure(answer.marks.command < id, || format!("its refusal burned the id {}: {:?}", id.0, answer.marks))?;
    Ok("Expired, nothing moved, and the id is free".to_owned())
}

fn dead(lab: &mut Lab) -> Seen {
    let (link, hello) = lab.greeted()?;
    let (message1, _) = lab.cloud.message1(&hello, &QUERY, &mut lab.random);
    thread::sleep(Duration::from_millis(10_300));
    link.send(&message1);
    lab.silence(&link, "a Message1 more than 10 s behind its Hello")?;
    Ok("silence".to_owned())
}
