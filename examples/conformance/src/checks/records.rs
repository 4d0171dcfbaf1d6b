//! Section 4.6: what a relay does with the records of a session, and what an honest but odd cloud says in them.

use std::time::Duration;

use lock_core::proto::{Action, Kind, Outcome, Query, Reason, Reply, Request, Uptime};

use crate::alteration;
use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::cloud::{Twist, live_body};
use crate::lab::Lab;
use crate::vectors::{self, RefusedBody};

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "relay/record-again",
        section: "4.6",
        rule: "A record that comes again gets no answer, and those behind it do.",
        look_at: "the counter is checked, then the tag, then it advances",
        pace: Pace::Short,
        run: again,
    },
    Check {
        name: "relay/record-before-its-turn",
        section: "4.6",
        rule: "A record before its turn gets no answer, and opens in its turn; after a lost record none opens.",
        look_at: "an ordered link takes exactly the next counter",
        pace: Pace::Short,
        run: reordered,
    },
    Check {
        name: "relay/record-altered",
        section: "4.6, 8",
        rule: "A record that was altered in any of its parts gets no answer, and the true one behind it opens.",
        look_at: "header in the associated data; a failure changes nothing but a count of failures",
        pace: Pace::Short,
        run: altered,
    },
    Check {
        name: "relay/record-spliced-and-reflected",
        section: "4.6",
        rule: "A header with the body of another record, and the lock's own record sent back to it, get no answer.",
        look_at: "one key for each direction",
        pace: Pace::Short,
        run: spliced,
    },
    Check {
        name: "relay/eighth-failure-ends-the-session",
        section: "4.6",
        rule: "After seven records that fail the session lives on, and the eighth ends it.",
        look_at: "the count of failures",
        pace: Pace::Short,
        run: eight,
    },
    Check {
        name: "relay/links-interleaved",
        section: "4, 2.4",
        rule: "Two sessions at once go on side by side, and a record of one on the other's link gets no answer.",
        look_at: "keys and counters belong to a link",
        pace: Pace::Short,
        run: interleaved,
    },
    Check {
        name: "records/validity",
        section: "4.6",
        rule: "A command whose time has passed is refused with Expired, one more than 5,000 ms ahead with ValidTooLong; both ids stay free, and a query is answered all the same.",
        look_at: "valid_until is compared with the lock's own uptime",
        pace: Pace::Short,
        run: validity,
    },
    Check {
        name: "vectors/bodies-in-records",
        section: "7, 8",
        rule: "Each malformed body of bodies.json that comes in a record is answered by NotUnderstood, and each action of a newer version by its id, with Unsupported.",
        look_at: "the vector with this name: one encoding for each value, nothing left over, no number outside its table",
        pace: Pace::Short,
        run: malformed,
    },
    Check {
        name: "vectors/bodies-in-first-messages",
        section: "7, 8",
        rule: "The same of each refused payload of a Message1 in bodies.json: the handshake opens, and the answer is NotUnderstood or Unsupported.",
        look_at: "the vector with this name: one encoding for each value, nothing left over, no number outside its table",
        pace: Pace::Short,
        run: malformed_openings,
    },
];

const STATUS: Request = Request::Query(Query::Status);

fn again(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let first = lab.record(&mut live, &STATUS);
    live.link.send(&first);
    lab.reply(&mut live)?;
    live.link.send(&first);
    lab.silence(&live.link.clone(), "a record that came again")?;
    lab.status(&mut live)?;
    live.link.send(&first);
    lab.silence(&live.link.clone(), "an older record that came again")?;
    lab.status(&mut live)?;
    Ok("silence after each, and the session went on".to_owned())
}

fn reordered(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let (first, second) = (lab.record(&mut live, &STATUS), lab.record(&mut live, &STATUS));
    live.link.send(&second);
    lab.silence(&live.link.clone(), "a record before its turn")?;
    for packet in [first, second] {
        live.link.send(&packet);
        lab.reply(&mut live)?;
    }
    let _lost = lab.record(&mut live, &STATUS);
    let behind = lab.record(&mut live, &STATUS);
    live.link.send(&behind);
    lab.silence(&live.link.clone(), "a record behind one that was lost")?;
    Ok("silence, then both in their turn; silence behind a lost one".to_owned())
}

fn altered(lab: &mut Lab) -> Seen {
    let count = alteration::all(Kind::Record, &[0; 64]).len();
    for first in (0..count).step_by(5) {
        // A session for a few of them: the eighth failure would end it.
        let mut live = lab.live()?;
        for place in (first..count).take(5) {
            let genuine = lab.record(&mut live, &STATUS);
            let (name, packet) = alteration::all(Kind::Record, &genuine).swap_remove(place);
            live.link.send(&packet);
            lab.silence(&live.link.clone(), name)?;
            live.link.send(&genuine);
            let reply = lab.reply_within(&mut live, Duration::from_secs(3))?;
            ensure(matches!(reply, Some(Reply::Status(_))), || {
                format!("after {name}, the true record got {reply:?}")
            })?;
        }
    }
    Ok(format!("silence after each of {count} alterations, and the true record opened behind each"))
}

fn spliced(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let (first, second) =
        (lab.record(&mut live, &STATUS), lab.record(&mut live, &Request::Query(Query::Digest)));
    live.link.send(&[&first[..10], &second[10..]].concat());
    lab.silence(&live.link.clone(), "a header with the body of the next record")?;
    live.link.send(&first);
    // The answer as it came, to be sent back.
    let answer = live.link.receive(Duration::from_secs(3)).unwrap_or_default();
    ensure(answer.starts_with(&Kind::Record.prefix()), || "the true record got no answer".to_owned())?;
    live.link.send(&answer);
    lab.silence(&live.link.clone(), "the lock's own record")?;
    live.link.send(&second);
    let next = live.link.receive(Duration::from_secs(3)).unwrap_or_default();
    ensure(next.starts_with(&Kind::Record.prefix()), || "the session did not go on behind both".to_owned())?;
    Ok("silence after both, and the session went on".to_owned())
}

fn eight(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let forge = |lab: &mut Lab, live: &mut crate::lab::Live, times: usize| {
        let genuine = lab.record(live, &STATUS);
        let mut forged = genuine.clone();
        *forged.last_mut().expect("a record is not empty") ^= 1;
        (0..times).for_each(|_| live.link.send(&forged));
        genuine
    };
    let genuine = forge(lab, &mut live, 7);
    live.link.send(&genuine);
    lab.reply(&mut live)?;
    drop(live);
    let mut live = lab.live()?;
    let genuine = forge(lab, &mut live, 8);
    live.link.send(&genuine);
    let reply = lab.reply_within(&mut live, lab.patience())?;
    ensure(reply.is_none(), || "a record was answered after eight that failed".to_owned())?;
    Ok("the session lived after seven and was over after eight".to_owned())
}

fn interleaved(lab: &mut Lab) -> Seen {
    applies(lab.target.description.links > 1 && !lab.target.is_serial(), "the lock has one link")?;
    let (mut one, mut other) = (lab.live()?, lab.live()?);
    for _ in 0..3 {
        lab.status(&mut one)?;
        lab.status(&mut other)?;
    }
    let strayed = lab.record(&mut one, &STATUS);
    other.link.send(&strayed);
    lab.silence(&other.link.clone(), "a record of another link")?;
    lab.status(&mut other)?;
    one.link.send(&strayed);
    lab.reply(&mut one)?;
    Ok("both sessions went on, and the stray record opened on its own link alone".to_owned())
}

fn validity(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    let id = lab.cloud.command();
    let request = Request::Command { id, action: Action::Unlock };
    let clock = live.lock_clock().as_millis();
    let passed = clock.saturating_sub(500);
    for (millis, reason) in [(passed, Reason::Expired), (clock + 9_000, Reason::ValidTooLong)] {
        let body = live_body(Uptime::from_millis(millis), &request);
        let packet = lab.sealed_record(&mut live, &body);
        live.link.send(&packet);
        let reply = lab.reply(&mut live)?;
        ensure(
            matches!(reply, Reply::Command { outcome, .. } if outcome == Outcome::Refused(reason)),
            || format!("a command that is to be refused with {reason:?} is answered by {reply:?}"),
        )?;
    }
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    let body = live_body(Uptime::from_millis(passed), &STATUS);
    let packet = lab.sealed_record(&mut live, &body);
    live.link.send(&packet);
    let reply = lab.reply(&mut live)?;
    ensure(matches!(reply, Reply::Status(_)), || {
        format!("a query whose time has passed is answered by {reply:?}")
    })?;
    let (outcome, repeat) = lab.order(&mut live, id, Action::Lock)?;
    ensure(!repeat && outcome == Outcome::Done || outcome == Outcome::Started, || {
        format!("the id of two refused commands is not free: {outcome:?}, repeat {repeat}")
    })?;
    Ok("refused by name, nothing moved, and the id was still free".to_owned())
}

fn malformed(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    let refused = vectors::refused_bodies(&["Live", "Chunk"]);
    for case in &refused {
        let packet = lab.sealed_record(&mut live, &case.body);
        live.link.send(&packet);
        let reply = lab.reply(&mut live)?;
        is_refused(case, &reply)?;
    }
    Ok(format!("{} bodies, each answered as it must be", refused.len()))
}

fn malformed_openings(lab: &mut Lab) -> Seen {
    let refused = vectors::refused_bodies(&["Opening"]);
    let count = if lab.target.is_serial() { 6 } else { refused.len() };
    for case in &refused[..count] {
        let (link, hello) = lab.greeted()?;
        let twist = Twist { payload: Some(case.body.clone()), ..Twist::default() };
        let (message1, waiting) = lab.cloud.twisted(&hello, &STATUS, &twist, &mut lab.random);
        link.send(&message1);
        let (_, answer) = lab.finish(link, waiting)?;
        is_refused(case, &answer.reply)?;
        if lab.target.is_serial() {
            std::thread::sleep(crate::link::HELLO_EVERY);
        }
    }
    Ok(format!("{count} payloads, each answered as it must be"))
}

fn is_refused(case: &RefusedBody, reply: &Reply) -> Result<(), Stop> {
    let wanted = case.command.map_or_else(
        || "NotUnderstood".to_owned(),
        |id| format!("the command {id}, refused with Unsupported"),
    );
    let unsupported = Outcome::Refused(Reason::Unsupported);
    let is_right = match case.command {
        None => *reply == Reply::NotUnderstood,
        Some(command) => {
            matches!(reply, Reply::Command { id, outcome, .. } if id.0 == command && *outcome == unsupported)
        }
    };
    ensure(is_right, || {
        format!("the vector '{}' of bodies.json: {wanted} was due, {reply:?} came", case.name)
    })
}
