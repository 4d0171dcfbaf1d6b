//! The table in `docs/transitions.md`: each state of the mechanism, each input, and what a real lock does.

use lock_proto::{BoltPosition, Latch, LatchPosition, Mode};
use lock_state::{Deed, DoorReading, Drive, Effects, SETTLE_MS, Source};

use crate::peers::live_holder;
use crate::world::World;

const BEGIN: &str = "<!-- made by lock-state/tests/lock/transitions.rs -->\n";
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/transitions.md");

/// A lock with a latch and two attempts, at rest.
fn resting(bolt: BoltPosition) -> World {
    let mut world = World::with_bolt(bolt);
    world.mechanics(|mechanics| (mechanics.latch, mechanics.retries) = (Latch::Sensed, 1));
    let _ = world.latch(LatchPosition::Engaged);
    world
}

fn locking() -> World {
    let mut world = resting(BoltPosition::Retracted);
    let _ = world.lock();
    world
}

/// Driven by the holder of a virtual key, with a silent sensor and no learned travel.
fn unseen() -> World {
    let mut world = resting(BoltPosition::Unknown);
    let order = world.next_order(Deed::Unlatch, Source::VirtualKey);
    let _ = world.lock.order(live_holder(order), world.now).unwrap();
    world
}

fn relieving() -> World {
    let mut world = locking();
    let _ = world.bolt(BoltPosition::Between);
    let _ = world.stall();
    let _ = world.after(SETTLE_MS);
    world
}

fn pulling() -> World {
    let mut world = resting(BoltPosition::Retracted);
    let _ = world.order(Deed::Unlatch).unwrap();
    world
}

fn jammed() -> World {
    let mut world = relieving();
    let _ = world.stall();
    let _ = world.lock.handle_timeout(world.lock.poll_timeout().unwrap());
    world.now = world.lock.poll_timeout().map_or(world.now, |due| due.max(world.now));
    let _ = world.stall();
    assert!(!world.status().is_locked());
    world
}

type Made = (&'static str, fn() -> World);

/// Each state by name, and a lock that really came into it.
const STATES: [Made; 15] = [
    ("At rest, bolt withdrawn", || resting(BoltPosition::Retracted)),
    ("At rest, bolt thrown", || resting(BoltPosition::Extended)),
    ("At rest, bolt half way", || resting(BoltPosition::Between)),
    ("At rest, position unknown", || resting(BoltPosition::Unknown)),
    ("Throwing the bolt", locking),
    ("Withdrawing the bolt", || {
        let mut world = resting(BoltPosition::Extended);
        let _ = world.unlock();
        world
    }),
    ("Withdrawing a bolt that no sensor sees, by somebody at the door who wants the latch", unseen),
    ("Pulling the latch behind a bolt that no sensor saw", || {
        let mut world = unseen();
        let _ = world.stall();
        world
    }),
    ("Backing off after a stall", relieving),
    ("Waiting for the next attempt", || {
        let mut world = relieving();
        let _ = world.stall();
        world
    }),
    ("Pulling the latch", pulling),
    ("Holding the latch", || {
        let mut world = pulling();
        let _ = world.latch(LatchPosition::Held);
        world
    }),
    ("Jammed on the way out", jammed),
    ("Door open, bolt withdrawn", || {
        let mut world = resting(BoltPosition::Retracted);
        let _ = world.door(DoorReading::Open);
        world
    }),
    ("Passage mode", || {
        let mut world = resting(BoltPosition::Retracted);
        let _ = world.order(Deed::SetMode(Mode::Passage)).unwrap();
        world
    }),
];

type Input = (&'static str, fn(&mut World) -> Result<Effects, lock_state::Refusal>);

const INPUTS: [Input; 11] = [
    ("the cloud locks", |world| world.order(Deed::Lock)),
    ("the cloud unlocks", |world| world.order(Deed::Unlock)),
    ("the cloud unlatches", |world| world.order(Deed::Unlatch)),
    ("bolt sensed thrown", |world| Ok(world.bolt(BoltPosition::Extended))),
    ("bolt sensed withdrawn", |world| Ok(world.bolt(BoltPosition::Retracted))),
    ("bolt sensed half way", |world| Ok(world.bolt(BoltPosition::Between))),
    ("bolt sensor silent", |world| Ok(world.bolt(BoltPosition::Unknown))),
    ("motor stalls", |world| Ok(world.stall())),
    ("the motor's time is up", |world| {
        let due = world.lock.poll_timeout().unwrap_or(world.now);
        // A deadline of a day is that of the upkeep.
        if due.millis_since(world.now) < 3_600_000 {
            world.now = due.max(world.now);
        }
        Ok(world.lock.handle_timeout(world.now))
    }),
    ("door opens", |world| Ok(world.door(DoorReading::Open))),
    ("door closes", |world| Ok(world.door(DoorReading::Closed))),
];

fn told(drive: Option<Drive>) -> &'static str {
    match drive {
        None => "",
        Some(Drive::Extend) => "throw",
        Some(Drive::Retract) => "withdraw",
        Some(Drive::PullLatch) => "pull the latch",
        Some(Drive::ReleaseLatch) => "let the latch go",
        Some(Drive::Stop) => "stop",
    }
}

fn row(input: &Input, state: &Made) -> String {
    let mut world = state.1();
    let (motor, said) = match input.1(&mut world) {
        Ok(effects) => {
            let ends = effects.superseded.map(|_| "the earlier command is superseded".to_owned());
            let finished = effects.finished.map(|finished| format!("{:?}", finished.outcome));
            let alarms = effects.alarms.iter().map(|alarm| format!("alarm {alarm:?}"));
            (
                told(effects.motor),
                ends.into_iter().chain(finished).chain(alarms).collect::<Vec<_>>().join(", "),
            )
        }
        Err(refusal) => ("", format!("refused: {:?}", refusal.reason)),
    };
    let status = world.status();
    let (motion, bolt) = (status.motion, status.bolt.value);
    let (fault, locked) = (status.fault.value, if status.is_locked() { "yes" } else { "no" });
    format!("| {} | {motor} | {motion:?} | {bolt:?} | {fault:?} | {locked} | {said} |\n", input.0)
}

fn table() -> String {
    let mut text = String::from(BEGIN);
    for state in &STATES {
        text += &format!("\n## {}\n\n", state.0);
        text += "| what happens | the motor is told | motion | bolt | fault | \"locked\" | besides |\n";
        text += "| --- | --- | --- | --- | --- | --- | --- |\n";
        INPUTS.iter().for_each(|input| text += &row(input, state));
    }
    text
}

#[test]
fn the_table_in_docs_is_what_the_machine_does() {
    let text = std::fs::read_to_string(DOCUMENT).expect("docs/transitions.md is there");
    let (head, made) = text.split_at(text.find(BEGIN).expect("the mark is there"));
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(DOCUMENT, format!("{head}{}", table())).unwrap();
    } else {
        assert_eq!(made, table(), "run this test with WRITE_DOCS=1");
    }
}
