//! A lock that boots from records which somebody else wrote, or which decayed: it refuses to, or it works, and boots again from what it stored.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use arbitrary::{Arbitrary, Unstructured};
use lock_core::crypto::{Delivery, RustCrypto};
use lock_core::device::{Device, Input, InputError, LinkId, Output, RecordTag};
use lock_core::proto::{Action, BoltPosition, BootReason, CommandId, Mode, Request, Uptime};
use lock_core::state::{DoorReading, Drive, Slots};

use crate::pair::{Pair, set_pin, set_relock, stored, unlock};

type Lock = Device<RustCrypto, 2, Slots<4, 6, 6, 2>>;
type Records = BTreeMap<u8, Vec<u8>>;

/// Outputs of one input end within so many.
const OUTPUTS: usize = 200;

/// What is done to a record, by any number.
#[derive(Arbitrary, Debug)]
enum Change {
    Missing(u8),
    Instead(u8, Vec<u8>),
    Altered(u8, u16, u8),
    Cut(u8, u8),
}

pub(crate) fn take(bytes: &[u8]) {
    let Ok(changes) = Unstructured::new(bytes).arbitrary::<Vec<Change>>() else { return };
    let mut records = of_a_life().clone();
    changes.iter().for_each(|change| apply(change, &mut records));
    let Ok(mut lock) = Lock::boot(&stored(&records), [1; 32], BootReason::PowerOn, Uptime::from_millis(500))
    else {
        return;
    };
    live(&mut lock, &mut records);
    let again = Lock::boot(&stored(&records), [2; 32], BootReason::PowerOn, Uptime::from_millis(500));
    assert!(again.is_ok(), "a lock that booted boots again: {:?}", again.err());
}

/// The records of a lock that did something of each kind.
fn of_a_life() -> &'static Records {
    static RECORDS: OnceLock<Records> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let mut pair = Pair::new();
        let mut sent = 0;
        let mut command = |pair: &mut Pair, request: Request| {
            sent += 1;
            let packet = pair.seal(sent, request);
            pair.deliver(&packet);
            pair.wait(5_000);
        };
        let _ = pair.session(Request::Nothing);
        command(&mut pair, set_relock(1, 1, 60));
        command(&mut pair, set_pin(2, 2, b"2468"));
        for (id, action) in
            [(3, Action::RevokeTickets { epoch: 1 }), (4, Action::DenyTicket { epoch: 1, serial: 9 })]
        {
            command(&mut pair, Request::Command { id: CommandId(id), action });
        }
        let (_, mut session) = pair.session(unlock(5));
        pair.sense(BoltPosition::Retracted);
        let mode = Request::Command { id: CommandId(6), action: Action::SetMode(Mode::Vacation) };
        let _ = pair.ask(&mut session, mode);
        pair.records
    })
}

fn apply(change: &Change, records: &mut Records) {
    let tags: Vec<u8> = (0..32).filter(|tag| RecordTag::from_number(*tag).is_some()).collect();
    let tag = |which: &u8| tags[usize::from(*which) % tags.len()];
    match change {
        Change::Missing(which) => drop(records.remove(&tag(which))),
        Change::Instead(which, bytes) => drop(records.insert(tag(which), bytes.clone())),
        Change::Altered(which, at, by) => {
            if let Some(record) = records.get_mut(&tag(which)).filter(|record| !record.is_empty()) {
                let at = usize::from(*at) % record.len();
                record[at] ^= by;
            }
        }
        Change::Cut(which, length) => {
            if let Some(record) = records.get_mut(&tag(which)) {
                record.truncate(usize::from(*length));
            }
        }
    }
}

fn live(lock: &mut Lock, records: &mut Records) {
    let link = LinkId(0);
    for (at, input) in [
        (600, Input::Bolt(BoltPosition::Extended)),
        (610, Input::Door(DoorReading::Closed)),
        (620, Input::LinkUp { link, delivery: Delivery::Ordered }),
        (630, Input::Tick),
        (90_000, Input::Tick),
        (4_000_000, Input::Tick),
    ] {
        let now = Uptime::from_millis(at);
        match lock.handle(input, now) {
            Ok(()) | Err(InputError::Backlog) => {}
            Err(error @ InputError::NoSuchLink) => panic!("{error}"),
        }
        run(lock, records, now);
    }
}

/// Does what the lock wants. Nobody is there, and nothing was sent: it withdraws no bolt.
fn run(lock: &mut Lock, records: &mut Records, now: Uptime) {
    let mut buffer = [0; 512];
    for _ in 0..OUTPUTS {
        let Some(output) = lock.poll_output(now, &mut buffer) else { return };
        match output {
            Output::Persist { id, tag, bytes } => {
                records.insert(tag.number(), bytes.to_vec());
                lock.persisted(id).expect("the record that was asked for");
            }
            Output::Motor(Drive::Retract | Drive::PullLatch) => panic!("opens for nobody"),
            Output::Motor(Drive::Extend | Drive::Stop | Drive::ReleaseLatch)
            | Output::Transmit { .. }
            | Output::Indicate(_)
            | Output::Alarm(_)
            | Output::Close(_) => {}
            Output::Log(_) | Output::Update { .. } => panic!("a lock without log and loader asks them"),
        }
    }
    panic!("outputs never end");
}
