//! Section 5: messages that a relay stores, forwards, plays again and alters.

use std::thread;
use std::time::Duration;

use lock_core::proto::{Action, Kind, Outcome, Query, Reason, Reply, Request, SealedReport};

use crate::alteration;
use crate::check::{Check, Pace, Seen, Stop, applies, ensure};
use crate::cloud::{Sent, now};
use crate::lab::Lab;
use crate::link::Link;
use crate::vectors::{bytes, cases, refused_bodies, text};

pub(super) const ON_A_NEW_LOCK: &[Check] = &[Check {
    name: "vectors/sealed",
    section: "5",
    rule: "A lock with the keys of the vectors is silent to each sealed packet of sealed.json that is to be refused, and answers each that fits it: with no clock, an Unlock by ClockNotTrusted.",
    look_at: "the vector with this name: leaf `command-down`, header as associated data, the mark",
    pace: Pace::Short,
    run: committed,
}];

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "sealed/query",
        section: "5, 7.6",
        rule: "Sealed queries for status, marks and digest are answered by sealed messages, the marks with the nonce that was asked under.",
        look_at: "leaf `event-up`; the reply to each query",
        pace: Pace::Short,
        run: query,
    },
    Check {
        name: "relay/sealed-again",
        section: "5",
        rule: "A sealed message that comes again is not carried out again: at most a Receipt or a MarksHint, and nothing moves.",
        look_at: "the mark: a counter at or below it is never fresh",
        pace: Pace::Short,
        run: again,
    },
    Check {
        name: "relay/sealed-altered",
        section: "5, 8",
        rule: "A sealed message that was altered in any of its parts gets no answer, and does not move the mark.",
        look_at: "header in the associated data; the mark moves behind the tag alone",
        pace: Pace::Short,
        run: altered,
    },
    Check {
        name: "relay/sealed-behind-a-newer-one",
        section: "5",
        rule: "A sealed message that was kept back until a newer one had come is not carried out.",
        look_at: "one stream per lock: what is below the mark is lost, and its id is still free",
        pace: Pace::Short,
        run: kept_back,
    },
    Check {
        name: "sealed/jump",
        section: "5",
        rule: "A counter more than 2^20 above the mark is not taken, and neither is 2^64 - 1; the next one is.",
        look_at: "the bound of the mark: one message far ahead must not end all later ones",
        pace: Pace::Short,
        run: jump,
    },
    Check {
        name: "sealed/age",
        section: "5",
        rule: "An Unlock that was issued 61 s ago, or whose time is over, is refused with Expired; one issued in the future with ValidTooLong; nothing moves, and the ids stay free.",
        look_at: "what must be fresh, and the latest possible time of the clock",
        pace: Pace::Short,
        run: age,
    },
    Check {
        name: "sealed/same-command-under-two-numbers",
        section: "5, 6",
        rule: "The same command under two counters runs once.",
        look_at: "the ledger of command ids, which is judged behind the mark",
        pace: Pace::Short,
        run: twice,
    },
];

const FIRST: Duration = Duration::from_secs(3);

/// A link on which the lock listens.
fn link(lab: &mut Lab) -> Result<Link, Stop> {
    Ok(lab.greeted()?.0)
}

fn committed(lab: &mut Lab) -> Seen {
    applies(lab.target.description.is_lock_of_the_vectors(), "the lock has other keys than the vectors")?;
    applies(
        lab.target.is_restartable(),
        "the lock is not new: its mark may be above the counters of the vectors",
    )?;
    let link = link(lab)?;
    let (_, cases) = cases("sealed");
    let down = cases.iter().filter(|case| text(case, "direction") == "Down");
    let (mut refused, mut answered) = (0, 0);
    for case in down.clone().filter(|case| case["error"].is_string()) {
        // Those of another receiver are genuine for this lock, if they are for its epoch and id.
        let packet = bytes(case, "packet");
        if text(case, "name").starts_with("down to") {
            continue;
        }
        link.send(&packet);
        lab.silence(&link, &format!("the vector '{}' of sealed.json", text(case, "name")))?;
        refused += 1;
    }
    for case in down.filter(|case| case["body"].is_string()) {
        let name = text(case, "name");
        let is_ours = text(case, "key_epoch") == "1" && text(case, "root") == lab.target.description.root;
        link.send(&bytes(case, "packet"));
        if !is_ours {
            lab.silence(&link, &format!("the vector '{name}' of sealed.json, of another epoch"))?;
            refused += 1;
            continue;
        }
        let reports = lab.sealed_up(&link, FIRST)?;
        let untrusted = Outcome::Refused(Reason::ClockNotTrusted);
        let is_right = match (name, reports.first()) {
            // Hints come at most once a second.
            ("down query" | "down empty", None | Some(SealedReport::MarksHint { .. })) => true,
            (_, Some(SealedReport::Receipt { outcome, .. })) => *outcome == untrusted,
            _ => false,
        };
        ensure(is_right, || format!("the vector '{name}' of sealed.json is answered by {reports:?}"))?;
        answered += 1;
    }
    lab.cloud.skip_commands(16);
    Ok(format!("{refused} refused in silence, {answered} answered"))
}

fn query(lab: &mut Lab) -> Seen {
    lab.live()?;
    let link = link(lab)?;
    let nonce = lab.random.bytes();
    for (query, name) in
        [(Query::Status, "Status"), (Query::Marks(nonce), "Marks"), (Query::Digest, "Digest")]
    {
        let packet = lab.cloud.seal(&Request::Query(query), Sent::now(), &mut lab.random);
        let report = lab.deliver(&link, &packet)?;
        let is_right = match (&report, name) {
            (SealedReport::Status { boot, .. }, "Status") => *boot == lab.witness.boot,
            (SealedReport::MarksAnswer { nonce: told, marks }, "Marks") => {
                *told == nonce && marks.down == lab.cloud.next_counter() - 1
            }
            (SealedReport::Digest { .. }, "Digest") => true,
            _ => false,
        };
        ensure(is_right, || format!("the sealed query {name} is answered by {report:?}"))?;
    }
    for case in refused_bodies(&["Sealed"]) {
        let counter = lab.cloud.counter();
        let packet = lab.cloud.seal_body(counter, &case.body, &mut lab.random);
        link.send(&packet);
        let reports = lab.sealed_up(&link, Duration::from_secs(1))?;
        let moved = reports.iter().any(|report| {
            matches!(report, SealedReport::Receipt { outcome, .. } if *outcome != Outcome::Refused(Reason::Unsupported))
        });
        ensure(!moved, || format!("the vector '{}' of bodies.json is answered by {reports:?}", case.name))?;
    }
    Ok("each answered by what it asked for".to_owned())
}

fn again(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.bring(&mut live, &Action::Lock)?;
    drop(live);
    let link = link(lab)?;
    let id = lab.cloud.command();
    let unlock =
        lab.cloud.seal(&Request::Command { id, action: Action::Unlock }, Sent::now(), &mut lab.random);
    let report = lab.deliver(&link, &unlock)?;
    ensure(
        matches!(report, SealedReport::Receipt { id: told, outcome: Outcome::Started | Outcome::Done, .. } if told == id),
        || format!("an honest sealed Unlock is answered by {report:?}"),
    )?;
    thread::sleep(lab.travel() / 4);
    drop(link);
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    for _ in 0..3 {
        live.link.send(&unlock);
        thread::sleep(lab.patience());
    }
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("the replayed Unlock moved something: {before:?} became {after:?}"))?;
    // A lock that is told in a number of its own what the mark should have stopped has no second line.
    let other = lab.cloud.command();
    let old = lab.cloud.next_counter() - 1;
    let request = Request::Command { id: other, action: Action::Unlock };
    let reused = lab.cloud.seal_under(old, &request, Sent::now(), &mut lab.random);
    live.link.send(&reused);
    thread::sleep(lab.patience());
    let after = lab.signs(&mut live)?;
    ensure(before == after, || {
        format!("a new command under a number that was used moved something: {before:?} became {after:?}")
    })?;
    Ok("three times again, and once with another command under its number: nothing moved".to_owned())
}

fn marks(lab: &mut Lab) -> Result<lock_core::proto::Marks, Stop> {
    Ok(lab.open(&Request::Nothing)?.1.marks)
}

fn altered(lab: &mut Lab) -> Seen {
    let before = marks(lab)?;
    let link = link(lab)?;
    let id = lab.cloud.command();
    let counter = lab.cloud.next_counter();
    let request = Request::Command { id, action: Action::Lock };
    let genuine = lab.cloud.seal(&request, Sent::now(), &mut lab.random);
    let all = alteration::all(Kind::SealedDown, &genuine);
    for (name, packet) in &all {
        link.send(packet);
        lab.silence(&link, name)?;
    }
    drop(link);
    let after = marks(lab)?;
    ensure(after.down == before.down, || format!("the mark moved from {} to {}", before.down, after.down))?;
    let link = self::link(lab)?;
    let report = lab.deliver(&link, &genuine)?;
    ensure(matches!(report, SealedReport::Receipt { id: told, .. } if told == id), || {
        format!("the true one, with the counter {counter}, is answered by {report:?}")
    })?;
    Ok(format!("silence after each of {} alterations, and the true one was taken", all.len()))
}

fn kept_back(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let unlock = Request::Command { id: lab.cloud.command(), action: Action::Unlock };
    let kept = lab.cloud.seal(&unlock, Sent::now(), &mut lab.random);
    let newer = lab.cloud.seal(&Request::Query(Query::Status), Sent::now(), &mut lab.random);
    let before = lab.signs(&mut live)?;
    live.link.send(&newer);
    thread::sleep(lab.patience());
    live.link.send(&kept);
    thread::sleep(lab.patience());
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    Ok("nothing moved".to_owned())
}

fn jump(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    let mark = marks(lab)?.down;
    for counter in [mark + (1 << 20) + 1, 1 << 62, u64::MAX - 1, u64::MAX] {
        let request = Request::Command { id: lab.cloud.command(), action: Action::Unlock };
        let far = lab.cloud.seal_under(counter, &request, Sent::now(), &mut lab.random);
        let link = link(lab)?;
        link.send(&far);
        thread::sleep(lab.patience());
        drop(link);
        let told = marks(lab)?.down;
        ensure(told == mark, || format!("the counter {counter} moved the mark from {mark} to {told}"))?;
    }
    let mut live = lab.live()?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    let next = lab.cloud.seal(&Request::Query(Query::Status), Sent::now(), &mut lab.random);
    let link = live.link.clone();
    lab.deliver(&link, &next)?;
    Ok("none of four was taken, and the next one was".to_owned())
}

fn age(lab: &mut Lab) -> Seen {
    // The handshake sets the lock's clock.
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    let at = |seconds: i64| {
        let millis = now().0.saturating_add_signed(seconds * 1_000);
        lock_core::proto::UnixMillis(millis)
    };
    let cases = [
        ("issued 61 s ago", Sent { issued_at: at(-61), not_after: None }, Reason::Expired),
        ("whose time is over", Sent { issued_at: at(-10), not_after: Some(at(-2)) }, Reason::Expired),
        ("issued in 60 s", Sent { issued_at: at(60), not_after: None }, Reason::ValidTooLong),
    ];
    let link = live.link.clone();
    for (name, sent, reason) in cases {
        let id = lab.cloud.command();
        let packet = lab.cloud.seal(&Request::Command { id, action: Action::Unlock }, sent, &mut lab.random);
        let report = lab.deliver(&link, &packet)?;
        let wanted = Outcome::Refused(reason);
        ensure(
            matches!(report, SealedReport::Receipt { id: told, outcome, .. } if told == id && outcome == wanted),
            || format!("an Unlock {name} is answered by {report:?}, {reason:?} was due"),
        )?;
        let reply = lab.ask(&mut live, &Request::Query(Query::Command(id)))?;
        ensure(matches!(reply, Reply::Command { outcome: Outcome::NotExecuted, .. }), || {
            format!("asked for the Unlock {name}, the lock says {reply:?}, NotExecuted was due")
        })?;
    }
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("something moved: {before:?} became {after:?}"))?;
    Ok("refused by name, and nothing moved".to_owned())
}

fn twice(lab: &mut Lab) -> Seen {
    let mut live = lab.live()?;
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let id = lab.cloud.command();
    let request = Request::Command { id, action: Action::Unlock };
    let link = live.link.clone();
    let first = lab.cloud.seal(&request, Sent::now(), &mut lab.random);
    lab.deliver(&link, &first)?;
    thread::sleep(lab.patience());
    lab.rest(&mut live)?;
    lab.bring(&mut live, &Action::Lock)?;
    let before = lab.signs(&mut live)?;
    let second = lab.cloud.seal(&request, Sent::now(), &mut lab.random);
    let report = lab.deliver(&link, &second)?;
    ensure(matches!(report, SealedReport::Receipt { id: told, .. } if told == id), || {
        format!("the same command again is answered by {report:?}")
    })?;
    let after = lab.signs(&mut live)?;
    ensure(before == after, || format!("command {} ran twice: {before:?} became {after:?}", id.0))?;
    Ok("a Receipt, and nothing moved".to_owned())
}
