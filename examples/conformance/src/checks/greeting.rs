//! Section 1.1 to 1.2 and 2.4: the lock speaks first.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use lock_core::proto::Packet;

use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::lab::Lab;
use crate::link::hello_of;

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "greeting/hello",
        section: "1.2, 3.3",
        rule: "A link that comes up gets a Hello of 29 bytes with version 1 in its range, the profile of the lock, and the handle that its cloud recognises.",
        look_at: "lock id, root and key epoch as provisioned; the leaf `handle`; the order of the fields",
        pace: Pace::Short,
        run: hello,
    },
    Check {
        name: "greeting/nonces-differ",
        section: "1.2, 3.4",
        rule: "Each Hello has a nonce of its own.",
        look_at: "how the nonce is drawn: boot counter and count go into it",
        pace: Pace::Short,
        run: nonces_differ,
    },
    Check {
        name: "greeting/one-hello-a-second",
        section: "1.1",
        rule: "Of eight HelloRequests within 800 ms one is answered, and one that comes a second later is.",
        look_at: "the pace of HelloRequests, which is counted by link",
        pace: Pace::Short,
        run: one_a_second,
    },
    Check {
        name: "greeting/idle-link-is-closed",
        section: "2.4",
        rule: "A link without a session is closed 10 s after its last Hello.",
        look_at: "the timer of a link: who holds links open keeps others out",
        pace: Pace::Long,
        run: idle_link,
    },
];

fn hello(lab: &mut Lab) -> Seen {
    let (_link, bytes) = lab.greeted()?;
    let Ok(Packet::Hello(hello)) = Packet::parse(&bytes) else {
        return Err(Stop::Failed("what came is no Hello".to_owned()));
    };
    let wanted = lab.target.description.profile();
    ensure((bytes[2]..=bytes[3]).contains(&1), || format!("its versions are {} to {}", bytes[2], bytes[3]))?;
    ensure(hello.profile == wanted, || {
        format!("its profile is {:?}, and the target file says {wanted:?}", hello.profile)
    })?;
    ensure(lab.cloud.recognises(&hello), || {
        format!(
            "its handle {} is not that of the lock {}",
            hex::encode(hello.handle),
            hex::encode(lab.cloud.lock_id().as_bytes())
        )
    })?;
    Ok(format!("profile {:?}, versions {} to {}, and the handle fits", hello.profile, bytes[2], bytes[3]))
}

fn nonces_differ(lab: &mut Lab) -> Seen {
    let count = if lab.target.is_serial() { 3 } else { 8 };
    let mut nonces = HashSet::new();
    for _ in 0..count {
        let (link, hello) = lab.greeted()?;
        nonces.insert(hello[13..].to_vec());
        drop(link);
        if lab.target.is_serial() {
            thread::sleep(crate::link::HELLO_EVERY);
        }
    }
    ensure(nonces.len() == count, || format!("{count} Hellos have {} nonces", nonces.len()))?;
    Ok(format!("{count} Hellos, {count} nonces"))
}

fn one_a_second(lab: &mut Lab) -> Seen {
    let (link, _) = lab.greeted()?;
    thread::sleep(crate::link::HELLO_EVERY);
    let mut came = 0;
    for _ in 0..8 {
        link.send(&Packet::HELLO_REQUEST);
        let began = Instant::now();
        while let Some(left) = Duration::from_millis(100).checked_sub(began.elapsed()) {
            if let Some(hello) = link.receive(left).as_deref().and_then(hello_of) {
                lab.saw_hello(&hello);
                came += 1;
            }
        }
    }
    ensure(came == 1, || format!("eight HelloRequests within 800 ms got {came} Hellos, one was to come"))?;
    lab.greeted_again(&link)?;
    Ok("one Hello for eight requests, and another one after a second".to_owned())
}

fn idle_link(lab: &mut Lab) -> Seen {
    applies(lab.target.description.hangs_up && !lab.target.is_serial(), "its links cannot be hung up")?;
    let (link, _) = lab.greeted()?;
    let began = Instant::now();
    let is_closed = link.is_hung_up_within(Duration::from_secs(12));
    ensure(is_closed, || "the link was still up 12 s after its only Hello".to_owned())?;
    ensure(began.elapsed() > Duration::from_secs(8), || {
        format!("the link was closed after {:.1} s, 10 s were due", began.elapsed().as_secs_f32())
    })?;
    Ok(format!("closed after {:.1} s", began.elapsed().as_secs_f32()))
}
