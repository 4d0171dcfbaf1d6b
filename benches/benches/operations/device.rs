//! The whole lock in memory: an input, and everything that it puts out.
//!
//! Measured: parsing, opening, decoding, judging, the state step, every record made to be persisted and every answer sealed.
//! `..._to_motor` ends at the order to the motor. Not measured: the flash, which answers at once, the radio, and the cloud's side. Each
//! iteration is timed on its own, which adds the cost of reading the clock, some tens of nanoseconds.

use std::time::{Duration, Instant};

use benches::pair::{LINK, Pair};
use criterion::{Bencher, Criterion};
use lock_core::cloud::Session;
use lock_core::crypto::Delivery;
use lock_core::device::Input;
use lock_core::proto::{Action, BoltPosition, Request, Uptime};
use lock_core::state::Drive;

/// Unlocks in one session: it neither ages nor fills.
const UNLOCKS: u64 = 1_000;

pub(crate) fn group(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("device");
    group.bench_function("greet", |bencher| {
        let mut pair = pair();
        bencher.iter(|| pair.input(Input::LinkUp { link: LINK, delivery: Delivery::Ordered }).packets);
    });
    group.bench_function("first_message/unlock_to_motor", |bencher| first_message(bencher, to_motor));
    group.bench_function("first_message/unlock", |bencher| first_message(bencher, to_the_end));
    group.bench_function("record/unlock_to_motor", |bencher| record(bencher, to_motor));
    group.bench_function("record/unlock", |bencher| record(bencher, to_the_end));
}

fn pair() -> Pair {
    Pair::new(1, Uptime::from_millis(60_000))
}

/// Gives the lock a packet that unlocks and returns what it ordered its motor.
type Unlock = fn(&mut Pair, &mut [u8]) -> Option<Drive>;

fn to_motor(pair: &mut Pair, packet: &mut [u8]) -> Option<Drive> {
    pair.input_to_motor(Input::Packet { link: LINK, packet })
}

fn to_the_end(pair: &mut Pair, packet: &mut [u8]) -> Option<Drive> {
    pair.input(Input::Packet { link: LINK, packet }).drive
}

fn timed(pair: &mut Pair, packet: &mut [u8], unlock: Unlock) -> Duration {
    let start = Instant::now();
    let drive = unlock(pair, packet);
    let taken = start.elapsed();
    assert_eq!(drive, Some(Drive::Retract), "the packet unlocks");
    // The bolt arrives, and a hand throws it again.
    pair.finish_outputs();
    for position in [BoltPosition::Retracted, BoltPosition::Extended] {
        pair.wait(500);
        pair.input(Input::Bolt(position));
    }
    taken
}

/// A Message1 that carries the command, in answer to a fresh Hello.
fn first_message(bencher: &mut Bencher<'_>, unlock: Unlock) {
    let mut pair = pair();
    bencher.iter_custom(|iterations| {
        let once = |_| {
            let hello = pair.connect();
            let command = pair.next_command(Action::Unlock);
            let (mut message1, _) = pair.message1(&hello, command);
            timed(&mut pair, message1.bytes_mut(), unlock)
        };
        (0..iterations).map(once).sum()
    });
}

/// A record that carries the command, in a live session.
fn record(bencher: &mut Bencher<'_>, unlock: Unlock) {
    let mut pair = pair();
    let mut live: Option<Session> = None;
    let mut unlocks = 0;
    bencher.iter_custom(|iterations| {
        let once = |_| {
            if unlocks % UNLOCKS == 0 {
                live = Some(pair.session(Request::Nothing).1);
            }
            unlocks += 1;
            let session = live.as_mut().expect("the first iteration connects");
            let mut packet = pair.command(session, Action::Unlock);
            timed(&mut pair, packet.bytes_mut(), unlock)
        };
        (0..iterations).map(once).sum()
    });
}
