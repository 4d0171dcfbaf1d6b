//! Bytes on the wire and hash compressions, from packets that a lock and its cloud exchanged.

use benches::counting::{Counting, compressions, start_counting, way_to_first_opening};
use benches::pair::{LINK, PacketBuffer, Pair};
use lock_core::crypto::{Delivery, RustCrypto};
use lock_core::device::Input;
use lock_core::proto::{Action, CommandId, PinDigits, Request, Setting, Uptime};

use crate::{Verdict, tell};

/// Bytes of a Message1 without ticket.
const FIRST_MESSAGE: usize = 128;
/// Bytes of a record that unlocks.
const UNLOCK_RECORD: usize = 64;
/// Between a Message1 and its key (section 4.3 of the specification).
const COMPRESSIONS: usize = 11;

/// The sizes of a handshake that unlocks, of a record that unlocks, and of the longest of each.
pub(crate) fn sizes() -> Verdict {
    let mut pair = Pair::<RustCrypto>::new(1, Uptime::from_millis(60_000));
    let hello = pair.connect();
    let unlock = pair.next_command(Action::Unlock);
    let (mut message1, connecting) = pair.message1(&hello, unlock);
    let message1_bytes = message1.bytes().len();
    let done = pair.input(Input::Packet { link: LINK, packet: message1.bytes_mut() });
    let mut message2 = done.packet.unwrap_or_default();
    let handshake = [hello.bytes().len(), message1_bytes, message2.bytes().len()];
    tell("Hello", handshake[0], "bytes");
    let first = Verdict::of("Message1 that unlocks", handshake[1], FIRST_MESSAGE, "bytes");
    tell("Message2 that answers it", handshake[2], "bytes");
    tell("handshake that unlocks, in all", handshake.iter().sum(), "bytes");

    let finished = connecting.finish(message2.bytes_mut(), Delivery::Ordered, pair.cloud_now());
    let (_, _, mut session) = finished.expect("the cloud opens the answer of its own lock");
    let record = pair.command(&mut session, Action::Unlock).bytes().len();
    let record = Verdict::of("record that unlocks", record, UNLOCK_RECORD, "bytes");
    worst([first, record, longest()])
}

/// Every number as long as it can be: the last command id, the last milliseconds of a lock's clock, a PIN of ten digits.
fn longest() -> Verdict {
    let mut pair = Pair::<RustCrypto>::new(2, Uptime::from_millis(u64::MAX - 10_000));
    let hello = pair.connect();
    let digits = PinDigits::from_ascii(b"0123456789").expect("ten digits are a PIN");
    let setting = Setting::pin(u8::MAX, digits);
    let action = Action::Configure { version: u32::MAX, setting };
    let id = CommandId(u64::MAX);
    let (message1, _) = pair.message1(&hello, Request::Command { id, action });
    let first =
        Verdict::of("the longest Message1 without ticket", message1.bytes().len(), FIRST_MESSAGE, "bytes");

    let (_, mut session) = pair.session(Request::Nothing);
    let request = Request::Command { id, action: Action::Unlock };
    let now = pair.cloud_now();
    let record =
        PacketBuffer::filled(|bytes| session.request(request, now, bytes).expect("the session lives"));
    worst([
        first,
        Verdict::of("the longest record that unlocks", record.bytes().len(), UNLOCK_RECORD, "bytes"),
    ])
}

/// SHA-256 compressions of a lock between a Message1 and its key, and of both sides for a whole handshake.
pub(crate) fn hashing() -> Verdict {
    let mut pair = Pair::<Counting>::new(3, Uptime::from_millis(60_000));
    start_counting();
    let hello = pair.connect();
    let greeting = compressions();
    start_counting();
    let unlock = pair.next_command(Action::Unlock);
    let (mut message1, connecting) = pair.message1(&hello, unlock);
    let starting = compressions();
    start_counting();
    let done = pair.input(Input::Packet { link: LINK, packet: message1.bytes_mut() });
    let (way, answering) = (way_to_first_opening(), compressions());
    start_counting();
    let finished =
        connecting.finish(done.packet.unwrap_or_default().bytes_mut(), Delivery::Ordered, pair.cloud_now());
    let _ = finished.expect("the cloud opens the answer of its own lock");
    let finishing = compressions();

    tell("SHA-256 of the lock for a Hello, and prepared for its answer", greeting, "compressions");
    let what = "SHA-256 of the lock between Message1 and its key";
    let way = way.expect("the lock opens Message1");
    let verdict = Verdict::of(what, way.to_key, COMPRESSIONS, "compressions");
    tell("SHA-256 of the lock between Message1 and its opening in place", way.to_opening, "compressions");
    tell("SHA-256 of the lock from Message1 to the end of Message2", answering, "compressions");
    tell("SHA-256 of the cloud for Message1, the lock's handle included", starting, "compressions");
    tell("SHA-256 of the cloud for Message2", finishing, "compressions");
    verdict
}

fn worst<const N: usize>(verdicts: [Verdict; N]) -> Verdict {
    if verdicts.contains(&Verdict::Exceeded) { Verdict::Exceeded } else { Verdict::Within }
}
